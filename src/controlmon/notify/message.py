"""News as a message: a title that says how many and how bad, and a body that groups findings by check. Plain text, nothing to click."""

from collections.abc import Iterable, Iterator

from controlmon.engine.news import News, Noted

SHOWN = 10
"""Subjects of one check, and changes of controls, that a message names; the rest are counted, and `controlmon status` has them."""


def title(news: News, company: str) -> str:
    """One line: what is worse, what is better."""
    worse = [change for change in news.changes if change.worse]
    parts = []
    if worse:
        parts.append(f"{len(worse)} control{'s' * (len(worse) != 1)} {worse[0].after if len({c.after for c in worse}) == 1 else 'worse'}")
    if better := len(news.changes) - len(worse):
        parts.append(f"{better} better")
    if news.new:
        parts.append(f"{len(news.new)} new finding{'s' * (len(news.new) != 1)}")
    if news.mended:
        parts.append(f"{len(news.mended)} mended")
    if news.reminders:
        parts.append(f"{len(news.reminders)} reminder{'s' * (len(news.reminders) != 1)}")
    return f"controlmon {company}: {', '.join(parts)}"


def body(news: News) -> str:
    """All of it, worst first."""
    return "\n".join(_lines(news)) + "\n"


def _lines(news: News) -> Iterator[str]:
    if news.changes:
        yield "Controls and commitments"
        for change in news.changes[: 2 * SHOWN]:
            yield f"  {change.id}: {f'{change.before} -> ' if change.before else ''}{change.after}"
        yield from _more(len(news.changes) - 2 * SHOWN)
    yield from _grouped("New findings", news.new)
    yield from _grouped("Mended", news.mended)
    if news.reminders:
        yield "Reminders"
        yield from (f"  {one}" for one in news.reminders)


def _grouped(heading: str, several: Iterable[Noted]) -> Iterator[str]:
    by_check: dict[str, list[Noted]] = {}
    for one in several:
        by_check.setdefault(one.check, []).append(one)
    if by_check:
        yield heading
    for check, found in by_check.items():
        yield f"  {check} ({found[0].severity}): {len(found)}"
        yield from (f"    {visible(one.name)} in {one.where}" for one in found[:SHOWN])
        yield from (f"  {line}" for line in _more(len(found) - SHOWN))


def _more(left: int) -> Iterator[str]:
    if left > 0:
        yield f"  and {left} more: `controlmon status` has them"


def visible(text: str, longest: int = 120) -> str:
    """A name without what would break the message: it is chosen by whoever made the thing. Three dots stand for what is cut."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 3]}..."

"""The procedure of one control, in words: what is promised, how it is tested, what that shows and what it does not."""

from collections.abc import Iterator
from typing import TextIO

from controlmon.engine.dossier import CheckPeriod, ControlPeriod, Dossier
from controlmon.report import words


def write(one: ControlPeriod, dossier: Dossier, out: TextIO) -> None:
    """Write it as Markdown."""
    out.writelines(line + "\n" for line in _lines(one, dossier))


def _lines(one: ControlPeriod, dossier: Dossier) -> Iterator[str]:
    c = one.control
    yield f"# {c.name}\n\n`{c.id}`, {c.category}\n\n> {words.shown(c.promise)}\n"
    yield f"{words.period(dossier.begin, dossier.end)} (UTC): **{one.conclusion}**, because {words.shown(one.why)}.\n"
    yield f"Method: {c.method}, {c.frequency}; an observation is stale after {words.duration(int(c.fresh_for.total_seconds()))}.\n"
    yield f"Coverage: {words.coverage(one.coverage)}\n"
    yield f"Deviations: {len(one.deviations):,}; {words.rate(one.rate)}.\n"
    yield from _several("What the procedure shows", tuple(one.proves.splitlines()))
    yield from _several("What it does not show", one.does_not_prove)
    yield from _several("Evidence", c.evidence)
    yield from _several("Notes", c.notes)
    yield from _several("Requirements", (f"{m.framework}: {', '.join(m.refs)} {m.relation or ''} {m.note}".strip() for m in c.frameworks))
    yield "## Checks\n"
    for check, role, glob in one.checks:
        yield f"### {check} ({role})\n"
        if glob != "*":
            yield f"Only subjects like `{glob}` count.\n"
        yield from _check(dossier.checks[check]) if check in dossier.checks else ("It did not run in this period.\n",)


def _check(check: CheckPeriod) -> Iterator[str]:
    yield f"{check.title}. Severity {check.severity}, {check.frequency}, {check.performances:,} performances.\n"
    yield f"Shows: {check.proves}\n\nWhat to do when it fails: {check.remediation}\n"
    yield from (f"- source `{digest}` (`checks/{check.id}/`)" for digest in check.digests)
    yield from (f"- parameter `{name}` = `{words.shown(words.plain(value))}`" for name, value in check.parameters.items())
    yield ""


def _several(title: str, said: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    lines = [f"- {words.shown(one)}" for one in said]
    if lines:
        yield f"## {title}\n"
        yield from lines
        yield ""

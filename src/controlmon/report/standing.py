"""One control or commitment in a terminal: the promise, how it stands, how it is tested, what fails, and how it went."""

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from controlmon.engine.board import Line
from controlmon.report import words
from controlmon.report.table import visible

STYLES = {"failing": "bold red", "unknown": "magenta", "stale": "yellow", "waiting": "cyan", "excepted": "blue", "passing": "green"}


def write(line: Line, out: TextIO) -> None:
    """Write it. Without a terminal there are no colours."""
    console = Console(file=out, width=None if out.isatty() else 120, highlight=False, emoji=False, markup=False)
    console.print(Text.assemble((line.name, "bold"), "  ", (line.state, STYLES.get(line.state, "dim"))))
    if line.name != line.subject.id:
        console.print(line.subject.id, style="dim")
    console.print()
    console.print(Padding(visible(line.subject.promise), (0, 0, 0, 2)), style="italic")
    _block(console, "Why", (visible(reason) for reason in line.status.reasons))
    _block(console, "Deviations that do not decide", (visible(said) for said in line.status.deviations))
    _block(console, "What fails, and what could not be seen", _failing(line))
    _block(console, "Procedure", _procedure(line))
    _block(console, "How it went", _history(line))
    _block(
        console,
        "Meets",
        (f"{words.framework(m.framework)}: {', '.join(m.refs) or m.note}" for m in getattr(line.subject, "frameworks", ())),
    )


def _block(console: Console, heading: str, lines: Iterator[str]) -> None:
    several = list(lines)
    if several:
        console.print()
        console.print(heading, style="bold")
        for one in several:
            indent = 2 + len(one) - len(one.lstrip())
            console.print(Padding(one.strip(), (0, 0, 0, indent)))


def _failing(line: Line) -> Iterator[str]:
    for test in line.told:
        for one in test.found:
            mark = f"excepted ({one.excepted})" if one.excepted else one.severity if one.outcome == "fail" else "unknown"
            yield f"{mark}: {visible(one.name)} in {one.where}: {visible(one.reason)}"
        if test.more:
            yield f"and {test.more:,} more of {test.ref.check}: `controlmon run {test.ref.check}`"
        if any(one.outcome == "fail" and not one.excepted for one in test.found):
            yield f"  {test.remediation}"


def _procedure(line: Line) -> Iterator[str]:
    for test in line.tests:
        subjects = f" of {test.ref.subjects}" if test.ref.subjects != "*" else ""
        if not test.installed:
            continue
        counted = words.outcomes(dict(test.outcomes)) if test.finished else "has not run yet"
        seen = f", seen {words.when(test.finished)}" if test.finished else ""
        yield f"{test.ref.role.value:<11} {test.ref.check}{subjects}: {counted}{seen}"
        yield f"  {test.title}. {test.proves}"
    if absent := [test.ref.check for test in line.tests if not test.installed]:
        yield f"not in use here: {', '.join(absent)}"


def _history(line: Line) -> Iterator[str]:
    for day in line.days:
        if day.expected or day.performed or day.failing or day.unknown:
            yield words.day(day)

"""The table in a terminal: failures first, then what could not be seen, with the reason, and once for each check what to do."""

import re
import unicodedata
from collections.abc import Callable
from typing import TextIO

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.facts.controlmon.exceptions import Exemption
from controlmon.report.model import RunReport

SHOWN = 200
"""Rows of each outcome that a terminal shows; the last line says how many more there are, and where."""
FEW = 25
"""Findings up to which the table shows every one, passes too."""
STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
WORST = ("critical", "high", "medium", "low")
MEANS = {
    0: "nothing failed that counts, and everything was seen",
    1: "something failed",
    3: "nothing failed that counts, but something is unknown",
}


WIDE, NARROW = 150, 100
"""Columns from which a place has a column of its own, and below which a subject stands under its check."""

Excused = Callable[[Finding], Exemption | None]
Shown = dict[tuple[Outcome, str], list[Finding]]


def write(report: RunReport, out: TextIO, *, width: int | None = None) -> None:
    """Write the run as a table. Without a terminal there are no colours, and the width is that of the text."""
    console = Console(file=out, width=width or (None if out.isatty() else 160), highlight=False, soft_wrap=False, emoji=False, markup=False)
    few = sum(report.outcomes.values()) <= FEW
    shown, failing = _shown(report)
    excused = report.excused
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE):
        if report.outcomes.get(outcome.value) and (few or outcome in (Outcome.FAIL, Outcome.UNKNOWN)):
            _table(shown, report.outcomes[outcome.value], outcome, console, excused)
    _remediation(report, failing, console)
    _summary(report, console)


def _shown(report: RunReport) -> tuple[Shown, set[str]]:
    """The findings that there is room for, and the ids of the checks that fail. The record is read once, and little of it is held."""
    shown: Shown = {}
    failing: set[str] = set()
    for finding in report.findings():
        if finding.outcome is Outcome.FAIL and report.excused(finding) is None:
            failing.add(finding.check)
        some = shown.setdefault((finding.outcome, finding.severity.value), [])
        if len(some) < SHOWN:
            some.append(finding)
    return shown, failing


def _table(shown: Shown, count: int, outcome: Outcome, console: Console, excused: Excused) -> None:
    heading = f"{outcome.value.upper().replace('_', ' ')} {count}"
    table = Table(box=box.SIMPLE_HEAD, title=heading, title_justify="left", expand=True, pad_edge=False, show_edge=False)
    table.add_column("severity", no_wrap=True)
    if console.width < NARROW:
        table.add_column("check, subject", overflow="fold", ratio=3)
    else:
        table.add_column("check", overflow="fold", max_width=40)
        table.add_column("subject", overflow="fold", ratio=4)
    if console.width >= WIDE:
        table.add_column("where", overflow="fold", max_width=32)
    table.add_column("because", overflow="fold", ratio=4 if console.width < NARROW else 6)
    for finding in [finding for severity in WORST for finding in shown.get((outcome, severity), ())][:SHOWN]:
        table.add_row(*_cells(finding, console.width, excused(finding)))
    console.print(table)
    if count > SHOWN:
        console.print(f"... and {count - SHOWN} more: --format csv or json shows all of them")
    console.print()


def _cells(finding: Finding, width: int, excused: Exemption | None) -> list[Text]:
    """The cells of one finding, as many as the width has columns for."""
    subject = finding.subject
    severity = Text(finding.severity.value, STYLE.get(finding.severity.value, ""))
    check, name, reason = Text(finding.check), Text(visible(subject.name)), Text(visible(finding.reason))
    if excused is not None:
        told = f"excepted until {excused.expires.isoformat()} by {excused.approver} ({excused.id}): "
        severity, reason = Text(finding.severity.value, "dim"), Text.assemble((visible(told), "blue"), reason)
    parts = (subject.scope.target, subject.region or subject.scope.region)
    where = Text(visible(" ".join(part for part in parts if part)), "dim")
    if width >= WIDE:
        return [severity, check, name, where, reason]
    below = Text("\n")
    if width >= NARROW:
        return [severity, check, Text.assemble(name, below, where), reason]
    return [severity, Text.assemble(check, below, name, below, where), reason]


def _remediation(report: RunReport, failing: set[str], console: Console) -> None:
    if failing:
        console.print("What to do", style="bold")
        for check in sorted(failing):
            said = report.told(check).remediation
            console.print(Padding(f"{check}: {said or 'no remediation is known'}", (0, 0, 0, 2)))
        console.print()


def _summary(report: RunReport, console: Console) -> None:
    counts = report.outcomes
    parts = [f"{counts.get(o.value, 0)} {o.value.replace('_', ' ')}" for o in Outcome]
    seen = sum(p.count for p in report.populations)
    kinds = len({p.kind for p in report.populations})
    said = f"{', '.join(parts)}; {seen} subject{'s' * (seen != 1)} of {kinds} kind{'s' * (kinds != 1)}, run {report.run}"
    console.print(said, soft_wrap=True)
    if report.recorded:
        console.print(f"recorded: {report.recorded}", soft_wrap=True)  # a path that is cut in two cannot be copied
    if report.exit_code is not None:
        console.print(f"exit code {report.exit_code}: {MEANS.get(report.exit_code, 'see the log')}", soft_wrap=True)


def visible(text: str) -> str:
    """Text without what a terminal would obey: the name of a resource is chosen by whoever made it."""
    return re.sub(
        r"\s+", " ", "".join(c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" for c in unicodedata.normalize("NFC", text))
    )

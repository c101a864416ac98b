"""The table in a terminal: failures first, then what could not be seen, with the reason, and once for each check what to do."""

import re
import unicodedata
from collections.abc import Iterator
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.report.model import RunReport

SHOWN = 200
"""Rows of each outcome that a terminal shows; the last line says how many more there are, and where."""
FEW = 25
"""Findings up to which the table shows every one, passes too."""
STYLE = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
WORST = ("critical", "high", "medium", "low")


def write(report: RunReport, out: TextIO, *, width: int | None = None) -> None:
    """Write the run as a table. Without a terminal there are no colours, and the width is that of the text."""
    console = Console(file=out, width=width or (None if out.isatty() else 160), highlight=False, soft_wrap=False, emoji=False, markup=False)
    few = sum(report.outcomes.values()) <= FEW
    for outcome in (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE):
        if report.outcomes.get(outcome.value) and (few or outcome in (Outcome.FAIL, Outcome.UNKNOWN)):
            _table(report, outcome, outcome.value.upper().replace("_", " "), console)
    _remediation(report, console)
    _summary(report, console)


def _table(report: RunReport, outcome: Outcome, heading: str, console: Console) -> None:
    table = Table(
        box=box.SIMPLE_HEAD, title=f"{heading} {report.outcomes[outcome.value]}", title_justify="left", expand=True, pad_edge=False
    )
    table.add_column("severity", no_wrap=True)
    table.add_column("check", overflow="fold", ratio=3)
    table.add_column("subject", overflow="fold", ratio=3)
    table.add_column("where", overflow="fold", ratio=2)
    table.add_column("because", overflow="fold", ratio=6)
    for finding in _worst_first(report, outcome):
        subject = finding.subject
        where = " ".join(part for part in (subject.scope.target, subject.region or subject.scope.region) if part)
        severity = Text(finding.severity.value, STYLE.get(finding.severity.value, ""))
        table.add_row(severity, finding.check, visible(subject.name), visible(where), visible(finding.reason))
    console.print(table)
    left = report.outcomes[outcome.value] - SHOWN
    if left > 0:
        console.print(f"... and {left} more: --format csv or json shows all of them")


def _worst_first(report: RunReport, outcome: Outcome) -> Iterator[Finding]:
    """Findings of one outcome by severity, as many as are shown. The record is read once a severity, and nothing is held."""
    shown = 0
    for severity in WORST:
        for finding in report.findings():
            if finding.outcome is outcome and finding.severity.value == severity:
                if shown == SHOWN:
                    return
                shown += 1
                yield finding


def _remediation(report: RunReport, console: Console) -> None:
    failing = sorted({finding.check for finding in report.findings() if finding.outcome is Outcome.FAIL})
    if failing:
        console.print("What to do", style="bold")
        for check in failing:
            console.print(f"  {check}: {report.told(check).remediation}")
        console.print()


def _summary(report: RunReport, console: Console) -> None:
    counts = report.outcomes
    parts = [f"{counts.get(o.value, 0)} {o.value.replace('_', ' ')}" for o in Outcome]
    seen = sum(p.count for p in report.populations)
    kinds = len({p.kind for p in report.populations})
    console.print(f"{', '.join(parts)}; {seen} subjects of {kinds} kinds, run {report.run}")
    if report.recorded:
        console.print(f"recorded: {report.recorded}")


def visible(text: str) -> str:
    """Text without what a terminal would obey: the name of a resource is chosen by whoever made it."""
    return re.sub(
        r"\s+", " ", "".join(c if c.isprintable() or c == " " else f"\\u{ord(c):04x}" for c in unicodedata.normalize("NFC", text))
    )

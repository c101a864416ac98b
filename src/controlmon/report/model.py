"""What a report is made of. Findings are read as they are written out, so that a report of any length needs little memory."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from controlmon.core.fact import Gap, Population
from controlmon.core.finding import Finding
from controlmon.facts.controlmon.exceptions import Exemption


class Told(Struct, frozen=True):
    """What a report says of a check besides its findings: the words of its author, and the controls that it tests."""

    title: str
    remediation: str
    controls: tuple[str, ...]


class RunReport(Struct, frozen=True):
    """One run. `findings` and `gaps` may be gone through more than once, and give the same each time.

    `gaps` gives, of what was not seen, the subject or scope, the aspect or kind, and why. `exit_code` is what the command is going to
    answer with, if it answers with one. `excused` gives the exception that covers a finding, if one does.
    """

    run: str
    started: str
    finished: str
    version: str
    outcomes: Mapping[str, int]
    findings: Callable[[], Iterator[Finding]]
    populations: tuple[Population, ...]
    gaps: Callable[[], Iterator[tuple[str, str, Gap]]]
    checks: Mapping[str, Told]
    recorded: str = ""
    exit_code: int | None = None
    excused: Callable[[Finding], Exemption | None] = lambda _finding: None

    def told(self, check_id: str) -> Told:
        """What is said of a check; nothing of one that is not installed any more."""
        return self.checks.get(check_id, Told(check_id, "", ()))


def as_json(finding: Finding, told: Told, excused: Exemption | None = None) -> dict[str, Any]:
    """One finding in the form that `--format json` promises."""
    subject = finding.subject
    return {
        "check": finding.check,
        "outcome": finding.outcome.value,
        "severity": finding.severity.value,
        "reason": finding.reason,
        "subject": {
            "provider": subject.scope.provider,
            "target": subject.scope.target,
            "region": subject.region or subject.scope.region,
            "type": subject.kind,
            "id": subject.id,
            "name": subject.name,
        },
        "controls": list(told.controls),
        "excepted": {"id": excused.id, "until": excused.expires.isoformat(), "approver": excused.approver} if excused else None,
        "observed_at": finding.observed_at or None,
        "facts": list(finding.facts),
    }

"""The continuity plan was exercised within the year, and each critical system came back within its targets.

A restore that worked says nothing of how long it took. The exercise measures the time to recover and the data lost of each system that
the register of owners calls critical, and both are held against the targets there.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.document.exercises import Exercise, ExerciseRow
from controlmon.facts.document.governance import late
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import SystemOwner, SystemOwnerRow
from controlmon.facts.document.schema import days_between, in_force

GOOD: dict[str, object] = {
    "id": "dr-1", "type": "continuity", "held_at": "2026-06-01", "scenario": "region lost", "participants": ["ada"],
    "measured": [{"system": "db", "rto_hours": 3.5, "rpo_hours": 0.5}], "report": "https://wiki/dr-1", "sha256": "sha256:" + "0" * 64,
}  # fmt: skip
SLOW = [{"system": "db", "rto_hours": 9, "rpo_hours": 0.5}]
OPEN = [{"what": "faster restore", "owner": "ada", "due": "2026-07-01"}]


def case(row: dict[str, object], rto: float | None = 4) -> tuple[Company, All[Exercise], All[SystemOwner]]:
    system = {"id": "db", "name": "Database", "owner": "ada", "critical": True, "rto_hours": rto, "rpo_hours": 1}
    return Company.example(), All.of(Exercise.example(id="dr-1", row=row)), All.of(SystemOwner.example(id="db", row=system))


@check(
    title="Continuity and recovery plan was exercised in the last year",
    severity="high",
    frequency="weekly",
    reads=[Exercise.row, SystemOwner.row],
    remediation="Exercise the plan, measure each critical system against its targets, and close the actions.",
    proves="That the register has measurements of each critical system within its targets. Not that tomorrow's restore will be as fast.",
    passes=case(GOOD),
    fails=[
        case(GOOD | {"held_at": "2025-06-01"}),
        case(GOOD | {"measured": []}),
        case(GOOD | {"measured": SLOW}),
        case(GOOD | {"actions": OPEN}),
        case(GOOD, rto=None),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    exercises: All[Exercise],
    system_owners: All[SystemOwner],
    now: datetime,
    *,
    types: tuple[str, ...] = ("continuity",),
    closing_days: int = 90,
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = [one.row for one in in_force(exercises) if one.row.type in types and days_between(one.row.held_at, now) <= max_age_days]
    if not rows:
        why = f"no exercise was held within {max_age_days} days"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    critical = sorted((one.row for one in system_owners if one.row.critical), key=lambda one: one.id)
    if not critical:
        return unknown("the register of system owners calls no system critical: nothing says what had to be measured")
    if untold := [one.id for one in critical if one.rto_hours is None or one.rpo_hours is None]:
        return failed(f"no target is set for {', '.join(untold)}")
    wrong = []
    for row in sorted(rows, key=lambda one: one.held_at, reverse=True):
        told = [why for one in critical if (why := missed(row, one))]
        told += (
            []
            if row.scenario and row.participants and row.report and row.sha256
            else ["it has no scenario, participants or report with a digest"]
        )
        told += [f"still open: {one}" for one in late(row.actions, row.held_at, now, closing_days)]
        if not told:
            return passed(f"{row.id} on {row.held_at} brought {', '.join(one.id for one in critical)} back within their targets")
        wrong.append(f"{row.id}: {'; '.join(told)}")
    return failed(" | ".join(wrong))


def missed(row: ExerciseRow, system: SystemOwnerRow) -> str:
    measured = [one for one in row.measured if one.system == system.id]
    if not measured:
        return f"{system.id} was not measured"
    rto, rpo = max(one.rto_hours for one in measured), max(one.rpo_hours for one in measured)
    if rto > (system.rto_hours or 0) or rpo > (system.rpo_hours or 0):
        return f"{system.id} took {rto:g} h and lost {rpo:g} h; {system.rto_hours:g} h and {system.rpo_hours:g} h are the targets"
    return ""

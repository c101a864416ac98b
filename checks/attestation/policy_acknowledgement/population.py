"""Everybody who works here accepted the current version of each required policy within the year.

The population is the roster: who is missing from the list of acknowledgements is the finding. What was accepted is a version, and a
version that was replaced long ago is not the one that holds.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.people import Acknowledgement, Person
from controlmon.facts.document.policies import DocumentRow, Policy, current
from controlmon.facts.document.schema import days_between, in_force

V1: dict[str, object] = {"id": "coc-1", "document": "code_of_conduct", "version": "1", "owner": "ada", "approved_at": "2025-06-01"}
V2 = V1 | {"id": "coc-2", "version": "2", "approved_at": "2026-11-10"}
NEW = (V1 | {"replaced_at": "2026-11-10"}, V2)
OLD = (V1 | {"replaced_at": "2026-08-01"}, V2 | {"approved_at": "2026-08-01"})


def case(accepted: str, at: str, *versions: dict[str, object]) -> tuple[Person, All[Acknowledgement], All[Policy]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    row = {"id": "a-1", "person": "ada", "document": "code_of_conduct", "version": accepted, "accepted_at": at}
    names = ("information_security_policy", "acceptable_use_policy", "access_control_and_termination_policy")
    other = [Policy.example(id=name, versions=[V1 | {"document": name}]) for name in names]
    also = [
        Acknowledgement.example(id=name, row=row | {"id": name, "document": name, "version": "1", "accepted_at": "2026-06-01"})
        for name in names
    ]
    return (
        Person.example(id="ada", row=ada),
        All.of(Acknowledgement.example(id="a-1", row=row), *also),
        All.of(Policy.example(id="code_of_conduct", versions=list(versions)), *other),
    )


@check(
    title="Every active person accepted the current policies in the last year",
    severity="high",
    reads=[Person.row, Acknowledgement.row, Policy.versions],
    remediation="Have them read and accept the current version, and add the acknowledgement to the register.",
    proves="That the register has an acceptance by each person of each required version. Not that they read it.",
    passes=[case("1", "2026-06-01", V1), case("1", "2026-06-01", *NEW), case("2", "2026-11-20", *NEW)],
    fails=[case("1", "2025-06-01", V1), case("1", "2026-06-01", *OLD), case("2", "2026-06-01")],
)
def judge(
    person: Person,
    acknowledgements: All[Acknowledgement],
    policies: All[Policy],
    now: datetime,
    *,
    required: tuple[str, ...] = (
        *("information_security_policy", "acceptable_use_policy", "code_of_conduct", "access_control_and_termination_policy"),
    ),
    grace_days: int = 30,
    max_age_days: int = 365,
    new_hire_days: int = 0,
) -> Verdict:
    one = person.row
    if not one.is_active(now):
        return not_applicable("they do not work here, or not yet")
    mine = [a.row for a in in_force(acknowledgements) if a.row.person == person.id and days_between(a.row.accepted_at, now) <= max_age_days]
    held = {policy.id: policy.versions for policy in policies if policy.id in required}
    wrong = []
    for name in required:
        good = acceptable(held.get(name, ()), now, grace_days)
        if not good:
            wrong.append(f"{name}, of which no version is in force")
        elif not any(row.document == name and row.version in good for row in mine):
            wrong.append(f"{name} version {' or '.join(sorted(good))}")
    until = one.start + timedelta(days=new_hire_days)
    if wrong and new_hire_days and now.date() <= until:
        return not_applicable(f"joined on {one.start}, and has until {until} for {', '.join(wrong)}")
    return failed(f"did not accept within {max_age_days} days: {'; '.join(wrong)}") if wrong else passed(f"accepted {', '.join(required)}")


def acceptable(versions: tuple[DocumentRow, ...], now: datetime, grace_days: int) -> set[str]:
    there = {v.version for v in current(versions, now)}
    lately = {
        v.version for v in versions if v.status == "approved" and v.replaced_at and 0 <= days_between(v.replaced_at, now) < grace_days
    }
    return there | lately if there else set()

"""Each responsibility for security, availability and confidentiality is somebody's, who works here and accepted it.

A list of roles says little: the holder may have left, have no deputy, or never have heard of it. HIPAA asks for one named security
official (45 CFR 164.308(a)(2)): two of them are none.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role, RoleRow, SystemOwner, SystemOwnerRow, active
from controlmon.facts.document.schema import days_between

ROLES = ("security_officer", "privacy_officer", "incident_lead", "incident_team", "control_owner")


def case(drop: str = "", owners: int = 1, **more: object) -> tuple[Company, All[Role], All[SystemOwner], All[Person]]:
    people = [
        Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
        for who in ("ada", "bob")
    ]
    held = {"holder": "ada", "deputy": "bob", "acknowledged_at": "2026-03-01"}
    rows = [{"id": role, "role": role, **held} | (more if role == "security_officer" else {}) for role in ROLES if role != drop]
    system = {"id": "db", "name": "Database", "owner": "bob", "deputy": "ada", "acknowledged_at": "2026-03-01"}
    owned = [SystemOwner.example(id="db", row=system) for _ in range(owners)]
    return Company.example(), All.of(*(Role.example(id=str(row["id"]), row=row) for row in rows)), All.of(*owned), All.of(*people)


@check(
    title="Security, availability and confidentiality responsibilities are assigned to named people",
    severity="medium",
    frequency="weekly",
    reads=[Role.row, SystemOwner.row, Person.row],
    remediation="Assign the role to somebody who works here, name a deputy, and have the holder accept it.",
    proves="That each role and system has an active holder and deputy, and that the holder accepted it. Not that they do the work.",
    passes=case(),
    fails=[case("privacy_officer"), case(owners=0), case(holder="eve"), case(deputy="ada"), case(acknowledged_at="2025-03-01")],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    roles: All[Role],
    system_owners: All[SystemOwner],
    people: All[Person],
    now: datetime,
    *,
    required: tuple[str, ...] = ROLES,
    held_by_one: tuple[str, ...] = ("security_officer",),
    max_age_days: int = 365,
) -> Verdict:
    here = active(people, now)
    held = [one.row for one in roles if one.row.is_held(now) and one.row.role in required]
    wrong = [f"{name} is vacant" for name in required if not any(row.role == name and row.holder for row in held)]
    wrong += [f"{name} has {n} holders, not one" for name in held_by_one if (n := len({r.holder for r in held if r.role == name})) > 1]
    owned = [one.row for one in system_owners]
    wrong += [] if owned else ["no system has an owner"]
    wrong += [f"{row.role}: {told}" for row in held if row.holder and (told := flaw(row.holder, row, here, now, max_age_days))]
    wrong += [f"{row.id}: {told}" for row in owned if (told := flaw(row.owner, row, here, now, max_age_days))]
    if wrong:
        return failed("; ".join(wrong))
    return passed(f"{len(held)} holders of roles and {len(owned)} of systems are named, and accepted them")


def flaw(who: str | None, row: RoleRow | SystemOwnerRow, here: set[str], now: datetime, max_age_days: int) -> str:
    if who is None:
        return "nobody owns it"
    if who not in here:
        return f"{who} does not work here"
    if row.deputy is None or row.deputy == who or row.deputy not in here:
        return f"{who} has no deputy who works here"
    if row.acknowledged_at is None or days_between(row.acknowledged_at, now) > max_age_days:
        return f"{who} last accepted it {f'on {row.acknowledged_at}' if row.acknowledged_at else 'never'}"
    return ""

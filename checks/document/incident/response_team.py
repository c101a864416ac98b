"""The standing response team has at least three people who work here, each with a deputy, who can be reached.

A telephone list is wrong on the night that it is needed. What shows that it is right is that the contacts were tried lately, and that
nobody on it has left.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role, RoleRow, active
from controlmon.facts.document.schema import days_between

TEAM = ("ada", "bob", "cleo")


def case(people: tuple[str, ...] = TEAM, **more: object) -> tuple[Company, All[Role], All[Person]]:
    here = [
        Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
        for who in people
    ]
    rows: list[dict[str, object]] = [
        {"id": f"team-{who}", "role": "incident_team", "holder": who, "deputy": "bob" if who == "ada" else "ada", "contact": "+1 555"}
        for who in TEAM
    ]
    return (
        Company.example(),
        All.of(*(Role.example(id=str(r["id"]), row=r | {"contact_tested_at": "2026-09-01"} | more) for r in rows)),
        All.of(*here),
    )


@check(
    title="Standing response team and contact list are current",
    severity="medium",
    frequency="weekly",
    reads=[Role.row, Person.row],
    remediation="Bring the team in the register of roles up to date, and try each contact.",
    proves="That the register names a team that works here and whose contacts were tried. Not who is on call tonight.",
    passes=case(),
    fails=[case(("ada", "bob")), case(contact_tested_at="2026-03-01"), case(contact=""), case(deputy=None)],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    roles: All[Role],
    people: All[Person],
    now: datetime,
    *,
    team: tuple[str, ...] = ("incident_lead", "incident_team"),
    members: int = 3,
    max_age_days: int = 180,
) -> Verdict:
    here = active(people, now)
    rows = [one.row for one in roles if one.row.role in team and one.row.holder and one.row.is_held(now)]
    if gone := sorted({str(row.holder) for row in rows if row.holder not in here}):
        return failed(f"it names {', '.join(gone)}, who do not work here")
    flaws = {row.id: told for row in rows if (told := flaw(row, here, now, max_age_days))}
    good = {row.holder for row in rows if row.id not in flaws}
    also = f" ({'; '.join(flaws.values())})" if flaws else ""
    verdict = passed if len(good) >= members else failed
    return verdict(f"{len(good)} active members with a deputy and a tested contact, of {members} at least{also}")


def flaw(row: RoleRow, here: set[str], now: datetime, max_age_days: int) -> str:
    if row.deputy is None or row.deputy == row.holder or row.deputy not in here:
        return f"{row.holder} has no deputy who works here"
    if not row.contact or row.contact_tested_at is None or days_between(row.contact_tested_at, now) > max_age_days:
        return f"the contact of {row.holder} was not tried within {max_age_days} days"
    return ""

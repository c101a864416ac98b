"""The registers as rosters: whose a name is in one system, whether they may still have access, and what engagements name them for.

For judgements of one system that take a roster as a parameter: where none is given, the company's registers are the roster.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from msgspec.structs import replace

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access.grant import ALIASES, Grant, Roster
from controlmon.facts.base import All, K, Unseen
from controlmon.facts.document.engagements import Engagement, EngagementRow
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.schema import days_between
from controlmon.facts.entra.index import once

ACTIVE = "active"
OPEN_END_DAYS = 92
"""How long the approval of an engagement without an end names its people."""


@once
def roster(people: All[Person]) -> Roster:
    """Who goes by which name. Raises `Unseen` if not everybody was seen, or there is nobody: an empty register is no roster."""
    several = _whole(people)
    if not several:
        raise Unseen(Gap(GapKind.UNAVAILABLE, Person.kind, "no roster is given as a parameter, and the register has no rows"))
    return Roster(All.of(*several))


@once
def deals(engagements: All[Engagement]) -> list[EngagementRow]:
    """The rows of all engagements. Raises `Unseen`."""
    return [one.row for one in _whole(engagements)]


def _whole(population: All[K]) -> list[K]:
    try:
        return list(population)
    except Unseen as unseen:
        gap = unseen.gap
        detail = f"no roster is given as a parameter, and the register was not seen whole{': ' if gap.detail else ''}{gap.detail}"
        raise Unseen(replace(gap, detail=detail)) from unseen


def owner(people: All[Person], system: str, names: Iterable[str], employee: str = "") -> PersonRow | None:
    """Whose an account is: by the employee id that a directory keeps, else as access reviews find it; None if it is nobody's.

    Args:
        people: the register. Raises `Unseen` if not everybody was seen.
        system: where the account is, such as `datadog` (`Grant.system`).
        names: all that it goes by there, in any case.
        employee: the person's id, where the system has it.

    """
    known = roster(people)
    hired = next((row for who, row in known.rows.items() if employee and who.lower() == employee.lower()), None)
    found = known.find(Grant(system=system, scope="", principal="", name="", names=tuple(names), role=""))
    return hired or known.rows.get(found)


def names_of(person: PersonRow, system: str) -> frozenset[str]:
    """What a system may call somebody, in lower case: their id, their e-mail address, their accounts there."""
    accounts = (name for one in (system, *ALIASES.get(system, ())) for name in person.accounts.get(one, ()))
    return frozenset(name.lower() for name in (person.id, person.email, *accounts))


def ended(person: PersonRow) -> datetime | None:
    """When access ends: at the midnight (UTC) after the last day of it; None while there is no such day."""
    return None if person.gone is None else datetime.combine(person.gone + timedelta(days=1), time(), UTC)


def standing(person: PersonRow | None, now: datetime) -> str:
    """`active`, or the time at which access ended (ISO 8601); "" for nobody, and for whoever is yet to come."""
    if person is None or now.date() < person.start:
        return ""
    end = ended(person)
    return ACTIVE if end is None or now < end else end.isoformat()


def unengaged(person: PersonRow | None, account: str, engagements: All[Engagement], now: datetime) -> str:
    """Why no engagement lets somebody into an account or subscription today; "" if one does. Raises `Unseen`."""
    rows = deals(engagements)
    if person is None:
        return "is not on the roster of people"
    if not person.is_active(now):
        return "is on the roster of people, and does not work here today"
    there = [row for row in rows if account.lower() in {one.lower().rpartition("/")[2] for one in row.accounts}]
    named = [row for row in there if person.id in row.people]
    current = [row for row in named if row.is_current(now)]
    if any(row.end or (row.approved_at and days_between(row.approved_at, now) <= OPEN_END_DAYS) for row in current):
        return ""
    if current:
        return f"is on the roster by {current[0].id}, which has no end, and was not approved within {OPEN_END_DAYS} days"
    if named:
        return f"is on the roster by {named[0].id}, which does not hold today"
    return f"is not on the roster of {there[0].id}" if there else f"is not on the roster: no engagement names {account}"

"""Who answers for what: roles and their holders, and the owners of systems."""

from collections.abc import Iterable
from datetime import date, datetime

from controlmon.facts.base import All, Kind
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import Id, Number, Past, PersonId, Row, Text, day_of, row_of


class RoleRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One holder of a role. A role that several hold (a team) has a row for each.

    Attributes:
        role: what they are: `security_officer`, `executive`, `incident_team` ...
        covers: what the role is held for (controls, systems), if not for the whole company.
        acknowledged_at: when the holder last accepted it.
        contact: how they are reached at night; `contact_tested_at` is when that was last tried.

    """

    id: Id
    role: Id
    holder: PersonId | None = None
    deputy: PersonId | None = None
    covers: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    acknowledged_at: Past | None = None
    contact: str = ""
    contact_tested_at: Past | None = None

    def is_held(self, at: date | datetime) -> bool:
        """Whether the row speaks of a day."""
        day = day_of(at)
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


class Role(Kind, name="document.role"):
    """A role and who holds it."""

    row = row_of(RoleRow)


class SystemOwnerRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system, who owns it, and how fast it has to be back (hours)."""

    id: Id
    name: Text
    owner: PersonId | None = None
    deputy: PersonId | None = None
    acknowledged_at: Past | None = None
    critical: bool = False
    rto_hours: Number | None = None
    rpo_hours: Number | None = None


class SystemOwner(Kind, name="document.system_owner"):
    """A system and its owner."""

    row = row_of(SystemOwnerRow)


def active(people: All[Person], at: date | datetime) -> set[str]:
    """The ids of those who work here on a day. Raises `Unseen` if not everybody was seen."""
    return {person.id for person in people if person.row.is_active(at)}


def holders(roles: All[Role], wanted: Iterable[str], at: date | datetime) -> set[str]:
    """The ids of those who hold any of some roles on a day, by the register of roles."""
    names = set(wanted)
    return {role.row.holder for role in roles if role.row.role in names and role.row.holder and role.row.is_held(at)}

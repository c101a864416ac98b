"""A grant: somebody can do something somewhere, by some path. And the roster that tells who somebody is."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from msgspec.structs import replace

from controlmon.core.canonical import canonical
from controlmon.facts.base import All, View
from controlmon.facts.document.access import AccessRequest, AccessRequestRow
from controlmon.facts.document.people import Person, PersonRow
from controlmon.facts.document.schema import day_of, days_between, in_force

ALIASES = {
    "aws_iam": ("aws",),
    "aws_identity_center": ("aws", "sso"),
    "azure_rbac": ("azure", "entra"),
    "entra_roles": ("entra",),
}
"""The names under which the roster may list accounts of a system, besides its own."""
INACTIVE_DAYS = 90
DIRECT, ELIGIBLE, CHAIN = "direct", "eligible", "role chain"
NOTHING = "the account alone"
"""The role of whoever has an account and no role: less than any other."""
Access = tuple[str, str, str, str, bool]
"""What a grant comes to, whatever its path and its id: who, system, scope, role, and whether it has first to be activated (PIM)."""


class Grant(View, frozen=True, kw_only=True):
    """One way in which somebody can do something: one for each (person, system, scope, role, path).

    Attributes:
        principal: the id that the system knows it by; a principal that is made again gets another.
        name: what people call it; `names` is all that a roster may call it, in lower case.
        kind: `human`, `service` or `guest`; "" where only the roster can tell a person's account from a machine's.
        role: what it is called; `rights` what it allows, where the name does not say.
        path: `direct`, `group NAME`, `role chain`, `eligible`, `eligible, group NAME`.
        since: since when, as far as the system tells.
        used: when it was used last (None: never), as known at `known`; that is None where the system does not tell.
        person: the id in the roster; "" if nobody there goes by such a name.
        owner: who answers for a machine's.
        flags: what makes it worth a second look.

    """

    system: str
    scope: str
    principal: str
    name: str
    names: tuple[str, ...] = ()
    kind: Literal["human", "service", "guest", ""] = "human"
    role: str
    rights: str = ""
    path: str = DIRECT
    eligible: bool = False
    admin: bool = False
    since: datetime | None = None
    used: datetime | None = None
    known: datetime | None = None
    person: str = ""
    owner: str = ""
    flags: tuple[str, ...] = ()

    @property
    def who(self) -> str:
        """The person, or else the name: ids change when a principal is made again."""
        return self.person or (self.name or self.principal).lower()

    @property
    def access(self) -> Access:
        """What it comes to."""
        return self.who, self.system, self.scope, self.role, self.eligible

    @property
    def id(self) -> str:
        """A short digest of who, system, scope, role and path: the same in every review."""
        return hashlib.sha256(canonical([self.who, self.system, self.scope, self.role, self.path])).hexdigest()[:16]

    @property
    def words(self) -> str:
        """The grant in words."""
        where = f" in {self.scope}" if self.scope else ""
        return f"{self.who}: {self.role}{where} ({self.path})"


class Roster:
    """Who goes by which name in which system. Raises `Unseen` if not everybody was seen."""

    def __init__(self, people: All[Person]) -> None:
        self.rows: dict[str, PersonRow] = {}
        self._emails: dict[str, str] = {}
        self._accounts: dict[tuple[str, str], str] = {}
        for person in people:
            row = self.rows[person.id] = person.row
            self._emails[row.email.lower()] = person.id
            for system, names in row.accounts.items():
                self._accounts.update({(system, name.lower()): person.id for name in names})

    def find(self, grant: Grant) -> str:
        """The id of whoever goes by one of its names, an account of the system before an e-mail address; "" if nobody does."""
        systems = (grant.system, *ALIASES.get(grant.system, ()))
        names = [name.lower() for name in (grant.principal, grant.name, *grant.names) if name]
        listed = next((self._accounts[system, name] for name in names for system in systems if (system, name) in self._accounts), "")
        return listed or next((self._emails[name] for name in names if name in self._emails), "")

    def name_of(self, person: str) -> str:
        """What somebody is called."""
        return self.rows[person].name if person in self.rows else person


def resolved(grants: Iterable[Grant], roster: Roster, now: datetime, requests: All[AccessRequest] | None = None) -> list[Grant]:
    """The same grants with person, owner and flags, each once, in the order of who, system, scope, role and path.

    Args:
        grants: as a system tells them.
        roster: who is who.
        now: the clock.
        requests: approved requests; if given, access without one is flagged.

    """
    approved = None if requests is None else [one.row for one in in_force(requests)]
    found: dict[str, Grant] = {}
    for grant in grants:
        one = _named(grant, roster)
        one = replace(one, flags=tuple(_flags(one, roster, now, approved)))
        known = found.get(one.id)
        if known is None or (one.used and (known.used is None or known.used < one.used)):
            found[one.id] = one
    return sorted(found.values(), key=lambda one: (one.who, one.system, one.scope, one.role, one.path))


def _named(grant: Grant, roster: Roster) -> Grant:
    if grant.person:
        return grant
    person = roster.find(grant)
    kind = grant.kind or ("human" if person else "service")
    if kind == "service":
        return replace(grant, kind=kind, owner=grant.owner or person)
    return replace(grant, kind=kind, person=person)


def _flags(grant: Grant, roster: Roster, now: datetime, approved: Iterable[AccessRequestRow] | None) -> Iterable[str]:
    if grant.admin:
        yield "admin"
    if grant.kind == "guest":
        yield "guest"
    if is_inactive(grant, now):
        yield "inactive"
    person = roster.rows.get(grant.person)
    if person is not None and not person.is_active(now):
        yield "leaver" if person.start <= now.date() else "not yet here"
    if grant.kind == "service":
        owner = roster.rows.get(grant.owner)
        if owner is None or not owner.is_active(now):
            yield "no owner"
    elif not grant.person:
        yield "unknown person"
    if approved is not None and not any(allows(one, grant, now) for one in approved):
        yield "no ticket"


def is_inactive(grant: Grant, now: datetime) -> bool:
    """Whether it was not used for long, as far as the system tells."""
    last = grant.used or grant.since
    return grant.known is not None and last is not None and days_between(last, now) > INACTIVE_DAYS


def allows(request: AccessRequestRow, grant: Grant, until: datetime) -> bool:
    """Whether a request was approved for such a grant, by another person, no later than a day, and still holds on it."""
    who = (request.person and request.person == grant.person) or request.account.lower() in (grant.name.lower(), *grant.names)
    what = request.system == grant.system and request.role in ("*", grant.role) and request.scope in ("", grant.scope)
    day = day_of(until)
    fits = bool(who and what and request.approved_by != grant.person)
    return fits and request.approved_at <= day and (request.expires is None or day <= request.expires)

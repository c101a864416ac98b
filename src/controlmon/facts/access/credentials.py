"""What lets somebody in besides roles: accounts that have none, passwords, keys and tokens, in the form of grants.

A role tells what somebody may do; these tell that they can still get in. `live` has the roles.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any
from weakref import WeakKeyDictionary

from controlmon.facts.access.aws import CENTER, IAM
from controlmon.facts.access.datadog import DATADOG
from controlmon.facts.access.grant import Grant, Roster, resolved
from controlmon.facts.access.live import KINDS, Live
from controlmon.facts.access.microsoft import ENTRA
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.base import All, Aspect, Kind
from controlmon.facts.datadog import keys as dd
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.document.access import Access
from controlmon.facts.document.people import Person
from controlmon.facts.entra.users import User as EntraUser

ACCOUNT = "account"
ACCOUNTS: tuple[Aspect[Any], ...] = (center.User.settings,)
"""What is read of accounts, besides what grants are read of."""
KEYS: tuple[Aspect[Any], ...] = (iam.AccessKey.settings, dd.AppKey.settings, dd.Token.settings)
"""What is read of keys, besides those."""
OF_DATADOG = ((dd.AppKey, "application key"), (dd.Token, "personal access token"))
_FIRST: dict[str, type[Kind]] = {IAM: iam.User, CENTER: center.User, ENTRA: EntraUser, DATADOG: DatadogUser}
_KNOWN: WeakKeyDictionary[All[Any], WeakKeyDictionary[All[Any], dict[tuple[str, datetime, bool], list[Grant]]]] = WeakKeyDictionary()


class Holdings(Live):
    """The grants of each system account by account, where `grants` has them person by person; and what opens those accounts."""

    @classmethod
    def over(cls, now: datetime, live: Iterable[All[Any]], *more: tuple[type[Kind], All[Any]]) -> "Holdings":
        """The populations of `KINDS` in that order, and those of accounts and keys, each with its kind."""
        return cls(now, dict(zip(KINDS, live, strict=True)) | dict(more))

    def accounts(self, system: str) -> list[Grant]:
        """Every role of every account, and every enabled account of Entra and Identity Center. Raises `Unseen` if any was not seen."""
        return self._kept(system, keys=False)

    def held(self, system: str) -> list[Grant]:
        """The same, and every password, key and token. Raises `Unseen` if any of it was not seen."""
        return [*self._kept(system, keys=False), *self._kept(system, keys=True)]

    def _kept(self, system: str, *, keys: bool) -> list[Grant]:
        people = self._population(Person)
        # The same is asked for each person.
        known = _KNOWN.setdefault(people, WeakKeyDictionary()).setdefault(self._population(_FIRST.get(system, Access)), {})
        if (system, self._now, keys) not in known:
            found, roster = self._keys(system) if keys else chain(self._raw(system), self._bare(system)), Roster(people)
            # One by one: together, two accounts with the same role would be one grant of their person.
            known[system, self._now, keys] = [same for one in found for same in resolved([one], roster, self._now)]
        return known[system, self._now, keys]

    def _keys(self, system: str) -> Iterator[Grant]:
        of = self._population
        if system == IAM:
            return _of_iam(of(iam.User), of(iam.AccessKey))
        return _of_datadog(of(DatadogUser), {what: of(kind) for kind, what in OF_DATADOG}) if system == DATADOG else iter(())

    def _bare(self, system: str) -> Iterator[Grant]:
        """Enabled accounts, whether or not they have a role; those of other systems are grants already."""
        if system == CENTER:
            for person in self._population(center.User):
                if person.settings.enabled is not False:
                    yield Grant(system=CENTER, scope="", principal=person.key, name=person.name, role=ACCOUNT)
        if system == ENTRA:
            employees = {one.id.lower(): one.id for one in self._population(Person)}
            for user in self._population(EntraUser):
                said = user.profile
                if said.enabled:
                    yield Grant(
                        system=ENTRA, scope=user.target, principal=user.id, name=said.login or user.name, names=tuple(sorted(user.names)),
                        kind="guest" if said.guest else "human", role=ACCOUNT, since=said.created,
                        person=employees.get(said.employee.lower(), ""),
                    )  # fmt: skip


def _of_iam(users: All[iam.User], keys: All[iam.AccessKey]) -> Iterator[Grant]:
    """Passwords, as the credential report has them, and keys, as they are now."""
    arns = {(user.target, user.name): user.id for user in users}
    for user in users:
        if user.credentials.password:
            yield Grant(system=IAM, scope=user.target, principal=user.id, name=user.name, kind="", role="password")
    for key in keys:
        said = key.settings
        if said.active:
            arn = arns.get((key.target, said.user), said.user)
            role = f"access key {key.name}"
            yield Grant(system=IAM, scope=key.target, principal=arn, name=said.user, kind="", role=role, since=said.created)


def _of_datadog(users: All[DatadogUser], keys: dict[str, All[Any]]) -> Iterator[Grant]:
    """Keys and tokens by their owners, those of disabled users too: what a user was disabled for, its keys may still do."""
    known = {user.id: user.profile for user in users}
    for what, several in keys.items():
        for key in several:
            said, owner = key.settings, known.get(key.settings.owner)
            yield Grant(
                system=DATADOG, scope=key.target, principal=said.owner, name=(owner.email or owner.handle) if owner else said.owner,
                names=(owner.handle.lower(),) if owner else (), role=f"{what} {key.name}", since=said.created, used=said.used,
                kind="service" if owner and owner.service_account else "human",
            )  # fmt: skip

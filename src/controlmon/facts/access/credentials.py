"""What lets somebody in besides roles: accounts that have none, passwords, keys and tokens, in the form of grants.

A role tells what somebody may do; these tell that they can still get in. `live` has the roles.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access.aws import CENTER, IAM
from controlmon.facts.access.datadog import DATADOG
from controlmon.facts.access.grant import Grant, Roster, resolved
from controlmon.facts.access.microsoft import ENTRA
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.base import All, Aspect, Kind, Unseen
from controlmon.facts.datadog import keys as dd
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.document.people import Person
from controlmon.facts.entra.users import User as EntraUser

ACCOUNT = "account"
ACCOUNTS: tuple[Aspect[Any], ...] = (center.User.settings, EntraUser.profile)
"""What is read of accounts, besides what grants are read of."""
KEYS: tuple[Aspect[Any], ...] = (iam.AccessKey.settings, dd.AppKey.settings, dd.Token.settings)
"""What is read of keys, besides those."""
Populations = Mapping[type[Kind], All[Any]]
_FIRST: dict[str, type[Kind]] = {IAM: iam.AccessKey, CENTER: center.User, ENTRA: EntraUser, DATADOG: dd.AppKey}
_KNOWN: WeakKeyDictionary[All[Any], WeakKeyDictionary[All[Any], dict[tuple[str, datetime], list[Grant]]]] = WeakKeyDictionary()


def credentials(system: str, of: Populations, now: datetime) -> list[Grant]:
    """Every enabled account, password, key and token of a system, with persons and owners.

    Args:
        system: as `live` calls it; one that nothing is connected to has none besides its list.
        of: the populations by kind.
        now: the clock.

    Raises:
        Unseen: if any of it was not seen.

    """
    if system not in _FIRST:
        return []
    people = _population(of, Person)
    # The same is asked for each person.
    known = _KNOWN.setdefault(people, WeakKeyDictionary()).setdefault(_population(of, _FIRST[system]), {})
    if (system, now) not in known:
        found = _of_iam(of) if system == IAM else _of_datadog(of) if system == DATADOG else accounts(system, of)
        known[system, now] = resolved(found, Roster(people), now)
    return known[system, now]


def accounts(system: str, of: Populations) -> Iterator[Grant]:
    """The enabled accounts of Entra and of Identity Center, whether or not they have a role. Others are grants already. Raises `Unseen`."""
    if system == CENTER:
        for person in _population(of, center.User):
            if person.settings.enabled is not False:
                yield Grant(system=CENTER, scope="", principal=person.key, name=person.name, role=ACCOUNT)
    if system == ENTRA:
        roster = {one.id.lower(): one.id for one in _population(of, Person)}
        for user in _population(of, EntraUser):
            said = user.profile
            if said.enabled:
                yield Grant(
                    system=ENTRA, scope=user.target, principal=user.id, name=said.login or user.name, names=tuple(sorted(user.names)),
                    kind="guest" if said.guest else "human", role=ACCOUNT, since=said.created, person=roster.get(said.employee.lower(), ""),
                )  # fmt: skip


def _of_iam(of: Populations) -> Iterator[Grant]:
    """Passwords, as the credential report has them, and keys, as they are now."""
    users = {(user.target, user.name): user for user in _population(of, iam.User)}
    for user in users.values():
        if user.credentials.password:
            yield _of_user(user.target, user.name, user.id, "password")
    for key in _population(of, iam.AccessKey):
        said = key.settings
        if said.active:
            user = users.get((key.target, said.user))
            yield replace(_of_user(key.target, said.user, user.id if user else said.user, f"access key {key.name}"), since=said.created)


def _of_user(account: str, name: str, arn: str, what: str) -> Grant:
    return Grant(system=IAM, scope=account, principal=arn, name=name, kind="", role=what)


def _of_datadog(of: Populations) -> Iterator[Grant]:
    """Keys and tokens by their owners, those of disabled users too: what a user was disabled for, its keys may still do."""
    users = {user.id: user.profile for user in _population(of, DatadogUser)}
    for kind, what in ((dd.AppKey, "application key"), (dd.Token, "personal access token")):
        for key in _population(of, kind):
            said, owner = key.settings, users.get(key.settings.owner)
            yield Grant(
                system=DATADOG, scope=key.target, principal=said.owner, name=(owner.email or owner.handle) if owner else said.owner,
                names=(owner.handle.lower(),) if owner else (), role=f"{what} {key.name}", since=said.created, used=said.used,
                kind="service" if owner and owner.service_account else "human",
            )  # fmt: skip


def _population(of: Populations, kind: type[Kind]) -> All[Any]:
    if kind not in of:
        raise Unseen(Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was asked for"))
    return of[kind]

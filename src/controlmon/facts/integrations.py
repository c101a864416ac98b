"""Whom the clouds let in from outside: apps of other companies in Entra that may read data, and AWS accounts of others that roles trust."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar

from controlmon.core.fact import Gap
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import Role
from controlmon.facts.aws.policy import account_of, is_deleted
from controlmon.facts.aws.tagged import live_accounts
from controlmon.facts.base import All, Kind, Unseen, View
from controlmon.facts.crossing import whole
from controlmon.facts.entra.apps import EVERYBODYS_DATA, TAKEOVER, DelegatedGrant, ServicePrincipal
from controlmon.facts.entra.index import once

K = TypeVar("K", bound=Kind)
AWS, ENTRA = "aws", "entra"
DATA = re.compile(
    r"(Files|Sites|Mail|MailboxSettings|Calendars|Chat|ChatMessage|ChannelMessage|Notes|OnlineMeeting\w*|CallRecords|EWS|IMAP|POP|SMTP)\."
    r"|(Directory|Group|User|AuditLog)\.Read\.All$|user_impersonation$|full_access_as_app$"
)
"""Permissions of Microsoft's APIs that show what people write and keep. `User.Read`, with which one signs in, does not."""


class Integration(View, frozen=True):
    """Somebody from outside who is let in: its names (its own, the ids of its app, tenant or account), and what lets it in."""

    names: tuple[str, ...]
    said: str


def integrations(
    clouds: Collection[str],
    principals: All[ServicePrincipal],
    grants: All[DelegatedGrant],
    roles: All[Role],
    accounts: All[Account],
    own: Collection[str] = (),
) -> tuple[list[Integration], Gap | None]:
    """Everybody who was seen to be let in by some clouds, and why that is not all, if so.

    Args:
        clouds: `aws`, `entra`: those that the company uses.
        principals: of Entra.
        grants: of Entra.
        roles: of AWS.
        accounts: of AWS.
        own: further tenants and accounts that are the company's.

    """
    found: dict[str, Integration] = {}
    gaps: list[Gap] = []
    if ENTRA in clouds:
        _take(_of_entra(principals, grants, own, gaps), found)
    if AWS in clouds:
        _take(_of_aws(roles, accounts, own, gaps), found)
    return [found[said] for said in sorted(found)], next(iter(gaps), None)


def _take(several: Iterable[Integration], found: dict[str, Integration]) -> None:
    for one in several:
        found.setdefault(one.said, one)


def _of_entra(
    principals: All[ServicePrincipal], grants: All[DelegatedGrant], own: Collection[str], gaps: list[Gap]
) -> Iterator[Integration]:
    held, lent = _seen(_given, principals, gaps), _seen(_lent, grants, gaps)
    members, missing = whole(principals)
    gaps += [missing] if missing else []
    for one in members:
        try:
            said = one.profile
        except Unseen as error:
            gaps.append(error.gap)
            continue
        if said.microsoft or not said.enabled or said.owner in ("", one.target, *own):
            continue
        if rights := sorted({*held.get(one.id, ()), *lent.get(one.id, ())}):
            told = f"the app {one.name} of tenant {said.owner} ({', '.join(rights)})"
            yield Integration(names=(one.name, said.app, said.owner), said=told)


def _seen(read: Callable[[All[K]], dict[str, set[str]]], population: All[K], gaps: list[Gap]) -> dict[str, set[str]]:
    """What a whole population says; nothing, and a gap, if it was not seen whole."""
    try:
        return read(population)
    except Unseen as error:
        gaps.append(error.gap)
        return {}


@once
def _given(principals: All[ServicePrincipal]) -> dict[str, set[str]]:
    """The permissions over data that apps were given, by who has them. Raises `Unseen`."""
    found: dict[str, set[str]] = {}
    for resource in principals:
        offered = resource.profile.roles
        for one in resource.given:
            if _is_data(value := offered.get(one.role, "")):
                found.setdefault(one.principal, set()).add(value)
    return found


@once
def _lent(grants: All[DelegatedGrant]) -> dict[str, set[str]]:
    """The permissions over data that apps may use as some user, by app. Raises `Unseen`."""
    found: dict[str, set[str]] = {}
    for grant in grants:
        if scopes := {scope for scope in grant.delegated.scopes if _is_data(scope)}:
            found.setdefault(grant.delegated.client, set()).update(scopes)
    return found


def _is_data(permission: str) -> bool:
    return permission in TAKEOVER | EVERYBODYS_DATA or DATA.match(permission) is not None


def _of_aws(roles: All[Role], accounts: All[Account], own: Collection[str], gaps: list[Gap]) -> Iterator[Integration]:
    try:
        ours = {*live_accounts(accounts), *(account.id for account in accounts), *own}
    except Unseen as error:
        gaps.append(error.gap)
        return
    members, missing = whole(roles)
    gaps += [missing] if missing else []
    for role in members:
        try:
            statements = role.trust.statements
        except Unseen as error:
            gaps.append(error.gap)
            continue
        named = [p for one in statements if one.allow for p in one.principals.get("AWS", ()) if not is_deleted(p)]
        for account in sorted({found for p in named if (found := account_of(p)) and found not in ours}):
            yield Integration(names=(account,), said=f"account {account}, which the role {role.name} of {role.target} trusts")

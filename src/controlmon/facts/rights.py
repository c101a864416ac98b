"""What the agent itself is allowed, as each provider's own facts have it, held against the permissions that are published for it.

A provider whose facts do not name the agent's identity leaves it open (`Unseen`): nobody is taken for somebody without rights.
"""

import re
from collections.abc import Iterable, Iterator

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.aws import iam
from controlmon.facts.aws.policy import Statement, covers
from controlmon.facts.azure.authorization import RoleAssignment
from controlmon.facts.base import All, Unseen
from controlmon.facts.controlmon.calls import Who
from controlmon.facts.datadog.keys import AppKey
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.entra.apps import ServicePrincipal

ARN = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(?P<account>\d{12}):(?P<kind>root|user|assumed-role)(?:/(?P<name>.+))?")
OBJECT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\)?$)", re.IGNORECASE)
READING = {
    "aws": re.compile(r"[a-z0-9-]+:(?:describe|get|list|batchget|lookup|search)\w*|iam:generatecredentialreport"),
    "azure": re.compile(r"[\w./-]+/read"),
    "entra": re.compile(r"\w+\.read(?:\.\w+)?"),
    "datadog": re.compile(r"\w+_read(?:_\w+)?"),
}
"""Permissions that only read, as each provider names them (in lower case)."""
EVERYTHING = "*"


def may_write(provider: str, permission: str) -> bool:
    """Whether a permission allows more than to read, by its provider's own naming. Of Azure it may end in `at scope SCOPE`."""
    plain = permission.partition(" at scope ")[0].lower()
    kind = "azure" if "/" in plain else "entra" if provider == "azure" else provider  # each of Microsoft's two also takes some of the other
    return READING[kind].fullmatch(plain) is None


def more_than(allowed: Iterable[str], granted: Iterable[str]) -> list[str]:
    """What is granted and not allowed, in lower case. A pattern is allowed only if it is itself, or one that covers it, allowed."""
    known = [one.partition(" at scope ")[0].lower() for one in allowed]
    exact = set(known)
    several = dict.fromkeys(one.lower() for one in granted)
    return [one for one in several if one not in exact and not any(covers(pattern, one) for pattern in known if "*" in pattern)]


def granted_in_aws(who: Who, roles: All[iam.Role], users: All[iam.User], groups: All[iam.Group], policies: All[iam.Policy]) -> list[str]:
    """The actions that the policies of a role or user allow. What a boundary or an organization takes back is not taken back here."""
    found = ARN.fullmatch(who.identity)
    if found is None:
        raise _unnamed("aws", who)
    if found["kind"] == "root":
        return [EVERYTHING]
    principal: iam.Role | iam.User | None
    if found["kind"] == "assumed-role":
        name = found["name"].split("/")[0]
        principal = roles.first(lambda one: one.name == name and one.target == found["account"])
    else:
        principal = users.first(lambda one: one.id == who.identity)
    if principal is None:
        raise _unnamed("aws", who)
    grants = principal.grants
    through = [one.grants for one in groups if one.target == found["account"] and one.name in grants.groups] if grants.groups else []
    if len(through) < len(grants.groups):
        raise _unnamed("aws", who)
    own = [statement for one in (grants, *through) for statement in one.inline]
    managed = dict.fromkeys(arn for one in (grants, *through) for arn in one.managed)
    return list(_actions([*own, *(statement for arn in managed for statement in _document(arn, who, policies))]))


def _document(arn: str, who: Who, policies: All[iam.Policy]) -> tuple[Statement, ...]:
    policy = policies.first(lambda one: one.id == arn and one.target == who.target)
    if policy is None:
        raise Unseen(Gap(GapKind.UNAVAILABLE, "aws.iam.policy", f"{arn}, which {who.identity} has, was not in the answer"))
    return policy.document


def _actions(statements: Iterable[Statement]) -> Iterator[str]:
    for one in statements:
        if one.allow:
            yield from one.actions
            if one.not_actions:
                yield EVERYTHING  # all but a few is more than any list


def granted_in_azure(who: Who, assignments: All[RoleAssignment]) -> list[str]:
    """The actions that the roles of an identity allow, its own and those of its groups; actions on data among them."""
    name = _object("azure", who)
    mine = [one for one in assignments if one.settings.principal == name or (one.settings.type == "Group" and _is_in(name, one))]
    if not mine:
        raise _unnamed("azure", who)
    permissions = [permission for one in mine for permission in one.role.permissions]
    return list(dict.fromkeys(action for one in permissions for action in (*one.actions, *one.data_actions)))


def _is_in(name: str, group: RoleAssignment) -> bool:
    return any(one.id == name for one in group.members)


def granted_in_entra(who: Who, apps: All[ServicePrincipal]) -> list[str]:
    """The application permissions of an identity. Of apps that offer none that matters here it is not asked who has them."""
    name = _object("entra", who)
    given = [(app, one.role) for app in apps for one in app.given if one.principal.lower() == name]
    if not given:
        raise _unnamed("entra", who)
    return [app.profile.roles.get(role, role) for app, role in given]


def granted_in_datadog(who: Who, keys: All[AppKey], people: All[DatadogUser]) -> list[str]:
    """The scopes of every application key of an identity; everything, for a key that has none of its own."""
    person = people.first(lambda one: who.identity in (one.id, one.profile.handle, one.profile.email))
    mine = [key.settings.scopes for key in keys if person is not None and key.settings.owner == person.id]
    if not mine:
        raise _unnamed("datadog", who)
    return [scope for scopes in mine for scope in ((EVERYTHING,) if scopes is None else scopes)]


def _object(provider: str, who: Who) -> str:
    found = OBJECT.search(who.identity)
    if found is None:
        raise _unnamed(provider, who)
    return found[0].lower()


def _unnamed(provider: str, who: Who) -> Unseen:
    return Unseen(Gap(GapKind.UNAVAILABLE, f"{provider} identity", f"what {who.identity} is allowed is not among what was seen"))

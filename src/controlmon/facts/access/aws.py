"""AWS IAM users and roles, and the assignments of IAM Identity Center, as grants."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access.grant import CHAIN, DIRECT, NOTHING, Grant
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.aws.iam import Grants, Group, Policy, Role, User
from controlmon.facts.aws.policy import Statement, grants_everything, rules_identities
from controlmon.facts.base import All, Unseen

IAM, CENTER = "aws_iam", "aws_identity_center"
INLINE = "its own policy"
NOT_OURS = ("/aws-service-role/", "/aws-reserved/sso.amazonaws.com/")
"""Paths of roles that AWS makes: for services of its own, and for what Identity Center assigns, which is told there."""


def grants_of_iam(users: All[User], groups: All[Group], roles: All[Role], policies: All[Policy], now: datetime) -> list[Grant]:
    """Each user by each policy, direct or of a group, and each role by whoever may assume it. Raises `Unseen`."""
    documents = {policy.id: policy.document for policy in policies}
    by_name = {(group.target, group.name): group.grants for group in groups}
    found = [grant for user in users for grant in _user(user, by_name, documents)]
    return found + [grant for role in roles if not role.grants.path.startswith(NOT_OURS) for grant in _role(role, documents, now)]


def _user(user: User, groups: Mapping[tuple[str, str], Grants], documents: Mapping[str, tuple[Statement, ...]]) -> Iterator[Grant]:
    said = user.credentials
    used = max((one.used for one in said.credentials if one.used), default=None)
    sources = [(DIRECT, user.grants)]
    for name in user.grants.groups:
        if (user.target, name) not in groups:
            raise Unseen(Gap(GapKind.UNAVAILABLE, "aws.iam.group", f"the group {name} was not recorded"))
        sources.append((f"group {name}", groups[user.target, name]))
    rows = [(role, path, admin) for path, grants in sources for role, admin in _policies(grants, documents)] or [(NOTHING, DIRECT, False)]
    for role, path, admin in rows:
        yield Grant(
            system=IAM, scope=user.target, principal=user.id, name=user.name, kind="human" if said.password else "", role=role, path=path,
            admin=admin, since=user.grants.created, used=used, known=said.generated,
        )  # fmt: skip


def _policies(grants: Grants, documents: Mapping[str, tuple[Statement, ...]]) -> Iterator[tuple[str, bool]]:
    """The name of each policy, and whether it makes an administrator."""
    if grants.inline:
        yield INLINE, _rules(grants.inline)
    for arn in grants.managed:
        name = arn.rpartition("/")[2]
        yield name, _is_known(arn) or _rules(_document(arn, documents))


def _is_known(arn: str) -> bool:
    """Whether it is a policy of AWS's own that makes an administrator."""
    return ":aws:policy/" in arn and arn.endswith(("/AdministratorAccess", "/IAMFullAccess"))


def _document(arn: str, documents: Mapping[str, tuple[Statement, ...]]) -> tuple[Statement, ...]:
    if arn not in documents:
        raise Unseen(Gap(GapKind.UNAVAILABLE, "aws.iam.policy", f"{arn} was not recorded"))
    return documents[arn]


def _rules(statements: tuple[Statement, ...]) -> bool:
    return grants_everything(statements) or rules_identities(statements)


def _role(role: Role, documents: Mapping[str, tuple[Statement, ...]], now: datetime) -> Iterator[Grant]:
    """A grant for each principal that its trust names, who gets it by a chain; where that is a service, or nobody, it is the role's own."""
    said = role.grants
    policies = [*_policies(said, documents)]
    rights, admin = ", ".join(name for name, _ in policies), any(ruling for _, ruling in policies)
    about: dict[str, Any] = {"system": IAM, "scope": role.target, "role": f"role {role.name}", "rights": rights, "admin": admin}
    dates: dict[str, Any] = {"since": said.created, "used": said.used, "known": now if said.told else None}
    others = 0
    for name in sorted({name for kind in ("AWS", "Federated") for name in _trusted(role, kind)}):
        others += 1
        user = ":user/" in name
        called = name.rpartition("/")[2] if user else name
        yield Grant(**about, **dates, principal=name, name=called, kind="" if user else "service", path=CHAIN)
    services = sorted(_trusted(role, "Service"))
    if services or not others:
        path = f"assumed by {', '.join(services)}" if services else "nobody may assume it"
        yield Grant(**about, **dates, principal=role.id, name=role.name, kind="service", path=path)


def _trusted(role: Role, kind: str) -> Iterable[str]:
    return (name for one in role.trust.statements if one.allow for name in one.principals.get(kind, ()))


def grants_of_identity_center(assignments: All[center.Assignment], sets: All[center.PermissionSet]) -> list[Grant]:
    """Each person by each permission set and account. A user or group that is gone has nothing. Raises `Unseen`."""
    admin = {one.id.rpartition("/")[2]: _administers(one) for one in sets}
    names = {one.id.rpartition("/")[2]: one.label for one in sets}
    found = []
    for one in assignments:
        said = one.settings
        if said.permission_set not in names:
            raise Unseen(Gap(GapKind.UNAVAILABLE, "aws.identitycenter.permission_set", f"{said.permission_set} was not recorded"))
        path = DIRECT if said.type == "USER" else f"group {said.principal}"
        found += [
            Grant(system=CENTER, scope=said.account, principal=person.id, name=person.name, role=names[said.permission_set], path=path,
                  admin=admin[said.permission_set])
            for person in one.people or ()
            if person.name
        ]  # fmt: skip
    return found


def _administers(chosen: center.PermissionSet) -> bool:
    return any(map(_is_known, chosen.managed)) or _rules(chosen.inline)

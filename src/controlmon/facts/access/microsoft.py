"""Azure's role assignments and the directory roles of Entra, active and eligible (PIM), as grants."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from controlmon.facts.access.grant import DIRECT, ELIGIBLE, Grant
from controlmon.facts.azure.authorization import EligibleAssignment, Principal, RoleAssignment
from controlmon.facts.base import All, Unseen
from controlmon.facts.entra.roles import ROLES, Assignment, Eligibility
from controlmon.facts.entra.users import Activity, User

AZURE, ENTRA = "azure_rbac", "entra_roles"
EXTERNAL = "#EXT#"
LIVING = ("User", "Group", "ServicePrincipal")
"""Types of principals that the directory itself has: one of these that it does not know was deleted."""
NAMES = {id_: name for name, id_ in ROLES.items()}


def grants_of_azure(active: All[RoleAssignment], eligible: All[EligibleAssignment]) -> list[Grant]:
    """Each principal by each role and scope; a group by each of its members. A principal that was deleted has nothing. Raises `Unseen`."""
    return [grant for one in (*active, *eligible) for grant in _assigned(one)]


def _assigned(one: RoleAssignment | EligibleAssignment) -> Iterator[Grant]:
    said, role, principal = one.settings, one.role, one.principal
    if principal is None and said.type in LIVING:
        return
    waits = isinstance(one, EligibleAssignment)
    foreign = Principal(id=said.principal, kind=said.type or "foreign")
    holders = [foreign] if principal is None else one.members if principal.kind == "group" else [principal]
    path = _path(principal.name if principal is not None and principal.kind == "group" else "", waits=waits)
    for who in holders:
        if who.kind != "group":  # its members are told beside it
            yield Grant(
                system=AZURE, scope=said.scope, principal=who.id, name=who.name or who.id, kind=_sort(who), role=role.name, path=path,
                eligible=waits, admin=role.grants, since=said.created,
            )  # fmt: skip


def _sort(who: Principal) -> Literal["human", "service", "guest"]:
    if who.kind == "servicePrincipal":
        return "service"
    return "guest" if who.kind != "user" or EXTERNAL in who.name.upper() else "human"


def _path(group: str, *, waits: bool) -> str:
    if not group:
        return ELIGIBLE if waits else DIRECT
    return f"{ELIGIBLE}, group {group}" if waits else f"group {group}"


def grants_of_entra(active: All[Assignment], eligible: All[Eligibility], users: All[User], now: datetime) -> list[Grant]:
    """Each user and app by each directory role. A principal that was deleted has nothing. Raises `Unseen`."""
    known = {user.id: user for user in users}
    return [grant for one in (*active, *eligible) for grant in _held(one, known, now)]


def _held(one: Assignment | Eligibility, users: dict[str, User], now: datetime) -> Iterator[Grant]:
    said = one.holding
    waits, group = isinstance(one, Eligibility), said.sort == "group"
    about: dict[str, Any] = {
        "system": ENTRA, "scope": one.target if said.where == "/" else f"{one.target} {said.where}", "eligible": waits,
        "role": NAMES.get(said.role, said.role), "admin": said.role in NAMES, "path": _path(said.name if group else "", waits=waits),
    }  # fmt: skip
    for person in sorted(one.members.users) if group else [said.principal] if said.sort == "user" else []:
        user = users.get(person)
        if user is None:
            yield Grant(**about, principal=person, name=person if group else said.name)
            continue
        profile = user.profile
        activity = _activity(user)
        kind: Literal["human", "guest"] = "guest" if profile.guest else "human"
        dates: dict[str, Any] = {"used": activity.succeeded or activity.interactive, "known": now} if activity else {}
        names = tuple(sorted(user.names))
        yield Grant(**about, **dates, principal=person, name=profile.login or user.name, names=names, kind=kind)
    for robot in sorted(one.members.robots) if group else [said.name] if said.sort == "servicePrincipal" else []:
        yield Grant(**about, principal=robot if group else said.principal, name=robot, kind="service")


def _activity(user: User) -> Activity | None:
    """When it logged in; None where that is not told (it takes a licence): who can do what is known all the same."""
    try:
        return user.activity
    except Unseen:
        return None

"""The identities of workloads: service principals and managed identities, where each belongs, and where their rights reach."""

from collections.abc import Iterable, Iterator
from functools import partial

from controlmon.facts.azure.authorization import Assignment, Principal, Role, RoleAssignment
from controlmon.facts.azure.estate import Estate, Placed
from controlmon.facts.azure.keyvault import Vault, may_take
from controlmon.facts.azure.permission import Permission
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing, together
from controlmon.facts.environment import Environment, resolve

WORKLOAD = "servicePrincipal"
HARMLESS = ("*/read", "Microsoft.Support/*", "Microsoft.OperationalInsights/workspaces/search/action")
"""Actions that change nothing and give no data away, as roles name them."""


def potent(role: Role, harmless: Iterable[str]) -> bool:
    """Whether a role gives a right on data, or any action beyond the harmless."""
    idle = Permission(actions=tuple(harmless))
    return any(one.data_actions or not all(idle.allows(action) for action in one.actions) for one in role.permissions)


def workloads(assignment: RoleAssignment) -> tuple[str, ...]:
    """The ids of the workloads that have a role by an assignment: itself, or those in a group."""
    settings = assignment.settings
    if settings.type == "ServicePrincipal":
        return (settings.principal,)
    return tuple(one.id for one in assignment.members if one.kind == WORKLOAD) if settings.type == "Group" else ()


def belongs(one: Principal, estate: Estate) -> Environment:
    """Where a workload belongs: as declared of its id, client id or name, else what its managed identity is that of, else by its name.

    Raises:
        Unseen: if that of the resource cannot be told.
    """
    model = estate.model
    if declared := model.declaration(one.id, one.app, one.name.lower()):
        return resolve(declared, (), one.name)
    if one.resource:
        return estate.of(one.resource)
    return resolve((), model.named(one.name, "the application"), f"the application {one.name or one.id}")


def called(one: Principal | None) -> frozenset[str]:
    """What a workload may be declared by, in lower case."""
    return frozenset(word.lower() for word in (one.id, one.app, one.name) if word) if one else frozenset()


def spanned(workload: str, assignments: All[RoleAssignment], estate: Estate, harmless: Iterable[str]) -> Crossing:
    """Whether a workload's rights, all taken together, are in production and in what is not: one of each, if so."""
    places: dict[str, Environment] = {}
    unsure: list[str] = []
    scopes: set[str] = set()

    def look(one: RoleAssignment) -> bool:
        settings = one.settings
        if settings.type not in ("ServicePrincipal", "Group") or workload not in workloads(one) or not potent(one.role, harmless):
            return False
        if f"{one.target} {settings.scope}" not in scopes:
            scopes.add(f"{one.target} {settings.scope}")
            _note(estate.under(settings.scope, one.target), settings, places, unsure)
        return False

    try:
        assignments.some(look)
    except Unseen as error:
        unsure.append(str(error))
    by_class = {where.cls: said for said, where in reversed(places.items())}
    if "prod" in by_class and "nonprod" in by_class:
        return Crossing(crossed=(by_class["prod"], by_class["nonprod"]))
    unsure += [f"which environment {said} is of is not known: {where.why}" for said, where in places.items() if where.cls is None]
    return Crossing(unsure=next(iter(unsure), ""))


def _note(reached: Iterator[Placed], settings: Assignment, places: dict[str, Environment], unsure: list[str]) -> None:
    """Where everything that a role reaches belongs."""
    try:
        for said, where in reached:
            try:
                here = where()
            except Unseen as error:
                unsure.append(f"whether {said} is of production is not known: {error}")
                continue
            by = "" if said == settings.scope or said.startswith(f"{settings.scope}/") else f" by {settings.scope}"
            places[f"{said} ({here.name}){by}"] = here
    except Unseen as error:
        unsure.append(f"what {settings.scope} reaches is not all known: {error}")


def holders(vault: Vault, assignments: All[RoleAssignment]) -> Iterator[tuple[Principal, str]]:
    """The workloads that can take what a vault holds, each with how: by a role that reaches it, or by an access policy.

    Raises:
        Unseen: when all that were seen are given, and those are not all.
    """
    unseen: list[Unseen] = []
    found: list[tuple[Principal, str]] = []

    def look(one: RoleAssignment) -> bool:
        settings = one.settings
        if settings.type not in ("ServicePrincipal", "Group") or not settings.reaches(vault.id):
            return False
        if may_take(one.role.permissions, by_roles=vault.settings.roles):
            several = one.members if settings.type == "Group" else (one.principal,)
            found.extend((who, f"by {one.role.name}") for who in several if who is not None and who.kind == WORKLOAD)
        return False

    try:
        assignments.beside(vault).some(look)
    except Unseen as error:
        unseen.append(error)
    try:
        for holder in vault.holders:
            several = (holder.principal, *holder.members)
            found.extend((who, "by an access policy") for who in several if who is not None and who.kind == WORKLOAD)
    except Unseen as error:
        unseen.append(error)
    yield from dict.fromkeys(found)
    if unseen:
        raise unseen[0]


def foreign(vault: Vault, own: Environment, assignments: All[RoleAssignment], estate: Estate) -> Crossing:
    """The workloads of the other class that can take what a vault holds. One that nothing places is of wherever else it has rights."""
    found: list[Crossing] = []
    try:
        for who, how in holders(vault, assignments):
            said = f"{who.name or who.id} {how}"
            try:
                at = belongs(who, estate)
            except Unseen as error:
                found.append(Crossing(unsure=f"whether {said} crosses is not known: {error}"))
                continue
            if at.cls is not None or own.cls is None:
                found.append(crossing(own, [(said, partial(_same, at))]))
                continue
            span = spanned(who.id, assignments, estate, HARMLESS)
            crossed = (f"{said}, which has rights at {' and at '.join(span.crossed)}",) if span.crossed else ()
            found.append(Crossing(crossed=crossed, unsure="" if crossed else f"whether {said} crosses is not known: {at.why}"))
    except Unseen as error:
        found.append(Crossing(unsure=str(error)))
    return together(*found)


def _same(at: Environment) -> Environment:
    return at

"""Role assignments, what their roles allow, and whom the directory knows under their ids."""

from collections.abc import Iterable, Iterator
from typing import Any

from controlmon.collect.azure.operations import DESCENDANTS, SUBSCRIPTIONS, Directory, arm
from controlmon.collect.base import Ask, Found, Met, Operation, Place, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, absent, is_absent, not_asked
from controlmon.facts.azure.authorization import EligibleAssignment, RoleAssignment, Tenant
from controlmon.facts.base import Aspect, Kind

authorization = Service("azure", "authorization")

ASSIGNMENTS = arm(
    "Microsoft.Authorization:RoleAssignments_ListForSubscription",
    "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleAssignments",
    "2022-04-01",
    "Microsoft.Authorization/roleAssignments/read",
    shared=True,
)
"""Without a filter: those at the subscription, those below it, and those that it inherits."""
ROLE = arm(
    "Microsoft.Authorization:RoleDefinitions_GetById", "{id}", "2022-04-01", "Microsoft.Authorization/roleDefinitions/read", shared=True
)
AT_ROOT = arm(
    "Microsoft.Authorization:RoleAssignments_ListForScope",
    "/providers/Microsoft.Authorization/roleAssignments",
    "2022-04-01",
    "Microsoft.Authorization/roleAssignments/read",
    where="$filter=atScope()",
)
BY_IDS = Directory("Microsoft.Graph", "DirectoryObjects_GetByIds", ("Directory.Read.All",), path="/directoryObjects/getByIds", posts=True)
MEMBERS = Directory(
    "Microsoft.Graph",
    "Groups_ListTransitiveMembers",
    ("GroupMember.Read.All", "User.Read.All"),
    absent=("Request_ResourceNotFound",),
    shared=True,
    path="/groups/{id}/transitiveMembers?$select=id,displayName,userPrincipalName,accountEnabled,appId,alternativeNames&$top=999",
)
AT_ONCE = 1000
"""The most ids that the directory takes in one question."""
KEPT = (
    *("@odata.type", "id", "displayName", "userPrincipalName", "accountEnabled", "userType", "appId", "servicePrincipalType"),
    "alternativeNames",  # of a managed identity: the resource that it is that of
)
"""What is kept of a directory object: the rest (telephones, addresses) is nobody's business here."""


ELIGIBLE = arm(
    "Microsoft.Authorization:RoleEligibilityScheduleInstances_ListForScope",
    "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances",
    "2020-10-01",
    "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    absent=("AadPremiumLicenseRequired",),
    shared=True,
)
"""Without Entra ID P2 there is no Privileged Identity Management, and nothing to be eligible for."""


@authorization.lists(RoleAssignment, ASSIGNMENTS, at=Place.ACCOUNT, gives=[RoleAssignment.settings])
def assignments(ask: Ask) -> Iterator[Found]:
    """Every active assignment that holds in the subscription."""
    for one in ask.items("value"):
        yield Found(RoleAssignment, one["id"].lower(), one["name"], answers={RoleAssignment.settings: one})


@authorization.lists(EligibleAssignment, ELIGIBLE, at=Place.ACCOUNT, gives=[EligibleAssignment.settings])
def eligible(ask: Ask) -> Iterator[Found]:
    """Every assignment that can be activated in the subscription."""
    for one in ask.items("value"):
        yield Found(EligibleAssignment, one["id"].lower(), one["name"], answers={EligibleAssignment.settings: one})


@authorization.lists(RoleAssignment, BY_IDS, ASSIGNMENTS, at=Place.ACCOUNT, gives=[RoleAssignment.principal])
def principals(ask: Ask) -> Iterator[Found]:
    """Whom each is for: all ids in as few questions as the directory takes."""
    return _principals(ask, ASSIGNMENTS, RoleAssignment, RoleAssignment.principal)


@authorization.lists(EligibleAssignment, BY_IDS, ELIGIBLE, at=Place.ACCOUNT, gives=[EligibleAssignment.principal])
def eligible_principals(ask: Ask) -> Iterator[Found]:
    """Whom each is for."""
    return _principals(ask, ELIGIBLE, EligibleAssignment, EligibleAssignment.principal)


def _principals(ask: Ask, listing: Operation, kind: type[Kind], principal: Aspect[Any]) -> Iterator[Found]:
    assigned = list(ask.to(listing).items("value"))
    known = by_ids(ask, {one["properties"]["principalId"].lower() for one in assigned})
    for one in assigned:
        found = known.get(one["properties"]["principalId"].lower()) or absent("Request_ResourceNotFound")
        yield Found(kind, one["id"].lower(), one["name"], answers={principal: found})


def by_ids(ask: Ask, ids: Iterable[str]) -> dict[str, Raw]:
    """What the directory has under some ids, by id in lower case. Who is not there is left out."""
    wanted = sorted(set(ids))
    types = ["user", "group", "servicePrincipal", "device"]
    known: dict[str, Raw] = {}
    for start in range(0, len(wanted), AT_ONCE):
        for one in ask.items("value", ids=wanted[start : start + AT_ONCE], types=types):
            known[one["id"].lower()] = _kept(one)
    return known


def _role(ask: Ask, one: Met) -> Raw:
    """What its role allows: asked once for each role."""
    return ask(id=one.answer(RoleAssignment.settings)["properties"]["roleDefinitionId"].lower())


def _members(ask: Ask, one: Met) -> Raw:
    """Who is in the group, however deep: asked once for each group."""
    settings = RoleAssignment.settings.view(one.answer(RoleAssignment.settings))
    if settings.type != "Group":
        return not_asked("its principal is no group of this tenant")
    return members_of(ask, settings.principal)


def members_of(ask: Ask, group: str) -> Raw:
    """Who is in a group, as far as is judged."""
    found: list[Raw] = []
    for page in ask.whole(id=group):
        if is_absent(page):
            return page
        found += [_kept(member) for member in page["value"]]
    return {"value": found}


authorization.answers(RoleAssignment.role, ROLE, after=[RoleAssignment.settings])(_role)
authorization.answers(RoleAssignment.members, MEMBERS, after=[RoleAssignment.settings])(_members)
authorization.answers(EligibleAssignment.role, ROLE, after=[EligibleAssignment.settings])(_role)
authorization.answers(EligibleAssignment.members, MEMBERS, after=[EligibleAssignment.settings])(_members)


def _kept(one: Raw) -> Raw:
    return {name: one[name] for name in KEPT if name in one}


@authorization.lists(Tenant, SUBSCRIPTIONS, at=Place.TENANT)
def tenants(ask: Ask) -> Iterator[Found]:
    """The tenant itself, if it answers."""
    next(ask.whole())
    yield Found(Tenant, ask.scope.target, ask.scope.target)


@authorization.answers(Tenant.root_assignments, AT_ROOT)
def root_assignments(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001 - there is one
    """The assignments at the root. To read them takes a role there: none at all cannot be true, and means that they are hidden."""
    found = list(ask.items("value"))
    if not found:
        why = "not even our own role is there: assign Reader at the root (`/`)"
        raise Refused(Gap(GapKind.DENIED, AT_ROOT.id, why, AT_ROOT.needs))
    return {"value": found}


@authorization.answers(Tenant.groups, DESCENDANTS)
def groups(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001 - there is one
    """What stands below the root management group, whose id is the tenant's."""
    return {"value": list(ask.items("value"))}

"""Who has which permission set in which account, by IAM Identity Center: accounts first, so that one that is refused hides no other."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.ask import shaped
from controlmon.collect.aws.pages import every
from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw, is_absent
from controlmon.facts.aws.identitycenter import Assignment, Instance, User, Workplace

assignments = Service("aws", "assignments")
NOT_FOUND = ("ResourceNotFoundException",)


def _sso(name: str, *, shared: bool = False) -> Operation:
    return Operation("sso-admin", name, needs=(f"sso:{name}",), shared=shared)


def _store(name: str) -> Operation:
    return Operation("identitystore", name, needs=(f"identitystore:{name}",), absent=NOT_FOUND, shared=True)


SETS, PROVISIONED, ASSIGNED = (
    _sso("ListPermissionSets", shared=True),
    _sso("ListPermissionSetsProvisionedToAccount"),
    _sso("ListAccountAssignments"),
)
USER, MEMBERS = _store("DescribeUser"), _store("ListGroupMemberships")


@assignments.lists(
    Workplace,
    Operation("organizations", "ListAccounts", needs=("organizations:ListAccounts",), absent=("AWSOrganizationsNotInUseException",)),
    under=Instance,
)
def workplaces(ask: Ask, instance: Met) -> Iterator[Found]:
    """The accounts of the organization that are not closed. An instance of one account alone lets nobody into accounts."""
    store = Instance.store.view(instance.answer(Instance.store))
    for one in ask.items("Accounts"):
        if (one.get("State") or one["Status"]) in ("ACTIVE", "PENDING_ACTIVATION"):
            yield Found(Workplace, f"{instance.id}/{store}/{one['Id']}", one["Id"])


@assignments.lists(Assignment, PROVISIONED, SETS, ASSIGNED, under=Workplace, gives=[Assignment.settings])
def account_assignments(ask: Ask, workplace: Met) -> Iterator[Found]:
    """The assignments of every permission set in one account, whether the set was brought there or not."""
    instance, store, account = workplace.id.rsplit("/", 2)
    brought = set(ask.items("PermissionSets", InstanceArn=instance, AccountId=account))
    chosen = every(ask.to(SETS), SETS, "PermissionSets", InstanceArn=instance) or ()
    for one in dict.fromkeys((*chosen, *sorted(brought))):
        with shaped(ASSIGNED):
            asked: dict[str, object] = {"InstanceArn": instance, "AccountId": account, "PermissionSetArn": one}
            given = [_known(raw) for raw in ask.to(ASSIGNED).items("AccountAssignments", **asked)]
        for raw in given:
            chosen_name = one.rpartition("/")[2]
            told = raw | {"Provisioned": one in brought, "IdentityStoreId": store}
            name = f"{raw['PrincipalType']} {raw['PrincipalId']}, {chosen_name} in {account}"
            yield Found(Assignment, f"{account}/{chosen_name}/{raw['PrincipalId']}", name, answers={Assignment.settings: told})


def _known(raw: Raw) -> dict[str, Any]:
    """An assignment with all that it must tell."""
    return {member: raw[member] for member in ("AccountId", "PermissionSetArn", "PrincipalType", "PrincipalId")}


@assignments.answers(Assignment.people, USER, MEMBERS, after=[Assignment.settings])
def people(ask: Ask, assignment: Met) -> Raw:
    """The user, or the direct members of the group: those of a group within a group are given nothing by it."""
    raw = assignment.answer(Assignment.settings)
    store, principal = raw["IdentityStoreId"], raw["PrincipalId"]
    if raw["PrincipalType"] == "USER":
        return {"People": [_person(ask, store, principal)]}
    members = every(ask.to(MEMBERS), MEMBERS, "GroupMemberships", IdentityStoreId=store, GroupId=principal)
    with shaped(MEMBERS):
        ids = None if members is None else [str(one["MemberId"]["UserId"]) for one in members]
    return {"People": None if ids is None else [_person(ask, store, one) for one in ids]}


def _person(ask: Ask, store: str, user: str) -> Raw:
    answer = ask(IdentityStoreId=store, UserId=user)
    return {"UserId": user} if is_absent(answer) else {"UserId": answer["UserId"], "UserName": answer["UserName"]}


@assignments.answers(User.access, _sso("ListAccountAssignmentsForPrincipal"), after=[User.settings])
def access(ask: Ask, user: Met) -> Raw:
    """What one user has in accounts, by itself and by groups."""
    instance, key = user.answer(User.settings)["InstanceArn"], user.id.rpartition("/")[2]
    return {"AccountAssignments": list(ask.items("AccountAssignments", InstanceArn=instance, PrincipalId=key, PrincipalType="USER"))}

"""The collector of who is let in where by Identity Center, over HTTP."""

from typing import Any

from controlmon.collect.aws.assignments import assignments
from controlmon.collect.aws.identitycenter import identitycenter
from controlmon.core.fact import GapKind
from controlmon.facts.aws.identitycenter import Assignment, User
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin

INSTANCE, SETS = "arn:aws:sso:::instance/ssoins-1", [f"arn:aws:sso:::permissionSet/ssoins-1/ps-{n}" for n in (1, 2)]
LISTED = {"Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": "d-1"}]}
ACCOUNTS = [{"Id": one * 12, "Name": one, "State": "SUSPENDED" if one == "3" else "ACTIVE"} for one in "123"]
GIVEN = {("1" * 12, SETS[0]): ("GROUP", "g-1"), ("1" * 12, SETS[1]): ("USER", "u-9")}


def given(asked: Any) -> dict[str, Any]:
    found = GIVEN.get((asked["AccountId"], asked["PermissionSetArn"]))
    one = {"AccountId": asked["AccountId"], "PermissionSetArn": asked["PermissionSetArn"]}
    return {"AccountAssignments": [one | dict(zip(("PrincipalType", "PrincipalId"), found, strict=True))] if found else []}


def provisioned(asked: Any) -> Any:
    return {"PermissionSets": SETS[:1]} if asked["AccountId"] == "1" * 12 else AwsError("AccessDeniedException", 400)


def person(asked: Any) -> Any:
    user = {"IdentityStoreId": "d-1", "UserId": asked["UserId"], "UserName": "ada", "PhoneNumbers": [{"Value": "0123"}]}
    return user if asked["UserId"] == "u-1" else AwsError("ResourceNotFoundException", 400)


def test_assignments_of_each_account_and_the_people_behind_them(twin: AwsTwin, collect: Collect) -> None:
    """Groups are their direct members; a user that is gone has no name; one account that refuses hides no other."""
    members = {"GroupMemberships": [{"IdentityStoreId": "d-1", "MemberId": {"UserId": "u-1"}}]}
    with (
        twin.answer("sso-admin", "ListInstances", LISTED),
        twin.answer("organizations", "ListAccounts", {"Accounts": ACCOUNTS}),
        twin.answer("sso-admin", "ListPermissionSets", {"PermissionSets": SETS}),
        twin.answer("sso-admin", "ListPermissionSetsProvisionedToAccount", provisioned),
        twin.answer("sso-admin", "ListAccountAssignments", given),
        twin.answer("identitystore", "ListGroupMemberships", members),
        twin.answer("identitystore", "DescribeUser", person),
    ):
        found = collect(assignments, Assignment.settings, Assignment.people, also=(identitycenter,))
    seen = {(one.permission_set, one.type): one.provisioned for one in found.views(Assignment.settings).values()}
    assert seen == {("ps-1", "GROUP"): True, ("ps-2", "USER"): False}
    assert sorted(one.name for people in found.views(Assignment.people).values() for one in people) == ["", "ada"]
    assert "0123" not in str(found.facts)
    gap = found.listings[Assignment.kind].gap
    assert gap is not None
    assert (gap.kind, gap.operation) == (GapKind.DENIED, "sso-admin:ListPermissionSetsProvisionedToAccount")
    assert len(twin.calls("sso-admin", "ListPermissionSets")) == 1
    assert {call.params["AccountId"] for call in twin.calls("sso-admin", "ListPermissionSetsProvisionedToAccount")} == {"1" * 12, "2" * 12}


def test_what_is_assigned_to_a_user(twin: AwsTwin, collect: Collect) -> None:
    own = {"AccountId": "1" * 12, "PermissionSetArn": SETS[0], "PrincipalId": "u-1", "PrincipalType": "USER"}
    with (
        twin.answer("sso-admin", "ListInstances", LISTED),
        twin.answer("identitystore", "ListUsers", {"Users": [{"UserId": "u-1", "UserName": "ada", "IdentityStoreId": "d-1"}]}),
        twin.answer("sso-admin", "ListAccountAssignmentsForPrincipal", {"AccountAssignments": [own, own | {"PrincipalType": "GROUP"}]}),
    ):
        found = collect(assignments, User.access, also=(identitycenter,))
    assert found.views(User.access) == {"ada": ("ps-1 in 111111111111",)}
    asked = twin.calls("sso-admin", "ListAccountAssignmentsForPrincipal")[0].params
    assert asked == {"InstanceArn": INSTANCE, "PrincipalId": "u-1", "PrincipalType": "USER"}

"""The collector of Identity Center over HTTP."""

from typing import Any

from controlmon.collect.aws.identitycenter import identitycenter
from controlmon.facts.aws.identitycenter import Instance, PermissionSet, User
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin

INSTANCE, SET = "arn:aws:sso:::instance/ssoins-1", "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
LISTED = {"Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": "d-1"}]}


def test_users_of_the_store_without_what_is_personal(twin: AwsTwin, collect: Collect) -> None:
    person: dict[str, Any] = {"UserId": "u-1", "UserName": "ada", "IdentityStoreId": "d-1", "PhoneNumbers": [{"Value": "0123"}]}
    person |= {"ExternalIds": [{"Issuer": "entra", "Id": "1"}], "UserStatus": "ENABLED"}
    with twin.answer("sso-admin", "ListInstances", LISTED), twin.answer("identitystore", "ListUsers", {"Users": [person]}):
        found = collect(identitycenter, User.settings)
    assert found.views(User.settings)["ada"].issuers == ("entra",)
    assert "0123" not in str(found.facts)
    assert twin.calls("identitystore", "ListUsers")[0].params == {"IdentityStoreId": "d-1"}


def test_permission_sets_and_what_is_in_them(twin: AwsTwin, collect: Collect) -> None:
    told = {"PermissionSet": {"PermissionSetArn": SET, "SessionDuration": "PT8H"}}
    with (
        twin.answer("sso-admin", "ListInstances", LISTED),
        twin.answer("sso-admin", "ListPermissionSets", {"PermissionSets": [SET]}),
        twin.answer("sso-admin", "DescribePermissionSet", told),
        twin.answer("sso-admin", "ListManagedPoliciesInPermissionSet", {"AttachedManagedPolicies": [{"Arn": "arn:p", "Name": "p"}]}),
        twin.answer("sso-admin", "GetInlinePolicyForPermissionSet", {"InlinePolicy": ""}),
        twin.answer("sso-admin", "ListCustomerManagedPolicyReferencesInPermissionSet", {"CustomerManagedPolicyReferences": []}),
    ):
        found = collect(identitycenter, PermissionSet.session, PermissionSet.managed, PermissionSet.inline, PermissionSet.customer)
    assert str(found.views(PermissionSet.session)["ps-1"]) == "8:00:00"
    assert found.views(PermissionSet.managed) == {"ps-1": ("arn:p",)}
    assert found.views(PermissionSet.inline) == found.views(PermissionSet.customer) == {"ps-1": ()}
    assert {call.params["InstanceArn"] for call in twin.calls("sso-admin") if call.operation != "ListInstances"} == {INSTANCE}


def test_a_region_without_an_instance_has_no_users(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("sso-admin", "ListInstances", {"Instances": []}):
        found = collect(identitycenter, User.settings)
    assert found.listings[User.kind].complete
    assert not found.ids(User)
    assert not found.ids(Instance)

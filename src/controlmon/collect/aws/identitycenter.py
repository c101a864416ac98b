"""IAM Identity Center: it lives in one region, and the others have none."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.identitycenter import Instance, PermissionSet, User
from controlmon.facts.base import Aspect

identitycenter = Service("aws", "identitycenter")
KEPT = ("UserId", "UserName", "ExternalIds", "UserStatus")


def _read(name: str) -> Operation:
    return Operation("sso-admin", name, needs=(f"sso:{name}",))


@identitycenter.lists(Instance, _read("ListInstances"), gives=[Instance.store])
def instances(ask: Ask) -> Iterator[Found]:
    """The instance of the organization, or one of the account alone."""
    for item in ask.items("Instances"):
        yield Found(Instance, item["InstanceArn"], item.get("Name") or "", answers={Instance.store: item})


@identitycenter.lists(
    User, Operation("identitystore", "ListUsers", needs=("identitystore:ListUsers",)), gives=[User.settings], under=Instance
)
def users(ask: Ask, instance: Met) -> Iterator[Found]:
    """Every user. What else the store knows of people (addresses, telephones) is not kept."""
    store = Instance.store.view(instance.answer(Instance.store))
    for item in ask.items("Users", IdentityStoreId=store):
        kept = {key: item[key] for key in KEPT if key in item} | {"InstanceArn": instance.id}
        arn = f"arn:{ask.partition}:identitystore:::user/{item['UserId']}"
        yield Found(User, arn, item.get("UserName") or item["UserId"], answers={User.settings: kept})


@identitycenter.lists(PermissionSet, _read("ListPermissionSets"), under=Instance)
def permission_sets(ask: Ask, instance: Met) -> Iterator[Found]:
    """Every permission set."""
    for arn in ask.items("PermissionSets", InstanceArn=instance.id):
        yield Found(PermissionSet, arn, arn.rpartition("/")[2])


def _about(aspect: Aspect[Any], name: str, member: str = "") -> None:
    """Declare a question about a permission set, whose ARN names its instance. `member` is what it lists, if it lists."""

    @identitycenter.answers(aspect, _read(name))
    def answered(ask: Ask, chosen: Met) -> Raw:
        instance = chosen.id.replace(":permissionSet/", ":instance/").rpartition("/")[0]
        asked: dict[str, object] = {"InstanceArn": instance, "PermissionSetArn": chosen.id}
        return {member: list(ask.items(member, **asked))} if member else ask(**asked)


_about(PermissionSet.session, "DescribePermissionSet")
_about(PermissionSet.label, "DescribePermissionSet")
_about(PermissionSet.managed, "ListManagedPoliciesInPermissionSet", "AttachedManagedPolicies")
_about(PermissionSet.inline, "GetInlinePolicyForPermissionSet")
_about(PermissionSet.customer, "ListCustomerManagedPolicyReferencesInPermissionSet", "CustomerManagedPolicyReferences")

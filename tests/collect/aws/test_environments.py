"""The tree of an organization and the tags of an account, collected; and with whom data is shared."""

import json
from contextlib import ExitStack

import pytest

from controlmon.collect.aws.account import account
from controlmon.collect.aws.ec2 import ec2
from controlmon.collect.aws.environments import environments
from controlmon.collect.aws.ram import ram
from controlmon.collect.aws.s3 import s3
from controlmon.collect.aws.sharing import sharing
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.account import Account, Region
from controlmon.facts.aws.images import Image
from controlmon.facts.aws.peering import Peering
from controlmon.facts.aws.ram import ResourceShare
from controlmon.facts.aws.s3 import Bucket
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin, Fault

ME, OTHER = "123456789012", "222222222222"


@pytest.fixture
def organized(twin: AwsTwin) -> dict[str, str]:
    """An organization with a unit in a unit, and an account in the inner one."""
    client = twin.client("organizations", account=ME)
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    outer = client.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    inner = client.create_organizational_unit(ParentId=outer, Name="Prod")["OrganizationalUnit"]["Id"]
    made = client.create_account(AccountName="shop", Email="shop@example.com")["CreateAccountStatus"]["AccountId"]
    client.move_account(AccountId=made, SourceParentId=root, DestinationParentId=inner)
    client.tag_resource(ResourceId=made, Tags=[{"Key": "Environment", "Value": "prod"}])
    return {"made": made, "inner": inner, "outer": outer, "root": root}


def test_the_tree_of_an_organization(collect: Collect, organized: dict[str, str]) -> None:
    """Each account with the units that it stands in, from the root down, and its tags; no addresses of mail."""
    found = collect(environments, Account.organization_tree, also=(account,))
    tree = found.views(Account.organization_tree)[ME]
    member = tree.members[organized["made"]]
    assert [unit.id for unit in member.units] == [organized["root"], organized["outer"], organized["inner"]]
    assert (member.name, member.active, member.tags, tree.management) == ("shop", True, {"Environment": "prod"}, ME)
    assert member.keys()[:2] == (organized["made"], "shop")
    assert {"Workloads/Prod", "Prod", organized["inner"], "Workloads"} <= set(member.keys())
    assert member.path(tree.id) == f"{tree.id}/{organized['root']}/{organized['outer']}/{organized['inner']}/"
    assert "example.com" not in json.dumps(found.of(Account.organization_tree))


def test_an_account_without_an_organization(collect: Collect) -> None:
    """AWS says so with an error code, which is an answer."""
    found = collect(environments, Account.organization_tree, also=(account,)).of(Account.organization_tree)[ME]
    assert is_absent(found)


@pytest.mark.parametrize("operation", ["ListRoots", "ListOrganizationalUnitsForParent", "ListAccountsForParent", "ListTagsForResource"])
@pytest.mark.usefixtures("organized")
def test_any_refusal_leaves_the_whole_tree_unseen(collect: Collect, twin: AwsTwin, operation: str) -> None:
    """A tree with a branch that was not seen is no tree: an account in it would be a stranger."""
    with twin.fault("organizations", operation, Fault.DENIED):
        gap = collect(environments, Account.organization_tree, also=(account,)).of(Account.organization_tree)[ME]
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.DENIED


def test_tags_that_tell_an_environment(collect: Collect, twin: AwsTwin) -> None:
    """The names of tags that tell one are found among all, whatever their case; each value with one example and a count."""
    asked: list[str] = []

    def resources(params: dict[str, list[dict[str, str]]]) -> dict[str, object]:
        key = params["TagFilters"][0]["Key"]
        asked.append(key)
        return {
            "ResourceTagMappingList": [
                {"ResourceARN": f"arn:{n}", "Tags": [{"Key": "x", "Value": "y"}, {"Key": key, "Value": "dev"}]} for n in "ab"
            ]
        }

    with ExitStack() as stack:
        stack.enter_context(twin.answer("resourcegroupstaggingapi", "GetTagKeys", {"TagKeys": ["Owner", "ENV", "acme:environment"]}))
        stack.enter_context(twin.answer("resourcegroupstaggingapi", "GetResources", resources))
        [found] = collect(environments, Region.environment_tags, also=(account,)).views(Region.environment_tags).values()
    assert asked == ["ENV", "acme:environment"]
    assert [(tag.key, tag.value, tag.example, tag.count) for tag in found] == [
        ("ENV", "dev", "arn:a", 2),
        ("acme:environment", "dev", "arn:a", 2),
    ]


def test_acls_and_replication(collect: Collect, twin: AwsTwin) -> None:
    """The canonical users that an ACL names, and the buckets that rules copy to."""
    client = twin.client("s3", account=ME)
    client.create_bucket(Bucket="ours")
    rule = {"Status": "Enabled", "Priority": 1, "Destination": {"Bucket": "arn:aws:s3:::theirs", "Account": OTHER}}
    found = collect(sharing, Bucket.replicas, Bucket.acl, also=(s3,))
    assert found.views(Bucket.replicas)["ours"] == ()
    assert found.views(Bucket.acl)["ours"].grantees == ()
    with twin.answer("s3", "GetBucketReplication", {"ReplicationConfiguration": {"Role": "r", "Rules": [rule]}}):
        [replica] = collect(sharing, Bucket.replicas, also=(s3,)).views(Bucket.replicas)["ours"]
    assert (replica.bucket, replica.account) == ("theirs", OTHER)


def test_images_peerings_and_shares(collect: Collect, twin: AwsTwin) -> None:
    """Each with whom it is shared."""
    sides = {"RequesterVpcInfo": {"OwnerId": ME, "VpcId": "vpc-1"}, "AccepterVpcInfo": {"OwnerId": OTHER}}
    share = {"resourceShareArn": "arn:s", "name": "s", "status": "ACTIVE", "allowExternalPrincipals": True}
    answers = [
        ("ec2", "DescribeImages", {"Images": [{"ImageId": "ami-1"}]}),
        ("ec2", "DescribeImageAttribute", {"LaunchPermissions": [{"UserId": OTHER}, {"OrganizationArn": "arn:aws:organizations::1:organization/o-1"}]}),
        ("ec2", "DescribeVpcPeeringConnections", {"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "active"}, **sides}]}),
        ("ram", "GetResourceShares", {"resourceShares": [share]}),
        ("ram", "ListPrincipals", {"principals": [{"id": OTHER, "external": True}]}),
        ("ram", "ListResources", {"resources": [{"arn": "arn:r", "type": "ec2:Subnet"}]}),
    ]  # fmt: skip
    with ExitStack() as stack:
        for one in answers:
            stack.enter_context(twin.answer(*one))
        launch = collect(sharing, Image.launch).views(Image.launch)["ami-1"]
        peering = collect(ec2, Peering.settings).views(Peering.settings)["pcx-1"]
        shares = collect(ram, ResourceShare.settings, ResourceShare.principals, ResourceShare.resources)
    assert (launch.accounts, launch.organizations) == ((OTHER,), ("o-1",))
    assert [(side.owner, side.vpc) for side in peering.sides] == [(ME, "vpc-1"), (OTHER, "")]
    assert shares.views(ResourceShare.principals)["s"][0].external
    assert shares.views(ResourceShare.resources)["s"][0].type == "ec2:Subnet"

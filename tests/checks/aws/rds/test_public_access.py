"""aws.rds.public_access on raw answers of RDS and EC2."""

from typing import Any

import pytest

from controlmon.core.finding import Finding
from controlmon.facts.aws.ec2 import RouteTable
from controlmon.facts.aws.rds import Cluster, Instance
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.rds.public_access"
LOCAL = {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active"}
ANYWHERE = {"DestinationCidrBlock": "0.0.0.0/0", "State": "active"}


def instance(public: Any = True, **more: Any) -> Given:
    raw: dict[str, Any] = {
        "DBInstanceArn": "arn:aws:rds:eu-west-1:123456789012:db:one",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "StorageEncrypted": True,
        "PubliclyAccessible": public,
        "Endpoint": {"Address": "one.rds", "Port": 5432},
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}]},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    }
    return Given(Instance, "one", settings=raw | more)


def cluster(**more: Any) -> Given:
    raw = {"DBClusterArn": "arn:aws:rds:eu-west-1:123456789012:cluster:one", "Engine": "mysql", "Status": "available", "Port": 5432}
    groups = [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]
    return Given(Cluster, "one", settings=raw | {"StorageEncrypted": True, "VpcSecurityGroups": groups, "DBSubnetGroup": "name"} | more)


def table(*routes: dict[str, Any], name: str = "rtb-1", main: bool = True, subnets: tuple[str, ...] = (), vpc: str = "vpc-1") -> Given:
    associations = [{"Main": True}] if main else []
    associations += [{"Main": False, "SubnetId": subnet} for subnet in subnets]
    return Given(RouteTable, name, settings={"VpcId": vpc, "Associations": associations, "Routes": [LOCAL, *routes]})


def group(*sources: str, name: str = "sg-1", port: int = 5432, lists: tuple[str, ...] = ()) -> Given:
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "Ipv6Ranges": [], "PrefixListIds": [{"PrefixListId": x} for x in lists]}
    return Given(SecurityGroup, name, rules={"IpPermissions": [rule | {"IpRanges": [{"CidrIp": source} for source in sources]}]})


IGW = ANYWHERE | {"GatewayId": "igw-1"}
OPEN, SHUT = group("0.0.0.0/0"), group("10.0.0.0/8")


def judged(database: Given, *others: Given, **more: Any) -> Finding:
    return verdict(CHECK, database, *others, **({"empty": (RouteTable, SecurityGroup)} | more))


@pytest.mark.parametrize(
    ("database", "outcome", "because"),
    [
        pytest.param(instance(False), "pass", "no public address", id="a private instance"),
        pytest.param(instance(True), "fail", "publicly accessible", id="a public one"),
        pytest.param(instance(True, DBClusterIdentifier="c"), "fail", "publicly accessible", id="Aurora's instances each carry the flag"),
        pytest.param(instance(False, DBClusterIdentifier="c"), "pass", "no public", id="and are judged each"),
        pytest.param(cluster(), "not_applicable", "instances", id="Aurora's cluster does not carry it"),
        pytest.param(cluster(Engine="docdb"), "not_applicable", "instances", id="nor DocumentDB's"),
        pytest.param(cluster(PubliclyAccessible=False), "pass", "no public", id="a Multi-AZ cluster does"),
        pytest.param(cluster(PubliclyAccessible=True), "fail", "publicly accessible", id="and may be public"),
        pytest.param(cluster(InternetAccessGatewayEnabled=True), "fail", "gateway is enabled", id="Aurora may have a gateway of its own"),
        pytest.param(cluster(InternetAccessGatewayEnabled=False), "pass", "no public", id="or have it off"),
        pytest.param(cluster(PubliclyAccessible=False, InternetAccessGatewayEnabled=True), "fail", "gateway", id="which is another way in"),
        pytest.param(instance(True, DBInstanceStatus="deleting"), "not_applicable", "deleted", id="one being deleted goes"),
        pytest.param(
            cluster(PubliclyAccessible=True, DBClusterArn="arn:aws:rds:eu-west-1:999999999999:cluster:one"),
            "not_applicable",
            "999999999999",
            id="a shared cluster is judged by its owner",
        ),
        pytest.param(Given(Instance, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied instance is unknown"),
        pytest.param(Given(Cluster, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied cluster is unknown"),
        pytest.param(instance("false"), "unknown", "true or false", id="a text is no answer"),
        pytest.param(cluster(PubliclyAccessible="false"), "unknown", "true or false", id="nor of a cluster"),
    ],
)
def test_database(database: Given, outcome: str, because: str) -> None:
    found = judged(database)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("others", "severity"),
    [
        pytest.param([table(IGW), OPEN], "critical", id="a route and a group that let the internet in"),
        pytest.param([table(), OPEN], "high", id="no route"),
        pytest.param([table(IGW), SHUT], "high", id="no group"),
        pytest.param(
            [table(name="a"), table(IGW, name="b", main=False, subnets=("subnet-2",)), OPEN], "critical", id="a route of one subnet"
        ),
        pytest.param(
            [table(IGW, name="a"), table(name="b", main=False, subnets=("subnet-1",)), OPEN], "critical", id="the main one, of another"
        ),
        pytest.param(
            [table(IGW, name="a"), table(name="b", main=False, subnets=("subnet-1", "subnet-2")), OPEN], "high", id="own tables come first"
        ),
        pytest.param([table(IGW, vpc="vpc-9", name="a"), table(name="b"), OPEN], "high", id="another VPC's table is no matter"),
        pytest.param([table(subnets=("subnet-1",)), OPEN], "high", id="a main table may have subnets of its own"),
        pytest.param([table(vpc="vpc-9"), OPEN], "critical", id="a table that was not found proves nothing"),
        pytest.param([OPEN], "critical", id="nor does none"),
        pytest.param([table(ANYWHERE | {"NatGatewayId": "nat-1"}), OPEN], "high", id="NAT lets nobody in"),
        pytest.param([table(ANYWHERE | {"TransitGatewayId": "tgw-1"}), OPEN], "high", id="nor does a transit gateway"),
        pytest.param([table(ANYWHERE | {"GatewayId": "vgw-1"}), OPEN], "high", id="nor a VPN"),
        pytest.param(
            [table({"DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1"}), OPEN], "high", id="nor egress only"
        ),
        pytest.param([table({"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"}), OPEN], "critical", id="IPv6 is a way in"),
        pytest.param([table(IGW | {"State": "blackhole"}), OPEN], "critical", id="so is a gateway that is away"),
        pytest.param(
            [table(ANYWHERE | {"GatewayId": "vpce-1"}), OPEN], "critical", id="and a firewall's endpoint, behind which one may be"
        ),
        pytest.param([table(ANYWHERE | {"NetworkInterfaceId": "eni-1"}), OPEN], "critical", id="and a firewall of one's own"),
        pytest.param([table({"DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1"}), OPEN], "high", id="the endpoint of S3 is none"),
        pytest.param([table(IGW), group("203.0.113.7/32")], "critical", id="one stranger is let in"),
        pytest.param([table(IGW), group("10.0.0.0/8", "203.0.113.7/32")], "critical", id="among others"),
        pytest.param([table(name="a"), table(IGW, name="b"), OPEN], "critical", id="of two main tables, either may be meant"),
        pytest.param([table(IGW), group("10.0.0.0/8", lists=("pl-1",))], "critical", id="a prefix list may hold anybody"),
        pytest.param([table(IGW), group("0.0.0.0/0", port=22)], "high", id="another port is no way to the database"),
        pytest.param([table(IGW), group("10.0.0.0/8", name="sg-2")], "critical", id="a group that was not found proves nothing"),
        pytest.param([table(IGW), SHUT, group("0.0.0.0/0", name="sg-2")], "high", id="another group is no matter"),
    ],
)
def test_how_much_a_public_instance_matters(others: list[Given], severity: str) -> None:
    found = judged(instance(), *others)
    assert (found.outcome, found.severity) == ("fail", severity), found.reason


@pytest.mark.parametrize(
    ("database", "others", "gaps", "severity"),
    [
        pytest.param(instance(), [table(), OPEN], {RouteTable: DENIED}, "critical", id="routes that may not be listed prove nothing"),
        pytest.param(instance(), [table(IGW), SHUT], {SecurityGroup: DENIED}, "critical", id="nor do groups"),
        pytest.param(instance(), [table(), SHUT], {SecurityGroup: DENIED}, "high", id="but routes alone do"),
        pytest.param(instance(), [table(), SHUT], {RouteTable: DENIED}, "high", id="as do groups"),
        pytest.param(instance(DBSubnetGroup=None), [table(), OPEN], {}, "critical", id="subnets that are not named prove nothing"),
        pytest.param(instance(VpcSecurityGroups=[]), [table(IGW), SHUT], {}, "critical", id="nor do groups"),
        pytest.param(instance(Endpoint=None), [table(IGW), group("0.0.0.0/0", port=22)], {}, "critical", id="any port may be the one"),
        pytest.param(cluster(PubliclyAccessible=True), [table(), OPEN], {}, "critical", id="a cluster does not name its subnets"),
        pytest.param(cluster(PubliclyAccessible=True), [table(IGW), SHUT], {}, "high", id="but its groups"),
        pytest.param(cluster(InternetAccessGatewayEnabled=True), [table(), SHUT], {}, "critical", id="a gateway of its own needs no route"),
    ],
)
def test_what_is_not_proved(database: Given, others: list[Given], gaps: Any, severity: str) -> None:
    found = judged(database, *others, gaps=gaps)
    assert (found.outcome, found.severity) == ("fail", severity), found.reason


def test_a_private_one_passes_whatever_else_could_not_be_seen() -> None:
    assert judged(instance(False), gaps={RouteTable: DENIED, SecurityGroup: DENIED}, empty=()).outcome == "pass"


@pytest.mark.parametrize("kind", [Instance, Cluster])
def test_databases_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

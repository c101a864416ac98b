"""The collector of EC2 over HTTP: what it asks, and what it makes of the answers.

moto gives every flow log the status SUCCESS and knows no list of another account: those answers are laid over it.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from controlmon.collect.aws.account import account
from controlmon.collect.aws.ec2 import ec2
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ec2 import FlowLog, NetworkInterface, RouteTable, Subnet, Volume, Vpc
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.collect.aws.conftest import NOW, Collect
from tests.twins.aws import AwsError, AwsTwin

OWNER = "123456789012"


@pytest.fixture
def client(twin: AwsTwin) -> Any:
    return twin.client("ec2")


def group(client: Any, *lists: str, cidr: str | None = None) -> str:
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    number = len(client.describe_security_groups()["SecurityGroups"])
    name: str = client.create_security_group(GroupName=f"g{number}", Description="d", VpcId=vpc)["GroupId"]
    rule: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    rule |= {"PrefixListIds": [{"PrefixListId": one} for one in lists]} if lists else {"IpRanges": [{"CidrIp": cidr or "10.0.0.0/8"}]}
    client.authorize_security_group_ingress(GroupId=name, IpPermissions=[rule])
    return name


def prefix_list(client: Any, *cidrs: str) -> str:
    made = client.create_managed_prefix_list(
        PrefixListName="office", AddressFamily="IPv4", MaxEntries=10, Entries=[{"Cidr": cidr} for cidr in cidrs]
    )
    name: str = made["PrefixList"]["PrefixListId"]
    return name


def test_everything_is_listed_in_pages_and_can_be_read(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=True)
    client.create_volume(AvailabilityZone="us-east-1a", Size=1)
    subnet = client.describe_subnets()["Subnets"][0]
    client.create_network_interface(SubnetId=subnet["SubnetId"])
    aspects = (Volume.settings, NetworkInterface.settings, RouteTable.settings, SecurityGroup.rules, Subnet.settings, Vpc.settings)
    with twin.page_size(1):
        found = collect(ec2, *aspects)
    for aspect in aspects:
        views = found.views(aspect)
        assert views, aspect
        assert found.listings[aspect.owner.kind].complete
        assert found.listings[aspect.owner.kind].count == len(views)
    assert sorted(view.encrypted for view in found.views(Volume.settings).values()) == [False, True]
    assert found.views(Vpc.settings)[subnet["VpcId"]].owner == OWNER
    assert found.views(Vpc.settings)[subnet["VpcId"]].default
    assert found.views(Subnet.settings)[subnet["SubnetId"]].vpc == subnet["VpcId"]
    [routes] = found.views(RouteTable.settings).values()
    assert routes.main
    [interface] = found.views(NetworkInterface.settings).values()
    assert interface.vpc == subnet["VpcId"]
    assert f"arn:aws:ec2:us-east-1:{OWNER}:vpc/{subnet['VpcId']}" in found.ids(Vpc)


def test_only_what_is_needed_is_asked(twin: AwsTwin, collect: Collect) -> None:
    collect(ec2, Vpc.settings)
    assert {call.operation for call in twin.calls()} == {"GetCallerIdentity", "DescribeVpcs"}


def test_a_key_is_looked_at_once_for_all_its_volumes(twin: AwsTwin, client: Any, collect: Collect) -> None:
    key = twin.client("kms").create_key()["KeyMetadata"]["Arn"]
    volumes = [client.create_volume(AvailabilityZone="us-east-1a", Size=1, Encrypted=True, KmsKeyId=key)["VolumeId"] for _ in range(3)]
    plain = client.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    found = collect(ec2, Volume.settings, Volume.key).views(Volume.key)
    assert {found[name].arn for name in volumes} == {key}
    assert found[plain] is None
    assert len(twin.calls("kms", "DescribeKey")) == 1


def test_the_default_of_a_region(twin: AwsTwin, client: Any, collect: Collect) -> None:
    client.enable_ebs_encryption_by_default()
    assert list(collect(ec2, Region.ebs_encryption, also=(account,)).views(Region.ebs_encryption).values()) == [True]


def test_a_prefix_list_is_read_once_for_all_groups(twin: AwsTwin, client: Any, collect: Collect) -> None:
    name = prefix_list(client, "203.0.113.0/24", "198.51.100.0/24")
    naming = [group(client, name), group(client, name)]
    without = group(client)
    with twin.page_size(1):
        found = collect(ec2, SecurityGroup.rules, SecurityGroup.prefix_lists)
    lists = found.views(SecurityGroup.prefix_lists)
    for one in naming:
        assert set(lists[one][name].cidrs) == {"203.0.113.0/24", "198.51.100.0/24"}
    assert is_absent(found.of(SecurityGroup.prefix_lists)[without])
    assert lists[without] == {}
    assert len(twin.calls("ec2", "GetManagedPrefixListEntries")) == 2  # pages


def test_a_list_that_is_refused_leaves_the_others(twin: AwsTwin, client: Any, collect: Collect) -> None:
    ours, theirs = prefix_list(client, "203.0.113.0/24"), "pl-0999999999999999"
    both, alone = group(client, ours), group(client)
    rules = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": theirs}]}]
    for one in (both, alone):
        client.authorize_security_group_ingress(GroupId=one, IpPermissions=rules)
    refusal = AwsError("InvalidPrefixListID.NotFound", 400, "not yours")
    with twin.answer("ec2", "GetManagedPrefixListEntries", lambda asked: refusal if asked["PrefixListId"] == theirs else None):
        lists = collect(ec2, SecurityGroup.rules, SecurityGroup.prefix_lists).views(SecurityGroup.prefix_lists)
    assert lists[both][ours].cidrs == ("203.0.113.0/24",)
    assert lists[both][theirs].refused.operation == "ec2:GetManagedPrefixListEntries"
    assert "NotFound" in str(lists[both][theirs].refused)
    assert isinstance(lists[alone], Gap)


def test_a_prefix_list_that_goes_round_in_circles_is_cut_short(twin: AwsTwin, client: Any, collect: Collect) -> None:
    name = group(client, prefix_list(client, "203.0.113.0/24"))
    with twin.answer("ec2", "GetManagedPrefixListEntries", {"Entries": [{"Cidr": "203.0.113.0/24"}], "NextToken": "again"}):
        gap = collect(ec2, SecurityGroup.rules, SecurityGroup.prefix_lists).of(SecurityGroup.prefix_lists)[name]
    assert gap.kind is GapKind.TRUNCATED


def flow_log(name: str = "fl-1", **more: Any) -> dict[str, Any]:
    raw = {"FlowLogId": name, "ResourceId": "vpc-1", "FlowLogStatus": "ACTIVE", "TrafficType": "ALL", "LogDestinationType": "s3"}
    return raw | {"LogDestination": "arn:aws:s3:::logs"} | more


HIVE = {"HiveCompatiblePartitions": True, "PerHourPartition": False, "FileFormat": "parquet"}
HOURS = {"HiveCompatiblePartitions": False, "PerHourPartition": True, "FileFormat": "plain-text"}
BOTH = HIVE | {"PerHourPartition": True}
PLAIN = f"AWSLogs/{OWNER}/vpcflowlogs/us-east-1"
KEYED = f"AWSLogs/aws-account-id={OWNER}/aws-service=vpcflowlogs/aws-region=us-east-1"
FILE = f"{OWNER}_vpcflowlogs_us-east-1_fl-1_"


def stored(twin: AwsTwin, collect: Collect, key: str | None, now: datetime = NOW, **log: Any) -> Any:
    """What is found of a log that delivered one file."""
    s3 = twin.client("s3")
    s3.create_bucket(Bucket="logs")
    for other in (f"{PLAIN}/2026/11/23/{OWNER}_vpcflowlogs_us-east-1_fl-2_20261123T1155Z_ff.log.gz", "zzz", *([key] if key else [])):
        s3.put_object(Bucket="logs", Key=other, Body=b"")
    with twin.answer("ec2", "DescribeFlowLogs", {"FlowLogs": [flow_log(**log)]}):
        return collect(ec2, FlowLog.settings, FlowLog.latest_object, now=now).views(FlowLog.latest_object)["fl-1"]


@pytest.mark.parametrize(
    ("key", "log", "asked"),
    [
        pytest.param(f"{PLAIN}/2026/11/23/{FILE}20261123T1155Z_0a.log.gz", {}, 1, id="in the folder of the day"),
        pytest.param(
            f"a/b/{PLAIN}/2026/11/23/{FILE}20261123T1155Z_0a.log.gz", {"LogDestination": "arn:aws:s3:::logs/a/b/"}, 1, id="below a folder"
        ),
        pytest.param(
            f"a/{PLAIN}/2026/11/23/{FILE}20261123T1155Z_0a.log.gz", {"LogDestination": "arn:aws:s3:::logs/a"}, 1, id="without its slash"
        ),
        pytest.param(
            f"{KEYED}/year=2026/month=11/day=23/{FILE}20261123T1155Z_0a.log.parquet", {"DestinationOptions": HIVE}, 1, id="as Hive wants it"
        ),
        pytest.param(f"{PLAIN}/2026/11/23/12/{FILE}20261123T1200Z_0a.log.gz", {"DestinationOptions": HOURS}, 1, id="by the hour"),
        pytest.param(f"{PLAIN}/2026/11/23/11/{FILE}20261123T1155Z_0a.log.gz", {"DestinationOptions": HOURS}, 2, id="by the hour before"),
        pytest.param(
            f"{KEYED}/year=2026/month=11/day=23/hour=09/{FILE}20261123T0905Z_0a.log.parquet", {"DestinationOptions": BOTH}, 4, id="by both"
        ),
    ],
)
def test_a_delivered_file_is_found(twin: AwsTwin, collect: Collect, key: str, log: dict[str, Any], asked: int) -> None:
    assert stored(twin, collect, key, **log).key == key
    assert len(twin.calls("s3")) == asked


@pytest.mark.parametrize(
    ("key", "log", "asked"),
    [
        pytest.param(None, {}, 1, id="no file"),
        pytest.param(f"{PLAIN}/2026/11/23/{FILE}20261123T0855Z_0a.log.gz", {}, 1, id="an old file"),
        pytest.param(f"{PLAIN}/2026/11/22/{FILE}20261122T1155Z_0a.log.gz", {}, 1, id="a file of yesterday"),
        pytest.param(f"{PLAIN}/2026/11/23/08/{FILE}20261123T0855Z_0a.log.gz", {"DestinationOptions": HOURS}, 4, id="of hours ago"),
    ],
)
def test_no_file_of_late_is_found(twin: AwsTwin, collect: Collect, key: str | None, log: dict[str, Any], asked: int) -> None:
    assert stored(twin, collect, key, **log).key is None
    assert len(twin.calls("s3")) == asked


def test_after_midnight_yesterday_is_looked_at_too(twin: AwsTwin, collect: Collect) -> None:
    key = f"{PLAIN}/2026/11/22/{FILE}20261122T2355Z_0a.log.gz"
    assert stored(twin, collect, key, now=NOW - timedelta(hours=11)).key == key
    assert [call.params["Prefix"] for call in twin.calls("s3")] == [f"{PLAIN}/2026/11/23/{FILE}", f"{PLAIN}/2026/11/22/{FILE}"]


@pytest.mark.parametrize(
    "log",
    [
        pytest.param({"LogDestinationType": "cloud-watch-logs", "LogDestination": "arn:aws:logs:us-east-1:1:log-group:g"}, id="elsewhere"),
        pytest.param({"DeliverLogsStatus": "SUCCESS"}, id="of which AWS tells"),
        pytest.param({"DeliverLogsStatus": "FAILED"}, id="which failed"),
        pytest.param({"FlowLogStatus": "INACTIVE"}, id="which is not active"),
        pytest.param({"ResourceId": "tgw-1"}, id="of something else"),
    ],
)
def test_no_file_is_looked_for(twin: AwsTwin, collect: Collect, log: dict[str, Any]) -> None:
    assert stored(twin, collect, f"{PLAIN}/2026/11/23/{FILE}20261123T1155Z_0a.log.gz", **log) is None
    assert twin.calls("s3") == []


def test_a_bucket_of_others_is_a_gap(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("s3", "ListObjectsV2", AwsError("AccessDenied", 403)):
        gap = stored(twin, collect, None)
    assert (gap.kind, gap.needs) == (GapKind.DENIED, ("s3:ListBucket",))


def test_an_empty_answer_that_says_that_there_is_more_is_no_answer(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("s3", "ListObjectsV2", {"KeyCount": 0, "IsTruncated": True, "StartAfter": "a", "Prefix": "a"}):
        gap = stored(twin, collect, None)
    assert (gap.kind, gap.operation) == (GapKind.TRUNCATED, "s3:ListObjectsV2")


def test_a_flow_log_of_moto_can_be_read(twin: AwsTwin, client: Any, collect: Collect) -> None:
    twin.client("s3").create_bucket(Bucket="logs")
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    client.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination="arn:aws:s3:::logs"
    )
    [settings] = collect(ec2, FlowLog.settings).views(FlowLog.settings).values()
    assert (settings.resource, settings.active, settings.captures) == (vpc, True, {"ACCEPT", "REJECT"})


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("DescribeVpcs", Vpc), ("DescribeSubnets", Subnet), ("DescribeFlowLogs", FlowLog), ("DescribeVolumes", Volume),
        ("DescribeRouteTables", RouteTable), ("DescribeSecurityGroups", SecurityGroup), ("DescribeNetworkInterfaces", NetworkInterface),
    ],
)  # fmt: skip
def test_an_answer_without_its_list_is_no_empty_list(twin: AwsTwin, collect: Collect, operation: str, kind: Any) -> None:
    with twin.answer("ec2", operation, {}):
        listing = collect(ec2, kind).listings[kind.kind]
    assert not listing.complete

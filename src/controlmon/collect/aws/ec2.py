"""Amazon EC2: networks and what guards them, block storage. All of it is regional."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from controlmon.collect.aws.pages import every
from controlmon.collect.base import Ask, Found, Met, Operation, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ec2 import DELIVERY_WINDOW, FlowLog, Logging, NetworkInterface, RouteTable, Subnet, Volume, Vpc
from controlmon.facts.aws.peering import Peering
from controlmon.facts.aws.security_groups import SecurityGroup
from controlmon.facts.base import Aspect, Kind

ec2 = Service("aws", "ec2")


def _describe(name: str) -> Operation:
    return Operation("ec2", name, needs=(f"ec2:{name}",))


def _items(ask: Ask, aspect: Aspect[Any], member: str, resource: str, name: str, page: int) -> Iterator[Found]:
    """The items of a listing that says all about each. `name` is the member that holds the id, `resource` what the ARN calls its kind."""
    kind: type[Kind] = aspect.owner
    for item in ask.items(member, MaxResults=page):
        arn = f"arn:{ask.partition}:ec2:{ask.scope.region}:{item.get('OwnerId') or ask.scope.target}:{resource}/{item[name]}"
        yield Found(kind, arn, item[name], answers={aspect: item})


@ec2.lists(SecurityGroup, _describe("DescribeSecurityGroups"), gives=[SecurityGroup.rules, SecurityGroup.trusted])
def security_groups(ask: Ask) -> Iterator[Found]:
    """Every security group with its rules."""
    for found in _items(ask, SecurityGroup.rules, "SecurityGroups", "security-group", "GroupId", 1000):
        raw = found.answers[SecurityGroup.rules]
        yield replace(found, answers={SecurityGroup.rules: raw, SecurityGroup.trusted: raw})


@ec2.lists(NetworkInterface, _describe("DescribeNetworkInterfaces"), gives=[NetworkInterface.settings])
def network_interfaces(ask: Ask) -> Iterator[Found]:
    """Every network interface with the groups that guard it."""
    return _items(ask, NetworkInterface.settings, "NetworkInterfaces", "network-interface", "NetworkInterfaceId", 1000)


@ec2.lists(Vpc, _describe("DescribeVpcs"), gives=[Vpc.settings])
def vpcs(ask: Ask) -> Iterator[Found]:
    """Every VPC, those that others share with the account too."""
    return _items(ask, Vpc.settings, "Vpcs", "vpc", "VpcId", 1000)


@ec2.lists(Subnet, _describe("DescribeSubnets"), gives=[Subnet.settings])
def subnets(ask: Ask) -> Iterator[Found]:
    """Every subnet."""
    return _items(ask, Subnet.settings, "Subnets", "subnet", "SubnetId", 1000)


@ec2.lists(FlowLog, _describe("DescribeFlowLogs"), gives=[FlowLog.settings])
def flow_logs(ask: Ask) -> Iterator[Found]:
    """Every flow log, whatever it watches."""
    return _items(ask, FlowLog.settings, "FlowLogs", "vpc-flow-log", "FlowLogId", 1000)


@ec2.lists(RouteTable, _describe("DescribeRouteTables"), gives=[RouteTable.settings])
def route_tables(ask: Ask) -> Iterator[Found]:
    """Every route table with its routes and subnets."""
    return _items(ask, RouteTable.settings, "RouteTables", "route-table", "RouteTableId", 100)


@ec2.lists(Peering, _describe("DescribeVpcPeeringConnections"), gives=[Peering.settings])
def peerings(ask: Ask) -> Iterator[Found]:
    """Every peering connection, those that are over too."""
    return _items(ask, Peering.settings, "VpcPeeringConnections", "vpc-peering-connection", "VpcPeeringConnectionId", 1000)


@ec2.lists(Volume, _describe("DescribeVolumes"), gives=[Volume.settings])
def volumes(ask: Ask) -> Iterator[Found]:
    """Every EBS volume, attached or not."""
    return _items(ask, Volume.settings, "Volumes", "volume", "VolumeId", 500)


@ec2.answers(Volume.key, Operation("kms", "DescribeKey", needs=("kms:DescribeKey",), shared=True), after=[Volume.settings])
def volume_key(ask: Ask, volume: Met) -> Raw:
    """The key of an encrypted volume: many volumes, few keys."""
    disk = Volume.settings.view(volume.answer(Volume.settings))
    if not disk.encrypted or disk.key is None:
        return not_asked("the volume names no key")
    return ask(KeyId=disk.key)


@ec2.answers(Region.ebs_encryption, _describe("GetEbsEncryptionByDefault"))
def ebs_encryption(ask: Ask, region: Met) -> Raw:
    """The switch of one region."""
    return ask.at(region.region)()


ENTRIES = Operation("ec2", "GetManagedPrefixListEntries", needs=("ec2:GetManagedPrefixListEntries",), shared=True)


@ec2.answers(SecurityGroup.prefix_lists, ENTRIES, after=[SecurityGroup.rules])
def prefix_lists(ask: Ask, group: Met) -> Raw:
    """The entries of each prefix list that the rules name: ours, those that AWS manages, and those of others that may be looked into.

    A list that is refused is kept beside those that are not, since rules that do not name it can still be judged; if all are, so is the
    answer.
    """
    rules = SecurityGroup.rules.view(group.answer(SecurityGroup.rules))
    names = sorted({name for rule in rules for name in rule.prefix_lists})
    if not names:
        return not_asked("its rules name no prefix list")
    lists: dict[str, Raw] = {}
    refusals: list[Refused] = []
    for name in names:
        try:
            lists[name] = {"Entries": every(ask, ENTRIES, "Entries", PrefixListId=name, MaxResults=100)}
        except Refused as refused:
            gap = refused.gap
            lists[name] = {"Refused": {"kind": gap.kind.value, "operation": gap.operation, "detail": gap.detail, "needs": list(gap.needs)}}
            refusals.append(refused)
    if len(refusals) == len(names):
        raise refusals[0]
    return {"PrefixLists": lists}


FILES = Operation("s3", "ListObjectsV2", needs=("s3:ListBucket",))


@ec2.answers(FlowLog.latest_object, FILES, after=[FlowLog.settings])
def latest_object(ask: Ask, log: Met) -> Raw:
    """A log file that was delivered lately, newest folder first: one question as a rule, two about midnight.

    The files of a log sort by time: a question for the first after a moment tells whether there is any since.
    """
    settings = FlowLog.settings.view(log.answer(FlowLog.settings))
    if settings.destination != "s3" or settings.delivery:
        return not_asked("AWS says itself how its delivery fares, or does not deliver to S3")
    if not settings.active or not settings.resource.startswith(("vpc-", "subnet-")):
        return not_asked("it is not active, or watches neither a VPC nor a subnet")
    bucket, _, folder = settings.location.partition(":::")[2].partition("/")
    answer: Raw = None
    for place in _places(settings, ask.now):
        files = _folder(ask, settings, folder.rstrip("/"), place) + f"{ask.scope.target}_vpcflowlogs_{ask.scope.region}_{log.name}_"
        answer = ask(Bucket=bucket, Prefix=files, StartAfter=f"{files}{ask.now - DELIVERY_WINDOW:%Y%m%dT%H%MZ}", MaxKeys=1)
        if answer["KeyCount"]:
            break
        if answer.get("IsTruncated"):
            raise Refused(Gap(GapKind.TRUNCATED, FILES.id, "the answer names no file, and says that there are more", FILES.needs))
    return answer


def _places(settings: Logging, now: datetime) -> list[datetime]:
    """A moment in each folder that may hold a file of the window, the newest first: folders are days, or hours if the log asks for it."""
    step = timedelta(hours=1) if settings.hourly else timedelta(days=1)
    start = now - DELIVERY_WINDOW
    moments = [now - step * n for n in range(DELIVERY_WINDOW // step + 2)]
    unit = "%Y%m%d%H" if settings.hourly else "%Y%m%d"
    return [moment for moment in moments if moment.strftime(unit) >= start.strftime(unit)]


def _folder(ask: Ask, settings: Logging, folder: str, at: datetime) -> str:
    """Where the files of one day or hour are, as the user guide lays it out under "Flow log files"."""
    account, region = ask.scope.target, ask.scope.region
    if settings.hive:
        path = f"AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year={at:%Y}/month={at:%m}/day={at:%d}/"
        path += f"hour={at:%H}/" if settings.hourly else ""
    else:
        path = f"AWSLogs/{account}/vpcflowlogs/{region}/{at:%Y/%m/%d}/" + (f"{at:%H}/" if settings.hourly else "")
    return f"{folder}/{path}" if folder else path

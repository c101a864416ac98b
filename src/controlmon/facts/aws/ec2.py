"""Amazon EC2: networks and what guards them, and block storage."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from msgspec.structs import replace

from controlmon.core.fact import Gap, GapKind, Raw
from controlmon.facts import net
from controlmon.facts.aws.s3 import EncryptionKey
from controlmon.facts.base import Kind, View, aspect

DELIVERY_WINDOW = timedelta(hours=3)
"""How far back a delivered log file is looked for. S3 gets one every five minutes while there is traffic, sometimes late."""
TrafficType = Literal["ALL", "REJECT"]


class Rule(net.Opening, frozen=True):
    """One ingress rule. Its sources are CIDR blocks, and the entries of the prefix lists that it names."""

    prefix_lists: tuple[str, ...] = ()

    def through(self, lists: Mapping[str, "PrefixList"]) -> "Rule":
        """The rule with the entries of those prefix lists that were seen among its sources."""
        entries = [cidr for name in self.prefix_lists if name in lists for cidr in lists[name].cidrs]
        return replace(self, sources=(*self.sources, *entries))

    def unresolved(self, lists: Mapping[str, "PrefixList"]) -> str | None:
        """Why the sources of the rule are not all known; None if they are."""
        for name in self.prefix_lists:
            if name not in lists:
                return f"the entries of {name} were not seen"
            if (gap := lists[name].refused) is not None:
                return f"the entries of {name} were not seen: {gap}"
        return None


class PrefixList(View, frozen=True):
    """A prefix list: its entries, or why they were refused."""

    cidrs: tuple[str, ...] = ()
    refused: Gap | None = None


class Attachment(View, frozen=True):
    """Where a network interface is: its VPC, and the security groups that guard it."""

    vpc: str
    groups: tuple[str, ...] = ()


class VpcSettings(View, frozen=True):
    """A VPC: the account that owns it, whether AWS made it as the region's default, its tags, and its ranges."""

    owner: str
    default: bool = False
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    ranges: tuple[str, ...] = ()


class SubnetSettings(View, frozen=True):
    """A subnet: the VPC that it is part of, and its tags."""

    vpc: str
    tags: dict[str, str] = {}  # noqa: RUF012


class Logging(View, frozen=True):
    """A flow log: what it watches, what it captures, where to, and what AWS says of its delivery (empty if nothing)."""

    resource: str
    active: bool = True
    traffic: str = "ALL"
    destination: str = "cloud-watch-logs"
    location: str = ""
    delivery: str = ""
    error: str = ""
    hive: bool = False
    hourly: bool = False

    @property
    def captures(self) -> frozenset[str]:
        """`ACCEPT`, `REJECT` or both."""
        return frozenset(("ACCEPT", "REJECT") if self.traffic == "ALL" else (self.traffic,))


class Delivery(View, frozen=True):
    """A search for log files in the bucket: the first one that was delivered since `since`, or None."""

    since: str
    key: str | None = None


class Routes(View, frozen=True):
    """A route table: its VPC, whether it is the VPC's main one, its own subnets, and whether the internet may get in through it.

    `peerings` are the peering connections that an active route leads to.
    """

    vpc: str
    main: bool = False
    subnets: tuple[str, ...] = ()
    open: bool = True
    peerings: tuple[str, ...] = ()


class Disk(View, frozen=True):
    """An EBS volume: its state, whether it is encrypted, and the ARN of the key."""

    state: str
    encrypted: bool
    key: str | None = None


def flag(raw: Raw, name: str) -> bool:
    """A member that must be true or false. Raises `TypeError` for anything else, such as the text "false"."""
    if not isinstance(raw[name], bool):
        raise TypeError(f"{name} is not true or false")
    return raw[name] is True


def text(raw: Raw, name: str) -> str:
    """A member that must be text, and not empty."""
    if not isinstance(raw[name], str) or not raw[name]:
        raise TypeError(f"{name} is not text")
    return str(raw[name])


def optional(raw: Raw, name: str) -> str:
    """A member that may be missing, but must else be text; an empty string if it is missing."""
    return text(raw, name) if raw.get(name) else ""


def tags(raw: Raw) -> dict[str, str]:
    """The tags, by name; those of a thing that another account shares are not told."""
    return {text(one, "Key"): str(one["Value"]) for one in raw.get("Tags") or ()}


class GroupSource(View, frozen=True):
    """A security group that a rule names as its source: its id, account and VPC (empty: that of the rule)."""

    id: str
    account: str = ""
    vpc: str = ""


class Trusted(View, frozen=True):
    """Whom ingress rules trust, whatever the port: CIDR blocks, prefix lists by id, other groups. `vpc` is that of the group."""

    vpc: str
    blocks: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()
    groups: tuple[GroupSource, ...] = ()


class SecurityGroup(Kind, name="aws.ec2.security_group"):
    """A security group. Its name is its id."""

    @aspect()
    def rules(raw: Raw) -> tuple[Rule, ...]:
        """Its ingress rules (DescribeSecurityGroups)."""
        return tuple(_rule(rule) for rule in raw["IpPermissions"])

    @aspect()
    def trusted(raw: Raw) -> Trusted:
        """Whom those rules trust, and the VPC that it is of (DescribeSecurityGroups)."""
        rules = [_rule(rule) for rule in raw["IpPermissions"]]
        pairs = [pair for rule in raw["IpPermissions"] for pair in rule.get("UserIdGroupPairs") or ()]
        return Trusted(
            vpc=optional(raw, "VpcId"),
            blocks=tuple(dict.fromkeys(block for rule in rules for block in rule.sources)),
            prefix_lists=tuple(dict.fromkeys(name for rule in rules for name in rule.prefix_lists)),
            groups=tuple(GroupSource(id=text(p, "GroupId"), account=optional(p, "UserId"), vpc=optional(p, "VpcId")) for p in pairs),
        )

    @aspect(absent={})
    def prefix_lists(raw: Raw) -> dict[str, PrefixList]:
        """The prefix lists that its ingress rules name, by id (GetManagedPrefixListEntries)."""
        return {name: _prefix_list(answer) for name, answer in raw["PrefixLists"].items()}


class NetworkInterface(Kind, name="aws.ec2.network_interface"):
    """A network interface."""

    @aspect()
    def settings(raw: Raw) -> Attachment:
        """Where it is attached (DescribeNetworkInterfaces)."""
        return Attachment(vpc=text(raw, "VpcId"), groups=tuple(text(group, "GroupId") for group in raw["Groups"]))


class Vpc(Kind, name="aws.ec2.vpc"):
    """A VPC. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> VpcSettings:
        """Whose it is (DescribeVpcs)."""
        sets = (("CidrBlockAssociationSet", "CidrBlock"), ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"))
        blocks = [text(one, member) for name, member in sets for one in raw.get(name) or () if one.get(member)]
        return VpcSettings(
            owner=text(raw, "OwnerId"),
            default=flag(raw, "IsDefault"),
            tags=tags(raw),
            ranges=tuple(dict.fromkeys((*([raw["CidrBlock"]] if raw.get("CidrBlock") else ()), *blocks))),
        )


class Subnet(Kind, name="aws.ec2.subnet"):
    """A subnet. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> SubnetSettings:
        """Where it belongs (DescribeSubnets)."""
        return SubnetSettings(vpc=text(raw, "VpcId"), tags=tags(raw))


class FlowLog(Kind, name="aws.ec2.flow_log"):
    """A flow log. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> Logging:
        """What it watches, and how it fares (DescribeFlowLogs)."""
        options = raw.get("DestinationOptions") or {}
        return Logging(
            resource=text(raw, "ResourceId"),
            active=text(raw, "FlowLogStatus") == "ACTIVE",
            traffic=text(raw, "TrafficType"),
            destination=text(raw, "LogDestinationType"),
            location=optional(raw, "LogDestination"),
            delivery=optional(raw, "DeliverLogsStatus"),
            error=optional(raw, "DeliverLogsErrorMessage"),
            hive="HiveCompatiblePartitions" in options and flag(options, "HiveCompatiblePartitions"),
            hourly="PerHourPartition" in options and flag(options, "PerHourPartition"),
        )

    @aspect(volatile=("Contents", "Prefix", "StartAfter", "IsTruncated", "NextContinuationToken"))
    def latest_object(raw: Raw) -> Delivery | None:
        """A log file that was delivered lately (s3:ListObjectsV2); None where the delivery has a status of its own."""
        if raw["KeyCount"] == 0:
            return Delivery(since=text(raw, "StartAfter"))
        key = text(raw["Contents"][0], "Key")
        if not key.startswith(text(raw, "Prefix")) or key <= text(raw, "StartAfter"):
            raise ValueError(f"{key} is not among the files that were asked for")
        return Delivery(since=text(raw, "StartAfter"), key=key)


class RouteTable(Kind, name="aws.ec2.route_table"):
    """A route table."""

    @aspect()
    def settings(raw: Raw) -> Routes:
        """Whose it is and where it leads (DescribeRouteTables)."""
        associations = raw["Associations"]
        return Routes(
            vpc=text(raw, "VpcId"),
            main=any(flag(association, "Main") for association in associations),
            subnets=tuple(text(association, "SubnetId") for association in associations if association.get("SubnetId")),
            open=any(not _inward(route) for route in raw["Routes"]),
            peerings=tuple(dict.fromkeys(optional(route, "VpcPeeringConnectionId") for route in raw["Routes"] if _to_peer(route))),
        )


class Volume(Kind, name="aws.ec2.volume"):
    """An EBS volume."""

    @aspect()
    def settings(raw: Raw) -> Disk:
        """Its state and its encryption (DescribeVolumes)."""
        return Disk(state=text(raw, "State"), encrypted=flag(raw, "Encrypted"), key=optional(raw, "KmsKeyId") or None)

    @aspect()
    def key(raw: Raw) -> EncryptionKey | None:
        """The KMS key of an encrypted volume (kms:DescribeKey); None if it has none."""
        key = raw["KeyMetadata"]
        arn = text(key, "Arn")
        return EncryptionKey(arn=arn, state=text(key, "KeyState"), manager=text(key, "KeyManager"), account=arn.split(":")[4])


def _rule(raw: Raw) -> Rule:
    """One member of IpPermissions. FromPort and ToPort are ports for TCP and UDP only: ICMP's types and codes are left out."""
    protocol = net.protocol(raw["IpProtocol"])
    first, last = net.span(raw["FromPort"], raw["ToPort"]) if protocol in net.WITH_PORTS else (0, net.LAST_PORT)
    blocks = [source["CidrIp"] for source in raw["IpRanges"]] + [source["CidrIpv6"] for source in raw["Ipv6Ranges"]]
    return Rule(
        protocol=protocol,
        first=first,
        last=last,
        sources=tuple(str(net.network(block)) for block in blocks),
        prefix_lists=tuple(text(named, "PrefixListId") for named in raw["PrefixListIds"]),
    )


def _prefix_list(raw: Raw) -> PrefixList:
    if "Refused" in raw:
        refused = raw["Refused"]
        return PrefixList(refused=Gap(GapKind(refused["kind"]), refused["operation"], refused["detail"], tuple(refused["needs"])))
    return PrefixList(cidrs=tuple(str(net.network(entry["Cidr"])) for entry in raw["Entries"]))


INWARD = ("NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "CoreNetworkArn")
"""Where a route may lead without anybody on the internet being able to answer back on his own account."""


def _to_peer(route: Raw) -> bool:
    """True if the route leads to a peering connection, and not into nothing (`blackhole`)."""
    return bool(route.get("VpcPeeringConnectionId")) and route.get("State") != "blackhole"


def _inward(route: Raw) -> bool:
    """True if the route cannot let the internet in. A firewall's endpoint or interface may stand before an internet gateway: it can."""
    gateway = optional(route, "GatewayId")
    if gateway.startswith("vpce-"):
        return "DestinationPrefixListId" in route  # S3 or DynamoDB
    return gateway == "local" or gateway.startswith("vgw-") or any(route.get(target) for target in INWARD)

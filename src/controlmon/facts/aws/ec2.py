"""Amazon EC2: networks and where they lead, and block storage."""

from datetime import timedelta
from typing import Literal

from controlmon.core.fact import Raw
from controlmon.facts.aws.s3 import EncryptionKey
from controlmon.facts.base import Kind, View, aspect

DELIVERY_WINDOW = timedelta(hours=3)
"""How far back a delivered log file is looked for. S3 gets one every five minutes while there is traffic, sometimes late."""
TrafficType = Literal["ALL", "REJECT"]


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

    `peerings` and `transits` are the peering connections and transit gateways that an active route leads to. `boxes` says whether one leads
    into a firewall's endpoint or an interface, behind which something else decides.
    """

    vpc: str
    main: bool = False
    subnets: tuple[str, ...] = ()
    open: bool = True
    peerings: tuple[str, ...] = ()
    transits: tuple[str, ...] = ()
    boxes: bool = False


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
            peerings=_led_to(raw["Routes"], "VpcPeeringConnectionId"),
            transits=_led_to(raw["Routes"], "TransitGatewayId"),
            boxes=any(_into_a_box(route) for route in raw["Routes"]),
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


INWARD = ("NatGatewayId", "TransitGatewayId", "VpcPeeringConnectionId", "EgressOnlyInternetGatewayId", "CoreNetworkArn")
"""Where a route may lead without anybody on the internet being able to answer back on his own account."""


def _led_to(routes: Raw, target: str) -> tuple[str, ...]:
    """What routes lead to by this member, but into nothing (`blackhole`)."""
    return tuple(dict.fromkeys(text(one, target) for one in routes if one.get(target) and one.get("State") != "blackhole"))


def _into_a_box(route: Raw) -> bool:
    """True if the route leads into the endpoint of a firewall or an interface."""
    endpoint = optional(route, "GatewayId").startswith("vpce-") and "DestinationPrefixListId" not in route
    return endpoint or bool(route.get("NetworkInterfaceId"))


def _inward(route: Raw) -> bool:
    """True if the route cannot let the internet in. A firewall's endpoint or interface may stand before an internet gateway: it can."""
    gateway = optional(route, "GatewayId")
    if gateway.startswith("vpce-"):
        return "DestinationPrefixListId" in route  # S3 or DynamoDB
    return gateway == "local" or gateway.startswith("vgw-") or any(route.get(target) for target in INWARD)

"""Amazon EC2 instances."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, tags, text
from controlmon.facts.base import Kind, View, aspect


class Machine(View, frozen=True):
    """An instance: its state, and whether its metadata can be had (`enabled`) and needs a token (`required`); "" if EC2 does not say."""

    state: str
    endpoint: str = ""
    tokens: str = ""
    volumes: tuple[str, ...] = ()
    vpc: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it

    @property
    def gone(self) -> bool:
        """True for an instance that is terminated, or about to be."""
        return self.state in ("terminated", "shutting-down")


class Instance(Kind, name="aws.ec2.instance"):
    """An EC2 instance. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> Machine:
        """What DescribeInstances says of it."""
        options = raw.get("MetadataOptions") or {}
        disks = [device["Ebs"] for device in raw.get("BlockDeviceMappings") or () if "Ebs" in device]
        return Machine(
            state=text(raw["State"], "Name"),
            endpoint=optional(options, "HttpEndpoint"),
            tokens=optional(options, "HttpTokens"),
            volumes=tuple(text(disk, "VolumeId") for disk in disks),
            vpc=optional(raw, "VpcId"),
            tags=tags(raw),
        )

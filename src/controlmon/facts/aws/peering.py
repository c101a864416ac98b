"""VPC peering connections of Amazon EC2."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect


class PeeringSide(View, frozen=True):
    """One side of a peering connection. AWS may not tell the VPC or the region of another account's."""

    owner: str
    vpc: str = ""
    region: str = ""


class PeeringSettings(View, frozen=True):
    """A peering connection: its state, who asked for it, and who accepted."""

    state: str
    sides: tuple[PeeringSide, PeeringSide]


class Peering(Kind, name="aws.ec2.vpc_peering"):
    """A VPC peering connection. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> PeeringSettings:
        """What DescribeVpcPeeringConnections says of it."""
        sides = [
            PeeringSide(owner=text(raw[side], "OwnerId"), vpc=optional(raw[side], "VpcId"), region=optional(raw[side], "Region"))
            for side in ("RequesterVpcInfo", "AccepterVpcInfo")
        ]
        return PeeringSettings(state=text(raw["Status"], "Code"), sides=(sides[0], sides[1]))

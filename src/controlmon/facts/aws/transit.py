"""Transit gateways of Amazon EC2: what is attached to them, and where their route tables lead."""

from controlmon.core.fact import Raw
from controlmon.facts.aws import ec2
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect

ATTACHED = ("available", "modifying")
"""The states in which an attachment carries traffic."""


class Attachment(View, frozen=True):
    """What is attached: its type (`vpc`, `vpn`, `direct-connect-gateway`, `peering` ...), its id and account, and the attachment's tags."""

    id: str
    type: str
    resource: str = ""
    owner: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


class Hub(View, frozen=True):
    """A transit gateway: its account, and what is attached to it."""

    owner: str
    attachments: tuple[Attachment, ...] = ()


class TransitRoute(View, frozen=True):
    """A route of a transit gateway: the block of addresses, and the attachments that it leads to; none if it leads into nothing."""

    block: str
    to: tuple[str, ...] = ()


class TransitTable(View, frozen=True):
    """A route table of a transit gateway: the attachments that are associated with it, whose traffic it routes, and its routes."""

    id: str
    associated: tuple[str, ...] = ()
    routes: tuple[TransitRoute, ...] = ()


class TransitGateway(Kind, name="aws.ec2.transit_gateway"):
    """A transit gateway that something is attached to. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> Hub:
        """What is attached to it, as far as the account may see (DescribeTransitGatewayAttachments)."""
        attached = [one for one in raw["Attachments"] if text(one, "State") in ATTACHED]
        return Hub(
            owner=text(raw["Attachments"][0], "TransitGatewayOwnerId"),
            attachments=tuple(
                Attachment(
                    id=text(one, "TransitGatewayAttachmentId"),
                    type=text(one, "ResourceType"),
                    resource=optional(one, "ResourceId"),
                    owner=optional(one, "ResourceOwnerId"),
                    tags=ec2.tags(one),
                )
                for one in attached
            ),
        )

    @aspect(absent=())
    def tables(raw: Raw) -> tuple[TransitTable, ...]:
        """Its route tables (SearchTransitGatewayRoutes and others). Not asked in an account that it is only shared with."""
        return tuple(
            TransitTable(
                id=text(one, "Id"),
                associated=tuple(text(a, "TransitGatewayAttachmentId") for a in one["Associations"] if text(a, "State") == "associated"),
                routes=tuple(_route(route) for route in one["Routes"]),
            )
            for one in raw["Tables"]
        )


def _route(raw: Raw) -> TransitRoute:
    state = text(raw, "State")
    if state not in ("active", "blackhole"):
        raise ValueError(f"State is {state}, which was not asked for")
    places = raw["TransitGatewayAttachments"] if state == "active" else ()
    return TransitRoute(block=text(raw, "DestinationCidrBlock"), to=tuple(text(one, "TransitGatewayAttachmentId") for one in places))

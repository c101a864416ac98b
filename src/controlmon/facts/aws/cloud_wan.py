"""Core networks of AWS Cloud WAN: what is attached to which segment, and which segments reach each other.

The members of a policy are those of "Core network policy version parameters" in the Cloud WAN user guide.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, tags, text
from controlmon.facts.aws.environments import Estate, said_of
from controlmon.facts.aws.networks import Networks
from controlmon.facts.base import Kind, Unseen, View, aspect
from controlmon.facts.crossing import Crossing, crossing, together
from controlmon.facts.environment import Environment

OVER = ("REJECTED", "PENDING_ATTACHMENT_ACCEPTANCE", "CREATING", "FAILED", "DELETING")
"""The states in which an attachment carries no traffic."""


class CoreAttachment(View, frozen=True):
    """What is attached to a segment: its type, the VPC if it is one, its account, and the attachment's tags."""

    id: str
    type: str
    segment: str = ""
    vpc: str = ""
    owner: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


class Segment(View, frozen=True):
    """A segment: whether what is in it is kept apart, and whose routes it takes (None: everybody's) or does not."""

    isolated: bool = False
    takes: tuple[str, ...] | None = None
    refuses: tuple[str, ...] = ()


class Share(View, frozen=True):
    """A segment that shares its routes, with some segments or all (`*`) but a few."""

    segment: str
    to: tuple[str, ...]
    but: tuple[str, ...] = ()

    def joins(self, one: str, other: str) -> bool:
        """Whether it joins two segments: routes are shared both ways."""
        pairs = ((one, other), (other, one))
        return any(a == self.segment and b not in self.but and (b in self.to or "*" in self.to) for a, b in pairs)


class Policy(View, frozen=True):
    """The policy that is live. `routes` are the attachments that a segment has a route to; `others` the actions that send elsewhere."""

    segments: dict[str, Segment]
    shares: tuple[Share, ...] = ()
    routes: dict[str, tuple[str, ...]] = {}  # noqa: RUF012
    others: tuple[str, ...] = ()


class CoreNetwork(Kind, name="aws.networkmanager.core_network"):
    """A core network of Cloud WAN."""

    @aspect()
    def owner(raw: Raw) -> str:
        """Its account (ListCoreNetworks)."""
        return text(raw, "OwnerAccountId")

    @aspect(absent=())
    def attachments(raw: Raw) -> tuple[CoreAttachment, ...]:
        """What is attached to it (ListAttachments)."""
        return tuple(
            CoreAttachment(
                id=text(one, "AttachmentId"),
                type=text(one, "AttachmentType"),
                segment=optional(one, "SegmentName"),
                vpc=optional(one, "ResourceArn").rpartition(":vpc/")[2] if ":vpc/" in optional(one, "ResourceArn") else "",
                owner=optional(one, "OwnerAccountId"),
                tags=tags(one),
            )
            for one in raw["Attachments"]
            if text(one, "State") not in OVER
        )

    @aspect(absent=Policy(segments={}))
    def policy(raw: Raw) -> Policy:
        """Which segments there are, and what they share (GetCoreNetworkPolicy)."""
        document = json.loads(raw["CoreNetworkPolicy"]["PolicyDocument"])
        actions = document.get("segment-actions") or []
        routes: dict[str, tuple[str, ...]] = {}
        for one in actions:
            if one["action"] == "create-route":
                routes[one["segment"]] = (*routes.get(one["segment"], ()), *one["destinations"])
        return Policy(
            segments={one["name"]: _segment(one) for one in document["segments"]},
            shares=tuple(_share(one) for one in actions if one["action"] == "share"),
            routes=routes,
            others=tuple(f"{one['action']} of {one['segment']}" for one in actions if one["action"] not in ("share", "create-route")),
        )


def _segment(raw: Raw) -> Segment:
    takes = tuple(raw["allow-filter"]) if raw.get("allow-filter") else None
    return Segment(isolated=raw.get("isolate-attachments") is True, takes=takes, refuses=tuple(raw.get("deny-filter") or ()))


def _share(raw: Raw) -> Share:
    given = raw["share-with"]
    if isinstance(given, dict):
        return Share(segment=raw["segment"], to=("*",), but=tuple(given["except"]))
    return Share(segment=raw["segment"], to=(given,) if isinstance(given, str) else tuple(given))


def joined_by_segments(core: CoreNetwork, estate: Estate, networks: Networks) -> Crossing:
    """What of the two classes a core network joins."""
    attached, policy = core.attachments, core.policy

    def where(one: CoreAttachment) -> Environment:
        declared = said_of(estate, one.id, one.tags)
        return declared if not one.vpc or declared.name else networks.of(one.vpc, one.owner)

    def out_of(one: CoreAttachment, others: Iterable[CoreAttachment]) -> Crossing:
        places = [(other.vpc or other.id, partial(where, other)) for other in others]
        if not places:
            return Crossing()
        try:
            found = crossing(where(one), places)
        except Unseen as error:
            return Crossing(unsure=str(error))
        return Crossing(crossed=tuple(f"{one.vpc or one.id} reaches {said}" for said in found.crossed), unsure=found.unsure)

    found = together(*(out_of(one, _reached(one, attached, policy)) for one in attached))
    if found.crossed or found.unsure or not policy.others:
        return found
    apart = together(*(out_of(one, (other for other in attached if other != one)) for one in attached))
    doubt = f"what its policy sends elsewhere ({policy.others[0]}) is not followed" if apart.crossed else apart.unsure
    return Crossing(unsure=doubt)


def _reached(one: CoreAttachment, attached: Iterable[CoreAttachment], policy: Policy) -> Iterator[CoreAttachment]:
    """The attachments that one has a route to, by its segment."""
    segment = policy.segments.get(one.segment, Segment())
    for other in attached:
        if other.id == one.id:
            continue
        same = one.segment == other.segment and not segment.isolated
        shared = any(share.joins(one.segment, other.segment) for share in policy.shares)
        taken = other.segment not in segment.refuses and (segment.takes is None or other.segment in segment.takes)
        if same or (shared and taken) or other.id in policy.routes.get(one.segment, ()):
            yield other

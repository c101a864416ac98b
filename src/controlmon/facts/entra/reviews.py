"""Access reviews that Entra itself conducts."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.entra.raw import listed, text, when

ENDED = ("Completed", "AutoReviewed", "Applying", "Applied")


class Instance(View, frozen=True):
    """One round of a review."""

    id: str
    status: str
    start: datetime | None = None
    end: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether all decisions are in."""
        return self.status in ENDED


class Decision(View, frozen=True):
    """What was decided about one access, by whom, and what came of it."""

    principal: str
    name: str
    decision: str
    reviewer: str = ""
    reviewer_name: str = ""
    result: str = ""


class Definition(View, frozen=True):
    """A review as it was set up."""

    status: str = ""


class Review(Kind, name="entra.access_review"):
    """An access review."""

    @aspect()
    def definition(raw: Raw) -> Definition:
        """What was set up (GET /identityGovernance/accessReviews/definitions)."""
        return Definition(status=text(raw, "status"))

    @aspect()
    def instances(raw: Raw) -> tuple[Instance, ...]:
        """Its rounds (GET .../definitions/{id}/instances)."""
        return instances(raw)

    @aspect(absent=())
    def decisions(raw: Raw) -> tuple[Decision, ...]:
        """The decisions of the last round that has ended (GET .../instances/{id}/decisions). Not asked if none has."""
        return tuple(_decision(one) for one in listed(raw))


def instances(raw: Raw) -> tuple[Instance, ...]:
    """The rounds of a review."""
    return tuple(
        Instance(id=one["id"], status=one["status"], start=when(one, "startDateTime"), end=when(one, "endDateTime")) for one in listed(raw)
    )


def last_ended(rounds: tuple[Instance, ...]) -> Instance | None:
    """The round that ended last, of those that have an end."""
    ended = [(one.end, one.id, one) for one in rounds if one.ended and one.end is not None]
    return max(ended)[2] if ended else None


def _decision(raw: Raw) -> Decision:
    principal, by = raw["principal"], raw.get("reviewedBy") or {}
    return Decision(
        principal=text(principal, "id"),
        name=text(principal, "userPrincipalName") or text(principal, "displayName") or text(principal, "id"),
        decision=raw["decision"],
        reviewer=text(by, "id"),
        reviewer_name=text(by, "displayName"),
        result=text(raw, "applyResult"),
    )

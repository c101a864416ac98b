"""The record itself: whether it holds, who outside of this host has seen it, and how long it is kept."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.controlmon.runs import Time
from controlmon.facts.document.schema import converted


class Verification(View, frozen=True):
    """What going through the record came to: entries and pieces that were looked at, the time of the first, and what does not hold."""

    entries: int
    pieces: int = 0
    begun: Time | None = None
    problems: tuple[str, ...] = ()


class Anchored(View, frozen=True):
    """What lies outside of this host.

    Attributes:
        places: the anchors that the configuration names.
        proofs: how many there are of checkpoints of this record.
        wrong: what does not match: a proof of another root, one that is gone, a time stamp that is not of it.
        behind: entries after the last proof.
        since: when the first of them was signed.

    """

    places: tuple[str, ...] = ()
    proofs: int = 0
    wrong: tuple[str, ...] = ()
    behind: int = 0
    since: Time | None = None


class Kept(View, frozen=True):
    """How long the record is kept (days), and the fewest days after which something was dropped (None: nothing was)."""

    days: int
    dropped_after: int | None = None


class Record(Kind, name="controlmon.ledger"):
    """The record of this agent."""

    @aspect(volatile=("entries", "pieces"))
    def verification(raw: Raw) -> Verification:
        """Whether it holds."""
        return converted(raw, Verification)

    @aspect(volatile=("proofs", "behind", "since"))
    def anchored(raw: Raw) -> Anchored:
        """Who outside of this host has seen it."""
        return converted(raw, Anchored)

    @aspect()
    def kept(raw: Raw) -> Kept:
        """How long it is kept."""
        return converted(raw, Kept)

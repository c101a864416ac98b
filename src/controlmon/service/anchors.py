"""Showing the head of the log to those outside of this host, when it is time, and saying how far behind they are."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from msgspec import Struct

from controlmon.core.canonical import digest
from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import Checkpoint, parse_checkpoint, parse_note, parse_verifier_key
from controlmon.core.times import moment, stamp
from controlmon.ledger.anchor import Anchor
from controlmon.ledger.ledger import Ledger, only_one
from controlmon.service.config import Config
from controlmon.service.settings import Authority, Locked, WitnessAt

STREAM = "anchors"
AGAIN = timedelta(minutes=10)
"""After a failure an anchor is tried again when this has passed, or a tenth of what may pass without one, if that is longer."""


class Lag(Struct, frozen=True):
    """How far behind the anchors are: entries that the last one covers (None: there is none), entries after it, and since when."""

    anchored: int | None
    entries: int
    since: str | None = None

    def __str__(self) -> str:
        if self.anchored is None:
            return "Not anchored outside this host: whoever has the key and the file could have made both anew."
        if not self.entries:
            return "Every entry is anchored outside this host."
        return f"Anchored outside this host up to entry {self.anchored - 1}; the {self.entries} after it, since {self.since}, are not."


def lag(ledger: Ledger) -> Lag:
    """How far behind the anchors are. The entries that tell of anchors need none themselves."""
    sizes = [entry["size"] for entry in ledger.stream(STREAM) if entry["type"] == "anchor"]
    anchored = max(sizes, default=None)
    waiting, first = 0, None
    for placed in ledger.entries(anchored or 0):
        body = placed.decoded()
        if body is None or body["stream"] != STREAM:
            waiting += 1
            first = placed.position if first is None else first
    since = next((head.at for head in ledger.heads() if first is not None and head.size > first), None)
    return Lag(anchored, waiting, since)


def is_late(behind: Lag, every: timedelta, now: datetime) -> bool:
    """Whether more time has passed since the first entry that is not anchored than may pass without an anchor."""
    return behind.since is not None and now - moment(behind.since) > every


def open_anchors(config: Config, ledger: Ledger, clock: Callable[[], datetime]) -> list[Anchor]:
    """The anchors that the configuration names.

    Raises:
        ConfigError: for one that cannot be what it says.
        LedgerError: if what they need is not installed.

    """
    from controlmon.ledger.objectlock import Access, LockedBucket  # noqa: PLC0415 - loaded when they are needed
    from controlmon.ledger.proofs import prover  # noqa: PLC0415
    from controlmon.ledger.rfc3161 import TimeStampAuthority  # noqa: PLC0415
    from controlmon.ledger.witness import Witness  # noqa: PLC0415

    def authority(one: Authority) -> Anchor:
        return TimeStampAuthority(one.url, config.beside(one.ca) if one.ca else None)

    def witness(one: WitnessAt) -> Anchor:
        return Witness(one.url, parse_verifier_key(one.key), ledger.origin, prover(ledger))

    def locked(one: Locked) -> Anchor:
        return LockedBucket(one.bucket, one.prefix, one.days, Access(one.profile, one.region, one.endpoint), clock)

    named = config.settings.anchors
    makers: list[tuple[str, int, Callable[[], Anchor]]] = []
    makers += [("rfc3161", i, partial(authority, one)) for i, one in enumerate(named.rfc3161)]
    makers += [("witness", i, partial(witness, one)) for i, one in enumerate(named.witness)]
    makers += [("objectlock", i, partial(locked, one)) for i, one in enumerate(named.objectlock)]
    found: list[Anchor] = []
    for what, i, make in makers:
        try:
            found.append(make())
        except (LedgerError, UsageError) as error:
            raise config.error(("anchors", what, i), str(error)) from error
    return found


def anchor(ledger: Ledger, anchors: Sequence[Anchor], now: datetime) -> list[dict[str, Any]]:
    """Show the head to each anchor, and record what it gave, or that it failed. Gives the entries.

    Raises:
        UsageError: if there is no anchor.
        LedgerError: if nothing has been recorded yet.

    """
    if not anchors:
        raise UsageError("no anchor is configured: name one under `anchors` in the configuration (see controlmon.example.yaml)")
    with only_one(ledger.directory, "anchor"):  # two at once would show a witness the newer head before the older one
        note = ledger.checkpoint().encode()
        head = parse_checkpoint(parse_note(note).text)
        entries, proofs = _shown(anchors, head, note, now)
        ledger.append("anchor", stamp(now), [(STREAM, entry) for entry in entries], proofs)
    return entries


def _shown(anchors: Sequence[Anchor], head: Checkpoint, note: bytes, now: datetime) -> tuple[list[dict[str, Any]], list[bytes]]:
    entries, proofs = list[dict[str, Any]](), list[bytes]()
    for one in anchors:
        said = {"kind": one.kind, "place": one.place, "size": head.size}
        try:
            receipt = one.anchor(note)
        except LedgerError as error:
            entries.append({"type": "anchor.failed", **said, "at": stamp(now), "reason": str(error)})
            continue
        proofs.append(receipt.proof)
        more = {"root": head.root.hex(), "at": receipt.at, "receipt": digest(receipt.proof), "says": receipt.says}
        entries.append({"type": "anchor", **said, **more})
    return entries, proofs


def due(ledger: Ledger, anchors: Sequence[Anchor], every: timedelta, now: datetime) -> list[Anchor]:
    """Those that are to be shown the head now: it is time, and there is something that they have not seen."""
    good, bad = dict[tuple[str, str], datetime](), dict[tuple[str, str], datetime]()
    for entry in ledger.stream(STREAM):
        (good if entry["type"] == "anchor" else bad)[entry["kind"], entry["place"]] = moment(entry["at"])
    if not anchors or not ledger.size or not lag(ledger).entries:
        return []
    never = datetime.min.replace(tzinfo=UTC)
    return [
        one
        for one in anchors
        if now - good.get((one.kind, one.place), never) >= every and now - bad.get((one.kind, one.place), never) >= max(AGAIN, every / 10)
    ]

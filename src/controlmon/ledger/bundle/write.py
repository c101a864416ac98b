"""Writing a bundle: one pass over the entries of the period, then what they name, each piece once, and what stands beside it.

Nothing is held but the digests of what has been written.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from importlib import resources
from typing import IO, Any, BinaryIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from controlmon.core.canonical import canonical
from controlmon.core.errors import LedgerError
from controlmon.core.note import sign_note
from controlmon.core.refs import references
from controlmon.core.times import moment, stamp
from controlmon.ledger.bundle import layout
from controlmon.ledger.bundle.archive import Archive
from controlmon.ledger.bundle.in_force import in_force
from controlmon.ledger.bundle.layout import Manifest, Stretch, config_name, read_me, signed_text
from controlmon.ledger.bundle.pack import Walk
from controlmon.ledger.history import Head, Placed
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.proofs import inclusions

Progress = Callable[[str, int], None]
View = tuple[str, Callable[[BinaryIO], None]]
"""The name of a member, and what writes it."""
Views = Callable[[Stretch], Iterable[View]]
ANCHORS = "anchors"
ANCHORED = timedelta(days=7)
"""How long after its end a period may be anchored for its bundle to reach that far."""
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+ -]*(/[A-Za-z0-9][A-Za-z0-9._@+ -]*)*")


class Period(Struct, frozen=True):
    """What a bundle is of: the time from `begin` to before `end`, and the controls, or None for all. Times are UTC, RFC 3339."""

    begin: str
    end: str
    exported_at: str
    controls: tuple[str, ...] | None = None
    checks: frozenset[str] = frozenset()
    """If it is of some controls, the checks whose judgements are shown; of others there is the hash alone."""


class Written(Struct, frozen=True):
    """A bundle as it was written: its manifest and that one's digest, how many entries it shows, and how many pieces of state."""

    manifest: Manifest
    digest: str
    shown: int
    pieces: int


def no_views(_span: Stretch) -> Iterable[View]:
    """The record alone."""
    return ()


def stretch(ledger: Ledger, begin: str, end: str) -> tuple[Head | None, Head]:
    """The checkpoints that bound a period: the last one before it (None if there is none), and the first after it, or the last of all.

    Where an anchor covers the end of the period within `ANCHORED`, the bundle reaches to the entry that tells of it: an auditor who gets a
    period that is over gets the proof that it was over then.

    Raises:
        LedgerError: if nothing has been recorded.

    """
    before: Head | None = None
    last: Head | None = None
    for head in ledger.heads():
        last = head
        if head.at < begin:
            before = head
        if head.at >= end:
            break
    if last is None:
        raise LedgerError(f"{ledger.directory}: nothing has been recorded yet: run a check first")
    latest = stamp(moment(end) + ANCHORED)
    covering = (placed.position for placed in ledger.placed(ANCHORS, ledger.size) if _covers(placed, last.size))
    told = next(covering, None)
    if told is not None:
        last = next((head for head in ledger.heads() if head.size > told and head.at <= latest), last)
    return before, last


def _covers(placed: Placed, size: int) -> bool:
    entry = placed.decoded() or {}
    return bool(entry.get("type") == "anchor" and entry["size"] >= size)


def write(ledger: Ledger, out: IO[bytes], period: Period, views: Views = no_views, progress: Progress = lambda _what, _n: None) -> Written:
    """Write a bundle of a period.

    Args:
        ledger: the record.
        out: a new file, to be written from its beginning.
        period: what it is of.
        views: what else is to stand in it, made of the stretch that it is of.
        progress: told of every so many `entries` and `pieces`.

    Raises:
        LedgerError: if the record is not whole.
        OSError: if the file cannot be written.

    """
    before, last = stretch(ledger, period.begin, period.end)
    span = Stretch(before.size if before else 0, last.size)
    manifest = Manifest(
        layout.FORMAT, ledger.origin, period.exported_at, period.begin, period.end, period.controls, ledger.verifier_key, span, {}
    )
    found = _Found()
    with Archive(out) as archive:
        archive.put(layout.README, read_me(manifest))
        archive.put(layout.VERIFIER, resources.files("controlmon.ledger.offline").joinpath(layout.VERIFIER).read_bytes())
        shown = None if period.controls is None else period.checks
        holding = in_force(ledger, span.start, shown)
        for placed in holding:
            found.take(placed.decoded() or {})
        _start(archive, ledger, before, holding)
        _entries(archive, ledger, span, period, found, progress)
        _heads(archive, ledger, span)
        with archive.packed(layout.PACK) as pack:
            pieces = Walk(ledger, pack.write, lambda n: progress("pieces", n)).through(found.roots)
        _beside(archive, ledger, found)
        for name, render in views(span):
            with archive.member(name) as member:
                render(member)  # type: ignore[arg-type]
        return _sign(archive, ledger, manifest, found.shown, pieces)


class _Found:
    """What the entries of the period speak of."""

    def __init__(self) -> None:
        self.roots: dict[tuple[bytes, str], None] = {}  # a dictionary as an ordered set: digest and role
        self.beside: dict[str, str] = {}  # name of a member, and the digest of its content
        self.shown = 0
        self._receipts: dict[tuple[str, str], None] = {}
        self._numbers: dict[str, int] = {}

    def take(self, entry: dict[str, Any]) -> None:
        for ref in references(entry):
            self.roots.setdefault((bytes.fromhex(ref.digest.removeprefix("sha256:")), ref.role))
        kind: str = entry["type"]
        content: Any = entry.get("content")
        if kind == "check":
            check = entry["check"]
            self.beside.setdefault(f"checks/{check['id']}/{check['digest'].removeprefix('sha256:')}.py", check["digest"])
        elif kind == "schedule" or (kind == "change" and content is not None):
            name = config_name(entry.get("what", "schedule"), content)
            if name is not None:
                self.beside.setdefault(name, content)
        elif kind == "anchor":
            self._receipt(f"anchors/{entry['size']}-{entry['kind']}", entry["receipt"])

    def _receipt(self, name: str, digest: str) -> None:
        if (name, digest) not in self._receipts:
            self._receipts[name, digest] = None
            self._numbers[name] = number = self._numbers.get(name, 0) + 1
            self.beside[f"{name}-{number}"] = digest


def _start(archive: Archive, ledger: Ledger, before: Head | None, holding: Sequence[Placed]) -> None:
    hashes = ledger.frontier(before.size).hashes if before else ()
    proofs = inclusions(ledger, [placed.position for placed in holding], before.size) if before else {}
    said = {
        "size": before.size if before else 0,
        "frontier": [one.hex() for one in hashes],
        "checkpoint": before.note.decode() if before else None,
        "in_force": [
            {"position": one.position, "entry": (one.body or b"").decode(), "proof": [hash_.hex() for hash_ in proofs[one.position]]}
            for one in holding
        ],
    }
    archive.put(layout.START, canonical(said))


def _entries(archive: Archive, ledger: Ledger, span: Stretch, period: Period, found: _Found, progress: Progress) -> None:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    expected = span.start
    with archive.packed(layout.ENTRIES) as out:
        for placed in ledger.entries(span.start, span.size):
            if placed.position != expected:
                break
            expected += 1
            entry = None if placed.body is None else decode(placed.body)
            if placed.body is None or entry is None or not _shows(entry, period):
                out.write(b"\0\0", placed.leaf)
                continue
            out.write(len(placed.body).to_bytes(2, "big"), placed.body)
            found.take(entry)
            found.shown += 1
            if not expected % 1000:
                progress("entries", 1000)
    if expected != span.size:
        raise LedgerError(f"{ledger.directory}: entry {expected} is missing: restore the ledger from a backup")
    progress("entries", (span.size - span.start) % 1000)


def _shows(entry: Mapping[str, Any], period: Period) -> bool:
    return period.controls is None or entry["type"] != "check" or entry["check"]["id"] in period.checks


def _heads(archive: Archive, ledger: Ledger, span: Stretch) -> None:
    last = b""
    with archive.member(layout.HEADS) as out:
        for head in ledger.heads():
            if span.start < head.size <= span.size or head.size == span.size:
                last = head.note
                out.write(canonical({"size": head.size, "at": head.at, "note": last.decode()}) + b"\n")
    archive.put(layout.HEAD, last)


def _beside(archive: Archive, ledger: Ledger, found: _Found) -> None:
    """Receipts, sources and configuration, in the order of their names."""
    for name, digest in sorted(found.beside.items()):
        if not SAFE.fullmatch(name):
            raise LedgerError(
                f"{ledger.directory}: an entry speaks of {name!r}, which no file can be called: this record was not written by controlmon"
            )
        archive.put(name, ledger.blob(digest))


def _sign(archive: Archive, ledger: Ledger, manifest: Manifest, shown: int, pieces: int) -> Written:
    whole = replace(manifest, files=dict(sorted(archive.files.items())))
    data = canonical(msgspec.to_builtins(whole))
    digest = hashlib.sha256(data).hexdigest()
    archive.put(layout.MANIFEST, data)
    archive.put(layout.SIGNATURE, sign_note(signed_text(ledger.origin, digest), [ledger.signer]).encode())
    return Written(whole, f"sha256:{digest}", shown, pieces)

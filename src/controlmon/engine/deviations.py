"""Deviations: each subject that failed, from the first performance that saw it to the first that saw it pass, or saw that it is gone.

A list of findings is read again only where it differs from the one before: what lies in the pieces that both share did not change.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.core.canonical import canonical
from controlmon.core.errors import LedgerError
from controlmon.core.outcome import Severity
from controlmon.core.times import moment
from controlmon.engine.dossier import Deviation, Response

Fetch = Callable[[str], Any]
"""The decoded piece of a digest."""
Key = tuple[str, str]
"""Kind and id of a subject."""
DEEPEST = 64
ENDS = {"pass": "passed", "not_applicable": "not_applicable"}


def leaves(root: str, fetch: Fetch, above: int = DEEPEST) -> Iterator[str]:
    """The digests of the lowest pieces of a list, those that hold rows, in order. Raises `LedgerError` if it is not a list."""
    piece = fetch(root)
    level = piece.get("level") if isinstance(piece, dict) else None
    if type(level) is not int or not 0 <= level < above:
        raise LedgerError(f"{root}: not a piece of a list: verify what it came from")
    if level == 0:
        yield root
    elif level == 1:
        yield from piece["pieces"]
    else:
        for below in piece["pieces"]:
            yield from leaves(below, fetch, level)


class Judged(Struct, frozen=True):
    """One judgement of one scope: the position and the time of its entry, the root of its findings, and of which kinds all were seen."""

    position: int
    at: str
    root: str
    complete: frozenset[str]


class _Open(Struct):
    """A deviation under way. `piece` holds the row that tells of it (empty if none does); `failing` is whether that row fails."""

    name: str
    severity: str
    reason: str
    first_seen: str
    last_seen: str
    position: int
    before: bool
    piece: str
    failing: bool
    counted: int
    seen: int = 0


class Watch:
    """The deviations of one check in one scope, performance by performance."""

    def __init__(self, check: str, scope: str) -> None:
        self._check, self._scope = check, scope
        self._last: Judged | None = None
        self._performances = 0
        self._pieces: dict[str, None] = {}  # the lowest pieces of the last list, in order
        self._open: dict[Key, _Open] = {}
        self._ended: list[Deviation] = []

    def see(self, judged: Judged, fetch: Fetch) -> None:
        """The next performance in the order of the log."""
        last = self._last
        if last is None or (last.root, last.complete) != (judged.root, judged.complete):
            self._settle()
            self._read(judged, fetch)
        self._performances += 1
        self._last = judged

    def deviations(self, over: datetime) -> list[Deviation]:
        """Those that ended and those that are open, in the order in which they began. `over`: the end of the period, or what there is."""
        self._settle()
        still = [self._deviation(key, one, over) for key, one in self._open.items()]
        return sorted([*self._ended, *still], key=lambda d: (d.position, d.subject))

    def _settle(self) -> None:
        """Count the performances that found nothing else than the one before."""
        for one in self._open.values():
            if one.failing and self._last is not None:
                one.seen += self._performances - one.counted
                one.last_seen = self._last.at
            one.counted = self._performances

    def _read(self, judged: Judged, fetch: Fetch) -> None:
        shared, self._pieces = self._pieces, dict.fromkeys(leaves(judged.root, fetch))
        met: set[Key] = set()
        for piece in self._pieces:
            if piece not in shared:
                for row in fetch(piece)["rows"]:
                    self._row(row, piece, judged, met)
        for key, one in list(self._open.items()):
            if key not in met and one.piece not in self._pieces:  # nothing tells of it: it is gone, if all of its kind were seen
                one.piece, one.failing = "", False
                if key[0] in judged.complete:
                    self._end(key, judged, "gone")

    def _row(self, row: Mapping[str, Any], piece: str, judged: Judged, met: set[Key]) -> None:
        key, outcome = (row["kind"], row["subject"]), row["outcome"]
        one = self._open.get(key)
        if one is not None:
            met.add(key)
            one.piece, one.failing = piece, outcome == "fail"
            if outcome == "fail":
                one.reason, one.severity = row["reason"], max(one.severity, row["severity"], key=lambda s: Severity(s).rank)
            elif outcome in ENDS:
                self._end(key, judged, ENDS[outcome])
        elif outcome == "fail":
            met.add(key)
            self._open[key] = _Open(
                name=row["name"],
                severity=Severity(row["severity"]).value,
                reason=row["reason"],
                first_seen=judged.at,
                last_seen=judged.at,
                position=judged.position,
                before=self._last is None,
                piece=piece,
                failing=True,
                counted=self._performances,
            )

    def _end(self, key: Key, judged: Judged, how: str) -> None:
        one = self._open.pop(key)
        self._ended.append(self._deviation(key, one, moment(judged.at), judged, how))

    def _deviation(self, key: Key, one: _Open, until: datetime, ended: Judged | None = None, how: str = "") -> Deviation:
        kind, subject = key
        return Deviation(
            id=deviation_id(self._check, self._scope, subject, one.position),
            check=self._check,
            scope=self._scope,
            subject=subject,
            name=one.name,
            kind=kind,
            severity=one.severity,
            reason=one.reason,
            first_seen=one.first_seen,
            last_seen=one.last_seen,
            seen=one.seen,
            position=one.position,
            before=one.before,
            ended=ended.at if ended else None,
            retest=ended.position if ended else None,
            how_ended=how,
            duration=max(0, int((until - moment(one.first_seen)).total_seconds())),
        )


def deviation_id(check: str, scope: str, subject: str, position: int) -> str:
    """The name of a deviation: 12 hexadecimal digits of the SHA-256 of what it is, as canonical JSON."""
    return hashlib.sha256(canonical([check, scope, subject, position])).hexdigest()[:12]


def answered(deviation: Deviation, responses: Iterable[Mapping[str, Any]]) -> tuple[Response, ...]:
    """What people said of a deviation, of all that they said of its check, scope and subject.

    A response speaks of what was open at the time that it names (`first_seen`), and of what was seen before it was given. One that names
    no time speaks of all that was seen before it.
    """
    return tuple(
        Response(one["root_cause"], one["response"], one["ticket"], one["by"], one["at"])
        for one in responses
        if one["at"] >= deviation.first_seen and _speaks_of(deviation, one.get("first_seen"))
    )


def _speaks_of(deviation: Deviation, seen: str | None) -> bool:
    if seen is None:
        return True
    if seen < deviation.first_seen:
        return deviation.before
    return deviation.ended is None or seen < deviation.ended


def worst_first(deviations: Iterable[Deviation]) -> tuple[Deviation, ...]:
    """By severity, then by when they began."""
    return tuple(sorted(deviations, key=lambda d: (-Severity(d.severity).rank, d.position, d.subject, d.check)))

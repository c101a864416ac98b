"""What a run had recorded when it judged, rebuilt from what its entries name: the `Evidence` of the engine, fed from a log."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec
from msgspec import convert

from controlmon.core.canonical import canonical
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Gap, GapKind, Population, Raw, Scope, Subject
from controlmon.ledger.history import History
from controlmon.ledger.record import scope_key
from controlmon.service.readback import population_of

PIECES, ANSWERS = 32, 1024
"""How many decoded pieces of lists, and answers, are remembered."""
DEEPEST = 64
Place = tuple[str, str]
"""A population: its kind, and its scope as lists write it."""
Source = tuple[Place, int]
"""The n-th call of a population."""


class Pieces:
    """Decoded content by digest; what was read last is remembered."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._pieces: OrderedDict[str, Any] = OrderedDict()
        self._answers: OrderedDict[str, Any] = OrderedDict()

    def answer(self, digest: str) -> Raw:
        """What a provider answered."""
        return self._read(digest, self._answers, ANSWERS)

    def lowest(self, root: str, above: int = DEEPEST) -> Iterator[tuple[str, list[Any]]]:
        """The lowest pieces of a list, in order: digest and rows. Raises `LedgerError` if it is not one."""
        piece = self._read(root, self._pieces, PIECES)
        level = piece.get("level") if isinstance(piece, dict) else None
        if type(level) is not int or not 0 <= level < above:
            raise LedgerError(f"{root}: not a piece of a list: verify what it came from")
        if level == 0:
            yield root, piece["rows"]
        else:
            for below in piece["pieces"]:
                yield from self.lowest(below, level)

    def rows(self, root: str) -> Iterator[Any]:
        """The rows of a list, in order."""
        for _, some in self.lowest(root):
            yield from some

    def piece(self, digest: str) -> list[Any]:
        """The rows of one of its lowest pieces."""
        return next(self.lowest(digest, 1))[1]

    def _read(self, digest: str, known: OrderedDict[str, Any], most: int) -> Any:  # noqa: ANN401 - JSON
        if digest in known:
            known.move_to_end(digest)
            return known[digest]
        try:
            decoded = msgspec.json.decode(self._history.blob(digest))
        except msgspec.DecodeError as error:
            raise LedgerError(f"{digest}: not JSON ({error}): verify what it came from") from error
        known[digest] = decoded
        if len(known) > most:
            known.popitem(last=False)
        return decoded


class Grouped:
    """A long list whose rows begin with the name of their group: where each group stands, so that one is read without the others."""

    def __init__(self, pieces: Pieces, root: str, width: int) -> None:
        self._pieces, self._width = pieces, width
        self._where: dict[tuple[str, ...], list[str]] = {}
        for digest, rows in pieces.lowest(root):
            for group in dict.fromkeys(tuple(row[:width]) for row in rows):
                self._where.setdefault(group, []).append(digest)

    def __contains__(self, group: tuple[str, ...]) -> bool:
        return group in self._where

    def of(self, *group: str) -> Iterator[list[Any]]:
        """The rows of one group, in order."""
        for digest in self._where.get(group, ()):
            yield from (row for row in self._pieces.piece(digest) if tuple(row[: self._width]) == group)


class Seen:
    """What a run saw besides the state, as the entry that ends it names it."""

    def __init__(self, pieces: Pieces, seen: dict[str, Any]) -> None:
        self._calls, self.volatile = (Grouped(pieces, seen[what]["root"], 2) for what in ("calls", "volatile"))
        self.moves = bool(seen["volatile"]["count"])
        self._observed = Grouped(pieces, seen["observed"]["root"], 1)
        self._times: dict[Place, list[str]] = {}
        self._moving: dict[Place, dict[str, str]] = {}

    def times(self, place: Place) -> list[str]:
        """When each call behind a population was answered, by its number."""
        if place not in self._times:
            self._times[place] = [row[4] for row in self._calls.of(*place) if row[2] is not None]
        return self._times[place]

    def observed(self, stream: str) -> Iterator[tuple[str, int]]:
        """When the oldest fact behind each finding of an entry was seen, as it was recorded, and of how many in a row."""
        return ((at, count) for _, several in self._observed.of(stream) for at, count in several)

    def moving(self, place: Place, aspects: frozenset[str]) -> tuple[str, ...]:
        """A digest of the members of a population that change by themselves, for each of these aspects that has any."""
        if place not in self.volatile:
            return ()
        if place not in self._moving:
            hashes: dict[str, Any] = {}
            for _, _, subject, aspect, members in self.volatile.of(*place):
                hashes.setdefault(aspect, hashlib.sha256()).update(canonical([subject, members]))
            self._moving[place] = {f"{place[0]}.{aspect}": one.hexdigest() for aspect, one in hashes.items()}
        return tuple(f"{aspect} {one}" for aspect, one in sorted(self._moving[place].items()) if aspect in aspects)


class Rebuilt:
    """The evidence of one judgement, from what its entry says of populations."""

    def __init__(self, pieces: Pieces, statements: Iterable[dict[str, Any]], seen: Seen) -> None:
        self._pieces, self._seen = pieces, seen
        placed = {(said["kind"], convert(said["scope"], Scope)): said for said in statements}
        self._said = dict(sorted(placed.items(), key=lambda item: (item[0][0], scope_key(item[0][1]))))
        self._taken: dict[Source, None] = {}

    def population(self, kind: str, scope: Scope) -> Population | None:
        """The population of `kind` in `scope`, or None if it was not asked for there."""
        said = self._said.get((kind, scope))
        return None if said is None else population_of(said)

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        """Every population of `kind` that belongs to the provider and target of `target`; of all of them, if that is None."""
        here = None if target is None else target.wide()
        return [population_of(said) for (k, s), said in self._said.items() if k == kind and here in (None, s.wide())]

    def subjects(self, kind: str, scope: Scope) -> Iterator["RebuiltSubject"]:
        """The subjects of one population, in the order of their ids."""
        said = self._said.get((kind, scope))
        if said is None:
            return
        place = (kind, scope_key(scope))
        listed = {a: convert(one["gap"], Gap) for one in said["operations"] if "gap" in one for a in one["aspects"]}
        moving = groupby(self._seen.volatile.of(*place), key=lambda row: row[2])
        mover, changed = next(moving, (None, iter(())))
        for row, how in zip(self._pieces.rows(said["root"]), self._pieces.rows(said["how"]), strict=True):
            members = {}
            if mover == row["id"]:
                members = {aspect: some for _, _, _, aspect, some in changed}
                mover, changed = next(moving, (None, iter(())))
            yield RebuiltSubject(Subject(kind, row["id"], row["name"], scope, row["region"]), row["aspects"], how, members, listed, self)

    def answer(self, digest: str) -> Raw:
        """What was answered."""
        return self._pieces.answer(digest)

    def take(self, subject: Subject, number: int) -> str:
        """When a call was answered. It counts as one that the judgement under way rests on."""
        place = (subject.kind, scope_key(subject.scope))
        self._taken[place, number] = None
        return self._seen.times(place)[number]

    def taken(self) -> tuple[Source, ...]:
        """The calls that the judgement rests on that was made last."""
        taken, self._taken = tuple(self._taken), {}
        return taken


class RebuiltSubject:
    """One subject as it was recorded."""

    def __init__(
        self,
        subject: Subject,
        aspects: dict[str, Any],
        how: dict[str, int],
        moving: dict[str, Raw],
        listed: dict[str, Gap],
        evidence: Rebuilt,
    ) -> None:
        self.subject = subject
        self._aspects, self._how, self._moving, self._listed, self._evidence = aspects, how, moving, listed, evidence

    def answer(self, aspect: str) -> Raw | Gap:
        """The raw answer, or the gap where there is none."""
        said = self._aspects.get(aspect)
        if said is None:
            missing = Gap(GapKind.UNAVAILABLE, f"{self.subject.kind}.{aspect}", "the listing that answers it did not name this subject")
            return self._listed.get(aspect, missing)
        if "gap" in said:
            return convert(said["gap"], Gap)
        raw = self._evidence.answer(said["state"])
        return {**raw, **self._moving[aspect]} if aspect in self._moving else raw

    def seen(self, aspect: str) -> tuple[str, str]:
        """The digest of the answer and when it was seen."""
        digest = self._aspects.get(aspect, {}).get("state", "")
        return (digest, self._evidence.take(self.subject, self._how[aspect])) if digest else ("", "")

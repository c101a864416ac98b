"""One judgement made again: what it depends on, what comes out, and how that differs from what was recorded."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby, repeat, zip_longest
from typing import Any

import msgspec
from msgspec import Struct, convert

from controlmon.check import Check
from controlmon.core.buckets import ListRef, ListWriter
from controlmon.core.canonical import digest
from controlmon.core.fact import Scope
from controlmon.core.finding import Finding
from controlmon.core.times import moment
from controlmon.engine.evaluate import evaluate
from controlmon.ledger.record import scope_key
from controlmon.service.evidence import Pieces, Rebuilt, Seen, Source


class Judged(Struct, frozen=True):
    """What came out of some inputs (`key`): the list of findings, and the calls that each rests on, of so many in a row."""

    key: tuple[Any, ...]
    found: ListRef
    sources: tuple[tuple[tuple[Source, ...], int], ...]


class Judgement:
    """One judgement of one scope, to be made again."""

    def __init__(self, check: Check, parameters: Mapping[str, Any], entry: dict[str, Any], pieces: Pieces, seen: Seen) -> None:
        self.check, self._parameters, self._entry, self._pieces, self.seen = check, parameters, entry, pieces, seen
        self._scope = convert(entry["scope"], Scope)
        self.where = str(self._scope)

    def key(self) -> tuple[Any, ...]:
        """All that it depends on: if none of it changed, neither does what comes out."""
        entry, declared = self._entry, self.check.read_ids(dict(self._parameters))
        said = msgspec.json.encode([entry["check"], entry["populations"], entry.get("others")])
        places = [(one["kind"], scope_key(convert(one["scope"], Scope))) for one in self._statements()] if self.seen.moves else []
        moving = tuple((place, some) for place in places if (some := self.seen.moving(place, declared)))
        return said, entry["clock"] if self.check.takes_now else None, moving

    def made(self, key: tuple[Any, ...]) -> Judged:
        """Judge, and keep what identifies the findings."""
        rows = ListWriter(digest)
        sources: list[tuple[tuple[Source, ...], int]] = []
        for finding, taken in self._findings():
            rows.add(f"{finding.subject.kind}|{finding.subject.id}", finding.row())
            if sources and sources[-1][0] == taken:
                sources[-1] = (taken, sources[-1][1] + 1)
            else:
                sources.append((taken, 1))
        return Judged(key, rows.close(), tuple(sources))

    def times(self, judged: Judged) -> Iterator[tuple[str, int]]:
        """When the oldest fact behind each finding was seen, of so many in a row."""
        return joined((min((self.seen.times(place)[n] for place, n in some), default=""), count) for some, count in judged.sources)

    def compared(self) -> Iterator[tuple[str, str, str]]:
        """The findings that are not as recorded: subject, what was recorded, what came out."""
        times = chain.from_iterable(repeat(at, count) for at, count in self.seen.observed(self._entry["stream"]))
        rows = self._pieces.rows(self._entry["findings"]["root"])
        recorded = (Found(row, at) for row, at in zip_longest(rows, times, fillvalue="") if isinstance(row, dict))
        performed = (Found(finding.row(), finding.observed_at) for finding, _ in self._findings())
        left: dict[tuple[str, str], list[Found]] = {}  # those that do not stand at the same place
        right: dict[tuple[str, str], list[Found]] = {}
        for was, now in zip_longest(recorded, performed):
            if was is not None and now is not None and was.name == now.name:
                yield from was.against(now)
                continue
            if was is not None:
                left.setdefault(was.name, []).append(was)
            if now is not None:
                right.setdefault(now.name, []).append(now)
        for name in {**left, **right}:
            for was, now in zip_longest(left.get(name, ()), right.get(name, ())):
                yield from was.against(now) if was is not None else [(now.name[1], "nothing", now.told)]

    def _findings(self) -> Iterator[tuple[Finding, tuple[Source, ...]]]:
        """What comes out, each with the calls that it rests on."""
        evidence = Rebuilt(self._pieces, self._statements(), self.seen)
        for finding in evaluate(self.check, self._parameters, self._scope, evidence, moment(self._entry["clock"])):
            yield finding, evidence.taken()

    def _statements(self) -> Iterator[dict[str, Any]]:
        others = self._entry.get("others")
        return chain(self._entry["populations"], self._pieces.rows(others["root"]) if others else ())


class Found(Struct, frozen=True):
    """A finding as the record keeps it, and when the oldest of its facts was seen."""

    row: dict[str, Any]
    at: str

    @property
    def name(self) -> tuple[str, str]:
        """Kind and id of its subject."""
        return self.row["kind"], self.row["subject"]

    @property
    def told(self) -> str:
        """What it says."""
        return f"{self.row['outcome']} ({self.row['severity']}): {self.row['reason']}"

    def against(self, now: "Found | None") -> Iterator[tuple[str, str, str]]:
        """How another differs from it: nothing if it does not."""
        subject = self.name[1]
        if now is None:
            yield subject, self.told, "nothing"
        elif self.told != now.told:
            yield subject, self.told, now.told
        elif self.row != now.row:
            parts = [field for field in self.row if self.row[field] != now.row.get(field)]
            was, came = (f"{one.told}, {', '.join(f'{field} {one.row.get(field)}' for field in parts)}" for one in (self, now))
            yield subject, was, came
        elif self.at != now.at:
            yield subject, f"{self.told}, seen at {self.at}", f"{now.told}, seen at {now.at}"


def joined(several: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The same, with equal neighbours added up."""
    return ((at, sum(count for _, count in group)) for at, group in groupby(several, key=lambda one: one[0]))


def parameters_of(check: Check, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that an entry tells of, as the judgement takes them. A fraction is written there as text.

    Raises:
        KeyError: if the check has no such parameter.
        msgspec.ValidationError: if a value is not of its type.

    """
    types = {parameter.name: parameter.type for parameter in check.parameters}
    return {name: _typed(value, types[name]) for name, value in recorded.items()}


def _typed(value: Any, type_: Any) -> Any:  # noqa: ANN401 - JSON, and an annotation
    try:
        return convert(value, type_)
    except msgspec.ValidationError:
        return convert(value, type_, strict=False, str_keys=True)

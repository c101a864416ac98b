"""The least that can answer: which listings and which questions a set of needs comes down to."""

from collections.abc import Iterable

from msgspec import Struct

from controlmon.collect.base import Answerer, Operation, Place, Service, Source
from controlmon.engine.plan import Needs


class Itinerary(Struct, frozen=True):
    """What will be asked.

    `sources` are in the order of the declarations; the first of a kind defines its population. `answerers` stand under the source in whose
    stream they are asked. `aspects` are the ids of all that will be answered and recorded.
    """

    sources: tuple[Source, ...]
    answerers: dict[tuple[int, str], tuple[Answerer, ...]]
    aspects: frozenset[str]

    def operations(self) -> list[Operation]:
        """Every operation that may be called."""
        asked = [o for s in self.sources for o in s.operations]
        return asked + [o for several in self.answerers.values() for a in several for o in a.operations]

    def regional(self) -> bool:
        """True if anything has to be asked region by region."""
        return any(s.at is Place.REGION for s in self.sources)

    def first_of(self, kind: str) -> int:
        """The place of the listing that defines the population of `kind`; what hangs from its subjects is asked in its stream alone."""
        return next(i for i, s in enumerate(self.sources) if any(k.kind == kind for k in s.kinds))

    def children(self, kind: str) -> list[Source]:
        """The listings that are asked for each subject of `kind`."""
        return [s for s in self.sources if s.parent is not None and s.parent.kind == kind]


def itinerary(needed: Needs, services: Iterable[Service]) -> Itinerary:
    """The fewest listings and questions, out of those that `services` declare, that answer what is needed."""
    sources = [s for service in services for s in service.sources]
    answerers = {a.id: a for service in services for a in service.answerers}
    wanted = _with_what_comes_first(needed.aspects, answerers)
    kinds = set(needed.kinds) | {aspect.rpartition(".")[0] for aspect in wanted}
    chosen: list[int] = []
    while True:
        for kind in sorted(kinds):
            chosen += [i for i in _listings(kind, wanted, sources) if i not in chosen]
        parents = {parent.kind for i in chosen if (parent := sources[i].parent) is not None}
        if parents <= kinds:
            break
        kinds |= parents
    taken = tuple(sources[i] for i in sorted(chosen))
    return Itinerary(taken, _streams(taken, [answerers[a] for a in sorted(wanted) if a in answerers]), frozenset(wanted))


def _with_what_comes_first(aspects: frozenset[str], answerers: dict[str, Answerer]) -> set[str]:
    """The aspects, and those that have to be answered before them."""
    wanted: set[str] = set()
    todo = list(aspects)
    while todo:
        aspect = todo.pop()
        if aspect not in wanted:
            wanted.add(aspect)
            todo += [before.id for before in answerers[aspect].after] if aspect in answerers else []
    return wanted


def _listings(kind: str, wanted: set[str], sources: list[Source]) -> list[int]:
    """The listings to take for one kind: those that answer something wanted, else the first that names its subjects."""
    naming = [i for i, s in enumerate(sources) if any(k.kind == kind for k in s.kinds)]
    telling = [i for i in naming if any(f"{kind}.{a}" in wanted for a in sources[i].aspects_of(kind))]
    return telling or naming[:1]


def _streams(sources: tuple[Source, ...], answerers: list[Answerer]) -> dict[tuple[int, str], tuple[Answerer, ...]]:
    """Each question under the listing in whose stream it is asked: one that answers what comes before it, else the first of its kind."""
    streams: dict[tuple[int, str], list[Answerer]] = {}
    for answerer in answerers:
        kind = answerer.kind
        first = {before.name for before in answerer.after}
        of_kind = [i for i, s in enumerate(sources) if any(k.kind == kind for k in s.kinds)]
        best = max(of_kind, key=lambda i: (len(first & set(sources[i].aspects_of(kind))), -i))
        streams.setdefault((best, kind), []).append(answerer)
    return {place: _in_order(several) for place, several in streams.items()}


def _in_order(answerers: list[Answerer]) -> tuple[Answerer, ...]:
    """Questions so that each comes after those that it looks at."""
    ordered: list[Answerer] = []
    left = list(answerers)
    while left:
        names = {a.name for a in left}
        ready = [a for a in left if not names & {before.name for before in a.after}]
        if not ready:
            raise ValueError(f"the aspects {', '.join(sorted(names))} each wait for another")
        ordered += ready
        left = [a for a in left if a not in ready]
    return tuple(ordered)

"""Collecting: follow an itinerary in every target at once, and give facts as they come.

What could not be seen is given too: a gap in the place of an answer, or in the listing that should have named the subject.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from controlmon.collect.ask import SHAPE_ERRORS, misshapen
from controlmon.collect.base import Answerer, Ask, Found, Met, Operation, Place, Refused, Source
from controlmon.collect.plan import Itinerary
from controlmon.collect.pool import Pool
from controlmon.core.fact import Fact, Gap, Listing, Login, Raw, Scope, Seen, Subject
from controlmon.facts.base import Aspect, Kind, Unseen

Given = Fact | Listing | Login


class Trace(Ask, Protocol):
    """An `Ask` that can say how its last answer was obtained."""

    def seen(self) -> Seen:
        """How the last answer was obtained, or how the first would have been."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What the first question was asked with."""


class Session(Protocol):
    """A target that was logged in to, or that could not be: then every question is refused, and says why."""

    def scopes(self, place: Place) -> list[Scope]:
        """Where to ask."""

    @property
    def unplaced(self) -> Gap | None:
        """Why not every region is known, if so."""

    def ask(self, operation: Operation, scope: Scope) -> Trace:
        """One operation in one scope."""

    def login(self, name: str) -> Login:
        """Who we are to the target that the configuration calls `name`."""


class Target(Protocol):
    """One thing to log in to."""

    @property
    def provider(self) -> str:
        """Its kind of system."""

    @property
    def name(self) -> str:
        """What the configuration calls it."""

    def open(self, now: datetime, *, regional: bool) -> Session:
        """Log in. Never raises for what a provider answers: a target that cannot be opened is a session that refuses."""


class Budget(Protocol):
    """How much may be asked at once."""

    @property
    def workers(self) -> int:
        """Threads in all."""

    @property
    def per_service(self) -> int:
        """Questions at once to one service of one target."""


def gather(targets: Iterable[tuple[Target, Itinerary]], budget: Budget, now: datetime) -> Iterator[Given]:
    """Ask everything, in every target at once; give each fact as it comes, and at the end what each listing came to.

    The caller's own pace is the brake: little is held in memory between it and the providers.
    """
    pool = Pool(budget.workers, budget.per_service)
    given: queue.Queue[Given | None] = queue.Queue(maxsize=1000)
    abandoned = threading.Event()

    def give(item: Given | None) -> None:
        while not abandoned.is_set():
            try:
                given.put(item, timeout=0.5)
            except queue.Full:
                continue
            return

    tours = [_Tour(target, way, pool, give, now) for target, way in targets]
    failure: list[BaseException] = []

    def conduct() -> None:
        try:
            for tour in tours:
                pool.submit((tour.target.provider, tour.target.name, "login"), tour.begin)
            pool.wait()
            for tour in tours:
                tour.conclude()
        except BaseException as error:  # noqa: BLE001 - carried to the caller's thread, which raises it
            failure.append(error)
        give(None)

    threading.Thread(target=conduct, name="collect-conductor", daemon=True).start()
    try:
        while (item := given.get()) is not None:
            yield item
        if failure:
            raise failure[0]
    finally:
        abandoned.set()
        pool.stop()


class _Count:
    """What one listing of one kind in one scope has come to so far."""

    def __init__(self, source: Source, operation: Operation) -> None:
        self.source, self.operation = source, operation
        self.count = self.pages = 0
        self.gap: Gap | None = None
        self.parameters: dict[str, Any] = {}
        self.seen: Seen | None = None


class _Tour:
    """One target being collected."""

    def __init__(self, target: Target, way: Itinerary, pool: Pool, give: Callable[[Given], None], now: datetime) -> None:
        self.target, self._way, self._pool, self._give, self._now = target, way, pool, give, now
        self._session: Session
        self._counts: dict[tuple[int, str, Scope], _Count] = {}
        self._lock = threading.Lock()
        self._aspects = way.aspects

    def begin(self) -> None:
        """Log in, and send out every listing that needs no subject to start from."""
        self._session = self.target.open(self._now, regional=self._way.regional())
        self._give(self._session.login(self.target.name))
        for index, source in enumerate(self._way.sources):
            scopes = self._session.scopes(source.at)
            for scope in scopes:
                self._open(index, source, scope)
                if source.parent is None:
                    self._submit(source.operations, partial(self._list, index, source, scope, None))
            if source.at is Place.REGION and self._session.unplaced is not None:
                # Where else there may be subjects is not known: the scope of the whole target holds that gap.
                self._open(index, source, self._somewhere(scopes), gap=self._session.unplaced)

    def conclude(self) -> None:
        """Say what each listing came to; one that hangs from another is no more complete than that."""
        first = {(kind, scope): count for (_, kind, scope), count in reversed(self._counts.items())}
        for (order, kind, scope), count in self._counts.items():
            parent, gap = count.source.parent, count.gap
            while gap is None and parent is not None:
                above = first.get((parent.kind, scope)) or first.get((parent.kind, scope.wide()))
                gap = above.gap if above else None
                parent = above.source.parent if above else None
            aspects = tuple(a for a in count.source.aspects_of(kind) if f"{kind}.{a}" in self._aspects)
            self._give(
                Listing(kind, scope, count.operation.id, count.count, count.pages, aspects, gap, order, count.parameters, count.seen)
            )

    def _somewhere(self, scopes: list[Scope]) -> Scope:
        return scopes[0].wide() if scopes else self._session.scopes(Place.ACCOUNT)[0]

    def _open(self, index: int, source: Source, scope: Scope, gap: Gap | None = None) -> None:
        for kind in source.kinds:
            count = self._counts[index, kind.kind, scope] = _Count(source, source.operations[0])
            count.gap = gap

    def _submit(self, operations: tuple[Operation, ...], task: Callable[[], None]) -> None:
        self._pool.submit((self.target.provider, self.target.name, operations[0].service), task)

    def _list(self, index: int, source: Source, scope: Scope, parent: Met | None) -> None:
        ask = self._session.ask(source.operations[0], scope)
        gap: Gap | None = None
        try:
            for found in source.function(ask, parent) if parent else source.function(ask):
                with self._lock:
                    self._counts[index, found.kind.kind, scope].count += 1
                self._meet(index, found, scope, ask)
        except Refused as refused:
            gap = refused.gap
        except SHAPE_ERRORS as error:
            gap = misshapen(source.operations[0], error)
        with self._lock:
            for kind in source.kinds:
                count = self._counts[index, kind.kind, scope]
                count.pages += ask.pages
                count.gap = count.gap or gap
                if parent is None:  # a listing that hangs from a subject is asked with that subject's name
                    count.parameters, count.seen = ask.parameters, ask.seen()

    def _meet(self, index: int, found: Found, scope: Scope, ask: Trace) -> None:
        """Record what the listing says of a subject, then ask what else is wanted of it."""
        subject = Subject(found.kind.kind, found.id, found.name or found.id, scope, found.region)
        asked = self._way.sources[index].operations[0]
        answers = {a.name: _readable(a, raw, asked) for a, raw in found.answers.items()}
        wanted = [a.name for a in found.answers if a.id in self._aspects]
        for name in wanted:
            self._give(Fact(subject, name, answers[name], ask.seen()))
        if not wanted:
            # A subject of which nothing is asked is still one of its population.
            self._give(Fact(subject, "", None, ask.seen()))
        met = Met(found.id, subject.name, found.region or scope.region, answers)
        for line in _lines(self._way.answerers.get((index, subject.kind), ())):
            self._submit(line[0].operations, partial(self._answer, line, found.kind, subject, met))
        if index == self._way.first_of(subject.kind):
            self._descend(subject.kind, met, scope)

    def _descend(self, kind: str, met: Met, scope: Scope) -> None:
        """Ask the listings that hang from a subject of this kind."""
        for source in self._way.children(kind):
            index = self._way.sources.index(source)
            self._submit(source.operations, partial(self._list, index, source, scope, met))

    def _answer(self, answerers: list[Answerer], kind: type[Kind], subject: Subject, met: Met) -> None:
        """Ask a line of questions about one subject, each of which may look at the answers before it."""
        answers: dict[str, Raw | Gap] = dict(met.answers)
        for answerer in answerers:
            ask = self._session.ask(answerer.operations[0], subject.scope)
            known = Met(met.id, met.name, met.region, answers)
            answers[answerer.name] = answer = _outcome(answerer, kind.aspects[answerer.name], ask, known)
            self._give(Fact(subject, answerer.name, answer, ask.seen()))


def _lines(answerers: tuple[Answerer, ...]) -> list[list[Answerer]]:
    """Questions that may be asked at once, apart; those that look at each other's answers, in one line."""
    looked_at = {before.name for a in answerers for before in a.after}
    line = [a for a in answerers if a.after or a.name in looked_at]
    return [[a] for a in answerers if a not in line] + ([line] if line else [])


def _outcome(answerer: Answerer, aspect: Aspect[Any], ask: Ask, met: Met) -> Raw | Gap:
    try:
        answer: Raw = answerer.function(ask, met)
    except (Refused, Unseen) as refused:
        return refused.gap
    except SHAPE_ERRORS as error:
        return misshapen(answerer.operations[0], error)
    return _readable(aspect, answer, answerer.operations[0])


def _readable(aspect: Aspect[Any], raw: Raw, operation: Operation) -> Raw | Gap:
    """An answer, if it has the shape that the API promises; else the gap that it leaves."""
    try:
        aspect.view(raw)
    except Unseen as unseen:
        return Gap(unseen.gap.kind, operation.id, unseen.gap.detail, operation.needs)
    return raw

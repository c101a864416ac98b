"""AWS on a loopback port for the tests of collectors, and what one collection brought home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.collect.aws.session import Terms
from controlmon.collect.aws.target import AwsTarget
from controlmon.collect.base import Service
from controlmon.collect.gather import gather
from controlmon.collect.plan import itinerary
from controlmon.core.fact import Fact, Gap, Listing
from controlmon.engine.plan import Needs
from controlmon.facts.base import Aspect, Kind
from tests.twins.aws import AwsTwin

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsTwin]:
    with AwsTwin() as twin:
        for name, value in twin.env().items():
            monkeypatch.setenv(name, value)
        yield twin


class Budget:
    workers = 4
    per_service = 4


@dataclass
class Collected:
    """What came: answers by aspect and name of the subject, and listings by kind."""

    facts: list[Fact] = field(default_factory=list)
    listings: dict[str, Listing] = field(default_factory=dict)

    def of(self, aspect: Aspect[Any]) -> dict[str, Any]:
        return {f.subject.name: f.answer for f in self.facts if (f.subject.kind, f.aspect) == (aspect.owner.kind, aspect.name)}

    def views(self, aspect: Aspect[Any]) -> dict[str, Any]:
        """The same as a check would read them."""
        return {name: raw if isinstance(raw, Gap) else aspect.view(raw) for name, raw in self.of(aspect).items()}

    def ids(self, kind: type[Kind]) -> set[str]:
        return {f.subject.id for f in self.facts if f.subject.kind == kind.kind}


Collect = Callable[..., Collected]


@pytest.fixture
def collect(twin: AwsTwin) -> Collect:
    def collect(service: Service, *wanted: Aspect[Any] | type[Kind], now: datetime = NOW, also: tuple[Service, ...] = ()) -> Collected:
        kinds = frozenset(w.kind for w in wanted if not isinstance(w, Aspect))
        needed = Needs(kinds, frozenset(w.id for w in wanted if isinstance(w, Aspect)))
        collected = Collected()
        target = AwsTarget(regions=("us-east-1",), terms=Terms(attempts=1, connect=5, read=5))
        twin.reset_journal()
        for given in gather([(target, itinerary(needed, (service, *also)))], Budget(), now):
            if isinstance(given, Fact):
                collected.facts.append(given)
            elif isinstance(given, Listing):
                collected.listings[given.kind] = given
        twin.assert_read_only()
        return collected

    return collect

"""Datadog on a loopback port for the tests of collectors, and what one collection brought home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from controlmon.collect.base import Service
from controlmon.collect.datadog.client import Terms
from controlmon.collect.datadog.target import DatadogTarget
from controlmon.collect.gather import gather
from controlmon.collect.plan import itinerary
from controlmon.core.fact import Fact, Gap, Listing, Login
from controlmon.engine.plan import Needs
from controlmon.facts.base import Aspect, Kind
from controlmon.service.providers import services
from tests.twins.datadog import DatadogTwin


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> Iterator[DatadogTwin]:
    with DatadogTwin() as twin:
        for name, value in twin.env().items():
            monkeypatch.setenv(name, value)
        yield twin


class Budget:
    workers = 4
    per_service = 4


@dataclass
class Collected:
    """What came: the login, answers by aspect and id of the subject, and listings by kind."""

    login: Login | None = None
    facts: list[Fact] = field(default_factory=list)
    listings: dict[str, Listing] = field(default_factory=dict)

    def of(self, aspect: Aspect[Any]) -> dict[str, Any]:
        return {f.subject.id: f.answer for f in self.facts if (f.subject.kind, f.aspect) == (aspect.owner.kind, aspect.name)}

    def views(self, aspect: Aspect[Any]) -> dict[str, Any]:
        """The same as a check would read them."""
        return {name: raw if isinstance(raw, Gap) else aspect.view(raw) for name, raw in self.of(aspect).items()}

    def ids(self, kind: type[Kind]) -> list[str]:
        return [f.subject.id for f in self.facts if f.subject.kind == kind.kind]


Collect = Callable[..., Collected]


@pytest.fixture
def collect(twin: DatadogTwin) -> Collect:
    def collect(*wanted: Aspect[Any] | type[Kind], writes: tuple[str, ...] = (), **terms: Any) -> Collected:
        kinds = frozenset(w.kind for w in wanted if not isinstance(w, Aspect))
        needed = Needs(kinds, frozenset(w.id for w in wanted if isinstance(w, Aspect)))
        collected = Collected()
        target = DatadogTarget(terms=Terms(**{"attempts": 1, "connect": 5, "read": 5, "endpoint": twin.url, **terms}))
        known: list[Service] = services("datadog")
        for given in gather([(target, itinerary(needed, known))], Budget(), datetime.now(UTC)):
            if isinstance(given, Fact):
                collected.facts.append(given)
            elif isinstance(given, Listing):
                collected.listings[given.kind] = given
            else:
                collected.login = given
        twin.assert_read_only(*writes)
        return collected

    return collect

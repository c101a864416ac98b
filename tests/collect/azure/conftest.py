"""Azure on a loopback port for the tests of collectors, and what one collection brought home."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.azure.target import AzureTarget
from controlmon.collect.base import Service
from controlmon.collect.gather import gather
from controlmon.collect.microsoft import Terms
from controlmon.collect.plan import itinerary
from controlmon.core.fact import Fact, Gap, Listing, Login
from controlmon.engine.plan import Needs
from controlmon.facts.base import Aspect, Kind
from tests.twins.azure import AzureTwin

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PROD, TEST = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AzureTwin]:
    with AzureTwin(tmp_path) as twin:
        for name, value in twin.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.chdir(tmp_path)
        twin.subscribe(PROD, "production", environment="production", owner="platform")
        twin.subscribe(TEST, "test", Env="test", OWNER="platform")
        yield twin


class Budget:
    workers = 4
    per_service = 4


@dataclass
class Collected:
    """What came: answers by aspect and name of the subject, listings by kind and target, and the login."""

    facts: list[Fact] = field(default_factory=list)
    listings: dict[tuple[str, str], Listing] = field(default_factory=dict)
    login: Login | None = None

    def views(self, aspect: Aspect[Any]) -> dict[str, Any]:
        """Answers as a check would read them, or gaps."""
        of = [f for f in self.facts if (f.subject.kind, f.aspect) == (aspect.owner.kind, aspect.name)]
        return {f.subject.name: f.answer if isinstance(f.answer, Gap) else aspect.view(f.answer) for f in of}

    def gap(self, kind: type[Kind], target: str) -> Gap | None:
        return self.listings[kind.kind, target].gap


Collect = Callable[..., Collected]


@pytest.fixture
def collect(twin: AzureTwin) -> Collect:
    def collect(service: Service, *wanted: Aspect[Any] | type[Kind], also: tuple[Service, ...] = (), **target: Any) -> Collected:
        kinds = frozenset(w.kind for w in wanted if not isinstance(w, Aspect))
        needed = Needs(kinds, frozenset(w.id for w in wanted if isinstance(w, Aspect)))
        collected = Collected()
        twin.reset_journal()
        made = AzureTarget(**{"terms": Terms(attempts=1, connect=5, read=5), **target})
        for given in gather([(made, itinerary(needed, (service, *also)))], Budget(), NOW):
            if isinstance(given, Fact):
                collected.facts.append(given)
            elif isinstance(given, Listing):
                collected.listings[given.kind, given.scope.target] = given
            else:
                collected.login = given
        twin.assert_read_only()
        return collected

    return collect

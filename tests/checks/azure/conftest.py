"""Azure on a loopback port for the tests of checks, and what the real cycle says of it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controlmon.collect.azure.target import AzureTarget
from controlmon.collect.microsoft import Terms
from controlmon.core.finding import Finding
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_files, load_check, packaged_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.providers import services
from controlmon.service.readback import findings_of
from controlmon.service.settings import Budget
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import PROD

Judged = Callable[..., dict[str, Finding]]
Said = Callable[..., dict[str, str]]


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AzureTwin]:
    """One subscription, which is production, and nothing in it."""
    with AzureTwin(tmp_path) as twin:
        for name, value in twin.environment.items():
            monkeypatch.setenv(name, value)
        twin.subscribe(PROD, "production", environment="production", owner="platform")
        yield twin


@pytest.fixture
def judged(twin: AzureTwin, tmp_path: Path) -> Judged:
    """The findings of one check, by the name of the subject ("scope" for what is said of a whole scope)."""

    def judged(check_id: str, **parameters: Any) -> dict[str, Finding]:
        check = load_check(check_files(packaged_checks())[check_id], check_id)
        ledger = Ledger.open(tmp_path / "ledger")
        try:
            selected = [Selected(check, check.tuned(parameters))]
            done = cycle(ledger, Request(selected, [AzureTarget(terms=Terms(attempts=1))]), services("azure"), Budget(), utc_now)
            found = list(findings_of(ledger, done.run))
        finally:
            ledger.close()
        twin.assert_read_only()
        names = ["scope" if f.subject.kind == "scope" else f.subject.name for f in found]
        places = [f"@{f.subject.scope.target}" if names.count(name) > 1 else "" for name, f in zip(names, found, strict=True)]
        return {name + place: f for name, place, f in zip(names, places, found, strict=True)}

    return judged


@pytest.fixture
def said(judged: Judged) -> Said:
    """The same, as outcomes alone."""
    return lambda check_id, **parameters: {name: f.outcome.value for name, f in judged(check_id, **parameters).items()}

"""A tenant to collect from, and one run of the real cycle over it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.collect.entra.target import EntraTarget
from controlmon.collect.microsoft import Login, Terms
from controlmon.core.finding import Finding
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_files, load_check, packaged_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.providers import services
from controlmon.service.readback import findings_of, gaps_of
from controlmon.service.settings import Budget
from tests.twins.entra import TENANT, EntraTwin
from tests.twins.entra_company import fill

TERMS = Terms(attempts=1, connect=5, read=30)
Told = tuple[list[Finding], list[Any]]


def run(checks: tuple[Check, ...], directory: Path, terms: Terms = TERMS, tuned: dict[str, dict[str, Any]] | None = None) -> Told:
    """The findings and the gaps of one run."""
    selected = [Selected(check, check.tuned((tuned or {}).get(check.id, {}))) for check in checks]
    target = EntraTarget("artemis", Login("environment", TENANT), terms=terms)
    directory.mkdir(exist_ok=True)
    ledger = Ledger.open(directory)
    try:
        done = cycle(ledger, Request(selected, [target]), services("entra"), Budget(), utc_now)
        return list(findings_of(ledger, done.run)), list(gaps_of(ledger, done.run))
    finally:
        ledger.close()


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EntraTwin]:
    with EntraTwin(tmp_path_factory.mktemp("twin")) as twin:
        fill(twin)
        yield twin


@pytest.fixture(autouse=True)
def credentials(tenant: EntraTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in tenant.environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Told]:
    """Runs checks, by id, and gives findings and gaps."""

    def judge(*ids: str, terms: Terms = TERMS, **tuned: Any) -> Told:
        files = check_files(packaged_checks())
        return run(tuple(load_check(files[one], one) for one in ids), tmp_path / "state", terms, dict.fromkeys(ids, tuned))

    return judge

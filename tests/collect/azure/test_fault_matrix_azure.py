"""Every operation that Azure's collectors declare, under every fault: no wrong pass, no wrong fail, the right unknown, the rest completes.

The matrix is generated from the declarations, so a new collector is in it from its first day.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.collect.azure.target import AzureTarget
from controlmon.collect.base import Operation
from controlmon.collect.microsoft import Terms
from controlmon.core.fact import GapKind
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_files, load_checks, packaged_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.permissions import operations_of
from controlmon.service.providers import services
from controlmon.service.readback import findings_of, gaps_of
from controlmon.service.settings import Budget
from tests.twins.azure import AzureTwin, Fault
from tests.twins.azure_company import fill

KINDS = {
    Fault.DENIED: {GapKind.DENIED},
    Fault.EXPIRED_TOKEN: {GapKind.DENIED},
    Fault.THROTTLED: {GapKind.THROTTLED},
    Fault.ERROR_500: {GapKind.UNAVAILABLE},
    Fault.NOT_FOUND: {GapKind.UNAVAILABLE},
    Fault.TIMEOUT: {GapKind.TIMEOUT},
    # A token that leads nowhere is refused by the service that is asked to go on from it.
    Fault.TRUNCATED_PAGE: {GapKind.TRUNCATED, GapKind.UNAVAILABLE},
    Fault.REPEATED_TOKEN: {GapKind.TRUNCATED, GapKind.UNAVAILABLE},
    Fault.MALFORMED: {GapKind.MALFORMED},
    Fault.HTML: {GapKind.MALFORMED},
    Fault.WRONG_SHAPE: {GapKind.MALFORMED},
}
PAGED = {Fault.TRUNCATED_PAGE, Fault.REPEATED_TOKEN}


@cache
def every_check() -> tuple[Check, ...]:
    ours = [name for name in check_files(packaged_checks()) if name.startswith("azure.")]
    return tuple(load_checks([packaged_checks()], ours))


@cache
def readers(operation: str) -> tuple[Check, ...]:
    """The checks that may ask an operation."""
    asked = {check.id: {o.id for o in operations_of([check], services("azure"))} for check in every_check()}
    return tuple(check for check in every_check() if operation in asked[check.id])


def cells() -> Iterator[Any]:
    for operation in operations_of(every_check(), services("azure")):
        for fault in Fault:
            if fault in PAGED and operation.id in ONE_ANSWER:
                continue
            yield pytest.param(operation, fault, id=f"{operation.id}-{fault.name.lower()}")


ONE_ANSWER = {"Microsoft.ResourceGraph:count(defended)", "Microsoft.Authorization:RoleDefinitions_GetById"}
"""Operations that do not page."""
HARMLESS = {("Microsoft.ResourceGraph:resourcecontainers(Microsoft.Resources/subscriptions)", Fault.REPEATED_TOKEN)}
"""Faults after which all was seen that was needed: a subscription that the graph names is searched, whatever comes after."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureTwin]:
    with AzureTwin(tmp_path_factory.mktemp("twin")) as twin:
        fill(twin)
        yield twin


@pytest.fixture(autouse=True)
def credentials(twin: AzureTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in twin.environment.items():
        monkeypatch.setenv(name, value)


def run(checks: tuple[Check, ...], directory: Path, patience: float = 30) -> tuple[list[Finding], list[Any]]:
    """The findings and the gaps of one run of the real cycle."""
    terms = Terms(attempts=1, connect=5, read=patience)
    selected = [Selected(check, check.tuned(TUNED.get(check.id, {}))) for check in checks]
    directory.mkdir(exist_ok=True)
    ledger = Ledger.open(directory)
    try:
        done = cycle(ledger, Request(selected, [AzureTarget(terms=terms)]), services("azure"), Budget(), utc_now)
        return list(findings_of(ledger, done.run)), list(gaps_of(ledger, done.run))
    finally:
        ledger.close()


TUNED: dict[str, dict[str, Any]] = {
    "azure.authorization.prod_named_people": {"roster": {"ann@artemis.example": ""}},
    "azure.sql.tde": {"require_customer_key": True},
}
"""Parameters without which nothing would be decided, or not by all that is asked."""
BASELINE: dict[tuple[str, str], Outcome] = {}
ASKED: set[str] = set()


@pytest.fixture
def baseline(twin: AzureTwin, tmp_path: Path) -> dict[tuple[str, str], Outcome]:
    if not BASELINE:
        twin.reset_journal()
        findings, _ = run(every_check(), tmp_path / "baseline")
        ASKED.update(call.operation.lower() for call in twin.calls())
        BASELINE.update({(f.check, f.subject.id): f.outcome for f in findings})
    return BASELINE


@pytest.mark.parametrize(("operation", "fault"), list(cells()))
def test_cell(operation: Operation, fault: Fault, twin: AzureTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """What was true without the fault is said with it, or is unknown; and nothing else is said."""
    assert operation.id.lower() in ASKED, "the company of the twin gives no reason to ask it"
    reading = readers(operation.id)
    other = next((c for c in every_check() if c not in reading), None)
    with twin.fault(operation.id, fault, seconds=2.5) as rule:
        findings, gaps = run((*reading, *([other] if other else [])), tmp_path / "faulted", 1.0 if fault is Fault.TIMEOUT else 30)
    assert rule.hits

    said = {(f.check, f.subject.id): f for f in findings}
    for key, finding in said.items():
        if key in baseline:
            assert finding.outcome in (baseline[key], Outcome.UNKNOWN), f"{key}: {baseline[key]} became {finding.outcome}: {finding.reason}"
        else:
            assert finding.outcome is Outcome.UNKNOWN, f"{key}: {finding.outcome} was said of what is not there: {finding.reason}"
    lost = {check for check, subject in baseline if (check, subject) not in said and check in {c.id for c in reading}}
    unknown = {f.check for f in findings if f.outcome is Outcome.UNKNOWN}
    assert lost <= unknown, f"subjects vanished without a word: {lost - unknown}"
    if other:
        assert {k: o for k, o in baseline.items() if k[0] == other.id} == {k: f.outcome for k, f in said.items() if k[0] == other.id}
    if (operation.id, fault) in HARMLESS:
        assert {k: f.outcome for k, f in said.items() if k in baseline} == {k: o for k, o in baseline.items() if k in said}
        return
    kinds = {gap.kind for _, _, gap in gaps if gap.operation == operation.id}
    assert kinds & KINDS[fault], f"no gap of kind {KINDS[fault]} is recorded for {operation.id}: {sorted(kinds)}"


def test_nothing_but_reads_is_asked(twin: AzureTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """A full run calls no operation that writes, none that it does not declare, and none that the generated role does not hold."""
    twin.reset_journal()
    run(every_check(), tmp_path / "run")
    twin.assert_read_only()
    declared = {o.id.lower(): o for o in operations_of(every_check(), services("azure"))}
    assert {c.operation.lower() for c in twin.calls()} <= set(declared)


def test_the_generated_role_is_enough(twin: AzureTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """With exactly the actions that are generated, everything is seen that a Reader sees; with any one of them less, something is not."""
    operations = operations_of(every_check(), services("azure"))
    actions = sorted({need for o in operations for need in o.needs if "/" in need})
    before = dict(twin.permissions), list(twin.tenant_actions)
    try:
        for without in ("", *actions):
            role = [{"actions": [a for a in actions if a != without], "notActions": [], "dataActions": [], "notDataActions": []}]
            twin.permissions, twin.tenant_actions = dict.fromkeys(twin.permissions, role), role
            asking = next((readers(o.id) for o in operations if without in o.needs and readers(o.id)), every_check())
            findings, _ = run(asking if without else every_check(), tmp_path / (without.replace("/", "-") or "all"))
            outcomes = {(f.check, f.subject.id): f.outcome for f in findings}
            expected = {key: outcome for key, outcome in baseline.items() if not without or key[0] in {c.id for c in asking}}
            assert (outcomes == expected) is (not without), without
    finally:
        twin.permissions, twin.tenant_actions = before

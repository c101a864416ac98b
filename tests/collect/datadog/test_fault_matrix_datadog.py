"""Every operation that a Datadog collector declares, under every fault: no wrong pass, no wrong fail, the right unknown, the rest completes.

Generated from the declarations, after tests/collect/test_fault_matrix.py.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.collect.base import Operation
from controlmon.collect.datadog.client import Terms
from controlmon.collect.datadog.target import DatadogTarget
from controlmon.core.fact import Gap, GapKind
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.service.checks import check_directories, load_checks
from controlmon.service.cycle import Request, cycle
from controlmon.service.flow import utc_now
from controlmon.service.permissions import operations_of
from controlmon.service.providers import services
from controlmon.service.readback import findings_of, gaps_of
from controlmon.service.settings import Budget
from tests.twins.datadog import PAGED, DatadogTwin, Fault, faults_for
from tests.twins.datadog_company import CHILD, NEEDED, TENANT, org

KINDS = {
    Fault.DENIED: {GapKind.DENIED},
    Fault.EXPIRED: {GapKind.DENIED},
    Fault.PLAN: {GapKind.UNAVAILABLE},
    Fault.THROTTLED: {GapKind.THROTTLED},
    Fault.ERROR_500: {GapKind.UNAVAILABLE},
    Fault.TIMEOUT: {GapKind.TIMEOUT},
    Fault.MALFORMED: {GapKind.MALFORMED},
    Fault.HTML: {GapKind.MALFORMED},
    Fault.WRONG_SHAPE: {GapKind.MALFORMED},
    # A cursor that leads nowhere is refused when it is followed; a count that is never reached is noticed.
    Fault.TRUNCATED_PAGE: {GapKind.TRUNCATED, GapKind.UNAVAILABLE},
    Fault.REPEATED_PAGE: {GapKind.TRUNCATED},
}
WHO, SUBMIT = "v2.UsersApi:get_current_user", "v2.LogsApi:submit_log"
TUNED: dict[str, dict[str, Any]] = {
    "datadog.user.leavers": {"roster": {"ann@example.com": "active", "bob@example.com": "active"}},
    "datadog.role.admins": {"listed": ["ann@example.com"]},
    "datadog.log.source_fresh": {
        "sources": {"cloudtrail": 30, "auth0": 60},
        "flex": True,
        "online_archives": True,
    },
    "datadog.log.archive": {"locked_days": {"artemis-logs": 400}},
    "datadog.log.canary_roundtrip": {"enabled": True},
    "datadog.security.required_rules": {"required": ["root login"], "classes": {"root login": "@userIdentity.type:Root"}},
    "datadog.integration.coverage": {"production": ["111111111111", TENANT]},
}
EMPTY_IS_AN_ANSWER = {SUBMIT}
"""Operations of whose answer nothing is read."""
ONE_IS_ENOUGH = {"v2.AuditApi:search_audit_logs"}
"""Operations that are asked for one item: what comes after it does not matter."""


@cache
def every_check() -> tuple[Check, ...]:
    return tuple(check for check in load_checks(check_directories()) if check.provider == "datadog")


@cache
def readers(operation: str) -> tuple[Check, ...]:
    """The checks that may ask an operation."""
    return tuple(c for c in every_check() if any(o.id == operation for o in operations_of([c], services("datadog"))))


def cells() -> Iterator[Any]:
    for operation in operations_of(every_check(), services("datadog")):
        if operation.id == WHO:
            continue  # logging in: tests of its own
        for fault in faults_for(operation.id):
            needless = (fault is Fault.WRONG_SHAPE and operation.id in EMPTY_IS_AN_ANSWER) or (
                fault in PAGED and operation.id in ONE_IS_ENOUGH
            )
            if not needless:
                yield pytest.param(operation, fault, id=f"{operation.id}-{fault.name.lower()}")


@pytest.fixture(scope="module")
def twin() -> Iterator[DatadogTwin]:
    with DatadogTwin() as twin:
        twin.answers["v1.OrganizationsApi:list_orgs"] = {"orgs": [org(), org(CHILD, "Artemis Labs")]}
        written = (datetime.now(UTC) - timedelta(hours=24)).isoformat()
        mark = {"service": "controlmon-canary", "timestamp": written, "attributes": {"controlmon": {"written": written}}}
        twin.answers["v2.LogsApi:list_logs"] = {"data": [{"id": "l-1", "type": "log", "attributes": mark}], "meta": {"status": "done"}}
        yield twin


@pytest.fixture(autouse=True)
def credentials(twin: DatadogTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in twin.env().items():
        monkeypatch.setenv(name, value)


def run(
    twin: DatadogTwin, checks: tuple[Check, ...], directory: Path, patience: float = 30
) -> tuple[list[Finding], list[tuple[Any, Any, Gap]]]:
    """The findings and the gaps of one run of the real cycle."""
    terms = Terms(attempts=1, connect=5, read=patience, endpoint=twin.url)
    selected = [Selected(check, check.tuned(TUNED.get(check.id, {}))) for check in checks]
    directory.mkdir(exist_ok=True)
    ledger = Ledger.open(directory)
    try:
        done = cycle(ledger, Request(selected, [DatadogTarget(terms=terms)]), services("datadog"), Budget(), utc_now)
        return list(findings_of(ledger, done.run)), list(gaps_of(ledger, done.run))
    finally:
        ledger.close()


BASELINE: dict[tuple[str, str], Outcome] = {}


@pytest.fixture
def baseline(twin: DatadogTwin, tmp_path: Path) -> dict[tuple[str, str], Outcome]:
    if not BASELINE:
        findings, _ = run(twin, every_check(), tmp_path / "baseline")
        BASELINE.update({(f.check, f.subject.id): f.outcome for f in findings})
    return BASELINE


def test_without_a_fault_every_check_passes(baseline: dict[tuple[str, str], Outcome]) -> None:
    """The matrix compares with something: each check says pass of something, and nothing is unknown but the child from without."""
    assert {check for check, _ in baseline} == {c.id for c in every_check()}
    assert {check for (check, _), outcome in baseline.items() if outcome is Outcome.PASS} == {c.id for c in every_check()}
    assert [key for key, outcome in baseline.items() if outcome in (Outcome.UNKNOWN, Outcome.FAIL)] == [
        ("datadog.user.sso_enforced", CHILD)
    ]


@pytest.mark.parametrize(("operation", "fault"), list(cells()))
def test_cell(operation: Operation, fault: Fault, twin: DatadogTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """What was true without the fault is said with it, or is unknown; and nothing else is said."""
    others = [c for c in every_check() if c not in readers(operation.id)][:1]
    with twin.fault(operation.id, fault, seconds=2.5) as rule:
        findings, gaps = run(twin, (*readers(operation.id), *others), tmp_path / "faulted", 1.0 if fault is Fault.TIMEOUT else 30)
    assert rule.hits, "nothing asks it"

    said = {(f.check, f.subject.id): f for f in findings}
    for key, finding in said.items():
        if key in baseline:
            assert finding.outcome in (baseline[key], Outcome.UNKNOWN), f"{key}: {baseline[key]} became {finding.outcome}: {finding.reason}"
        else:
            assert finding.outcome is Outcome.UNKNOWN, f"{key}: {finding.outcome} was said of what is not there: {finding.reason}"
    asked = {c.id for c in readers(operation.id)}
    lost = {check for check, subject in baseline if (check, subject) not in said and check in asked}
    unknown = {f.check for f in findings if f.outcome is Outcome.UNKNOWN}
    assert lost <= unknown, f"subjects vanished without a word: {lost - unknown}"
    for other in others:
        assert {k: o for k, o in baseline.items() if k[0] == other.id} == {k: f.outcome for k, f in said.items() if k[0] == other.id}
    kinds = {gap.kind for _, _, gap in gaps if gap.operation == operation.id}
    assert kinds & KINDS[fault], f"no gap of kind {KINDS[fault]} is recorded for {operation.id}: {sorted(kinds)}"


@pytest.mark.parametrize(
    "fault", [f for f in faults_for(WHO) if f not in (Fault.TRUNCATED_PAGE, Fault.REPEATED_PAGE)], ids=lambda f: f.name.lower()
)
def test_an_organization_that_cannot_be_logged_in_to_is_unknown(twin: DatadogTwin, tmp_path: Path, fault: Fault) -> None:
    """Every check is unknown, by name, for the reason that logging in had."""
    with twin.fault(WHO, fault, seconds=2.5):
        findings, _ = run(twin, every_check(), tmp_path / "shut", 1.0 if fault is Fault.TIMEOUT else 30)
    assert {f.check for f in findings} == {c.id for c in every_check()}
    assert {f.outcome for f in findings} == {Outcome.UNKNOWN}
    assert all(WHO in f.reason for f in findings)


@pytest.mark.parametrize("scope", sorted({s for scopes in NEEDED.values() for s in scopes}))
def test_each_scope_is_needed_and_named(twin: DatadogTwin, tmp_path: Path, scope: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one scope something is unknown, and says which to grant; with all that `permissions` prints, nothing is denied."""
    monkeypatch.setattr(twin, "granted", {s for o in operations_of(every_check(), services("datadog")) for s in o.needs} - {scope})
    findings, gaps = run(twin, every_check(), tmp_path / "less")
    assert any(f.outcome is Outcome.UNKNOWN and f"grant {scope}" in f.reason for f in findings)
    assert {need for _, _, gap in gaps if gap.kind is GapKind.DENIED for need in gap.needs} == {scope}


def test_nothing_but_reads_is_asked(twin: DatadogTwin, tmp_path: Path) -> None:
    """A full run with the defaults calls no operation that writes, and none that it does not declare."""
    twin.reset_journal()
    off = {**TUNED["datadog.log.canary_roundtrip"]}
    TUNED["datadog.log.canary_roundtrip"] = {}
    try:
        run(twin, every_check(), tmp_path / "run")
    finally:
        TUNED["datadog.log.canary_roundtrip"] = off
    twin.assert_read_only()
    declared = {o.id for o in operations_of(every_check(), services("datadog"))}
    assert {c.operation for c in twin.calls()} <= declared
    assert SUBMIT not in {c.operation for c in twin.calls()}


def test_the_canary_writes_one_log_where_it_is_turned_on(twin: DatadogTwin, tmp_path: Path) -> None:
    """Its one write is the only one of all, and the journal knows it."""
    twin.reset_journal()
    run(twin, every_check(), tmp_path / "run")
    twin.assert_read_only(SUBMIT)
    assert [c.body[0]["service"] for c in twin.calls(SUBMIT)] == ["controlmon-canary"]
    with pytest.raises(AssertionError, match="submit_log"):
        twin.assert_read_only()

"""Every operation of Graph that a collector declares, under every fault: no wrong pass, no wrong fail, the right unknown.

The matrix is generated from the declarations, so a new collector is in it from its first day.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from controlmon.check import Check
from controlmon.collect.base import Operation
from controlmon.collect.entra.operations import UNLICENSED
from controlmon.collect.microsoft import Terms
from controlmon.core.fact import GapKind
from controlmon.core.outcome import Outcome
from controlmon.service.checks import check_directories, check_files, load_checks, packaged_checks
from controlmon.service.permissions import operations_of
from controlmon.service.providers import services
from tests.twins.entra import PAGED, SINGLE, EntraTwin, Fault
from tests.twins.entra_company import TUNED

from .conftest import run

KINDS = {
    Fault.DENIED: {GapKind.DENIED},
    Fault.UNLICENSED: {GapKind.UNAVAILABLE},
    Fault.EXPIRED_TOKEN: {GapKind.DENIED},
    Fault.THROTTLED: {GapKind.THROTTLED},
    Fault.ERROR_500: {GapKind.UNAVAILABLE},
    Fault.TIMEOUT: {GapKind.TIMEOUT},
    Fault.TRUNCATED_PAGE: {GapKind.UNAVAILABLE},
    Fault.REPEATED_TOKEN: {GapKind.TRUNCATED},
    Fault.FOREIGN_LINK: {GapKind.TRUNCATED},
    Fault.MALFORMED: {GapKind.MALFORMED},
    Fault.HTML: {GapKind.MALFORMED},
    Fault.WRONG_SHAPE: {GapKind.MALFORMED},
}


@cache
def every_check() -> tuple[Check, ...]:
    ids = [one for one in check_files(packaged_checks()) if one.startswith("entra.")]
    return tuple(load_checks(check_directories(), ids))


@cache
def readers(operation: str) -> tuple[Check, ...]:
    """The checks that may ask an operation."""
    return tuple(c for c in every_check() if any(o.id == operation for o in operations_of([c], services("entra"))))


def cells() -> Iterator[Any]:
    for operation in operations_of(every_check(), services("entra")):
        if operation.service == "login":
            continue  # a test of its own
        single = operation.name.partition("?")[0].rpartition("/")[2] in SINGLE
        for fault in Fault:
            if not (single and fault in PAGED):
                yield pytest.param(operation, fault, id=f"{operation.name}-{fault.name.lower()}")


BASELINE: dict[tuple[str, str], Outcome] = {}


@pytest.fixture
def baseline(tenant: EntraTwin, tmp_path: Path) -> dict[tuple[str, str], Outcome]:
    if not BASELINE:
        tenant.reset_journal()
        findings, gaps = run(every_check(), tmp_path / "baseline", tuned=TUNED)
        assert not gaps
        BASELINE.update({(f.check, f.subject.id): f.outcome for f in findings})
        asked = {call.operation for call in tenant.calls()}
        assert {o.name for o in operations_of(every_check(), services("entra")) if o.service != "login"} <= asked
    return BASELINE


@pytest.mark.parametrize(("operation", "fault"), list(cells()))
def test_cell(operation: Operation, fault: Fault, tenant: EntraTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path) -> None:
    """What was true without the fault is said with it, or is unknown; and nothing else is said."""
    terms = Terms(attempts=1, connect=5, read=1.0 if fault is Fault.TIMEOUT else 30)
    asked = readers(operation.id)
    others = tuple(
        c for c in every_check() if c not in asked and c.id in ("entra.policy.user_consent", "entra.directoryrole.global_admins")
    )[:1]
    with tenant.fault(operation.name, fault, seconds=2.5) as rule:
        findings, gaps = run((*asked, *others), tmp_path / "faulted", terms, TUNED)
    assert rule.hits

    said = {(f.check, f.subject.id): f for f in findings}
    licence_is_an_answer = fault is Fault.UNLICENSED and UNLICENSED in operation.absent
    for key, finding in said.items():
        allowed = {baseline.get(key, Outcome.UNKNOWN), Outcome.UNKNOWN}
        if licence_is_an_answer:
            allowed |= {Outcome.FAIL, Outcome.NOT_APPLICABLE}
        assert finding.outcome in allowed, f"{key}: {allowed} became {finding.outcome}: {finding.reason}"
        assert not any(secret in finding.reason for secret in tenant.secrets)
    lost = {check for check, subject in baseline if (check, subject) not in said and check in {c.id for c in asked}}
    unknown = {f.check for f in findings if f.outcome is Outcome.UNKNOWN}
    assert lost <= unknown, f"subjects vanished without a word: {lost - unknown}"
    for other in others:
        assert {k: o for k, o in baseline.items() if k[0] == other.id} == {k: f.outcome for k, f in said.items() if k[0] == other.id}
    found = [gap for _, _, gap in gaps if gap.operation == operation.id]
    if licence_is_an_answer:
        assert not found
        return
    assert {gap.kind for gap in found} & KINDS[fault], f"no gap of kind {KINDS[fault]} for {operation.id}: {found}"
    if fault is Fault.UNLICENSED:
        assert all("not licensed" in str(gap) and "grant" not in str(gap) for gap in found)


def test_nothing_but_reads_is_asked(tenant: EntraTwin, tmp_path: Path) -> None:
    """A full run calls no operation that writes, and none that it does not declare."""
    tenant.reset_journal()
    run(every_check(), tmp_path / "run", tuned=TUNED)
    tenant.assert_read_only()
    declared = {o.name for o in operations_of(every_check(), services("entra"))} | {"login", "$batch"}
    assert {call.operation for call in tenant.calls()} <= declared


@pytest.mark.parametrize(
    "permission", sorted({p for o in operations_of(every_check(), services("entra")) for p in o.needs if "/" not in p})
)
def test_each_permission_that_is_generated_is_needed(
    permission: str, tenant: EntraTwin, baseline: dict[tuple[str, str], Outcome], tmp_path: Path
) -> None:
    """Without it something is denied, and the reason names it."""
    assert baseline
    tenant.granted.discard(permission)
    try:
        _, gaps = run(every_check(), tmp_path / "without", tuned=TUNED)
    finally:
        tenant.granted.add(permission)
    denied = [gap for _, _, gap in gaps]
    assert denied
    assert all(gap.kind is GapKind.DENIED and permission in gap.needs and permission in str(gap) for gap in denied)


def test_a_login_that_is_refused_leaves_everything_unknown(tenant: EntraTwin, tmp_path: Path) -> None:
    """And says so, without the secret."""
    with tenant.fault("login", Fault.DENIED):
        findings, _ = run(every_check(), tmp_path / "locked")
    assert {f.check for f in findings} == {c.id for c in every_check()}
    assert {f.outcome for f in findings} == {Outcome.UNKNOWN}
    assert all("login:POST /oauth2/v2.0/token was denied" in f.reason for f in findings)
    assert not any(secret in f.reason for f in findings for secret in tenant.secrets)

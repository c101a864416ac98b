"""Exceptions: which failures they cover, when, and what a period says of them."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from controlmon.engine.exceptions import Exceptions
from controlmon.engine.excused import seen
from controlmon.facts.controlmon.exceptions import Exemption
from tests.dossier_small import dossier

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def exemption(**more: Any) -> Exemption:
    given = {"id": "EX-1", "check": "a.b.c", "subjects": ("arn:aws:s3:::logs-*",), "owner": "bob", "approver": "ada"}
    return Exemption(**{**given, "reason": "a migration", "approved_at": date(2026, 11, 1), "expires": date(2026, 11, 30), **more})


def row(subject: str = "arn:aws:s3:::logs-1", outcome: str = "fail", kind: str = "aws.s3.bucket", name: str = "logs-1") -> dict[str, str]:
    return {"subject": subject, "outcome": outcome, "kind": kind, "name": name, "severity": "high"}


@pytest.mark.parametrize(
    ("said", "found", "check", "covered"),
    [
        pytest.param({}, row(), "a.b.c", True, id="a failing subject that the glob covers"),
        pytest.param({}, row(), "a.b.d", False, id="another check is not excepted"),
        pytest.param({}, row("arn:aws:s3:::data", name="data"), "a.b.c", False, id="another subject is not excepted"),
        pytest.param({"subjects": ("logs-1",)}, row(), "a.b.c", True, id="a name stands for its subject"),
        pytest.param({}, row(outcome="unknown"), "a.b.c", False, id="what was not seen is never excepted"),
        pytest.param({"subjects": ("*",)}, row(kind="scope"), "a.b.c", False, id="a scope is no subject"),
        pytest.param({}, row(outcome="pass"), "a.b.c", False, id="a pass needs none"),
        pytest.param({"expires": date(2026, 11, 22)}, row(), "a.b.c", False, id="expired is failing again"),
        pytest.param({"expires": date(2026, 11, 23)}, row(), "a.b.c", True, id="its last day counts"),
        pytest.param({"approved_at": date(2026, 11, 24)}, row(), "a.b.c", False, id="it does not begin before it was approved"),
        pytest.param({"revoked_at": date(2026, 11, 23)}, row(), "a.b.c", False, id="revoked today, it holds no more"),
    ],
)
def test_which_failures_are_excepted(said: dict[str, Any], found: dict[str, str], check: str, covered: bool) -> None:
    """A failure of a covered subject, of its check, while it holds: nothing else."""
    assert (Exceptions((exemption(**said),)).excuse(check, found, NOW) is not None) is covered


def test_the_one_that_ends_last_is_named() -> None:
    """Two may cover one failure: what counts is until when."""
    two = Exceptions((exemption(expires=date(2026, 12, 31)), exemption(id="EX-2")))
    excused = two.excuse("a.b.c", row(), NOW)
    assert excused is not None
    assert excused.id == "EX-1"
    assert [one.id for one in two.ending(NOW)] == ["EX-2"]


def test_days_and_subjects_of_a_period() -> None:
    """It counts the days of the period on which the record had it and it held, and the failing subjects that it covered."""
    whole = dossier()
    deviation = whole.controls[1].deviations[0]
    one = exemption(check=deviation.check, subjects=(deviation.subject,), approved_at=date(2026, 11, 5), expires=date(2027, 1, 31))
    begin, over = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    promises = [part.control for part in whole.controls]
    recorded = [(datetime(2026, 11, 11, 6, tzinfo=UTC), (one,)), (datetime(2026, 11, 21, tzinfo=UTC), ())]
    told = list(seen(recorded, whole.controls[1].deviations, promises, begin, over))
    assert {(t.id, t.days, t.by) for t in told} == {("EX-1", 10, "ada (owner bob)")}
    assert {t.subjects for t in told} == {1}
    assert {t.control for t in told} <= {control.id for control in promises}
    assert not list(seen([(over, (one,))], whole.controls[1].deviations, promises, begin, over))

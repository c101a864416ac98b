"""aws.dynamodb.pitr on raw answers of DynamoDB."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.dynamodb import Table
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.dynamodb.pitr"


def backups(status: str, **more: Any) -> dict[str, Any]:
    inner = {"PointInTimeRecoveryStatus": status, **more}
    return {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": inner}}


@pytest.mark.parametrize(
    ("answer", "parameters", "outcome", "because"),
    [
        pytest.param(backups("ENABLED", RecoveryPeriodInDays=35), {}, "pass", "last 35 days", id="on"),
        pytest.param(backups("ENABLED"), {}, "pass", "last 35 days", id="on, for as long as there is if nothing was chosen"),
        pytest.param(backups("ENABLED", RecoveryPeriodInDays=7), {}, "pass", "last 7 days", id="just long enough"),
        pytest.param(backups("ENABLED", RecoveryPeriodInDays=6), {}, "fail", "6 days back; 7 required", id="on, but too short"),
        pytest.param(backups("ENABLED", RecoveryPeriodInDays=14), {"min_days": 35}, "fail", "35 required", id="how long is a parameter"),
        pytest.param(backups("DISABLED"), {}, "fail", "is off", id="off, though continuous backups are ENABLED for every table"),
        pytest.param(backups("DISABLED", RecoveryPeriodInDays=35), {}, "fail", "is off", id="off, whatever the period"),
        pytest.param(backups("ENABLING"), {}, "unknown", "ENABLING", id="a status that is new is unknown"),
        pytest.param(backups("ENABLED", RecoveryPeriodInDays="35"), {}, "unknown", "whole number", id="a text is no number"),
        pytest.param(
            {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}},
            {},
            "unknown",
            "PointInTime",
            id="no status is unknown",
        ),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied table is unknown"),
    ],
)
def test_table(answer: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Table, "t", recovery=answer), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_each_replica_needs_it_for_itself() -> None:
    here, there = (Scope("aws", ACCOUNT, name) for name in ("eu-west-1", "us-east-1"))
    evidence = MemoryEvidence(
        Given(Table, f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t", name="t", scope=here, recovery=backups("ENABLED")),
        Given(Table, f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t", name="t", scope=there, recovery=backups("DISABLED")),
    )
    assert [f.outcome for scope in (here, there) for f in findings(CHECK, evidence, scope=scope)] == ["pass", "fail"]


def test_tables_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Table: DENIED}))] == ["unknown"]

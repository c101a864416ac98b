"""aws.secretsmanager.rotation on raw answers of Secrets Manager. The clock stands at 2026-11-23."""

from typing import Any

import pytest

from controlmon.facts.aws.secretsmanager import Secret
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.secretsmanager.rotation"
MADE = "2020-01-01T00:00:00Z"


def secret(**more: Any) -> dict[str, Any]:
    return {"ARN": "arn:s", "Name": "s", "CreatedDate": MADE} | {k: v for k, v in more.items() if v is not None}


def rotating(rotated: str | None, days: int | None = 30, expression: str | None = None, **more: Any) -> dict[str, Any]:
    rules = {"AutomaticallyAfterDays": days, "ScheduleExpression": expression}
    rules = {key: value for key, value in rules.items() if value is not None}
    return secret(RotationEnabled=True, RotationRules=rules, LastRotatedDate=rotated, **more)


@pytest.mark.parametrize(
    ("raw", "parameters", "outcome", "because"),
    [
        pytest.param(rotating("2026-11-01T00:00:00Z"), {}, "pass", "22 days ago; its rule is every 30", id="rotated in time"),
        pytest.param(rotating("2026-10-01T00:00:00Z"), {}, "fail", "53 days ago; its rule is every 30", id="on, and overdue"),
        pytest.param(rotating("2026-10-23T18:00:00Z"), {}, "pass", "30 days ago", id="within its window"),
        pytest.param(rotating(None), {}, "fail", "never rotated", id="on, and never done"),
        pytest.param(rotating(None, LastChangedDate="2026-11-20T00:00:00Z"), {}, "pass", "3 days old", id="on since a moment"),
        pytest.param(rotating("2026-11-20T00:00:00Z", None, "rate(10 days)"), {}, "pass", "every 10", id="by a rate"),
        pytest.param(rotating("2026-11-01T00:00:00Z", None, "rate(10 days)"), {}, "fail", "every 10", id="and late by it"),
        pytest.param(rotating("2026-11-20T00:00:00Z", None, "rate(12 hours)"), {}, "fail", "3 days ago", id="or by hours"),
        pytest.param(rotating("2026-11-20T00:00:00Z", None, "cron(0 0 1 * ? *)"), {}, "pass", "365 days", id="by a calendar"),
        pytest.param(
            rotating("2026-11-01T00:00:00Z", None, "cron(0 0 1 * ? *)", NextRotationDate="2026-11-15T00:00:00Z"),
            {}, "fail", "due on 2026-11-15", id="which has passed",
        ),
        pytest.param(secret(LastChangedDate="2026-06-01T00:00:00Z"), {}, "pass", "175 days ago; 365", id="changed by hand"),
        pytest.param(secret(LastChangedDate="2026-06-01T00:00:00Z"), {"max_age_days": 90}, "fail", "175 days ago; 90", id="not lately"),
        pytest.param(secret(), {}, "fail", "365 allowed", id="never"),
        pytest.param(secret(RotationEnabled=False, LastChangedDate=MADE), {}, "fail", "does not rotate", id="switched off"),
        pytest.param(secret(OwningService="events"), {}, "not_applicable", "events's", id="a service's own"),
        pytest.param(rotating("2026-11-01T00:00:00Z", OwningService="rds"), {}, "pass", "22 days", id="which rotates"),
        pytest.param(rotating("2026-01-01T00:00:00Z", OwningService="rds"), {}, "fail", "every 30", id="or should"),
        pytest.param(secret(PrimaryRegion="us-east-1"), {}, "not_applicable", "us-east-1", id="a copy"),
        pytest.param(secret(PrimaryRegion="eu-west-1", LastChangedDate="2026-11-01T00:00:00Z"), {}, "pass", "22", id="its original"),
        pytest.param(
            secret(LastChangedDate="2026-11-01T00:00:00Z", LastAccessedDate="2026-06-01T00:00:00Z"),
            {"max_unused_days": 90}, "fail", "read it for 175 days", id="unused",
        ),
        pytest.param(
            secret(LastChangedDate="2026-11-01T00:00:00Z", LastAccessedDate="2026-11-22T00:00:00Z"), {"max_unused_days": 1}, "pass", "22",
            id="to the precision of a day",
        ),
        pytest.param({"ARN": "arn:s"}, {}, "unknown", "CreatedDate", id="no dates"),
        pytest.param(secret(RotationEnabled="true"), {}, "unknown", "true or false", id="a text is no answer"),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied secret"),
    ],
)  # fmt: skip
def test_secret(raw: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Secret, "arn:s", region="eu-west-1", settings=raw), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_secrets_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Secret: DENIED}))] == ["unknown"]

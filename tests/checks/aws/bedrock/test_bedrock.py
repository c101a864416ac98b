"""The checks of Bedrock on raw answers of Bedrock and CloudWatch."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.bedrock import CustomizationJob, CustomModel, ImportedModel
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

LOGGING, RETENTION, CUSTOM = (f"aws.bedrock.{name}" for name in ("invocation_logging", "data_retention_mode", "no_customization"))
UNUSED = not_asked("no model was invoked in 30 days")


def used(*models: str, status: str = "Complete", **more: Any) -> dict[str, Any]:
    return {"MetricDataResults": [{"Label": model, "Values": [3, 4], "StatusCode": status} for model in models]} | more


def on(*kinds: str, **more: Any) -> dict[str, Any]:
    return {"loggingConfig": {"s3Config": {"bucketName": "logs"}, **{f"{kind}DataDeliveryEnabled": True for kind in kinds}, **more}}


def region(invocations: Any, **answers: Any) -> Given:
    return Given(Region, f"{ACCOUNT}:eu-west-1", bedrock_invocations=invocations, **answers)


CLAUDE = "anthropic.claude-3"


@pytest.mark.parametrize(
    ("invocations", "logging", "outcome", "because"),
    [
        pytest.param(used(CLAUDE), on("text"), "pass", "s3://logs", id="text is logged"),
        pytest.param(used(CLAUDE), {"loggingConfig": {"cloudWatchConfig": {"logGroupName": "g"}, "textDataDeliveryEnabled": True}}, "pass", "log group g", id="to CloudWatch"),
        pytest.param(used(CLAUDE), {}, "fail", "nothing is logged", id="an empty answer is off"),
        pytest.param(used(CLAUDE), {"loggingConfig": {"textDataDeliveryEnabled": True}}, "fail", "nothing is logged", id="to nowhere"),
        pytest.param(used(CLAUDE), on("text", textDataDeliveryEnabled=False), "fail", "text is not", id="but not text"),
        pytest.param(used("amazon.titan-embed-text-v2"), on("text"), "fail", "embedding is not", id="embeddings are used"),
        pytest.param(used("amazon.titan-embed-text-v2"), on("text", "embedding"), "pass", "embed", id="and logged"),
        pytest.param(used("amazon.nova-canvas-v1", "amazon.nova-reel-v1"), on("text", "image"), "fail", "video is not", id="video is"),
        pytest.param(used(), UNUSED, "not_applicable", "no model was invoked", id="nobody invoked a model"),
        pytest.param(used(CLAUDE), DENIED, "unknown", "grant svc:Permission", id="a denied configuration"),
        pytest.param(DENIED, DENIED, "unknown", "grant svc:Permission", id="denied metrics"),
        pytest.param(used(CLAUDE, status="InternalError"), on("text"), "unknown", "InternalError", id="metrics that failed"),
        pytest.param(used(Messages=[{"Code": "MaxMetricsExceeded"}]), UNUSED, "unknown", "MaxMetrics", id="or are not all"),
        pytest.param({}, UNUSED, "unknown", "MetricDataResults", id="or none"),
        pytest.param(used(CLAUDE), on(textDataDeliveryEnabled="true"), "unknown", "true or false", id="a text is no answer"),
    ],
)  # fmt: skip
def test_logging(invocations: Any, logging: Any, outcome: str, because: str) -> None:
    found = verdict(LOGGING, region(invocations, bedrock_logging=logging))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("invocations", "mode", "parameters", "outcome", "because"),
    [
        pytest.param(used(CLAUDE), {"mode": "none"}, {}, "pass", "none", id="none"),
        pytest.param(used(CLAUDE), {"mode": "provider_data_share"}, {}, "fail", "provider_data_share; none", id="shared with the provider"),
        pytest.param(used(CLAUDE), {"mode": "aws_review"}, {}, "fail", "aws_review", id="reviewed by AWS"),
        pytest.param(used(CLAUDE), {"mode": "aws_review"}, {"required_mode": "aws_review"}, "pass", "aws_review", id="if that is promised"),
        pytest.param(used(CLAUDE), {"mode": "inherit"}, {}, "unknown", "not told", id="never set"),
        pytest.param(used(CLAUDE), {"mode": "default"}, {}, "unknown", "not told", id="the default"),
        pytest.param(used(CLAUDE), {"mode": "default"}, {"retaining_models": ["anthropic.*"]}, "fail", "keeps data", id="of a model that keeps"),
        pytest.param(used("other"), {"mode": "default"}, {"retaining_models": ["anthropic.*"]}, "unknown", "not told", id="of another"),
        pytest.param(used(), UNUSED, {}, "not_applicable", "no model", id="nobody invoked a model"),
        pytest.param(used(CLAUDE), UNUSED, {}, "unknown", "not asked", id="it was not asked"),
        pytest.param(used(CLAUDE), {}, {}, "unknown", "mode", id="an empty answer"),
        pytest.param(used(CLAUDE), DENIED, {}, "unknown", "grant svc:Permission", id="a denied answer"),
        pytest.param(DENIED, {"mode": "provider_data_share"}, {}, "unknown", "grant", id="denied metrics"),
    ],
)  # fmt: skip
def test_retention(invocations: Any, mode: Any, parameters: Any, outcome: str, because: str) -> None:
    found = verdict(RETENTION, region(invocations, bedrock_retention=mode), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("check", [LOGGING, RETENTION])
def test_regions_that_could_not_be_listed_are_unknown(check: str) -> None:
    assert [f.outcome for f in findings(check, MemoryEvidence(gaps={Region: DENIED}))] == ["unknown"]


def judged(kind: Any, raw: Any, *approved: str) -> Finding:
    return verdict(CUSTOM, Given(kind, training=raw), approved_data=list(approved))


def trained(uri: str | None = None, logs: str | None = None, **more: Any) -> dict[str, Any]:
    config: dict[str, Any] = {"s3Uri": uri} if uri else {}
    config |= {"invocationLogsConfig": {"invocationLogSource": {"s3Uri": logs}}} if logs else {}
    return {"jobArn": "arn:j", "modelArn": "arn:m", "trainingDataConfig": config, "customizationType": "FINE_TUNING"} | more


@pytest.mark.parametrize("kind", [CustomizationJob, CustomModel])
@pytest.mark.parametrize(
    ("raw", "approved", "outcome", "because"),
    [
        pytest.param(trained("s3://b/x"), ["s3://b"], "pass", "approved", id="approved data"),
        pytest.param(trained("s3://b/x"), ["s3://b/x"], "pass", "approved", id="to the letter"),
        pytest.param(trained("s3://bad/x"), ["s3://b"], "fail", "s3://bad/x", id="a bucket of a longer name"),
        pytest.param(trained("s3://b/x"), [], "fail", "not approved", id="nothing is approved"),
        pytest.param(trained(logs="s3://logs/"), ["s3://logs/"], "fail", "logged prompts", id="logged prompts, wherever"),
        pytest.param(trained(), [], "unknown", "not told", id="nothing is told"),
        pytest.param(trained(customizationType="IMPORTED"), [], "unknown", "elsewhere", id="weights from elsewhere"),
        pytest.param({}, [], "unknown", "Arn", id="an empty answer"),
        pytest.param(DENIED, [], "unknown", "grant svc:Permission", id="a denied one"),
    ],
)
def test_customization(kind: Any, raw: Any, approved: list[str], outcome: str, because: str) -> None:
    found = judged(kind, raw, *approved)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("raw", "approved", "outcome"),
    [
        pytest.param({"modelArn": "m", "modelDataSource": {"s3DataSource": {"s3Uri": "s3://w/1"}}}, [], "unknown", id="made elsewhere"),
        pytest.param({"modelArn": "m", "modelDataSource": {"s3DataSource": {"s3Uri": "s3://w/1"}}}, ["s3://w/"], "pass", id="approved"),
        pytest.param({"modelArn": "m"}, [], "unknown", id="from nowhere"),
        pytest.param(DENIED, [], "unknown", id="a denied one"),
    ],
)
def test_imported_weights(raw: Any, approved: list[str], outcome: str) -> None:
    assert judged(ImportedModel, raw, *approved).outcome == outcome


@pytest.mark.parametrize("kind", [CustomizationJob, CustomModel, ImportedModel])
def test_what_could_not_be_listed_is_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CUSTOM, MemoryEvidence(gaps={kind: DENIED}))]


def test_no_customization_at_all_is_not_applicable() -> None:
    found = findings(CUSTOM, MemoryEvidence(empty=(CustomizationJob, CustomModel, ImportedModel)))
    assert [f.outcome for f in found] == ["not_applicable"]

"""ASFF: what botocore's model and a Security Hub accept, within the format's limits, and nothing about an account that it is not about."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from controlmon.core.fact import Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.report import asff
from controlmon.report.model import Told
from tests.report.conftest import ENCRYPTION, REGION, TRAILS, WIDE, finding, report_of

MODEL = botocore.session.get_session().get_service_model("securityhub")
ELSEWHERE = Scope("datadog", "artemis")
LIMITS = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024, "Region": 16, "ProductName": 128}


def written(findings: list[Finding], **more: Any) -> list[dict[str, Any]]:
    out = io.StringIO()
    asff.write(report_of(findings, **more), out)
    said: list[dict[str, Any]] = json.loads(out.getvalue())
    return said


def errors(findings: list[dict[str, Any]]) -> str:
    shape = MODEL.operation_model("BatchImportFindings").input_shape
    return str(ParamValidator().validate({"Findings": findings}, shape).generate_report())


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_botocore_s_model(few: list[Finding]) -> None:
    """Every member is one that `BatchImportFindings` has, of its type, and none that it requires is missing."""
    said = written(few)
    assert errors(said) == ""
    assert "Unknown parameter" in errors([said[0] | {"Tittle": "x"}])
    assert "Missing required" in errors([{name: of for name, of in said[0].items() if name != "Title"}])
    statuses = MODEL.shape_for("ComplianceStatus").enum
    assert {one["Compliance"]["Status"] for one in said} == set(statuses)
    assert {one["Severity"]["Label"] for one in said} <= set(MODEL.shape_for("SeverityLabel").enum)


def test_kinds_are_those_of_security_hub() -> None:
    """Each type of a resource is one that the model has details for, or the account itself."""
    known = set(MODEL.shape_for("ResourceDetails").members) | {"AwsAccount"}
    assert set(asff.TYPES.values()) <= known
    assert set(asff.STATUS) == set(Outcome)


def test_security_hub_takes_them_and_gives_them_back(endpoint: str, few: list[Finding]) -> None:
    """A batch of 100, from the account that they are about; what is read back says what we said."""
    hub = boto3.client(
        "securityhub",
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id="x",
        aws_secret_access_key="x",
        aws_session_token="x",
    )
    hub.enable_security_hub()
    account = boto3.client(
        "sts", "eu-west-1", endpoint_url=endpoint, aws_access_key_id="x", aws_secret_access_key="x"
    ).get_caller_identity()
    scope = Scope("aws", account["Account"], "eu-west-1")
    many = [
        finding(ENCRYPTION, ("pass", "fail", "unknown")[i % 3], "high", f"bucket-{i}", "new objects use AES256", scope=scope)
        for i in range(100)
    ]
    said = written(many)
    answer = hub.batch_import_findings(Findings=said)
    assert (answer["SuccessCount"], answer["FailedCount"]) == (100, 0)
    back = {one["Id"]: one for page in hub.get_paginator("get_findings").paginate() for one in page["Findings"]}
    assert len(back) == 100
    for one in said:
        got = back[one["Id"]]
        assert {name: got[name] for name in ("Title", "Compliance", "Severity", "Resources", "ProductArn")} == {
            name: one[name] for name in ("Title", "Compliance", "Severity", "Resources", "ProductArn")
        }


@pytest.mark.parametrize(
    ("outcome", "status", "label"),
    [
        ("pass", "PASSED", "INFORMATIONAL"),
        ("fail", "FAILED", "HIGH"),
        ("unknown", "WARNING", "HIGH"),
        ("not_applicable", "NOT_AVAILABLE", "INFORMATIONAL"),
    ],
)
def test_outcomes(outcome: str, status: str, label: str) -> None:
    """What was not seen is a warning, as severe as the check: neither passed nor failed. Our own word stands beside it."""
    (one,) = written([finding(ENCRYPTION, outcome, "high", "b", "because")])
    assert (one["Compliance"]["Status"], one["Severity"]) == (status, {"Label": label, "Original": "high"})
    assert (one["ProductFields"]["controlmon/outcome"], one["Description"]) == (outcome, "because")
    assert ("Remediation" in one) == (outcome == "fail")


def test_what_belongs_to_no_account_is_left_out_and_told(few: list[Finding], caplog: pytest.LogCaptureFixture) -> None:
    """Neither a Datadog organization nor an account that we know only by a name is reported as some other account."""
    named = Scope("aws", "production")
    others = [finding(ENCRYPTION, "fail", "high", "x", "y", scope=ELSEWHERE), finding(ENCRYPTION, "unknown", "high", "x", "y", scope=named)]
    with caplog.at_level(logging.WARNING):
        assert len(written([*few, *others])) == 5
    assert "2 findings are about no AWS account" in caplog.text
    caplog.clear()
    written(few)
    assert caplog.text == ""


def test_nothing_to_report_is_an_empty_array() -> None:
    """Valid JSON all the same."""
    assert written([]) == []


@pytest.mark.parametrize(
    ("subject", "region", "arn"),
    [
        ("arn:aws:s3:::b", "eu-west-1", "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"),
        ("arn:aws:iam::123456789012:user/a", "", "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"),
        ("arn:aws-cn:iam::123456789012:user/a", "", "arn:aws-cn:securityhub:cn-north-1:123456789012:product/123456789012/default"),
        ("vpc-1", "us-gov-east-1", "arn:aws-us-gov:securityhub:us-gov-east-1:123456789012:product/123456789012/default"),
    ],
)
def test_which_security_hub(subject: str, region: str, arn: str) -> None:
    """That of the account and region; what has no region goes to the partition's first."""
    (one,) = written([finding(ENCRYPTION, "pass", "low", "x", "y", id=subject, scope=Scope("aws", "123456789012", region))])
    assert one["ProductArn"] == arn
    assert one["ProductArn"].split(":")[3] == one["Region"] == one["Resources"][0]["Region"]


def test_a_scope_is_the_account() -> None:
    """As Security Hub names it."""
    (one,) = written([Finding(TRAILS, Subject("scope", str(WIDE), str(WIDE), WIDE), Outcome.UNKNOWN, Severity.LOW, "denied")])
    assert (one["Resources"][0]["Type"], one["Resources"][0]["Id"]) == ("AwsAccount", "AWS::::Account:123456789012")
    assert one["CreatedAt"] == one["UpdatedAt"] == "2026-11-23T12:00:02.500Z"


def test_too_long_a_text_is_cut_where_the_format_says_and_a_note_tells() -> None:
    """It ends in an ellipsis; what fits is left as it is, to the last character."""
    told = {ENCRYPTION: Told("t" * 256, "r" * 513, tuple(f"control-{i}" for i in range(40)))}
    (one,) = written([finding(ENCRYPTION, "fail", "high", "b", "d" * 1025)], checks=told)
    assert one["Title"] == "t" * 256
    assert one["Description"] == "d" * 1023 + "…"
    assert len(one["Remediation"]["Recommendation"]["Text"]) == 512
    assert len(one["Compliance"]["RelatedRequirements"]) == 32
    assert one["Note"]["Text"].startswith("Cut to what the format allows: Description, RelatedRequirements, Remediation.")
    (other,) = written([finding(ENCRYPTION, "fail", "high", "b", "d" * 1024)])
    assert "Note" not in other


@given(st.text(max_size=1100), st.text(max_size=600), st.text(max_size=300))
def test_any_text_is_within_the_limits(reason: str, subject: str, title: str) -> None:
    """No text is too long, and none is only space, which the API refuses."""
    (one,) = written([finding(ENCRYPTION, "fail", "high", "b", reason, id=subject)], checks={ENCRYPTION: Told(title, reason, (title,))})
    assert errors([one]) == ""
    assert all(0 < len(one[name]) <= most for name, most in LIMITS.items())
    assert all(one[name].strip() for name in ("Title", "Description"))
    assert len(one["Resources"][0]["Id"]) <= 512
    assert len(one["Note"]["Text"] if "Note" in one else "") <= 512
    assert all(len(of) <= 2048 for of in one["ProductFields"].values())


def test_a_finding_keeps_its_id_from_run_to_run() -> None:
    """So that Security Hub updates it instead of keeping two."""
    one, two = finding(ENCRYPTION, "fail", "high", "b", "x"), finding(ENCRYPTION, "pass", "high", "b", "y")
    assert written([one], run="a")[0]["Id"] == written([two], run="b")[0]["Id"]
    assert written([one])[0]["Id"] != written([finding(TRAILS, "fail", "high", "b", "x", scope=REGION)])[0]["Id"]

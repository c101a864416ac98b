"""aws.s3.tls_only on raw answers of S3 and Organizations."""

import json
from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import Bucket
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.s3.tls_only"
ARN = "arn:aws:s3:::b"
BOTH = [ARN, f"{ARN}/*"]
NO_POLICY = absent("NoSuchBucketPolicy")
FALSE = {"Bool": {"aws:SecureTransport": "false"}}


def deny(resource: Any = BOTH, action: Any = "s3:*", condition: Any = FALSE, principal: Any = "*", **more: Any) -> dict[str, Any]:
    raw = {"Effect": "Deny", "Principal": principal, "Action": action, "Resource": resource, "Condition": condition} | more
    return {key: value for key, value in raw.items() if value is not None}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": statements})}


def judged(raw: Any, controls: Any = None, **parameters: Any) -> Finding:
    account = Given(Account, ACCOUNT, resource_controls={"Policies": []} if controls is None else controls)
    return verdict(CHECK, Given(Bucket, ARN, policy=raw), account, **parameters)


@pytest.mark.parametrize(
    ("raw", "outcome", "because"),
    [
        pytest.param(policy(deny()), "pass", "bucket and its objects", id="a denial for both"),
        pytest.param(policy(deny([ARN]), deny([f"{ARN}/*"])), "pass", "bucket and its objects", id="in two statements"),
        pytest.param(policy(deny("*", "*")), "pass", "denies", id="for everything"),
        pytest.param(policy(deny(principal={"AWS": "*"})), "pass", "denies", id="everybody in other words"),
        pytest.param(policy(deny(action=["s3:Get*", "s3:Put*", "s3:List*", "s3:Delete*"])), "pass", "denies", id="every data action"),
        pytest.param(policy(deny(condition={"BoolIfExists": {"aws:SecureTransport": False}})), "pass", "denies", id="BoolIfExists"),
        pytest.param(policy(deny(condition={"StringEquals": {"AWS:SECURETRANSPORT": "false"}})), "pass", "denies", id="StringEquals"),
        pytest.param(policy(deny(condition={"NumericLessThanIfExists": {"s3:TlsVersion": "1.2"}})), "pass", "denies", id="TlsVersion"),
        pytest.param(
            policy(deny(condition={"NumericLessThan": {"s3:TlsVersion": 1.2}})), "unknown", "not documented", id="or void without TLS"
        ),
        pytest.param(policy(deny(condition={"NumericLessThanIfExists": {"s3:TlsVersion": 1.1}})), "fail", "does not", id="TLS too old"),
        pytest.param(policy(deny(condition={"NumericLessThanIfExists": {"s3:TlsVersion": "x"}})), "fail", "does not", id="no number"),
        pytest.param(NO_POLICY, "fail", "no policy", id="no policy"),
        pytest.param(policy(deny([f"{ARN}/*"])), "fail", "does not", id="the objects only"),
        pytest.param(policy(deny([ARN])), "fail", "does not", id="the bucket only"),
        pytest.param(policy(deny([ARN, f"{ARN}/public/*"])), "fail", "does not", id="some of the objects"),
        pytest.param(policy(deny(action="s3:PutObject")), "fail", "does not", id="one action"),
        pytest.param(policy(deny(principal={"AWS": "123456789012"})), "fail", "does not", id="one account"),
        pytest.param(policy(deny(principal=None, NotPrincipal={"AWS": "123456789012"})), "fail", "does not", id="all but one account"),
        pytest.param(policy(deny(resource=None, NotResource=[f"{ARN}/x"])), "fail", "does not", id="all resources but one"),
        pytest.param(policy(deny(action=None, NotAction="s3:GetObject")), "fail", "does not", id="all actions but one that reads"),
        pytest.param(policy(deny(action=None, NotAction="s3:PutBucketTagging")), "pass", "denies", id="all actions but one that does not"),
        pytest.param(policy(deny(condition={"Bool": {"aws:SecureTransport": "true"}})), "fail", "does not", id="the wrong way round"),
        pytest.param(policy(deny(condition=None)), "fail", "does not", id="a denial of something else"),
        pytest.param(
            policy(deny(condition=FALSE | {"StringEquals": {"aws:PrincipalTag/x": "y"}})), "fail", "does not", id="limited to some people"
        ),
        pytest.param(policy(deny(Effect="Allow")), "fail", "does not", id="an allowance"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied policy"),
        pytest.param({"Policy": "<html>"}, "unknown", "shape", id="a page for a policy"),
        pytest.param({}, "unknown", "Policy", id="an empty answer"),
    ],
)  # fmt: skip
def test_bucket(raw: Any, outcome: str, because: str) -> None:
    found = judged(raw)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("raw", "controls", "parameters", "outcome"),
    [
        pytest.param(NO_POLICY, {"Policies": [{"Id": "p", "Content": json.dumps({"Statement": [deny("*")]})}]}, {}, "pass", id="above"),
        pytest.param(
            policy(deny([ARN])),
            {"Policies": [{"Id": "p", "Content": json.dumps({"Statement": [deny("arn:aws:s3:::*/*")]})}]},
            {},
            "pass",
            id="the two together",
        ),
        pytest.param(NO_POLICY, {"Policies": [{"Id": "p", "Content": json.dumps({"Statement": []})}]}, {}, "fail", id="of something else"),
        pytest.param(NO_POLICY, {"NotAsked": "no organization"}, {}, "fail", id="no organization"),
        pytest.param(NO_POLICY, DENIED, {}, "unknown", id="controls that may not be read"),
        pytest.param(policy(deny()), DENIED, {}, "pass", id="which its own policy does not need"),
        pytest.param(NO_POLICY, DENIED, {"organization_policies": False}, "fail", id="nor a company without them"),
    ],
)
def test_resource_control_policies_count(raw: Any, controls: Any, parameters: dict[str, Any], outcome: str) -> None:
    found = judged(raw, controls, **parameters)
    assert found.outcome == outcome, found.reason


def test_buckets_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Bucket: DENIED}))] == ["unknown"]

"""aws.messaging.public_policy on raw answers of five services."""

import json
from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.aws.ecr import Repository
from controlmon.facts.aws.functions import Function
from controlmon.facts.aws.secretsmanager import Secret
from controlmon.facts.aws.sns import Topic
from controlmon.facts.aws.sqs import Queue
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.messaging.public_policy"


def given(kind: Any, *statements: dict[str, Any]) -> Given:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    if kind in (Queue, Topic):
        return Given(kind, settings={"Attributes": {"Policy": text}})
    raw = {Function: {"Policy": text}, Secret: {"ARN": "a", "ResourcePolicy": text}, Repository: {"policyText": text}}[kind]
    return Given(kind, policy=raw)


def allow(principal: Any = "*", condition: Any = None, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "x:Do"} | ({"Condition": condition} if condition else {}) | more


@pytest.mark.parametrize("kind", [Queue, Topic, Function, Secret, Repository])
@pytest.mark.parametrize(
    ("statement", "outcome", "severity"),
    [
        pytest.param(allow(), "fail", "high", id="everybody"),
        pytest.param(allow({"AWS": ACCOUNT}), "pass", "high", id="an account"),
        pytest.param(allow(condition={"StringEquals": {"AWS:SourceOwner": ACCOUNT}}), "pass", "high", id="SNS's default"),
        pytest.param(allow({"Service": "s3.amazonaws.com"}), "fail", "low", id="a confused deputy"),
    ],
)
def test_each_kind_of_policy(kind: Any, statement: dict[str, Any], outcome: str, severity: str) -> None:
    found = verdict(CHECK, given(kind, statement))
    assert (found.outcome, found.severity) == (outcome, severity), found.reason


def on(key: str, value: Any, operator: str = "StringEquals") -> dict[str, Any]:
    return {operator: {key: value}}


SHUT = {"Effect": "Deny", "Principal": "*", "Action": "x:*", "Condition": on("aws:PrincipalOrgID", "o-1", "StringNotEquals")}


@pytest.mark.parametrize(
    ("statements", "outcome", "because"),
    [
        pytest.param([allow({"AWS": "*"})], "fail", "x:do", id="in other words"),
        pytest.param([allow({"AWS": ["1", "*"]})], "fail", "x:do", id="among others"),
        pytest.param([allow(None, NotPrincipal={"AWS": ACCOUNT})], "fail", "everybody", id="everybody but one"),
        pytest.param([allow(condition=on("aws:PrincipalOrgID", "o-1"))], "pass", "names", id="the organization"),
        pytest.param([allow(condition=on("aws:PrincipalAccount", ACCOUNT))], "pass", "names", id="an account by condition"),
        pytest.param([allow(condition=on("aws:SourceArn", "arn:aws:s3:::bucket", "ArnLike"))], "pass", "names", id="one bucket"),
        pytest.param([allow(condition=on("aws:SourceArn", "arn:aws:s3:::*", "ArnLike"))], "fail", "everybody", id="any bucket"),
        pytest.param([allow(condition=on("aws:SourceArn", "arn:aws:sns:*:*:*", "ArnLike"))], "fail", "everybody", id="any topic"),
        pytest.param([allow(condition=on("aws:SourceArn", f"arn:aws:sns:*:{ACCOUNT}:*", "ArnLike"))], "pass", "names", id="our topics"),
        pytest.param([allow(condition=on("aws:SourceVpce", "vpce-1"))], "pass", "names", id="an endpoint"),
        pytest.param([allow(condition=on("aws:SourceIp", "203.0.113.0/24", "IpAddress"))], "pass", "names", id="an office"),
        pytest.param([allow(condition=on("aws:SourceIp", "0.0.0.0/0", "IpAddress"))], "fail", "everybody", id="any address"),
        pytest.param([allow(condition=on("aws:PrincipalOrgID", "*", "StringLike"))], "fail", "everybody", id="any organization"),
        pytest.param([allow(condition=on("aws:PrincipalOrgID", "o-1", "StringEqualsIfExists"))], "fail", "everybody", id="or none"),
        pytest.param(
            [allow(condition=on("aws:PrincipalOrgID", "o-1", "ForAllValues:StringEquals"))], "fail", "everybody", id="true of none"
        ),
        pytest.param([allow(condition=on("aws:PrincipalOrgID", "o-1", "StringNotEquals"))], "fail", "everybody", id="all but one"),
        pytest.param([allow(condition=on("aws:SecureTransport", "true", "Bool"))], "fail", "everybody", id="how, not who"),
        pytest.param([allow(condition=on("lambda:FunctionUrlAuthType", "NONE"))], "fail", "everybody", id="a function's URL"),
        pytest.param([allow(Effect="Deny")], "pass", "names", id="a denial"),
        pytest.param([allow(), SHUT], "pass", "names", id="a denial to all but ours"),
        pytest.param([allow(), SHUT | {"Action": "x:Do"}], "unknown", "not weighed", id="or of some of it"),
        pytest.param([allow({"Service": "s3.amazonaws.com"}, on("aws:SourceAccount", ACCOUNT))], "pass", "names", id="on our behalf"),
        pytest.param([allow({"Service": "s3.amazonaws.com"}, on("aws:SourceArn", "arn:aws:s3:::b"))], "pass", "names", id="for a bucket"),
        pytest.param([allow({"Service": "s3.amazonaws.com"}, on("aws:SourceIp", "10.0.0.1/32", "IpAddress"))], "fail", "behalf", id="no"),
        pytest.param([allow({"Service": "s3.amazonaws.com"}), allow()], "fail", "everybody", id="the worse is told"),
    ],
)
def test_queue(statements: list[dict[str, Any]], outcome: str, because: str) -> None:
    found = verdict(CHECK, given(Queue, *statements))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    "subject",
    [
        Given(Queue, settings={"Attributes": {"QueueArn": "a"}}),
        Given(Function, policy=absent("ResourceNotFoundException")),
        Given(Secret, policy={"ARN": "a", "Name": "n"}),
        Given(Repository, policy=absent("RepositoryPolicyNotFoundException")),
    ],
    ids=["queue", "function", "secret", "repository"],
)
def test_without_a_policy_it_is_its_owners(subject: Given) -> None:
    assert verdict(CHECK, subject).outcome == "pass"


@pytest.mark.parametrize("kind", [Queue, Topic, Function, Secret, Repository])
@pytest.mark.parametrize("answer", [DENIED, {}, {"Policy": "<html>"}])
def test_what_was_not_seen_is_unknown(kind: Any, answer: Any) -> None:
    name = "settings" if kind in (Queue, Topic) else "policy"
    assert verdict(CHECK, Given(kind, **{name: answer})).outcome == "unknown"
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

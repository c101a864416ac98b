"""aws.messaging.encryption on raw answers of SQS and SNS."""

from typing import Any

import pytest

from controlmon.facts.aws.sns import Topic
from controlmon.facts.aws.sqs import Queue
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.messaging.encryption"
POLICY = '{"Statement": []}'


def queue(**attributes: Any) -> Given:
    return Given(Queue, "arn:q", settings={"Attributes": {"QueueArn": "arn:q"} | attributes})


def topic(**attributes: Any) -> Given:
    return Given(Topic, "arn:t", settings={"Attributes": {"TopicArn": "arn:t", "Policy": POLICY} | attributes})


NOT_OK = {"sse_sqs_ok": False}


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(queue(KmsMasterKeyId="alias/k", SqsManagedSseEnabled="false"), {}, "pass", "alias/k", id="a KMS key"),
        pytest.param(queue(KmsMasterKeyId="alias/k"), NOT_OK, "pass", "alias/k", id="which is always enough"),
        pytest.param(queue(SqsManagedSseEnabled="true"), {}, "pass", "SSE-SQS", id="SQS's own"),
        pytest.param(queue(SqsManagedSseEnabled="true"), NOT_OK, "fail", "KMS key is required", id="which may not be"),
        pytest.param(queue(SqsManagedSseEnabled="false"), {}, "fail", "not encrypted", id="neither"),
        pytest.param(queue(), {}, "unknown", "does not say", id="nothing is said"),
        pytest.param(queue(), NOT_OK, "fail", "KMS key", id="and nothing would be enough"),
        pytest.param(queue(SqsManagedSseEnabled="maybe"), {}, "unknown", "maybe", id="a word that is new"),
        pytest.param(topic(KmsMasterKeyId="alias/k"), {}, "pass", "alias/k", id="a topic with a key"),
        pytest.param(topic(), {}, "fail", "SNS encrypts nothing", id="a topic without"),
        pytest.param(Given(Queue, settings={}), {}, "unknown", "Attributes", id="an empty answer"),
        pytest.param(Given(Topic, settings={"Attributes": {}}), {}, "unknown", "Policy", id="of a topic"),
        pytest.param(Given(Queue, settings=DENIED), {}, "unknown", "grant svc:Permission", id="a denied queue"),
        pytest.param(Given(Topic, settings=DENIED), {}, "unknown", "grant svc:Permission", id="a denied topic"),
    ],
)
def test_place(subject: Given, parameters: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("kind", [Queue, Topic])
def test_what_could_not_be_listed_is_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

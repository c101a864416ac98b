"""Queues and topics encrypt what passes through them.

SQS has done so with a key of its own since 2022, unless somebody turned it off. SNS has no such default: a topic without a key keeps what
it delivers in the clear.
"""

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.sns import Topic
from controlmon.facts.aws.sqs import Queue


@check(
    title="Queues and topics with customer data are encrypted with an approved key",
    severity="low",
    reads=[Queue.settings, Topic.settings],
    remediation="Set a KMS key on the queue or topic.",
    proves="That the queue or topic names a key, or that SQS uses its own. Not whose the key is, nor what the messages hold: every queue "
    "and topic counts.",
    passes=[
        Queue.example(settings={"key": "alias/own", "managed": False}),
        Queue.example(settings={"managed": True}),
        Topic.example(settings={"key": "alias/own"}),
    ],
    fails=[
        Queue.example(settings={"managed": False}),
        Topic.example(settings={}),
        Example((Queue.example(settings={"managed": True}),), {"sse_sqs_ok": False}),
    ],
)
def judge(place: Queue | Topic, *, sse_sqs_ok: bool = True) -> Verdict:
    key = place.settings.key
    if key:
        return passed(f"it is encrypted with {key}")
    if isinstance(place, Topic):
        return failed("it has no key, and SNS encrypts nothing without one")
    managed = place.settings.managed
    if managed is None:
        return failed("it has no KMS key; one is required") if not sse_sqs_ok else unknown("SQS does not say whether it uses its own key")
    if managed and sse_sqs_ok:
        return passed("it is encrypted with a key of SQS's own (SSE-SQS)")
    return failed("it is encrypted with a key of SQS's own; a KMS key is required" if managed else "it is not encrypted")

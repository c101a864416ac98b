"""Amazon SQS: queues, their encryption and their policies."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect


class QueueSettings(View, frozen=True):
    """A queue: its KMS key, whether SQS encrypts with a key of its own (None: it does not say), and its policy."""

    key: str = ""
    managed: bool | None = None
    policy: tuple[Statement, ...] = ()


def policy_of(raw: Raw) -> tuple[Statement, ...]:
    """The policy among the attributes of a queue or a topic; one that has none is its owner's alone."""
    return statements(raw["Policy"]) if raw.get("Policy") else ()


class Queue(Kind, name="aws.sqs.queue"):
    """An SQS queue."""

    @aspect()
    def settings(raw: Raw) -> QueueSettings:
        """Its encryption and policy (GetQueueAttributes)."""
        told = raw["Attributes"]
        managed = optional(told, "SqsManagedSseEnabled")
        if managed not in ("", "true", "false"):
            raise ValueError(f"SqsManagedSseEnabled is {managed}")
        return QueueSettings(
            key=optional(told, "KmsMasterKeyId"), managed={"": None, "true": True, "false": False}[managed], policy=policy_of(told)
        )

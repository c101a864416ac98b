"""Amazon SNS: topics, their encryption and their policies."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, View, aspect


class TopicSettings(View, frozen=True):
    """A topic: its KMS key, and its policy."""

    key: str = ""
    policy: tuple[Statement, ...] = ()


class Topic(Kind, name="aws.sns.topic"):
    """An SNS topic."""

    @aspect()
    def settings(raw: Raw) -> TopicSettings:
        """Its encryption and policy (GetTopicAttributes). Every topic has a policy."""
        told = raw["Attributes"]
        return TopicSettings(key=optional(told, "KmsMasterKeyId"), policy=statements(told["Policy"]))

"""Amazon SNS: the topics of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.sns import Topic

sns = Service("aws", "sns")


@sns.lists(Topic, Operation("sns", "ListTopics", needs=("sns:ListTopics",)))
def topics(ask: Ask) -> Iterator[Found]:
    """Every topic."""
    for item in ask.items("Topics"):
        yield Found(Topic, item["TopicArn"], item["TopicArn"].rpartition(":")[2])


@sns.answers(Topic.settings, Operation("sns", "GetTopicAttributes", needs=("sns:GetTopicAttributes",)))
def settings(ask: Ask, topic: Met) -> Raw:
    """Its encryption and policy."""
    return ask(TopicArn=topic.id)

"""Amazon SQS: the queues of each region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.sqs import Queue

sqs = Service("aws", "sqs")


@sqs.lists(Queue, Operation("sqs", "ListQueues", needs=("sqs:ListQueues",)))
def queues(ask: Ask) -> Iterator[Found]:
    """Every queue. SQS pages only if it is told how much, and an answer without queues has no list. The URL of a queue ends in its name."""
    for page in ask.whole(MaxResults=1000):
        for url in page.get("QueueUrls") or ():
            name = url.rpartition("/")[2]
            yield Found(Queue, f"arn:{ask.partition}:sqs:{ask.scope.region}:{url.split('/')[-2]}:{name}", url)


@sqs.answers(Queue.settings, Operation("sqs", "GetQueueAttributes", needs=("sqs:GetQueueAttributes",)))
def settings(ask: Ask, queue: Met) -> Raw:
    """Its encryption and policy: the rest is counts that never stand still."""
    return ask(QueueUrl=queue.name, AttributeNames=["QueueArn", "KmsMasterKeyId", "SqsManagedSseEnabled", "Policy"])

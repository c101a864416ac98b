"""The collectors of queues, topics, functions, repositories and secrets over HTTP."""

from typing import Any

from controlmon.collect.aws.ecr import ecr
from controlmon.collect.aws.functions import functions
from controlmon.collect.aws.secretsmanager import secretsmanager
from controlmon.collect.aws.sns import sns
from controlmon.collect.aws.sqs import sqs
from controlmon.facts.aws.ecr import Repository
from controlmon.facts.aws.functions import Function
from controlmon.facts.aws.secretsmanager import Secret
from controlmon.facts.aws.sns import Topic
from controlmon.facts.aws.sqs import Queue
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}'


def test_queues(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("sqs")
    for name in ("one", "two"):
        client.create_queue(QueueName=name, Attributes={"KmsMasterKeyId": "alias/k"} if name == "one" else {})
    with twin.page_size(1):
        found = collect(sqs, Queue.settings)
    assert found.ids(Queue) == {f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in ("one", "two")}
    assert sorted(view.key for view in found.views(Queue.settings).values()) == ["", "alias/k"]
    assert twin.calls("sqs", "ListQueues")[0].params["MaxResults"] == 1000


def test_no_queue_is_an_answer(twin: AwsTwin, collect: Collect) -> None:
    """Which has no list at all."""
    with twin.answer("sqs", "ListQueues", {}):
        listing = collect(sqs, Queue).listings[Queue.kind]
    assert (listing.count, listing.complete) == (0, True)


def test_topics(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("sns")
    client.create_topic(Name="one", Attributes={"KmsMasterKeyId": "alias/k"})
    client.create_topic(Name="two")
    views = collect(sns, Topic.settings).views(Topic.settings)
    assert {name: view.key for name, view in views.items()} == {"one": "alias/k", "two": ""}
    assert views["two"].policy


def test_functions(twin: AwsTwin, collect: Collect) -> None:
    """Their environments are not kept."""
    listed: dict[str, Any] = {"Functions": [
        {"FunctionName": name, "FunctionArn": f"arn:aws:lambda:us-east-1:1:function:{name}", "Environment": {"Variables": {"KEY": "hunter2"}}}
        for name in ("one", "two")
    ]}  # fmt: skip
    with (
        twin.answer("lambda", "ListFunctions", listed),
        twin.answer(
            "lambda",
            "GetPolicy",
            lambda asked: {"Policy": POLICY} if asked["FunctionName"] == "one" else AwsError("ResourceNotFoundException", 404),
        ),  # fmt: skip
    ):
        found = collect(functions, Function.policy)
    assert {name: len(view) for name, view in found.views(Function.policy).items()} == {"one": 1, "two": 0}
    assert "hunter2" not in str(found.facts)


def test_repositories(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("ecr")
    for name in ("one", "two"):
        client.create_repository(repositoryName=name)
    client.set_repository_policy(repositoryName="one", policyText=POLICY)
    found = collect(ecr, Repository.policy)
    assert {name: len(view) for name, view in found.views(Repository.policy).items()} == {"one": 1, "two": 0}


def test_secrets(twin: AwsTwin, collect: Collect) -> None:
    """No value is asked for."""
    client = twin.client("secretsmanager")
    client.create_secret(Name="one", SecretString="hunter2")
    client.put_resource_policy(SecretId="one", ResourcePolicy=POLICY)
    found = collect(secretsmanager, Secret.settings, Secret.policy)
    assert len(found.views(Secret.policy)["one"]) == 1
    assert not found.views(Secret.settings)["one"].rotates
    assert "hunter2" not in str(found.facts)
    assert {call.operation for call in twin.calls("secretsmanager")} == {"ListSecrets", "GetResourcePolicy"}

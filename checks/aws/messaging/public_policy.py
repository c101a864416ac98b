"""No policy of a queue, topic, function, secret or repository is for everybody.

SNS gives each topic a policy for "*" that a condition limits to its owner, and that is not public. A condition that names nobody in
particular limits nothing. A service that is let in without saying on whose behalf can be sent by anybody: that is less bad, and still
fails.
"""

from controlmon.check import Verdict, check, failed, passed, unknown
from controlmon.facts.aws.ecr import Repository
from controlmon.facts.aws.exposure import opening
from controlmon.facts.aws.functions import Function
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.aws.secretsmanager import Secret
from controlmon.facts.aws.sns import Topic
from controlmon.facts.aws.sqs import Queue


def allow(principal: object, **condition: dict[str, str]) -> tuple[Statement, ...]:
    return statements({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Condition": condition}})


OWNED = {"StringEquals": {"AWS:SourceOwner": "123456789012"}}


@check(
    title="Queue, topic, function, secret and registry policies are not public",
    severity="high",
    reads=[Queue.settings, Topic.settings, Function.policy, Secret.policy, Repository.policy],
    remediation="Name the principals, or add a condition on the account, the organization or the source.",
    proves="Whom the policy names. Not what named principals may do, nor the policies of a function's versions and aliases.",
    passes=[
        Queue.example(settings={"policy": allow({"AWS": "123456789012"})}),
        Topic.example(settings={"policy": allow("*", **OWNED)}),
        Function.example(policy=()),
        Secret.example(policy=allow("*", StringEquals={"aws:PrincipalOrgID": "o-1"})),
        Repository.example(policy=()),
    ],
    fails=[
        Queue.example(settings={"policy": allow("*")}),
        Topic.example(settings={"policy": allow("*", ArnLike={"aws:SourceArn": "arn:aws:s3:::*"})}),
        Function.example(policy=allow({"Service": "s3.amazonaws.com"})),
        Secret.example(policy=allow({"AWS": "*"})),
        Repository.example(policy=allow("*")),
    ],
)
def judge(place: Queue | Topic | Function | Secret | Repository) -> Verdict:
    policy = place.settings.policy if isinstance(place, Queue | Topic) else place.policy
    if not policy:
        return passed("it has no policy")
    found = opening(policy)
    if found.doubt and (found.public or found.services):
        return unknown("its policy opens it and denies some of that again: what is left is not weighed here")
    if found.public:
        return failed(f"its policy lets everybody do {', '.join(found.public)}")
    if found.services:
        return failed(f"its policy lets in {', '.join(found.services)} without saying on whose behalf", severity="low")
    return passed("its policy names whom it lets in")

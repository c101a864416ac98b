"""What the agent asked for, who it was when it asked, and which permissions it publishes."""

import re

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.schema import converted

READS = {
    "aws": re.compile(r"[a-z0-9-]+:(?:Describe|Get|List|BatchGet|Lookup|Search)[A-Z]\w*|iam:GenerateCredentialReport"),
    "azure": re.compile(r"[\w.]+:\w*_(?:List|Get)\w*|Microsoft\.ResourceGraph:[\w]+\(.+\)"),
    "entra": re.compile(r"(?:graph|arm):GET /\S+|login:POST /oauth2/v2\.0/token"),
    "datadog": re.compile(r"v\d\.\w+:(?:list|get|search|aggregate)_\w+"),
    "document": re.compile(r"(?:register|file|git):\w+|http:(?:GET|HEAD)|tls:handshake"),
    "controlmon": re.compile(r"internal:\w+"),
}
"""Operations that only read, as each provider names them. Generating the credential report of IAM makes a report, and changes nothing."""
DATA = (
    "s3:getobject",
    "dynamodb:getitem",
    "dynamodb:query",
    "dynamodb:scan",
    "secretsmanager:getsecretvalue",
    "kms:decrypt",
    "ssm:getparameter",
)
"""Actions of AWS that read what customers keep, or secrets."""


def reads_only(provider: str, operation: str) -> bool:
    """Whether an operation only reads, by its provider's own naming. One of a provider that has none here does not."""
    pattern = READS.get(provider)
    return pattern is not None and pattern.fullmatch(operation) is not None


class Called(View, frozen=True):
    """How an operation was called in the runs that were looked at: how often, by which run last, and whether a collector declares it."""

    provider: str
    operation: str
    declared: bool
    count: int = 0
    run: str = ""


class Call(Kind, name="controlmon.call"):
    """An operation that the agent called."""

    @aspect(volatile=("count", "run"))
    def called(raw: Raw) -> Called:
        """How it was called."""
        return converted(raw, Called)


class Who(View, frozen=True):
    """Who the agent was at a target, as the target told it, and the permissions that the enabled checks need there."""

    provider: str
    target: str
    identity: str
    published: tuple[str, ...] = ()


class Identity(Kind, name="controlmon.identity"):
    """The agent, as one target knows it."""

    @aspect()
    def who(raw: Raw) -> Who:
        """Who it was in the last run."""
        return converted(raw, Who)

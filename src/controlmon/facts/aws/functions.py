"""AWS Lambda: functions, and who may call them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import Kind, aspect


class Function(Kind, name="aws.lambda.function"):
    """A Lambda function. Its name is its name, its id the ARN."""

    @aspect(absent=())
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (GetPolicy); none if it has none. Those of its versions and aliases are their own."""
        return statements(raw["Policy"])

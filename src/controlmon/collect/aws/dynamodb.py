"""Amazon DynamoDB: tables and their backups."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.dynamodb import Table

dynamodb = Service("aws", "dynamodb")


@dynamodb.lists(Table, Operation("dynamodb", "ListTables", needs=("dynamodb:ListTables",)))
def tables(ask: Ask) -> Iterator[Found]:
    """Every table of the region, replicas of global tables too: DynamoDB names them, and says no more."""
    for name in ask.items("TableNames"):
        yield Found(Table, f"arn:{ask.partition}:dynamodb:{ask.scope.region}:{ask.scope.target}:table/{name}", name)


@dynamodb.answers(Table.recovery, Operation("dynamodb", "DescribeContinuousBackups", needs=("dynamodb:DescribeContinuousBackups",)))
def recovery(ask: Ask, table: Met) -> Raw:
    """The backups of one table."""
    return ask(TableName=table.name)

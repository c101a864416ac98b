"""The collector of DynamoDB over HTTP."""

from controlmon.collect.aws.dynamodb import dynamodb
from controlmon.core.fact import Gap
from controlmon.facts.aws.dynamodb import Table
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin


def test_each_table_is_asked_about(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("dynamodb")
    for name in ("off", "on", "short"):
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )  # fmt: skip
    on = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName="on", PointInTimeRecoverySpecification=on)
    client.update_continuous_backups(TableName="short", PointInTimeRecoverySpecification=on | {"RecoveryPeriodInDays": 3})
    with twin.page_size(1):
        found = collect(dynamodb, Table.recovery)
    views = found.views(Table.recovery)
    assert {name: (view.on, view.days) for name, view in views.items() if view.on} == {"on": (True, 35), "short": (True, 3)}
    assert not views["off"].on
    assert "arn:aws:dynamodb:us-east-1:123456789012:table/on" in found.ids(Table)
    assert len(twin.calls("dynamodb", "ListTables")) == 3


def test_a_table_that_went_away_is_a_gap(twin: AwsTwin, collect: Collect) -> None:
    """It is not one without backups."""
    with (
        twin.answer("dynamodb", "ListTables", {"TableNames": ["gone"]}),
        twin.answer("dynamodb", "DescribeContinuousBackups", AwsError("TableNotFoundException", 400)),
    ):
        assert isinstance(collect(dynamodb, Table.recovery).of(Table.recovery)["gone"], Gap)

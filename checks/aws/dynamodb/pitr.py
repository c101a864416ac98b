"""Every table can be restored to a point in time, far enough back.

ContinuousBackupsStatus is ENABLED for every table there is, and means nothing: the status inside it is the one. Each replica of a global
table needs it for itself, and is judged in its own region.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.aws.dynamodb import Table


@check(
    title="DynamoDB tables have point-in-time recovery",
    severity="high",
    reads=[Table.recovery],
    remediation="Turn on point-in-time recovery for the table, and for each of its replicas.",
    proves="That DynamoDB keeps the changes of the table for that many days. Not that a restore was tried.",
    passes=[Table.example(recovery={"on": True}), Table.example(recovery={"on": True, "days": 7})],
    fails=[
        Table.example(recovery={"on": False}),
        Table.example(recovery={"on": True, "days": 1}),
        Example((Table.example(recovery={"on": True, "days": 14}),), {"min_days": 35}),
    ],
)
def judge(table: Table, *, min_days: int = 7) -> Verdict:
    if not table.recovery.on:
        return failed("point-in-time recovery is off")
    if table.recovery.days < min_days:
        return failed(f"it can be restored {table.recovery.days} days back; {min_days} required")
    return passed(f"it can be restored to any second of the last {table.recovery.days} days")

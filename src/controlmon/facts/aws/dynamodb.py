"""Amazon DynamoDB: tables and their backups."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import text
from controlmon.facts.base import Kind, View, aspect

LONGEST = 35
"""Days that a table can be restored to if no shorter period was chosen."""


class PointInTimeRecovery(View, frozen=True):
    """Whether a table can be restored to a point in time, and how many days back."""

    on: bool
    days: int = LONGEST


class Table(Kind, name="aws.dynamodb.table"):
    """A DynamoDB table. A replica of a global table is a table of its own region."""

    @aspect()
    def recovery(raw: Raw) -> PointInTimeRecovery:
        """Its point-in-time recovery (DescribeContinuousBackups). ContinuousBackupsStatus is of no account: it is always ENABLED."""
        recovery = raw["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        status, days = text(recovery, "PointInTimeRecoveryStatus"), recovery.get("RecoveryPeriodInDays", LONGEST)
        if status not in ("ENABLED", "DISABLED"):
            raise ValueError(f"PointInTimeRecoveryStatus is {status}")
        if type(days) is not int:
            raise TypeError("RecoveryPeriodInDays is not a whole number")
        return PointInTimeRecovery(on=status == "ENABLED", days=days)

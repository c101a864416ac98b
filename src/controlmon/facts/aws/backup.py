"""AWS Backup: what it protects, and the restores that were tried."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.acm import moment
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect


class Protection(View, frozen=True):
    """A resource that has recovery points, as Backup calls its type, and when the last one was made."""

    type: str
    last: datetime | None = None


class Protected(Kind, name="aws.backup.protected_resource"):
    """A resource that AWS Backup has recovery points of, whether or not it still exists. Its id is the resource's ARN."""

    @aspect(volatile=("LastBackupTime", "LastRecoveryPointArn"))
    def protection(raw: Raw) -> Protection:
        """What ListProtectedResources says of it."""
        return Protection(type=text(raw, "ResourceType"), last=moment(raw, "LastBackupTime"))


class Restore(View, frozen=True):
    """A restore: of which type of resource, how it ended, how long it took, and whether what came back was found good."""

    type: str
    status: str
    created: datetime
    completed: datetime | None = None
    validation: str = ""

    @property
    def minutes(self) -> int | None:
        """How long it took; None if it has not ended."""
        return None if self.completed is None else int((self.completed - self.created).total_seconds() // 60)


class RestoreJob(Kind, name="aws.backup.restore_job"):
    """A restore that AWS Backup did."""

    @aspect(volatile=("PercentDone", "ExpectedCompletionTimeMinutes"))
    def restore(raw: Raw) -> Restore:
        """What ListRestoreJobs says of it."""
        created = moment(raw, "CreationDate")
        if created is None:
            raise ValueError("CreationDate is missing")
        return Restore(
            type=text(raw, "ResourceType"),
            status=text(raw, "Status"),
            created=created,
            completed=moment(raw, "CompletionDate"),
            validation=optional(raw, "ValidationStatus"),
        )


class FileSystem(Kind, name="aws.efs.file_system"):
    """An EFS file system."""

    @aspect(volatile=("SizeInBytes",))
    def state(raw: Raw) -> str:
        """What DescribeFileSystems says of it: `available`, `deleting` ..."""
        return text(raw, "LifeCycleState")

"""AWS Backup of each region, and the file systems that it may protect."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.base import Ask, Found, Operation, Service
from controlmon.facts.aws.backup import FileSystem, Protected, RestoreJob

backup = Service("aws", "backup")
LOOK_BACK = timedelta(days=3 * 366)
"""How far back restores are asked for: longer than anybody may leave them untried."""


def _read(service: str, name: str, action: str) -> Operation:
    return Operation(service, name, needs=(f"{action}:{name}",))


@backup.lists(Protected, _read("backup", "ListProtectedResources", "backup"), gives=[Protected.protection])
def protected(ask: Ask) -> Iterator[Found]:
    """Every resource that has recovery points."""
    for item in ask.items("Results", MaxResults=1000):
        yield Found(Protected, item["ResourceArn"], item.get("ResourceName") or "", answers={Protected.protection: item})


@backup.lists(RestoreJob, _read("backup", "ListRestoreJobs", "backup"), gives=[RestoreJob.restore])
def restores(ask: Ask) -> Iterator[Found]:
    """Every restore of the last years, those of a testing plan too. A part of a restore is not one of its own."""
    for item in ask.items("RestoreJobs", ByCreatedAfter=ask.now - LOOK_BACK, MaxResults=1000):
        if not item.get("ParentJobId"):
            arn = f"arn:{ask.partition}:backup:{ask.scope.region}:{ask.scope.target}:restore-job:{item['RestoreJobId']}"
            yield Found(RestoreJob, arn, item["RestoreJobId"], answers={RestoreJob.restore: item})


@backup.lists(FileSystem, _read("efs", "DescribeFileSystems", "elasticfilesystem"), gives=[FileSystem.state])
def file_systems(ask: Ask) -> Iterator[Found]:
    """Every EFS file system."""
    for item in ask.items("FileSystems"):
        arn = f"arn:{ask.partition}:elasticfilesystem:{ask.scope.region}:{ask.scope.target}:file-system/{item['FileSystemId']}"
        yield Found(
            FileSystem, item.get("FileSystemArn") or arn, item.get("Name") or item["FileSystemId"], answers={FileSystem.state: item}
        )

"""The collector of Backup over HTTP. moto lists neither what is protected nor restores: those are laid over it."""

from typing import Any

from controlmon.collect.aws.backup import backup
from controlmon.facts.aws.backup import FileSystem, Protected, RestoreJob
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def test_what_is_protected_and_what_was_restored(twin: AwsTwin, collect: Collect) -> None:
    made: dict[str, Any] = {"ResourceType": "EBS", "Status": "COMPLETED", "CreationDate": "2026-06-01T00:00:00Z"}
    jobs = [made | {"RestoreJobId": "1", "IsParent": True}, made | {"RestoreJobId": "2", "ParentJobId": "1"}]
    with (
        twin.answer(
            "backup", "ListProtectedResources", {"Results": [{"ResourceArn": "arn:v", "ResourceType": "EBS", "ResourceName": "v"}]}
        ),
        twin.answer("backup", "ListRestoreJobs", {"RestoreJobs": jobs}),
        twin.page_size(1),
    ):
        found = collect(backup, Protected.protection, RestoreJob.restore)
    assert found.views(Protected.protection)["v"].type == "EBS"
    assert list(found.views(RestoreJob.restore)) == ["1"]


def test_file_systems(twin: AwsTwin, collect: Collect) -> None:
    name = twin.client("efs").create_file_system(CreationToken="x")["FileSystemId"]
    found = collect(backup, FileSystem.state)
    assert found.ids(FileSystem) == {f"arn:aws:elasticfilesystem:us-east-1:123456789012:file-system/{name}"}

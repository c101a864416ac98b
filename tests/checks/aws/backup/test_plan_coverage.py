"""aws.backup.plan_coverage on raw answers of Backup and of what there is to back up. The clock stands at 2026-11-23 12:00."""

from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.backup import FileSystem, Protected
from controlmon.facts.aws.dynamodb import Table
from controlmon.facts.aws.ec2 import Volume
from controlmon.facts.aws.instances import Instance as Machine
from controlmon.facts.aws.rds import Cluster, Instance
from controlmon.facts.aws.s3 import Bucket
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.backup.plan_coverage"
FRESH, STALE = "2026-11-23T01:00:00Z", "2026-11-20T01:00:00Z"
NONE = {"empty": (Protected, Machine)}


def protected(arn: str, last: str | None = FRESH) -> Given:
    return Given(Protected, arn, protection={"ResourceArn": arn, "ResourceType": "X"} | ({"LastBackupTime": last} if last else {}))


def volume(state: str = "in-use") -> Given:
    return Given(Volume, "arn:v", name="vol-1", settings={"State": state, "Encrypted": True})


def database(kind: Any = Instance, **more: Any) -> Given:
    raw = {
        "DBInstanceArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:d",
        "DBClusterArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:d",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "Status": "available",
        "StorageEncrypted": True,
        "PubliclyAccessible": False,
    }
    return Given(kind, "arn:d", settings=raw | more)


MACHINE = Given(
    Machine, "arn:i", name="i-1", settings={"State": {"Name": "running"}, "BlockDeviceMappings": [{"Ebs": {"VolumeId": "vol-1"}}]}
)
PITR = {"BackupRetentionPeriod": 7, "LatestRestorableTime": "2026-11-23T11:50:00Z"}
TABLE = "ContinuousBackupsDescription"


def table(status: str) -> Given:
    return Given(Table, "arn:t", recovery={TABLE: {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": status}}})


def bucket(tags: Any) -> Given:
    return Given(Bucket, "arn:b", tags={"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]} if isinstance(tags, dict) else tags)


def judged(place: Given, *others: Given, **more: Any) -> Finding:
    return verdict(CHECK, place, *others, **{**NONE, **more})


@pytest.mark.parametrize(
    ("place", "others", "more", "outcome", "because"),
    [
        pytest.param(volume(), [protected("arn:v")], {}, "pass", "2026-11-23 01:00", id="a fresh recovery point"),
        pytest.param(volume(), [protected("arn:v", STALE)], {}, "fail", "83 hours old; 26", id="a stale one"),
        pytest.param(volume(), [protected("arn:v", STALE)], {"max_age_hours": 100}, "pass", "2026-11-20", id="which may be enough"),
        pytest.param(volume(), [protected("arn:gone")], {}, "fail", "no recovery point", id="of something else"),
        pytest.param(volume(), [protected("arn:v", None)], {}, "fail", "no recovery point", id="without a time"),
        pytest.param(volume(), [MACHINE, protected("arn:i")], {}, "pass", "with", id="a disk of a machine that is"),
        pytest.param(volume(), [MACHINE, protected("arn:i", STALE)], {}, "fail", "83 hours", id="that was"),
        pytest.param(volume("deleting"), [], {}, "not_applicable", "deleting", id="one that goes"),
        pytest.param(database(**PITR), [], {}, "pass", "2026-11-23 11:50", id="a database that keeps every moment"),
        pytest.param(database(**PITR | {"BackupRetentionPeriod": 0}), [], {}, "fail", "no recovery", id="or does not"),
        pytest.param(database(**PITR | {"LatestRestorableTime": STALE}), [], {}, "fail", "no recovery", id="or did"),
        pytest.param(database(), [protected("arn:d")], {}, "pass", "recovery point", id="but Backup does"),
        pytest.param(database(Cluster, **PITR), [], {}, "pass", "2026-11-23", id="a cluster"),
        pytest.param(database(DBClusterIdentifier="c"), [], {}, "not_applicable", "cluster c", id="its member"),
        pytest.param(database(ReadReplicaSourceDBInstanceIdentifier="p"), [], {}, "not_applicable", "replica", id="a replica"),
        pytest.param(database(DBInstanceStatus="deleting"), [], {}, "not_applicable", "deleted", id="a database that goes"),
        pytest.param(table("ENABLED"), [], {}, "pass", "any second", id="a table with recovery"),
        pytest.param(table("DISABLED"), [], {}, "fail", "no recovery", id="a table without"),
        pytest.param(table("DISABLED"), [protected("arn:t")], {}, "pass", "recovery point", id="that Backup has"),
        pytest.param(Given(FileSystem, "arn:f", state={"LifeCycleState": "available"}), [], {}, "fail", "no recovery", id="a file system"),
        pytest.param(Given(FileSystem, "arn:f", state={"LifeCycleState": "deleting"}), [], {}, "not_applicable", "it is", id="that goes"),
        pytest.param(bucket({"data-class": "phi"}), [], {}, "fail", "no recovery", id="a bucket for data"),
        pytest.param(bucket({"data-class": "phi"}), [protected("arn:b")], {}, "pass", "recovery point", id="that is protected"),
        pytest.param(bucket({"team": "x"}), [], {}, "not_applicable", "no tag data-class", id="a bucket for something else"),
        pytest.param(bucket({"team": "x"}), [], {"bucket_tag": "team"}, "fail", "no recovery", id="or tagged otherwise"),
        pytest.param(bucket(absent("NoSuchTagSet")), [], {}, "not_applicable", "no tag", id="without tags"),
        pytest.param(bucket(DENIED), [], {}, "unknown", "grant svc:Permission", id="whose tags may not be read"),
        pytest.param(volume(), [], {"gaps": {Protected: DENIED}}, "unknown", "grant", id="denied protection"),
        pytest.param(volume(), [protected("arn:v")], {"gaps": {Protected: DENIED}}, "pass", "2026", id="of which one is enough"),
        pytest.param(volume(), [protected("arn:x")], {"gaps": {Machine: DENIED}}, "unknown", "grant", id="denied machines"),
        pytest.param(Given(Table, recovery=DENIED), [], {}, "unknown", "grant", id="a denied table"),
        pytest.param(Given(FileSystem, state={}), [], {}, "unknown", "LifeCycleState", id="an empty answer"),
        pytest.param(Given(Instance, settings=not_asked("x")), [], {}, "unknown", "broke", id="nothing at all"),
    ],
)
def test_place(place: Given, others: list[Given], more: Any, outcome: str, because: str) -> None:
    found = judged(place, *others, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("kind", [Volume, Instance, Cluster, Table, FileSystem, Bucket])
def test_what_could_not_be_listed_is_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

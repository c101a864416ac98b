"""aws.rds.backup_pitr on raw answers of RDS."""

from typing import Any

import pytest

from controlmon.facts.aws.rds import Cluster, Instance
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.rds.backup_pitr"
FRESH, EDGE, STALE = "2026-11-23T11:55:00Z", "2026-11-23T12:30:00+01:00", "2026-11-23T11:29:00Z"


def instance(days: Any = 7, restorable: str | None = FRESH, **more: Any) -> Given:
    raw: dict[str, Any] = {
        "DBInstanceArn": "arn:aws:rds:eu-west-1:123456789012:db:one",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "StorageEncrypted": True,
        "PubliclyAccessible": False,
        "BackupRetentionPeriod": days,
    }
    return Given(Instance, "one", settings=raw | ({"LatestRestorableTime": restorable} if restorable else {}) | more)


def cluster(days: Any = 7, restorable: str | None = FRESH, **more: Any) -> Given:
    raw = {"DBClusterArn": "arn:aws:rds:eu-west-1:123456789012:cluster:one", "Engine": "aurora-mysql", "Status": "available"}
    raw |= {"StorageEncrypted": True, "BackupRetentionPeriod": days}
    return Given(Cluster, "one", settings=raw | ({"LatestRestorableTime": restorable} if restorable else {}) | more)


@pytest.mark.parametrize(
    ("database", "outcome", "because"),
    [
        pytest.param(instance(), "pass", "7 days, and it can be restored up to 5 minutes ago", id="kept and fresh"),
        pytest.param(cluster(), "pass", "7 days", id="a cluster"),
        pytest.param(instance(restorable=EDGE), "pass", "30 minutes ago", id="at the very limit"),
        pytest.param(instance(restorable="2026-11-23T12:05:00Z"), "pass", "0 minutes ago", id="seen after the run began"),
        pytest.param(instance(restorable=STALE), "fail", "31 minutes ago; 30 allowed", id="a time that stands still"),
        pytest.param(cluster(restorable=STALE), "fail", "31 minutes ago", id="of a cluster too"),
        pytest.param(instance(6), "fail", "6 days; 7 required", id="kept too short"),
        pytest.param(cluster(1), "fail", "1 days", id="which is a cluster's default"),
        pytest.param(instance(0, None), "fail", "0 days", id="no backups"),
        pytest.param(instance(35), "pass", "35 days", id="kept longer"),
        pytest.param(
            instance(AwsBackupRecoveryPointArn="arn:aws:backup:eu-west-1:1:rp"), "pass", "by AWS Backup (arn:", id="kept by AWS Backup"
        ),
        pytest.param(instance(restorable=STALE, AwsBackupRecoveryPointArn="arn"), "fail", "31", id="which has to move as well"),
        pytest.param(instance(restorable=None), "unknown", "names no time", id="no time is not known to be fresh"),
        pytest.param(instance(restorable=None, DBInstanceStatus="creating"), "unknown", "creating", id="nor while it is created"),
        pytest.param(instance(0, None, DBInstanceStatus="creating"), "fail", "0 days", id="but what is set is set"),
        pytest.param(instance(restorable=STALE, DBInstanceStatus="stopped"), "unknown", "stopped", id="a stopped one proves nothing"),
        pytest.param(instance(restorable=STALE, DBInstanceStatus="starting"), "unknown", "starting", id="nor one just started"),
        pytest.param(cluster(restorable=STALE, Status="stopping"), "unknown", "stopping", id="nor one being stopped"),
        pytest.param(instance(DBInstanceStatus="stopped"), "pass", "5 minutes", id="one stopped just now is fresh"),
        pytest.param(instance(0, DBInstanceStatus="stopped"), "fail", "0 days", id="a stopped one without backups fails"),
        pytest.param(instance(restorable=STALE, DBInstanceStatus="storage-full"), "fail", "31", id="one in trouble fails"),
        pytest.param(instance(0, DBInstanceStatus="deleting"), "not_applicable", "deleted", id="one being deleted goes"),
        pytest.param(instance(0, None, DBClusterIdentifier="c"), "not_applicable", "cluster c", id="a member is judged with its cluster"),
        pytest.param(
            instance(0, None, ReadReplicaSourceDBInstanceIdentifier="p"), "not_applicable", "replica of p", id="a read replica has a source"
        ),
        pytest.param(
            instance(0, None, ReadReplicaSourceDBClusterIdentifier="q"), "not_applicable", "replica of q", id="which may be a cluster"
        ),
        pytest.param(cluster(1, None, ReplicationSourceIdentifier="r"), "not_applicable", "replica of r", id="and so has a cluster"),
        pytest.param(
            cluster(1, DBClusterArn="arn:aws:rds:eu-west-1:999999999999:cluster:one"), "not_applicable", "9999", id="a shared cluster"
        ),
        pytest.param(Given(Instance, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied instance is unknown"),
        pytest.param(Given(Cluster, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied cluster is unknown"),
        pytest.param(instance("7"), "unknown", "whole number", id="a text is no number"),
        pytest.param(instance(True), "unknown", "whole number", id="nor is a boolean"),
        pytest.param(instance(None), "unknown", "does not say", id="nothing is none"),
        pytest.param(instance(restorable="2026-11-23T11:55:00"), "unknown", "no time zone", id="a time without a zone is none"),
        pytest.param(instance(restorable="lately"), "unknown", "shape", id="nor is a word"),
    ],
)
def test_database(database: Given, outcome: str, because: str) -> None:
    found = verdict(CHECK, database)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_days_and_minutes_are_parameters() -> None:
    assert verdict(CHECK, instance(), min_days=8).outcome == "fail"
    assert verdict(CHECK, instance(1), min_days=1).outcome == "pass"
    assert verdict(CHECK, instance(), max_lag_minutes=4).outcome == "fail"
    assert verdict(CHECK, instance(restorable=STALE), max_lag_minutes=31).outcome == "pass"


@pytest.mark.parametrize("kind", [Instance, Cluster])
def test_databases_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

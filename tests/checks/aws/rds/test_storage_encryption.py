"""aws.rds.storage_encryption on raw answers of RDS."""

from typing import Any

import pytest

from controlmon.facts.aws.rds import Cluster, Instance
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.rds.storage_encryption"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def instance(encrypted: Any = True, kind: str | None = "sse-kms", key: str | None = KEY, **more: Any) -> Given:
    raw: dict[str, Any] = {
        "DBInstanceArn": "arn:aws:rds:eu-west-1:123456789012:db:one",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "StorageEncrypted": encrypted,
        "PubliclyAccessible": False,
        "BackupRetentionPeriod": 7,
    }
    raw |= ({"StorageEncryptionType": kind} if kind else {}) | ({"KmsKeyId": key} if key else {}) | more
    return Given(Instance, "one", settings={k: v for k, v in raw.items() if v != "absent"})


def cluster(encrypted: bool = True, kind: str | None = "sse-kms", key: str | None = KEY, **more: Any) -> Given:
    raw = {"DBClusterArn": "arn:aws:rds:eu-west-1:123456789012:cluster:one", "Engine": "aurora-mysql", "Status": "available"}
    given = {"StorageEncrypted": encrypted, "StorageEncryptionType": kind, "KmsKeyId": key}
    return Given(Cluster, "one", settings=raw | {k: v for k, v in given.items() if v is not None} | more)


@pytest.mark.parametrize(
    ("database", "outcome", "because"),
    [
        pytest.param(instance(), "pass", KEY, id="a KMS key"),
        pytest.param(instance(kind=None), "pass", KEY, id="and before the API told its kind"),
        pytest.param(cluster(), "pass", KEY, id="a cluster"),
        pytest.param(cluster(Engine="docdb"), "pass", "docdb", id="DocumentDB is listed by RDS"),
        pytest.param(cluster(Engine="neptune"), "pass", "neptune", id="and so is Neptune"),
        pytest.param(instance(False, "none", None), "fail", "is not encrypted", id="no encryption"),
        pytest.param(instance(False, None, None), "fail", "not encrypted with a KMS key", id="and before the API told"),
        pytest.param(
            cluster(False, "sse-rds", None), "fail", "a key that AWS owns", id="a key that AWS owns, of which RDS says not encrypted"
        ),
        pytest.param(instance(True, "sse-rds", None), "fail", "a key that AWS owns", id="or encrypted"),
        pytest.param(instance(True, "sse-kms", None), "unknown", "key not told", id="a KMS key without a name does not fit together"),
        pytest.param(instance(True, None, None), "unknown", "key not told", id="nor encryption without a key"),
        pytest.param(instance(True, "none", KEY), "unknown", "True", id="nor encryption of no kind"),
        pytest.param(instance(False, "sse-kms", KEY), "unknown", "False", id="nor a KMS key without encryption"),
        pytest.param(instance(True, "sse-new", KEY), "unknown", "sse-new", id="a kind that is new is unknown"),
        pytest.param(
            instance(False, "none", None, DBClusterIdentifier="c"), "not_applicable", "cluster c", id="a member is judged with its cluster"
        ),
        pytest.param(
            instance(False, "none", None, ReadReplicaSourceDBInstanceIdentifier="p"),
            "fail",
            "not encrypted",
            id="a read replica has storage",
        ),
        pytest.param(instance(False, "none", None, DBInstanceStatus="creating"), "fail", "not encrypted", id="what is created stays so"),
        pytest.param(instance(DBInstanceStatus="creating", key=None), "unknown", "not told", id="what is not told yet is unknown"),
        pytest.param(instance(False, "none", None, DBInstanceStatus="deleting"), "not_applicable", "deleted", id="what is deleted goes"),
        pytest.param(
            cluster(False, "none", None, DBClusterArn="arn:aws:rds:eu-west-1:999999999999:cluster:one"),
            "not_applicable",
            "999999999999",
            id="a cluster that another account shares is judged there",
        ),
        pytest.param(Given(Instance, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied instance is unknown"),
        pytest.param(Given(Cluster, "one", settings=DENIED), "unknown", "grant svc:Permission", id="a denied cluster is unknown"),
        pytest.param(instance("true"), "unknown", "true or false", id="a text is no answer"),
        pytest.param(instance("absent"), "unknown", "StorageEncrypted", id="a missing member is none"),
    ],
)
def test_database(database: Given, outcome: str, because: str) -> None:
    found = verdict(CHECK, database)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("database", "outcome"),
    [
        pytest.param(cluster(False, "sse-rds", None), "pass", id="a key that AWS owns"),
        pytest.param(instance(True, "sse-rds", None), "pass", id="whatever the boolean says"),
        pytest.param(instance(False, "none", None), "fail", id="none is none"),
        pytest.param(instance(False, None, None), "unknown", id="not told which of the two"),
        pytest.param(instance(), "pass", id="a KMS key is as good"),
    ],
)
def test_a_key_of_the_service_may_be_enough(database: Given, outcome: str) -> None:
    assert verdict(CHECK, database, allow_service_key=True).outcome == outcome


@pytest.mark.parametrize("kind", [Instance, Cluster])
def test_databases_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]


def test_no_databases_at_all_is_not_a_pass() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(empty=(Instance, Cluster)))] == ["not_applicable"]

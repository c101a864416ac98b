"""The collector of RDS over HTTP. moto tells no StorageEncryptionType and no pending password: those are laid over it."""

from typing import Any

from controlmon.collect.aws.rds import rds
from controlmon.facts.aws.rds import Cluster, ClusterSnapshot, Instance, Snapshot
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def test_instances_and_clusters_are_listed_in_pages(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("rds")
    for name in ("one", "two"):
        client.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, MasterUsername="a",
            MasterUserPassword="not-a-secret", StorageEncrypted=True, BackupRetentionPeriod=14, PubliclyAccessible=name == "two",
        )  # fmt: skip
    client.create_db_cluster(DBClusterIdentifier="aurora", Engine="aurora-mysql", MasterUsername="a", MasterUserPassword="not-a-secret")
    with twin.page_size(1):
        found = collect(rds, Instance.settings, Cluster.settings)
    instances = found.views(Instance.settings)
    assert {name: view.public for name, view in instances.items()} == {"one": False, "two": True}
    assert (instances["one"].engine, instances["one"].encrypted, instances["one"].retention_days) == ("postgres", True, 14)
    assert instances["one"].account == "123456789012"
    [cluster] = found.views(Cluster.settings).values()
    assert (cluster.engine, cluster.gateway) == ("aurora-mysql", None)
    assert found.ids(Cluster) == {"arn:aws:rds:us-east-1:123456789012:cluster:aurora"}
    assert len(twin.calls("rds", "DescribeDBInstances")) == 2


def test_clusters_of_others_are_not_asked_for(twin: AwsTwin, collect: Collect) -> None:
    collect(rds, Cluster)
    [call] = twin.calls("rds")
    assert not call.params.get("IncludeShared")


def test_a_password_that_waits_to_be_set_is_dropped(twin: AwsTwin, collect: Collect) -> None:
    pending = {"PendingModifiedValues": {"MasterUserPassword": "hunter2", "DBInstanceClass": "db.t3.large"}}
    item = {
        "DBInstanceArn": "arn:aws:rds:us-east-1:123456789012:db:one", "DBInstanceIdentifier": "one", "Engine": "postgres",
        "DBInstanceStatus": "available", "StorageEncrypted": True, "PubliclyAccessible": False,
    } | pending  # fmt: skip
    with twin.answer("rds", "DescribeDBInstances", {"DBInstances": [item]}):
        found = collect(rds, Instance.settings)
    [raw] = found.of(Instance.settings).values()
    assert "hunter2" not in str(found.facts)
    assert raw["PendingModifiedValues"]["MasterUserPassword"].startswith("[dropped")
    assert raw["PendingModifiedValues"]["DBInstanceClass"] == "db.t3.large"


def test_what_rds_tells_is_read_whole(twin: AwsTwin, collect: Collect) -> None:
    item: dict[str, Any] = {
        "DBClusterArn": "arn:aws:rds:us-east-1:123456789012:cluster:c", "DBClusterIdentifier": "c", "Engine": "aurora-postgresql",
        "Status": "available", "StorageEncrypted": False, "StorageEncryptionType": "sse-rds", "BackupRetentionPeriod": 7,
        "LatestRestorableTime": "2026-11-23T11:55:00Z", "InternetAccessGatewayEnabled": True, "Port": 5432,
    }  # fmt: skip
    with twin.answer("rds", "DescribeDBClusters", {"DBClusters": [item]}):
        [cluster] = collect(rds, Cluster.settings).views(Cluster.settings).values()
    assert cluster.public is None
    assert (cluster.encryption, cluster.encrypted, cluster.gateway, cluster.port) == ("sse-rds", False, True, 5432)
    assert cluster.restorable.isoformat() == "2026-11-23T11:55:00+00:00"


def test_snapshots_of_both_kinds_that_last_and_their_shares(twin: AwsTwin, collect: Collect) -> None:
    """Only a snapshot that was taken by hand is asked with whom it is shared."""

    def snapshots(asked: Any) -> dict[str, Any]:
        kind = asked["SnapshotType"]
        return {"DBSnapshots": [
            {"DBSnapshotArn": f"arn:aws:rds:us-east-1:1:snapshot:{kind}", "DBSnapshotIdentifier": kind, "SnapshotType": kind, "Encrypted": True}
        ]}  # fmt: skip

    told = {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": ["all"]}]}}
    with twin.answer("rds", "DescribeDBSnapshots", snapshots), twin.answer("rds", "DescribeDBSnapshotAttributes", told):
        found = collect(rds, Snapshot.settings, Snapshot.shares, ClusterSnapshot.settings, ClusterSnapshot.shares)
    assert found.views(Snapshot.shares) == {"manual": ("all",), "awsbackup": ()}
    assert len(twin.calls("rds", "DescribeDBSnapshotAttributes")) == 1
    assert {call.params["SnapshotType"] for call in twin.calls("rds", "DescribeDBClusterSnapshots")} == {"manual", "awsbackup"}
    assert found.listings[ClusterSnapshot.kind].complete


def test_a_parameter_group_is_asked_once_and_little_of_it_is_kept(twin: AwsTwin, collect: Collect) -> None:
    client = twin.client("rds")
    for name in ("one", "two"):
        client.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.t3.micro", Engine="postgres", EngineVersion="16.3", AllocatedStorage=20,
            MasterUsername="a", MasterUserPassword="not-a-secret", PubliclyAccessible=False,
        )  # fmt: skip

    def pages(asked: Any) -> dict[str, Any]:
        if "Marker" in asked:
            return {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]}
        return {"Parameters": [{"ParameterName": "shared_buffers"}, {"ParameterName": "ssl_min_protocol_version"}], "Marker": "m"}

    with twin.answer("rds", "DescribeDBParameters", pages):
        found = collect(rds, Instance.parameters)
    views = found.views(Instance.parameters)
    assert views["one"] == views["two"]
    assert views["one"].values == {"ssl_min_protocol_version": "", "rds.force_ssl": "1"}
    assert len(twin.calls("rds", "DescribeDBParameters")) == 2
    with twin.answer("rds", "DescribeDBParameters", {"Parameters": [], "Marker": "m"}):
        [gap, _] = collect(rds, Instance.parameters).views(Instance.parameters).values()
    assert (gap.kind, gap.operation) == ("truncated", "rds:DescribeDBParameters")

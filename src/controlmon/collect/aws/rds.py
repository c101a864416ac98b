"""Amazon RDS: instances and clusters, with the DocumentDB and Neptune ones, which its API lists too."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.aws.database_tls import NAMES, demands_by_parameters
from controlmon.facts.aws.rds import Cluster, ClusterSnapshot, Database, Instance, Snapshot

rds = Service("aws", "rds")

SECRETS = ("MasterUserPassword",)
"""A password that waits to be set, among the pending changes."""


@rds.lists(Instance, Operation("rds", "DescribeDBInstances", needs=("rds:DescribeDBInstances",), drops=SECRETS), gives=[Instance.settings])
def instances(ask: Ask) -> Iterator[Found]:
    """Every instance."""
    for item in ask.items("DBInstances"):
        yield Found(Instance, item["DBInstanceArn"], item["DBInstanceIdentifier"], answers={Instance.settings: item})


@rds.lists(Cluster, Operation("rds", "DescribeDBClusters", needs=("rds:DescribeDBClusters",), drops=SECRETS), gives=[Cluster.settings])
def clusters(ask: Ask) -> Iterator[Found]:
    """Every cluster of the account. Those that others share with it are theirs: they are not asked for."""
    for item in ask.items("DBClusters"):
        yield Found(Cluster, item["DBClusterArn"], item["DBClusterIdentifier"], answers={Cluster.settings: item})


KEPT = ("manual", "awsbackup")
"""The snapshots that last: those of the automated backups go with them, and shared and public ones are others'."""


def _snapshots(name: str) -> Operation:
    return Operation("rds", name, needs=(f"rds:{name}",))


@rds.lists(Snapshot, _snapshots("DescribeDBSnapshots"), gives=[Snapshot.settings])
def snapshots(ask: Ask) -> Iterator[Found]:
    """The snapshots of instances."""
    for kind in KEPT:
        for item in ask.items("DBSnapshots", SnapshotType=kind):
            yield Found(Snapshot, item["DBSnapshotArn"], item["DBSnapshotIdentifier"], answers={Snapshot.settings: item})


@rds.lists(ClusterSnapshot, _snapshots("DescribeDBClusterSnapshots"), gives=[ClusterSnapshot.settings])
def cluster_snapshots(ask: Ask) -> Iterator[Found]:
    """The snapshots of clusters, which are not among those of instances."""
    for kind in KEPT:
        for item in ask.items("DBClusterSnapshots", SnapshotType=kind):
            yield Found(
                ClusterSnapshot, item["DBClusterSnapshotArn"], item["DBClusterSnapshotIdentifier"], answers={ClusterSnapshot.settings: item}
            )


@rds.answers(Snapshot.shares, _snapshots("DescribeDBSnapshotAttributes"), after=[Snapshot.settings])
def shares(ask: Ask, snapshot: Met) -> Raw:
    """Who may restore a snapshot."""
    return _kept(snapshot.answer(Snapshot.settings)) or ask(DBSnapshotIdentifier=snapshot.name)


@rds.answers(ClusterSnapshot.shares, _snapshots("DescribeDBClusterSnapshotAttributes"), after=[ClusterSnapshot.settings])
def cluster_shares(ask: Ask, snapshot: Met) -> Raw:
    """Who may restore a snapshot of a cluster."""
    return _kept(snapshot.answer(ClusterSnapshot.settings)) or ask(DBClusterSnapshotIdentifier=snapshot.name)


def _kept(settings: Raw) -> Raw:
    return None if settings["SnapshotType"] == "manual" else not_asked("only a snapshot that was taken by hand can be shared")


def _parameters(name: str) -> Operation:
    return Operation("rds", name, needs=(f"rds:{name}",), shared=True)


@rds.answers(Instance.parameters, _parameters("DescribeDBParameters"), after=[Instance.settings])
def instance_parameters(ask: Ask, instance: Met) -> Raw:
    """The parameter group of an instance: many instances, few groups."""
    return _told(ask, "DBParameterGroupName", Instance.settings.view(instance.answer(Instance.settings)))


@rds.answers(Cluster.parameters, _parameters("DescribeDBClusterParameters"), after=[Cluster.settings])
def cluster_parameters(ask: Ask, cluster: Met) -> Raw:
    """The parameter group of a cluster."""
    return _told(ask, "DBClusterParameterGroupName", Cluster.settings.view(cluster.answer(Cluster.settings)))


def _told(ask: Ask, member: str, settings: Database) -> Raw:
    """The few of some hundred parameters that speak of TLS. Page by page as one shared question each."""
    if settings.cluster or not settings.parameters or not demands_by_parameters(settings.engine):
        return not_asked("no parameter group of its own demands TLS")
    found: list[Raw] = []
    asked: dict[str, object] = {member: settings.parameters[0][0]}
    passed: set[str] = set()
    while True:
        page = ask(**asked)
        found += [one for one in page["Parameters"] if one["ParameterName"] in NAMES]
        marker = page.get("Marker")
        if not marker:
            return {"Parameters": found}
        if marker in passed:
            operation = "DescribeDBClusterParameters" if "Cluster" in member else "DescribeDBParameters"
            raise Refused(Gap(GapKind.TRUNCATED, f"rds:{operation}", "the answer leads round in circles", (f"rds:{operation}",)))
        passed.add(marker)
        asked["Marker"] = marker

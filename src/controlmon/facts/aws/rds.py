"""Amazon RDS and the engines that share its API (Aurora, DocumentDB, Neptune): database instances and clusters."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
from controlmon.facts.base import Kind, View, aspect

MOVING = (
    *("LatestRestorableTime", "EarliestRestorableTime", "EarliestBacktrackTime", "BacktrackConsumedChangeRecords"),
    *("PercentProgress", "StorageOperationPercentProgress", "Capacity"),
)
"""What changes by itself while a database is at work."""


class Database(View, frozen=True):
    """An instance or a cluster. What RDS did not say is None.

    Attributes:
        account: the account that owns it.
        cluster: the cluster that an instance is a member of.
        source: what a read replica copies.
        encrypted: StorageEncrypted, which is False for a cluster under a key that AWS owns.
        encryption: StorageEncryptionType: `none`, `sse-kms` or `sse-rds`.
        restorable: up to when it can be restored to a point in time.
        recovery_point: the recovery point of AWS Backup, where that keeps the continuous backup.
        public: PubliclyAccessible.
        gateway: InternetAccessGatewayEnabled.
        version: EngineVersion.
        parameters: the names of the parameter groups, with the state of each: `in-sync` if what it says is in force.

    """

    engine: str
    status: str
    account: str = "123456789012"
    cluster: str = ""
    source: str = ""
    encrypted: bool = False
    encryption: str = ""
    key: str = ""
    retention_days: int | None = None
    restorable: datetime | None = None
    recovery_point: str = ""
    public: bool | None = None
    gateway: bool | None = None
    vpc: str = ""
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    port: int | None = None
    version: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


class Instance(Kind, name="aws.rds.instance"):
    """A database instance."""

    @aspect(volatile=MOVING)
    def settings(raw: Raw) -> Database:
        """Everything that DescribeDBInstances says of it."""
        group = raw.get("DBSubnetGroup") or {}
        return Database(
            engine=text(raw, "Engine"),
            status=text(raw, "DBInstanceStatus"),
            account=text(raw, "DBInstanceArn").split(":")[4],
            cluster=optional(raw, "DBClusterIdentifier"),
            source=optional(raw, "ReadReplicaSourceDBInstanceIdentifier") or optional(raw, "ReadReplicaSourceDBClusterIdentifier"),
            encrypted=flag(raw, "StorageEncrypted"),
            encryption=optional(raw, "StorageEncryptionType"),
            key=optional(raw, "KmsKeyId"),
            retention_days=_number(raw, "BackupRetentionPeriod"),
            restorable=_time(raw, "LatestRestorableTime"),
            recovery_point=optional(raw, "AwsBackupRecoveryPointArn"),
            public=flag(raw, "PubliclyAccessible"),
            vpc=optional(group, "VpcId"),
            subnets=tuple(text(subnet, "SubnetIdentifier") for subnet in group.get("Subnets") or ()),
            groups=_groups(raw),
            port=_number(raw.get("Endpoint") or {}, "Port"),
            version=optional(raw, "EngineVersion"),
            parameters=tuple(
                (text(one, "DBParameterGroupName"), text(one, "ParameterApplyStatus")) for one in raw.get("DBParameterGroups") or ()
            ),
        )

    @aspect(absent=None)
    def parameters(raw: Raw) -> "Parameters | None":
        """What its parameter group says of TLS (DescribeDBParameters)."""
        return _parameters(raw)


class Cluster(Kind, name="aws.rds.cluster"):
    """A database cluster."""

    @aspect(volatile=MOVING)
    def settings(raw: Raw) -> Database:
        """Everything that DescribeDBClusters says of it. It names its subnet group only, not the subnets."""
        return Database(
            engine=text(raw, "Engine"),
            status=text(raw, "Status"),
            account=text(raw, "DBClusterArn").split(":")[4],
            source=optional(raw, "ReplicationSourceIdentifier"),
            encrypted=flag(raw, "StorageEncrypted"),
            encryption=optional(raw, "StorageEncryptionType"),
            key=optional(raw, "KmsKeyId"),
            retention_days=_number(raw, "BackupRetentionPeriod"),
            restorable=_time(raw, "LatestRestorableTime"),
            recovery_point=optional(raw, "AwsBackupRecoveryPointArn"),
            public=_told(raw, "PubliclyAccessible"),
            gateway=_told(raw, "InternetAccessGatewayEnabled"),
            groups=_groups(raw),
            port=_number(raw, "Port"),
            version=optional(raw, "EngineVersion"),
            parameters=_cluster_groups(raw),
        )

    @aspect(absent=None)
    def parameters(raw: Raw) -> "Parameters | None":
        """What its parameter group says of TLS (DescribeDBClusterParameters)."""
        return _parameters(raw)


class Parameters(View, frozen=True):
    """Parameters by name; one without a value follows the engine's default, and stands here as an empty string."""

    values: dict[str, str]


class SnapshotSettings(View, frozen=True):
    """A snapshot: the account that owns it, and whether it is encrypted."""

    account: str
    encrypted: bool


class Snapshot(Kind, name="aws.rds.snapshot"):
    """A snapshot of a database instance, taken by hand or by AWS Backup."""

    @aspect(volatile=("PercentProgress",))
    def settings(raw: Raw) -> SnapshotSettings:
        """What DescribeDBSnapshots says of it."""
        return SnapshotSettings(account=text(raw, "DBSnapshotArn").split(":")[4], encrypted=flag(raw, "Encrypted"))

    @aspect(absent=())
    def shares(raw: Raw) -> tuple[str, ...]:
        """The accounts that may restore it, or `all` (DescribeDBSnapshotAttributes). Not asked unless it was taken by hand."""
        return _restorers(raw["DBSnapshotAttributesResult"]["DBSnapshotAttributes"])


class ClusterSnapshot(Kind, name="aws.rds.cluster_snapshot"):
    """A snapshot of a database cluster, taken by hand or by AWS Backup."""

    @aspect(volatile=("PercentProgress",))
    def settings(raw: Raw) -> SnapshotSettings:
        """What DescribeDBClusterSnapshots says of it."""
        return SnapshotSettings(account=text(raw, "DBClusterSnapshotArn").split(":")[4], encrypted=flag(raw, "StorageEncrypted"))

    @aspect(absent=())
    def shares(raw: Raw) -> tuple[str, ...]:
        """The accounts that may restore it, or `all` (DescribeDBClusterSnapshotAttributes). Not asked unless it was taken by hand."""
        return _restorers(raw["DBClusterSnapshotAttributesResult"]["DBClusterSnapshotAttributes"])


def _restorers(attributes: Raw) -> tuple[str, ...]:
    return tuple(str(value) for one in attributes if one["AttributeName"] == "restore" for value in one["AttributeValues"])


def _parameters(raw: Raw) -> Parameters:
    return Parameters(values={text(one, "ParameterName"): optional(one, "ParameterValue") for one in raw["Parameters"]})


def _cluster_groups(raw: Raw) -> tuple[tuple[str, str], ...]:
    """The cluster's one group: in the state in which its members have it, the worst of them."""
    name = optional(raw, "DBClusterParameterGroup")
    members = raw.get("DBClusterMembers") or ()
    states = {text(one, "DBClusterParameterGroupStatus") for one in members if "DBClusterParameterGroupStatus" in one}
    state = next(iter(sorted(states - {"in-sync"}, reverse=True)), "in-sync" if states else "")
    return ((name, state),) if name else ()


def _told(raw: Raw, name: str) -> bool | None:
    return None if raw.get(name) is None else flag(raw, name)


def _number(raw: Raw, name: str) -> int | None:
    value = raw.get(name)
    if value is not None and type(value) is not int:
        raise TypeError(f"{name} is not a whole number")
    return value


def _time(raw: Raw, name: str) -> datetime | None:
    if not raw.get(name):
        return None
    at = datetime.fromisoformat(text(raw, name))
    if at.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return at


def _groups(raw: Raw) -> tuple[str, ...]:
    return tuple(text(group, "VpcSecurityGroupId") for group in raw.get("VpcSecurityGroups") or ())

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
        )


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
        )


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

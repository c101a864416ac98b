"""What holds data in AWS, and up to when it can be restored."""

from datetime import datetime, timedelta

from controlmon.facts.aws.backup import FileSystem, Protected
from controlmon.facts.aws.dynamodb import Table
from controlmon.facts.aws.ec2 import Volume
from controlmon.facts.aws.instances import Instance as Machine
from controlmon.facts.aws.rds import Cluster, Database, Instance
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.base import All

Store = Volume | Instance | Cluster | Table | FileSystem | Bucket
LAG = timedelta(minutes=5)
"""How far DynamoDB's point-in-time recovery is behind (PointInTimeRecoveryDescription)."""


def no_store(place: Store, bucket_tag: str) -> str:
    """Why something is no store of its own that has to be restorable; "" if it is one. A bucket is one if it has a tag of that name."""
    if isinstance(place, Bucket):
        return "" if bucket_tag in place.tags else f"it has no tag {bucket_tag}: it is not one for data"
    if isinstance(place, Volume):
        return f"it is {place.settings.state}" if place.settings.state in ("deleting", "deleted") else ""
    if isinstance(place, FileSystem):
        return f"it is {place.state}" if place.state in ("deleting", "deleted") else ""
    return "" if isinstance(place, Table) else _database(place.settings, place.target)


def _database(it: Database, target: str) -> str:
    if it.account != target:
        return f"it belongs to account {it.account}, where it is judged"
    if it.cluster:
        return f"its backups are those of the cluster {it.cluster}, which is judged"
    if it.source:
        return f"it is a read replica of {it.source}, which is what is backed up"
    return "it is being deleted" if it.status == "deleting" else ""


def newest(place: Store, protected: All[Protected], machines: All[Machine], now: datetime, enough: datetime) -> datetime | None:
    """The newest moment that a store can be restored to: the service's own, or the last recovery point; None if there is none.

    A disk is restored with the machine that it is attached to. Recovery points that something else than AWS Backup makes do not count.

    Args:
        place: the store.
        protected: what AWS Backup has recovery points of.
        machines: those that disks may be attached to.
        now: the clock (UTC).
        enough: where the service's own is as new as this, recovery points do not matter.

    Raises:
        Unseen: if something that could tell was not seen.

    """
    own = None
    if isinstance(place, Instance | Cluster) and place.settings.retention_days:
        own = place.settings.restorable
    if isinstance(place, Table) and place.recovery.on:
        own = now - LAG
    if own is not None and own >= enough:
        return own
    near = protected if isinstance(place, Bucket) else protected.beside(place)
    names = {place.id}
    if isinstance(place, Volume):
        names |= {machine.id for machine in machines.beside(place) if place.name in machine.settings.volumes}
    return max((at for at in (own, *(one.protection.last for one in near if one.id in names)) if at is not None), default=None)

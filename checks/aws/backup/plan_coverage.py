"""Whatever holds data has a recovery point not older than a day, or can be restored to a moment of its own.

The question starts at what there is, not at the plan: a selection by tag protects nothing that lacks the tag. And what is gone stays on the
list of what is protected. A disk is covered with the machine that it is attached to.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.backup import FileSystem, Protected
from controlmon.facts.aws.dynamodb import Table
from controlmon.facts.aws.ec2 import Volume
from controlmon.facts.aws.instances import Instance as Machine
from controlmon.facts.aws.rds import Cluster, Database, Instance
from controlmon.facts.aws.s3 import Bucket

DISK = Volume.example(id="arn:v", name="vol-1", settings={"state": "in-use", "encrypted": True})
NO_MACHINES = All[Machine].of()


def protected(arn: str = "arn:v", last: str = "9999-01-01T00:00:00Z") -> All[Protected]:
    return All.of(Protected.example(id=arn, protection={"type": "EBS", "last": last}))


BUCKET = Bucket.example(id="arn:b", tags={"data-class": "customer"})
POSTGRES = {"engine": "postgres", "status": "available", "retention_days": 7, "restorable": "9999-01-01T00:00:00Z"}


@check(
    title="Every in-scope data resource is protected by a backup plan and has a recent recovery point",
    severity="high",
    reads=[
        Volume.settings, Machine.settings, Instance.settings, Cluster.settings, Table.recovery, FileSystem.state, Bucket.tags,
        Protected.protection,
    ],
    remediation="Tag the resource for a backup plan, or add it to the selection of one.",
    proves="That a recovery point was made not long ago, or that the service keeps every moment itself. Not that anybody has restored it. "
    "Snapshots that something else than AWS Backup makes do not count.",
    passes=[
        (DISK, protected(), NO_MACHINES),
        (Instance.example(settings=POSTGRES), protected(), NO_MACHINES),
        (Table.example(recovery={"on": True}), protected(), NO_MACHINES),
        (BUCKET, protected("arn:b"), NO_MACHINES),
    ],
    fails=[
        (DISK, protected("arn:other"), NO_MACHINES),
        (DISK, protected(last="2020-01-01T00:00:00Z"), NO_MACHINES),
        (BUCKET, protected(), NO_MACHINES),
        Example((FileSystem.example(state="available"), protected(), NO_MACHINES)),
    ],
)  # fmt: skip
def judge(
    place: Volume | Instance | Cluster | Table | FileSystem | Bucket,
    protected: All[Protected],
    machines: All[Machine],
    now: datetime,
    *,
    max_age_hours: int = 26,
    bucket_tag: str = "data-class",
) -> Verdict:
    if why := _out_of_scope(place, bucket_tag):
        return not_applicable(why)
    if own := _native(place, now, max_age_hours):
        return passed(own)
    near = protected if isinstance(place, Bucket) else protected.beside(place)
    names = {place.id}
    found = near.first(lambda one: one.id in names and _recent(one, now, max_age_hours))
    if found is None and isinstance(place, Volume):
        names |= {machine.id for machine in machines.beside(place) if place.name in machine.settings.volumes}
        found = near.first(lambda one: one.id in names and _recent(one, now, max_age_hours))
    if found is not None:
        with_it = "" if found.id == place.id else f" with {found.name or found.id}"
        return passed(f"its last recovery point{with_it} is of {found.protection.last:%Y-%m-%d %H:%M} UTC")
    old = [one.protection.last for one in near if one.id in names and one.protection.last is not None]
    if old:
        return failed(f"its last recovery point is {(now - max(old)) // timedelta(hours=1)} hours old; {max_age_hours} allowed")
    return failed("AWS Backup has no recovery point of it")


def _recent(one: Protected, now: datetime, max_age_hours: int) -> bool:
    last = one.protection.last
    return last is not None and now - last <= timedelta(hours=max_age_hours)


def _out_of_scope(place: Volume | Instance | Cluster | Table | FileSystem | Bucket, bucket_tag: str) -> str:
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
    return (
        f"it is a read replica of {it.source}, which is what is backed up"
        if it.source
        else "it is being deleted" * (it.status == "deleting")
    )


def _native(place: Volume | Instance | Cluster | Table | FileSystem | Bucket, now: datetime, max_age_hours: int) -> str:
    """How the service itself keeps every moment; "" if it does not."""
    if isinstance(place, Table):
        return f"it can be restored to any second of the last {place.recovery.days} days" if place.recovery.on else ""
    if isinstance(place, Instance | Cluster):
        it = place.settings
        if it.retention_days and it.restorable is not None and now - it.restorable <= timedelta(hours=max_age_hours):
            return f"it can be restored up to {it.restorable:%Y-%m-%d %H:%M} UTC"
    return ""

"""Every database can be restored to a moment not long ago.

A retention period proves nothing by itself: the time up to which a restore is possible has to move. An Aurora instance has no backups of
its own: its cluster has them. A read replica is covered by its source. And while a database is stopped, that time stands still.
"""

from datetime import datetime, timedelta

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.rds import Cluster, Instance

GOOD = {"engine": "postgres", "status": "available", "retention_days": 7, "restorable": "9999-01-01T00:00:00Z"}
FROZEN = ("stopped", "stopping", "starting")


@check(
    title="Databases have automated backups and a fresh restorable time",
    severity="critical",
    reads=[Instance.settings, Cluster.settings],
    remediation="Set the backup retention period, and find out why the latest restorable time stands still.",
    proves="That RDS offers to restore it up to that time, as counted at the start of the run. Not that anybody has tried.",
    passes=[Instance.example(settings=GOOD), Cluster.example(settings=GOOD | {"engine": "aurora-postgresql"})],
    fails=[
        Instance.example(settings=GOOD | {"retention_days": 0, "restorable": None}),
        Cluster.example(settings=GOOD | {"retention_days": 1}),
        Instance.example(settings=GOOD | {"restorable": "2020-01-01T00:00:00Z"}),
        Example((Instance.example(settings=GOOD),), {"min_days": 35}),
    ],
)
def judge(database: Instance | Cluster, now: datetime, *, min_days: int = 7, max_lag_minutes: int = 30) -> Verdict:
    it = database.settings
    if it.account != database.target:
        return not_applicable(f"it belongs to account {it.account}, where it is judged")
    if it.cluster:
        return not_applicable(f"its backups are those of the cluster {it.cluster}, which is judged")
    if it.source:
        return not_applicable(f"it is a read replica of {it.source}, which is what is backed up")
    if it.status == "deleting":
        return not_applicable("it is being deleted")
    if it.retention_days is None:
        return unknown("RDS does not say how long its backups are kept")
    if it.retention_days < min_days:
        return failed(f"its backups are kept {it.retention_days} days; {min_days} required")
    kept = f"its backups are kept {it.retention_days} days" + (f" by AWS Backup ({it.recovery_point})" if it.recovery_point else "")
    if it.restorable is None:
        return unknown(f"{kept}, but RDS names no time up to which it can be restored (it is {it.status})")
    minutes = max(0, (now - it.restorable) // timedelta(minutes=1))
    if now - it.restorable <= timedelta(minutes=max_lag_minutes):
        return passed(f"{kept}, and it can be restored up to {minutes} minutes ago")
    if it.status in FROZEN:
        return unknown(f"{kept}, but it is {it.status}, so the restorable time stands still ({minutes} minutes ago) and proves nothing")
    return failed(f"{kept}, but it can be restored only up to {minutes} minutes ago; {max_lag_minutes} allowed")

"""Databases can be restored to any moment of the days that were promised.

Point-in-time restore cannot be turned off, only shortened to a day; so the question is how far back, where the backups are, and whether
there is anything to go back to.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.sql import SqlDatabase


def database(days: int = 7, point: str = "2026-11-16T12:00:00Z", **settings: str) -> SqlDatabase:
    return SqlDatabase.example(settings={"kind": "v12.0,user", **settings}, retention=days, restore_point=point)


@check(
    title="SQL databases keep point-in-time backups and geo redundancy per plan",
    severity="high",
    reads=[SqlDatabase.settings, SqlDatabase.retention, SqlDatabase.restore_point],
    remediation="Set the short-term retention to the days promised, and the backup storage redundancy to the planned one.",
    proves="How far back the database can be restored, and that there is a first moment to restore to. Not that a restore works, nor how "
    "long long-term backups outlive the promise to dispose of data.",
    passes=[database(), database(35), Example((database(redundancy="Geo"),), {"redundancy": ["Geo", "GeoZone"]})],
    fails=[database(1), Example((database(),), {"min_days": 14}), Example((database(redundancy="Local"),), {"redundancy": ["Geo"]})],
)
def judge(database: SqlDatabase, *, min_days: int = 7, redundancy: tuple[str, ...] = ()) -> Verdict:
    settings = database.settings
    if settings.system:
        return not_applicable("it is a system database")
    if settings.secondary:
        return not_applicable(f"it is a {settings.secondary} secondary: its primary is what is backed up")
    if settings.warehouse:
        return not_applicable("it is a dedicated SQL pool, which has restore points of its own kind")
    if database.retention < min_days:
        return failed(f"it can be restored {database.retention} days back; {min_days} required")
    if redundancy and settings.redundancy not in redundancy:
        return failed(f"its backups are {settings.redundancy or 'of no redundancy that is told'}; {' or '.join(redundancy)} planned")
    if not database.restore_point:
        return unknown("Azure tells no moment that it can be restored to: it has no backup yet, as far as is seen")
    where = f", its backups are {settings.redundancy}" if settings.redundancy else ""
    return passed(f"it can be restored {database.retention} days back{where}")

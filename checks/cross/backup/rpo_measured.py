"""The newest point that each data store can be restored to is no older than was promised to any customer in its account.

A backup plan that runs daily keeps a promise of four hours only by luck. What counts is the point that could be restored now, against the
strictest engagement that uses the account; where customers share an account, against the strictest of all.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.backup import FileSystem, Protected
from controlmon.facts.aws.dynamodb import Table
from controlmon.facts.aws.ec2 import Volume
from controlmon.facts.aws.instances import Instance as Machine
from controlmon.facts.aws.rds import Cluster, Instance
from controlmon.facts.aws.restorable import newest, no_store
from controlmon.facts.aws.s3 import Bucket
from controlmon.facts.document.engagements import Engagement

US = "123456789012"


def case(restorable: str = "2026-11-23T11:55:00Z", last: str = "2026-11-23T02:00:00Z", **row: object) -> Example:
    shared = row.pop("shared", ())
    settings = {"engine": "postgres", "status": "available", "retention_days": 7, "restorable": restorable}
    deal = {"id": "acme-1", "customer": "acme", "accounts": [US], "start": "2026-01-01", "rpo_hours": 1} | row
    points = All.of(Protected.example(id="arn:db", protection={"type": "RDS", "last": last}))
    arguments = (Instance.example(id="arn:db", settings=settings), points, All[Machine].of())
    deals = Everywhere.of(Engagement.example(id="acme-1", row=deal))
    return Example((*arguments, deals), {"shared_accounts": shared})


@check(
    title="Newest restorable point is inside the engagement's RPO for each data store",
    severity="high",
    frequency="hourly",
    reads=[
        *(Instance.settings, Cluster.settings, Table.recovery, Volume.settings, FileSystem.state, Bucket.tags),
        *(Machine.settings, Protected.protection, Engagement.row),
    ],
    remediation="Turn on continuous backup for the store, or have the plan run more often than the strictest RPO.",
    proves="How old the newest point is that the service or AWS Backup says can be restored. Not that anybody has restored it, and nothing "
    "of snapshots that something else makes.",
    passes=[case(), case("2026-11-20T00:00:00Z", last="2026-11-23T11:30:00Z"), case(accounts=[], shared=[US])],
    fails=[case("2026-11-23T10:55:00Z"), case("2026-11-20T00:00:00Z", accounts=[], shared=[US])],
)
def judge(
    store: Instance | Cluster | Table | Volume | FileSystem | Bucket,
    protected: All[Protected],
    machines: All[Machine],
    engagements: Everywhere[Engagement],
    now: datetime,
    *,
    shared_accounts: tuple[str, ...] = (),
    bucket_tag: str = "data-class",
) -> Verdict:
    if why := no_store(store, bucket_tag):
        return not_applicable(why)
    current = [one.row for one in engagements if one.row.is_current(now)]
    rows = [row for row in current if store.target in row.accounts or store.target in shared_accounts]
    if not rows:
        return not_applicable(f"no current engagement uses account {store.target}")
    silent = [row.id for row in rows if row.rpo_hours is None]
    told = sorted((row.rpo_hours, row.id) for row in rows if row.rpo_hours is not None)
    if not told:
        return unknown(f"{', '.join(silent)} promises no RPO")
    hours, strictest = told[0]
    at = newest(store, protected, machines, now, now - timedelta(hours=hours))
    if at is None:
        return failed(f"nothing of it can be restored; {strictest} has an RPO of {hours:g} h")
    age = f"it can be restored up to {at:%Y-%m-%d %H:%M} UTC, {(now - at) / timedelta(hours=1):.1f} h ago"
    if now - at > timedelta(hours=hours):
        return failed(f"{age}; {strictest} has an RPO of {hours:g} h")
    if silent:
        return unknown(f"{age}, and {', '.join(silent)} promises no RPO")
    return passed(f"{age}; the strictest RPO is the {hours:g} h of {strictest}")

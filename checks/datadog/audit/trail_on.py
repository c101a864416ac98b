"""Datadog records who does what in Datadog itself.

The audit trail is a feature that may be off, and what it keeps by default is 90 days; keeping more needs an archive of its own.
"""

from datetime import datetime, timedelta

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.organization import Organization

NEW = {"at": "2026-11-23T11:00:00Z"}


@check(
    title="Datadog audit trail records access to Datadog itself",
    severity="high",
    reads=[Organization.audit_latest, Organization.audit_earliest],
    remediation="Turn on the audit trail, set its retention, and archive it.",
    proves="That the trail recorded something within a day, and that its oldest event is old enough, or an archive is declared. "
    "Not that every action is recorded.",
    passes=[
        Organization.example(audit_latest=NEW, audit_earliest={"at": "2026-08-25T00:00:00Z"}),
        Example((Organization.example(audit_latest=NEW, audit_earliest=NEW),), {"archived": True}),
    ],
    fails=Organization.example(audit_latest={"at": None}, audit_earliest={"at": None}),
)
def judge(organization: Organization, now: datetime, *, retention_days: int = 90, archived: bool = False) -> Verdict:
    latest = organization.audit_latest.at
    if latest is None:
        return failed("there is no event of the last 24 hours")
    if archived:
        return passed(f"the last event is of {latest:%Y-%m-%d %H:%M} UTC, and the trail is declared to be archived")
    earliest = organization.audit_earliest.at
    kept = now - earliest if earliest else timedelta(0)
    if kept < timedelta(days=retention_days - 1):
        return unknown(
            f"the oldest event is {kept.days} days old: whether {retention_days} are kept, or the trail is younger, cannot be told"
        )
    return passed(f"the last event is of {latest:%Y-%m-%d %H:%M} UTC, the oldest {kept.days} days old")

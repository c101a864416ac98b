"""A marked log that is written to Datadog comes back from it.

A loud account hides a silent one, so freshness of a source is not enough. This check writes one log a run, which is the only thing that
controlmon ever writes anywhere: it is off unless it is turned on.
"""

from datetime import datetime, timedelta

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.datadog.organization import Organization

ON = {"enabled": True, "since": "2026-11-01T00:00:00Z"}
ROUND = timedelta(hours=26)
"""Within which a daily run wrote the mark before."""


def marks(*found: str) -> Organization:
    return Organization.example(canary={"written": "2026-11-23T12:00:00Z", "found": found})


@check(
    title="A known access event reaches Datadog end to end",
    severity="critical",
    reads=[Organization.canary.when("enabled")],
    remediation="Follow the mark (service:controlmon-canary) through intake, pipelines, indexes and exclusion filters; repair the routing.",
    proves="That what this host sends to Datadog's intake can be found. Not that any account's or tenant's own events arrive: for that the "
    "identities of the agent in each account would have to be looked for.",
    passes=Example((marks("2026-11-22T12:00:00Z"),), ON),
    fails=[Example((marks(),), ON), Example((marks("2026-11-20T12:00:00Z"),), ON)],
)
def judge(organization: Organization, now: datetime, *, enabled: bool = False, since: str = "", max_minutes: int = 90) -> Verdict:
    if not enabled:
        return not_applicable("it is off, as it is by default: turned on (enabled), it would write one marked log to Datadog in every run")
    found = organization.canary.found
    late = timedelta(minutes=max_minutes)
    if any(now - mark <= ROUND + late for mark in found):
        return passed(f"the mark written {found[-1]:%Y-%m-%d %H:%M} UTC was found")
    try:
        began = datetime.fromisoformat(since)
    except ValueError:
        began = None
    if began is None or began.tzinfo is None:
        return unknown(
            "no mark was found, and whether one was written before is not known: give the time of turning it on (since, with zone)"
        )
    if now - began <= ROUND + late:
        return unknown("it was turned on not long ago: the mark of this run is looked for in the next")
    return failed(f"the last mark found is of {found[-1]:%Y-%m-%d %H:%M} UTC" if found else "no mark of the last three days was found")

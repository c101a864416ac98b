"""Every source of access logs has spoken lately.

Each source has a rhythm of its own: CloudTrail speaks within minutes, Jira within hours. One limit for all gives false alarms, or none.
"""

from datetime import datetime, timedelta

from controlmon.check import Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.logs import SOURCES, STEP, WINDOW
from controlmon.facts.datadog.organization import Organization

LATE = {"last": {"cloudtrail": "2026-11-23T11:50:00Z", "jira": "2026-11-23T06:00:00Z"}}
TWO = {"cloudtrail": 30, "jira": 1440}


@check(
    title="Every declared access-log source is arriving",
    severity="critical",
    frequency="hourly",
    reads=[
        Organization.arrivals,
        Organization.arrivals_flex.when("flex"),
        Organization.arrivals_archived.when("online_archives"),
    ],
    remediation="Repair the forwarder of the source, or the integration that sends it.",
    proves="That at least one event of each source, of whichever account, was found in its time (to five minutes). Not that each account "
    "of it speaks (datadog.log.canary_roundtrip), nor that all its events are kept (datadog.log.index_health).",
    passes=Example((Organization.example(arrivals=LATE),), {"sources": TWO}),
    fails=[
        Example((Organization.example(arrivals=LATE),), {"sources": {"cloudtrail": 5, "jira": 1440}}),
        Example((Organization.example(arrivals=LATE),), {"sources": {**TWO, "github": 120}}),
    ],
)
def judge(
    organization: Organization,
    now: datetime,
    *,
    sources: dict[str, int] = SOURCES,
    flex: bool = False,
    online_archives: bool = False,
) -> Verdict:
    tiers = [organization.arrivals]
    if flex:
        tiers.append(organization.arrivals_flex)
    if online_archives:
        tiers.append(organization.arrivals_archived)
    silent, doubtful = [], []
    for source, minutes in sources.items():
        last = max((t.last[source.lower()] for t in tiers if source.lower() in t.last), default=None)
        if last is not None and now - last <= timedelta(minutes=minutes):
            continue
        if last is None and timedelta(minutes=minutes) > WINDOW - STEP:
            doubtful.append(f"{source} is allowed {minutes} min, and only {int(WINDOW.total_seconds() // 60)} are looked at")
        elif cut := next((t.cut for t in tiers if t.cut), ""):
            doubtful.append(f"{source} was not found, but {cut}")
        else:
            ago = f"{int((now - last).total_seconds() // 60)} min ago" if last else "not within a day"
            silent.append(f"{source} last spoke {ago}; {minutes} min allowed")
    if silent:
        return failed("; ".join(silent))
    if doubtful:
        return unknown("; ".join(doubtful))
    if not sources:
        return unknown("no source is declared")
    return passed(f"{len(sources)} sources have spoken in time: {', '.join(sources)}")

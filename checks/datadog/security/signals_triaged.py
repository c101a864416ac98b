"""Signals of high and critical severity are looked at in time, and put away by somebody for a reason.

Archiving is the easy way to a clean list: it counts only with a reason and a person.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.security import Signal


def signal(state: str, at: str = "2026-11-23T11:00:00Z", **triage: str) -> Signal:
    return Signal.example(triage={"severity": "high", "at": at, "state": state, **triage})


@check(
    title="High signals are triaged inside the SLA",
    severity="high",
    frequency="hourly",
    reads=[Signal.triage],
    remediation="Take the signal under review, or archive it with the reason.",
    proves="That no high or critical signal that Datadog still keeps is open for too long, and that archived ones say why and by "
    "whom. Not that the reason is right. Signals older than Datadog's retention are not seen.",
    passes=[signal("open"), signal("under_review"), signal("archived", reason="false_positive", person="ann@example.com")],
    fails=[signal("open", "2026-11-22T11:00:00Z"), signal("archived"), signal("archived", reason="false_positive")],
)
def judge(signal: Signal, now: datetime, *, sla_hours: int = 24) -> Verdict:
    triage = signal.triage
    hours = int((now - triage.at).total_seconds() // 3600)
    if triage.state == "open":
        late = now - triage.at > timedelta(hours=sla_hours)
        return (failed if late else passed)(f"it has been open for {hours} h; {sla_hours} h allowed")
    if triage.state == "archived":
        missing = [what for what, said in (("reason", triage.reason), ("person", triage.person)) if not said]
        if missing:
            return failed(f"it was archived without a {' or a '.join(missing)}")
        return passed(f"it was archived as {triage.reason} by {triage.person}")
    if triage.state == "under_review":
        return passed(f"it is under review, {hours} h after it was raised")
    return unknown(f"its state is {triage.state}, which is new")

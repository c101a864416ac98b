"""Nobody is left at high risk for longer than a day.

A tenant without the licence is refused in nearly the words of a missing permission; it is told apart, and does not apply rather than pass.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.entra.tenant import Tenant


def tenant(*at_risk: object) -> Tenant:
    return Tenant.example(at_risk=at_risk)


OLD = {"name": "ada", "level": "high", "since": "2026-11-01T00:00:00+00:00"}
NEW = {"name": "bob", "level": "high", "since": "2026-11-23T11:00:00+00:00"}


@check(
    title="Users at high risk are dealt with within a day",
    severity="high",
    frequency="hourly",
    reads=[Tenant.at_risk],
    remediation="Investigate: confirm the user compromised and reset what they log in with, or dismiss the risk.",
    proves="That no user whom Identity Protection holds at high risk has waited longer. Not that its judgement is right.",
    passes=[tenant(), tenant(NEW)],
    fails=tenant(OLD, NEW),
)
def judge(tenant: Tenant, now: datetime, *, sla_hours: int = 24) -> Verdict:
    users = tenant.at_risk
    if users is None:
        return not_applicable("the tenant is not licensed for Identity Protection (P2), which judges risk: declare that")
    late = sorted((one.since, one.name) for one in users if one.level == "high" and now - one.since > timedelta(hours=sla_hours))
    if late:
        since, name = late[0]
        return failed(f"{len(late)} are at high risk for more than {sla_hours} h: {name} since {since:%Y-%m-%d %H:%M}Z")
    hidden = sorted(one.name for one in users if one.level == "hidden")
    if hidden:
        return unknown(f"the licence does not show the level of risk of {hidden[0]}")
    return passed(f"nobody is at high risk for more than {sla_hours} h; {len(users)} are at some risk")

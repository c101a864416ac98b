"""A vulnerability is fixed within the time that its severity allows.

The clock starts when it was first seen in the workload, not in the latest image: to deploy again makes a new finding of an old
vulnerability. Where there is no fix, somebody decides; so does somebody about what a filter rule suppresses.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.inspector2 import Vulnerability

ORDER = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL")
NEW, OLD = "9999-01-01T00:00:00Z", "2020-01-01T00:00:00Z"


def vulnerability(*firsts: str, severity: str = "HIGH", status: str = "ACTIVE", fix: str = "YES") -> Vulnerability:
    return Vulnerability.example(findings=[{"severity": severity, "status": status, "first": first, "fix": fix} for first in firsts])


@check(
    title="Vulnerabilities are fixed inside the severity SLA",
    severity="high",
    reads=[Vulnerability.findings],
    remediation="Patch, or accept the risk with an exception that expires.",
    proves="How long Inspector has seen the vulnerability in the workload, counting what it closed lately. Not what is not scanned.",
    passes=vulnerability(NEW),
    fails=[vulnerability(OLD), vulnerability(OLD, NEW), vulnerability(OLD, severity="MEDIUM", fix="PARTIAL")],
)
def judge(
    vulnerability: Vulnerability,
    now: datetime,
    *,
    sla_days: dict[str, int] = {"CRITICAL": 15, "HIGH": 30, "MEDIUM": 90},  # noqa: B006 - never changed
) -> Verdict:
    every = vulnerability.findings
    open_ones = [one for one in every if one.status in ("ACTIVE", "SUPPRESSED")]
    if strange := [one.status for one in every if one.status not in ("ACTIVE", "SUPPRESSED", "CLOSED")]:
        return unknown(f"what the status {strange[0]} means is not known")
    if not open_ones:
        return not_applicable("it is closed")
    rated = [one.severity for one in open_ones if one.severity in ORDER]
    if not rated:
        return unknown(f"its severity is {open_ones[0].severity}: nobody has rated it yet")
    severity = min(rated, key=ORDER.index)
    if severity not in sla_days:
        return not_applicable(f"no limit is set for severity {severity}")
    first = min(one.first for one in every)
    said = f"{severity}, first seen {(now - first).days} days ago; {sla_days[severity]} allowed"
    if now - first <= timedelta(days=sla_days[severity]):
        return passed(said)
    active = [one for one in open_ones if one.status == "ACTIVE"]
    if not active:
        return unknown(f"{said}, and it is suppressed by a filter rule: who owns that is not told")
    if all(one.fix == "NO" for one in active):
        return unknown(f"{said}, and there is no fix: it needs a decision about the risk")
    return failed(said)

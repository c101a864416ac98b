"""Findings as OCSF Compliance Findings (class 2003 of the Open Cybersecurity Schema Framework, 1.5.0): one JSON object a line.

OCSF's word for what could not be seen is `Warning`: "the compliance check did not yield a result due to missing information". Its severity
is `Unknown`, whatever the check's; our own word is in `status_code`. What is not a cloud account (a Datadog organization, a register) has
no `cloud`: its provider and target are the resource's namespace.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from controlmon.core.fact import Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.core.times import moment
from controlmon.engine.dossier import CheckPeriod, Dossier, ScopeEnd
from controlmon.report.model import RunReport, Told

VERSION = "1.5.0"
SEVERITY = {Severity.LOW: (2, "Low"), Severity.MEDIUM: (3, "Medium"), Severity.HIGH: (4, "High"), Severity.CRITICAL: (5, "Critical")}
STATUS = {
    Outcome.PASS: (1, "Pass"),
    Outcome.UNKNOWN: (2, "Warning"),
    Outcome.FAIL: (3, "Fail"),
    Outcome.NOT_APPLICABLE: (99, "Not applicable"),
}
CLOUDS = {"aws": ("AWS", 10, "AWS Account"), "azure": ("Azure", 13, "Azure Subscription"), "m365": ("Microsoft", 17, "M365 Tenant")}
"""Provider, and type of account (`account.type_id`), of what OCSF calls a cloud."""

Object = dict[str, Any]


def write(report: RunReport, out: TextIO) -> None:
    """Write each finding of a run as a line, passes too."""
    told, run, at, version = report.told, report.run, report.finished, report.version
    out.writelines(_dump(event(finding, told(finding.check), run, at, version=version)) for finding in report.findings())


def lines(dossier: Dossier) -> Iterator[str]:
    """The last findings of each check and scope in the period, a line each, in the order of the record."""
    for check in dossier.checks.values():
        controls = [one.control for one in dossier.controls if any(check.id == name for name, _, _ in one.checks)]
        told = Told(check.title, check.remediation, tuple(control.id for control in controls))
        met = [m for control in controls for m in control.frameworks]
        requirements = tuple(dict.fromkeys(f"{m.framework} {ref}" for m in met for ref in m.refs))
        standards = tuple(dict.fromkeys(m.framework for m in met))
        for end in check.ends:
            for row in dossier.findings(end.findings):
                yield _dump(event(_finding(check, end, row), told, end.run, end.at, requirements=requirements, standards=standards))


def _finding(check: CheckPeriod, end: ScopeEnd, row: Object) -> Finding:
    subject = Subject(row["kind"], row["subject"], row["name"], scope_of(end.scope), row["region"])
    return Finding(check.id, subject, Outcome(row["outcome"]), Severity(row["severity"]), row["reason"], tuple(row["facts"]), end.at)


def scope_of(text: str) -> Scope:
    """The scope that `str(scope)` wrote, or the record with bars. A target that is a URL is whole: only clouds have regions."""
    if "|" in text:
        return Scope(*text.split("|"))
    provider, _, rest = text.partition(":")
    target, colon, region = rest.rpartition(":")
    return Scope(provider, target, region) if colon and "://" not in rest else Scope(provider, rest)


def finding_id(finding: Finding) -> str:
    """What tells findings apart and stays the same from run to run: 32 hexadecimal digits, of check, scope and subject."""
    subject = finding.subject
    name = json.dumps((finding.check, subject.scope.provider, subject.scope.target, subject.scope.region, subject.kind, subject.id))
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def event(
    finding: Finding, told: Told, run: str, at: str, *, version: str = "", requirements: Sequence[str] = (), standards: Sequence[str] = ()
) -> Object:
    """One finding as OCSF has it.

    Args:
        finding: what was found.
        told: the words of the check's author, and the controls that it tests.
        run: the run's id, by which its findings are found together.
        at: when the run finished (RFC 3339), for findings that rest on no fact.
        version: of the agent, where it is known.
        requirements: of frameworks, beside the controls.
        standards: the frameworks.

    """
    uid = finding_id(finding)
    observed = int(moment(finding.observed_at or at).timestamp() * 1000)
    severity_id, severity = SEVERITY[finding.severity]
    status_id, status = STATUS[finding.outcome]
    event_severity = {Outcome.FAIL: (severity_id, severity), Outcome.UNKNOWN: (0, "Unknown")}.get(finding.outcome, (1, "Informational"))
    scope = finding.subject.scope
    check = {
        "uid": finding.check,
        "name": told.title,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
    }
    said: Object = {
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
        "time": observed,
        "severity_id": event_severity[0],
        "severity": event_severity[1],
        "status_id": 1,
        "status": "New",
        "status_code": finding.outcome.value,
        "status_detail": finding.reason,
        "message": f"{told.title}: {finding.reason}",
        "metadata": {
            "version": VERSION,
            "product": {"name": "controlmon", "vendor_name": "controlmon", **({"version": version} if version else {})},
            "uid": f"{run}/{uid}",
            "correlation_uid": run,
            "event_code": finding.check,
            **({"profiles": ["cloud"]} if scope.provider in CLOUDS else {}),
        },
        "finding_info": {"uid": uid, "title": told.title, "desc": finding.reason, "last_seen_time": observed},
        "compliance": {
            "control": finding.check,
            "requirements": [*told.controls, *requirements],
            "standards": list(standards),
            "status_id": status_id,
            "status": status,
            "status_code": finding.outcome.value,
            "status_details": [finding.reason],
            "checks": [check],
        },
        "resources": [_resource(finding.subject)],
    }
    if scope.provider in CLOUDS:
        said["cloud"] = _cloud(finding.subject)
    if finding.outcome is Outcome.FAIL and told.remediation:
        said["remediation"] = {"desc": told.remediation}
    if finding.facts:
        said["evidences"] = [{"name": "facts", "data": {"facts": list(finding.facts)}}]
    return said


def _resource(subject: Subject) -> Object:
    scope = subject.scope
    region = {"region": subject.region or scope.region} if scope.provider in CLOUDS and (subject.region or scope.region) else {}
    return {"uid": subject.id, "name": subject.name, "type": subject.kind, "namespace": f"{scope.provider}:{scope.target}", **region}


def _cloud(subject: Subject) -> Object:
    scope = subject.scope
    provider, type_id, kind = CLOUDS[scope.provider]
    region = subject.region or scope.region
    account = {"uid": scope.target, "type_id": type_id, "type": kind}
    return {"provider": provider, "account": account, **({"region": region} if region else {})}


def _dump(said: Object) -> str:
    return json.dumps(said, ensure_ascii=True, separators=(",", ":")) + "\n"

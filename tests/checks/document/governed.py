"""For each check of people and governance, the rows with which it passes: the tables of cases change one thing of it."""

from typing import Any

from controlmon.facts.base import Kind
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.exercises import Exercise, Notice
from controlmon.facts.document.governance import Attestation, Meeting
from controlmon.facts.document.people import Acknowledgement, PerformanceReview
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import RegisterFile
from controlmon.facts.document.roles import Role, SystemOwner
from tests.checks.document.rows import COMPANY, SHA, company, person, row
from tests.support import Given


def document(name: str, kind: type[Kind] = Document, **more: Any) -> Given:
    """A document with one version and its file."""
    version = {"id": f"{name}-1", "document": name, "version": "1", "type": "other", "owner": "ada", "author": "bob", "sha256": SHA} | more
    contents = {"files": {version["id"]: {"sha256": SHA}}}
    return Given(kind, name, scope=COMPANY, versions={"rows": [version], "lines": [3]}, contents=contents)


def held(register: str, about: dict[str, Any], **more: Any) -> Given:
    """The file of a register that stands in no git work tree."""
    file = {"path": f"{register}.csv", "rows": 2, "about": about} | more
    return Given(RegisterFile, register, scope=COMPANY, file=file, provenance={"NotAsked": "the directory is in no git work tree"})


def signed(topic: str, at: str, **more: Any) -> Given:
    base = {"id": topic, "topic": topic, "statement": "So it is.", "signer": "ada", "role": "manager", "signed_at": at}
    return row(Attestation, base, more)


def role(name: str, holder: str = "ada", **more: Any) -> Given:
    return row(Role, {"id": f"{name}-{holder}", "role": name, "holder": holder, "deputy": "bob" if holder == "ada" else "ada"}, more)


QUARTER = {"period_start": "2026-07-01", "period_end": "2026-09-30"}
MINUTES = {"minutes": "wiki", "sha256": SHA, "attendees": ["ada", "bob"]}
REPORT = {"scenario": "x", "participants": ["ada", "bob", "cleo"], "report": "wiki", "sha256": SHA}
CUSTOMER = {"id": "acme", "name": "Acme", "start": "2025-01-01"}
REQUIRED = ("information_security_policy", "acceptable_use_policy", "code_of_conduct", "access_control_and_termination_policy")
TOPICS = ("security", "availability", "confidentiality", "fraud", "internal threats", "external threats")
ACCEPTED = {"person": "ada", "version": "1", "accepted_at": "2026-06-01"}
REACHED = {"contact": "+1 555", "contact_tested_at": "2026-09-01", "acknowledged_at": "2026-03-01"}
TEAM = [role("incident_team", who, **REACHED) for who in ("ada", "bob", "cleo")]
PEOPLE = [person("ada", head=True), person("bob", manager="ada"), person("cleo", manager="ada")]
SYSTEM = row(
    SystemOwner, id="db", name="DB", owner="ada", deputy="bob", acknowledged_at="2026-03-01", critical=True, rto_hours=4, rpo_hours=1
)
RESPONSIBLE = [role(one, acknowledged_at="2026-03-01") for one in ("security_officer", "privacy_officer", "incident_lead", "control_owner")]

PASSING: dict[str, list[Given]] = {
    "document.personnel.roster": [
        company(),
        held("personnel", {"source": "feed", "fed_by": "payroll", "fed_at": "2026-11-23T06:00:00Z"}),
        *PEOPLE,
    ],
    "document.engagement.roster": [
        row(Customer, CUSTOMER),
        row(
            *(Engagement, {"id": "e", "customer": "acme", "people": ["ada"], "start": "2026-01-01", "approver": "bob"}),
            approved_at="2026-01-01",
            rto_hours=8,
            rpo_hours=0,
        ),
        *PEOPLE,
    ],
    "document.org_chart.published": [
        company(),
        document("org_chart", approved_at="2026-06-01", location="wiki", facts={"people": "ada|bob|cleo"}),
        *PEOPLE,
    ],
    "document.roles.responsibilities": [company(), *RESPONSIBLE, *TEAM, SYSTEM, *PEOPLE],
    "document.incident.response_team": [company(), *TEAM, *PEOPLE],
    "document.incident.breach_notification_matrix": [
        company(),
        document(
            *("breach_notification_matrix",),
            approved_at="2026-06-01",
            topics={"HIPAA": "1", "state laws": "2", "GDPR": "no"},
            facts={"customers": "acme"},
        ),
        row(Customer, CUSTOMER),
    ],
    "document.capacity.plan": [company(), document("capacity_plan", approved_at="2026-09-01", topics={"forecast": "1", "actions": "2"})],
    "document.trust.reports_available": [
        company(),
        document(
            "soc2_report", facts={"soc_type": "2", "period_start": "2025-10-01", "period_end": "2026-09-30"}, approved_at="2026-11-01"
        ),
        document("bridge_letter", facts={"covers_from": "2026-10-01", "covers_until": "2026-11-01"}, approved_at="2026-11-01"),
    ],
    "attestation.program_review.annual": [
        company(),
        signed("program_review", "2026-03-01", outcomes={"code_of_conduct": "kept"}, facts={"metrics": "m", "decisions": "d"}),
        document("code_of_conduct", Policy, approved_at="2026-01-01"),
        *(role("executive"), *PEOPLE),
    ],
    "attestation.policy_acknowledgement.population": [
        PEOPLE[0],
        *(row(Acknowledgement, ACCEPTED, id=f"a-{name}", document=name) for name in REQUIRED),
        *(document(name, Policy, approved_at="2026-01-01") for name in REQUIRED),
    ],
    "attestation.performance_review.population": [
        PEOPLE[0],
        row(PerformanceReview, id="r", person="ada", reviewer="bob", completed_at="2026-06-01"),
    ],
    "attestation.governance.management_meeting": [
        company(),
        row(Meeting, MINUTES, id="m", type="board", held_at="2026-06-01", topics=["goals", "initiatives", "resources", "risk"]),
        *(role("executive"), *PEOPLE),
    ],
    "attestation.governance.security_team_meeting": [
        company(),
        row(
            *(Meeting, MINUTES, {"id": "m", "type": "security_team", "held_at": "2026-06-01"}),
            topics=["risks", "roles", "controls", "changes", "audit results"],
            actions=[{"what": "x", "owner": "ada", "due": "2026-12-01"}],
        ),
        *PEOPLE,
    ],
    "attestation.disciplinary.clause_and_cases": [
        company(),
        document("code_of_conduct", Policy, approved_at="2026-01-01", topics={"consequences": "7"}),
        signed("disciplinary", "2026-10-05", **QUARTER, counts={"violations": 0, "handled": 0}),
        *(role("hr"), *PEOPLE),
    ],
    "attestation.physical.scope_statement": [
        company(),
        signed(
            *("physical_scope", "2026-05-01"),
            facts={"offices": "berlin", "remote": "all", "data_centres": "aws"},
            days={"berlin": "2026-04-20"},
            outcomes={"aws": "aws_soc2"},
        ),
        *(document("aws_soc2", approved_at="2026-01-01"), *PEOPLE),
    ],
    "attestation.incident_plan.annual_test": [
        company(),
        row(Exercise, REPORT, id="x", type="incident_response", held_at="2026-06-01", timeline=["9:00"], findings=["none"]),
        *(role("incident_lead"), *TEAM),
    ],
    "attestation.incident.period_statement": [
        company(),
        signed("incidents", "2026-10-05", **QUARTER, counts={"critical": 0, "high": 0, "medium": 0, "low": 0}),
        *(role("security_officer"), *PEOPLE),
    ],
    "attestation.bcdr.annual_exercise": [
        company(),
        row(
            *(Exercise, REPORT, {"id": "x", "type": "continuity", "held_at": "2026-06-01"}),
            measured=[{"system": "db", "rto_hours": 4, "rpo_hours": 1}],
        ),
        SYSTEM,
    ],
    "attestation.asset.annual_review": [company(), signed("asset_review", "2026-05-01", facts={"inventory_sha256": SHA}), *PEOPLE],
    "attestation.notice.critical_information": [
        company(),
        row(
            *(Notice, {"id": "n", "event": "INC-7", "type": "incident", "known_at": "2026-09-01", "due_at": "2026-09-04"}),
            audience="acme",
            sent_at="2026-09-04",
            sha256=SHA,
        ),
        *(signed("notices", "2026-10-05", **QUARTER), *PEOPLE),
    ],
    "attestation.log_review.periodic": [
        company(),
        signed("log_review", "2026-11-01", facts={"sources": "datadog", "query": "q", "findings": "none", "tickets": "none"}),
        *PEOPLE,
    ],
    "attestation.ai.human_in_loop": [
        company(),
        signed(
            *("ai_release_tests", "2026-11-01"),
            version="4.2.0",
            basis=["ci"],
            outcomes={"recommendation_status": "pass", "linked_sources": "pass", "human_decision": "pass"},
        ),
        *(signed("ai_human_in_loop", "2026-03-01", version="4.0"), *PEOPLE),
    ],
    "attestation.risk.annual_assessment": [
        company(),
        document(
            *("risk_assessment",),
            approver="ada",
            approved_at="2026-03-01",
            topics=dict.fromkeys(TOPICS, "1"),
            facts={"assets": "db"},
        ),
        *(SYSTEM, role("executive")),
    ],
}


def changed(name: str, id: str, **values: Any) -> list[Given]:
    """The rows with which a check passes, with other values in one of them."""
    given = []
    for one in PASSING[name]:
        answers = dict(one.answers)
        if one.subject.id == id and "row" in answers:
            answers["row"] = {**answers["row"], "row": {**answers["row"]["row"], **values}}
        elif one.subject.id == id and "versions" in answers:
            answers["versions"] = {"rows": [answers["versions"]["rows"][0] | values], "lines": [3]}
        elif one.subject.id == id:
            answers["file"] = answers["file"] | values
        given.append(Given(one.kind, one.subject.id, scope=COMPANY, **answers))
    return given

"""Checks of people and governance through the engine: what passes, what fails, what is waited for, and what nobody could see."""

import pytest

from controlmon.facts.base import Kind
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.governance import Meeting
from controlmon.facts.document.people import Acknowledgement
from controlmon.facts.document.policies import Policy
from controlmon.facts.document.roles import Role
from controlmon.service.checks import check_files, load_check, packaged_checks
from tests.checks.document.governed import ACCEPTED, PASSING, changed, document, role, signed
from tests.checks.document.rows import person, row, said
from tests.support import DENIED, Given

FINDS_ITS_DOCUMENT = (
    *("document.org_chart.published", "document.incident.breach_notification_matrix", "document.capacity.plan"),
    *("document.trust.reports_available", "attestation.risk.annual_assessment", "attestation.physical.scope_statement"),
)
ANYBODY_SIGNS = (
    *("attestation.physical.scope_statement", "attestation.asset.annual_review", "attestation.notice.critical_information"),
    *("attestation.log_review.periodic", "attestation.ai.human_in_loop"),
)
NOT_NEEDED = {(name, Policy) for name in FINDS_ITS_DOCUMENT} | {(name, Role) for name in ANYBODY_SIGNS}
"""What a judgement does not look at once it has found what it needs, or where anybody may sign."""
WHOLE = [
    (name, argument.kind)
    for name in PASSING
    for argument in load_check(check_files(packaged_checks())[name], name).arguments
    if argument.everything and (name, argument.kind) not in NOT_NEEDED
]
MAY_WAIT = [name for name in PASSING if "first_due" in {p.name for p in load_check(check_files(packaged_checks())[name], name).parameters}]


@pytest.mark.parametrize("name", PASSING)
def test_it_passes(name: str) -> None:
    """With all that it asks for."""
    outcome, reason = said(name, *PASSING[name])
    assert outcome == "pass", reason


@pytest.mark.parametrize(("name", "kind"), WHOLE, ids=[f"{name}-{kind.__name__}" for name, kind in WHOLE])
def test_what_was_not_seen_is_unknown(name: str, kind: type[Kind]) -> None:
    """A register that could not be read neither passes nor fails anybody."""
    subject, *others = PASSING[name]
    outcome, reason = said(name, subject, *(one for one in others if one.kind is not kind), gaps={kind: DENIED})
    assert (outcome, "svc:Operation" in reason) == ("unknown", True), reason


@pytest.mark.parametrize("name", MAY_WAIT)
def test_the_first_may_be_waited_for(name: str) -> None:
    """Before its day it waits, after it fails; it never passes."""
    gone = {"meeting", "exercise", "document", "attestation"}
    left = [one for one in PASSING[name] if one.kind.kind.rpartition(".")[2] not in gone]
    assert said(name, *left)[0] == "fail"
    outcome, reason = said(name, *left, first_due="2026-12-31")
    assert (outcome, reason.endswith("the first is due on 2026-12-31")) == ("not_applicable", True)
    assert said(name, *left, first_due="2026-11-23")[0] == "not_applicable"
    assert said(name, *left, first_due="2026-11-22")[0] == "fail"


JOINED = [person(f"p{i}", manager="ada", start="2026-11-10") for i in range(2)]
CASES: list[tuple[str, list[Given], str, str]] = [
    ("document.personnel.roster", [*PASSING["document.personnel.roster"], *JOINED], "fail", "it has 5, and 3 did 31 days ago"),
    ("document.personnel.roster", changed("document.personnel.roster", "bob", manager="eve"), "fail", "no active manager for bob"),
    ("document.personnel.roster", changed("document.personnel.roster", "bob", manager="bob"), "fail", "no active manager for bob"),
    ("document.engagement.roster", changed("document.engagement.roster", "acme", end="2026-10-01"), "not_applicable", "does not run"),
    ("document.engagement.roster", changed("document.engagement.roster", "e", start="2027-01-01"), "fail", "no current engagement"),
    ("document.engagement.roster", changed("document.engagement.roster", "e", approver="eve"), "fail", "names eve, who do not work"),
    ("document.engagement.roster", changed("document.engagement.roster", "e", rpo_hours=None), "fail", "has no RPO"),
    ("document.org_chart.published", changed("document.org_chart.published", "bob", end="2026-11-01"), "fail", "places bob, who do not"),
    (
        "document.org_chart.published",
        changed("document.org_chart.published", "org_chart", status="draft"),
        "fail",
        "no version of org_chart",
    ),
    (
        "document.roles.responsibilities",
        [*PASSING["document.roles.responsibilities"], role("security_officer", "bob", acknowledged_at="2026-03-01")],
        *("fail", "security_officer has 2 holders, not one"),
    ),
    (
        "document.roles.responsibilities",
        changed("document.roles.responsibilities", "privacy_officer-ada", end="2026-11-01"),
        *("fail", "privacy_officer is vacant"),
    ),
    (
        "document.roles.responsibilities",
        changed("document.roles.responsibilities", "ada", end="2026-11-01"),
        "fail",
        "ada does not work here",
    ),
    ("document.incident.response_team", changed("document.incident.response_team", "cleo", end="2026-11-01"), "fail", "it names cleo"),
    (
        "document.incident.breach_notification_matrix",
        [*PASSING["document.incident.breach_notification_matrix"], row(Customer, id="new", name="New", start="2026-11-01")],
        *("fail", "does not cover the contracts of new"),
    ),
    (
        "document.incident.breach_notification_matrix",
        [
            *PASSING["document.incident.breach_notification_matrix"],
            row(Customer, id="old", name="Old", start="2025-01-01", end="2026-01-01"),
        ],
        *("pass", "the contracts of 1 customers"),
    ),
    (
        "document.trust.reports_available",
        changed("document.trust.reports_available", "soc2_report", title="We are certified"),
        "fail",
        "attested",
    ),
    (
        "document.trust.reports_available",
        changed("document.trust.reports_available", "soc2_report", facts={"soc_type": "2", "period_end": "2026-09-30"}),
        *("fail", "records no period_start"),
    ),
    (
        "attestation.program_review.annual",
        [*PASSING["attestation.program_review.annual"], role("security_officer")],
        *("fail", "a team does not review itself"),
    ),
    (
        "attestation.program_review.annual",
        [*PASSING["attestation.program_review.annual"], document("privacy_policy", Policy, approved_at="2026-01-01")],
        *("fail", "has no outcome for privacy_policy"),
    ),
    (
        "attestation.policy_acknowledgement.population",
        [
            *PASSING["attestation.policy_acknowledgement.population"],
            row(Acknowledgement, ACCEPTED, id="b", document="code_of_conduct", version="0", supersedes="a-code_of_conduct"),
        ],
        *("fail", "did not accept within 365 days: code_of_conduct version 1"),
    ),
    (
        "attestation.performance_review.population",
        changed("attestation.performance_review.population", "r", completed_at="2025-11-10"),
        *("pass", "overdue, and fails 18 days from now"),
    ),
    (
        "attestation.performance_review.population",
        changed("attestation.performance_review.population", "r", reviewer="ada"),
        "fail",
        "anybody",
    ),
    (
        "attestation.performance_review.population",
        changed("attestation.performance_review.population", "ada", start="2025-11-23"),
        *("not_applicable", "joined on 2025-11-23"),
    ),
    (
        "attestation.performance_review.population",
        changed("attestation.performance_review.population", "ada", type="contractor"),
        *("not_applicable", "contractor"),
    ),
    (
        "attestation.governance.management_meeting",
        changed("attestation.governance.management_meeting", "executive-ada", start="2026-07-01"),
        *("fail", "nobody of executive or board met anybody"),
    ),
    (
        "attestation.governance.security_team_meeting",
        [
            *PASSING["attestation.governance.security_team_meeting"],
            row(Meeting, id="n", supersedes="m", type="security_team", held_at="2026-06-01", attendees=["ada", "bob"]),
        ],
        *("fail", "no meeting has minutes"),
    ),
    (
        "attestation.disciplinary.clause_and_cases",
        changed("attestation.disciplinary.clause_and_cases", "disciplinary", statement="BOB@X.IO was warned"),
        *("fail", "names somebody"),
    ),
    (
        "attestation.incident_plan.annual_test",
        changed("attestation.incident_plan.annual_test", "x", participants=["ada", "eve"]),
        *("pass", "x was held"),
    ),
    (
        "attestation.incident_plan.annual_test",
        changed("attestation.incident_plan.annual_test", "x", participants=["eve", "dan"]),
        *("fail", "neither they nor their deputies were there: ada, bob, cleo"),
    ),
    (
        "attestation.incident_plan.annual_test",
        changed("attestation.incident_plan.annual_test", "x", real=True),
        "fail",
        "was a real incident",
    ),
    (
        "attestation.incident_plan.annual_test",
        [
            *changed("attestation.incident_plan.annual_test", "x", real=True),
            document("incident_response_plan", Policy, approved_at="2026-01-01", facts={"real_incident_counts": "section 9"}),
        ],
        *("pass", "x was held"),
    ),
    (
        "attestation.incident.period_statement",
        changed("attestation.incident.period_statement", "incidents", counts={}),
        "fail",
        "no number",
    ),
    (
        "attestation.incident.period_statement",
        changed("attestation.incident.period_statement", "incidents", signed_at="2026-09-30"),
        *("fail", "no statement speaks of 2026-07-01 to 2026-09-30"),
    ),
    (
        "attestation.incident.period_statement",
        [*PASSING["attestation.incident.period_statement"], signed("incidents", "2026-10-06", id="b", supersedes="incidents")],
        *("fail", "no statement speaks of"),
    ),
    (
        "attestation.bcdr.annual_exercise",
        changed("attestation.bcdr.annual_exercise", "db", critical=False),
        "unknown",
        "no system critical",
    ),
    (
        "attestation.bcdr.annual_exercise",
        changed("attestation.bcdr.annual_exercise", "db", rto_hours=3),
        "fail",
        "db took 4 h and lost 1 h",
    ),
    (
        "attestation.bcdr.annual_exercise",
        changed("attestation.bcdr.annual_exercise", "x", actions=[{"what": "y", "owner": "ada", "due": "2027-01-01"}]),
        *("fail", "still open: y"),
    ),
    ("attestation.asset.annual_review", changed("attestation.asset.annual_review", "ada", end="2026-04-01"), "fail", "did not work here"),
    (
        "attestation.asset.annual_review",
        changed("attestation.asset.annual_review", "asset_review", valid_until="2026-10-01"),
        "fail",
        "valid until",
    ),
    (
        "attestation.notice.critical_information",
        changed("attestation.notice.critical_information", "n", sent_at=None),
        "fail",
        "and not sent",
    ),
    (
        "attestation.notice.critical_information",
        changed("attestation.notice.critical_information", "n", due_at="2026-11-01"),
        *("fail", "its last day is 61 days after it was known"),
    ),
    (
        "attestation.log_review.periodic",
        changed("attestation.log_review.periodic", "log_review", signed_at="2026-10-22"),
        "fail",
        "32 days ago",
    ),
    ("attestation.ai.human_in_loop", changed("attestation.ai.human_in_loop", "ai_human_in_loop", version="3.9"), "fail", "for release 4"),
    (
        "attestation.risk.annual_assessment",
        changed("attestation.risk.annual_assessment", "risk_assessment", facts={}),
        "fail",
        "a template",
    ),
    (
        "attestation.risk.annual_assessment",
        [*PASSING["attestation.risk.annual_assessment"], row(Engagement, id="e", customer="acme", start="2026-01-01", baa=True)],
        *("fail", "no section for HIPAA risk analysis"),
    ),
    (
        "attestation.risk.annual_assessment",
        changed("attestation.risk.annual_assessment", "risk_assessment", approver="bob"),
        "fail",
        "bob approved",
    ),
]


@pytest.mark.parametrize(("name", "given", "outcome", "reason"), CASES, ids=[f"{name}-{reason}" for name, _, _, reason in CASES])
def test_one_thing_is_different(name: str, given: list[Given], outcome: str, reason: str) -> None:
    """Each edge of the specification, one change away from what passes."""
    told = said(name, *given)
    assert (told[0], reason in told[1]) == (outcome, True), told

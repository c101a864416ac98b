"""Each limit of the checks of people and governance from both sides: the last day that counts, and what belongs to somebody or something else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import convert

from controlmon.facts.document.customers import Customer
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.governance import AttestationRow, of_quarter, quarter_before
from controlmon.facts.document.roles import SystemOwner
from tests.checks.document.governed import CUSTOMER, PASSING, QUARTER, changed, role
from tests.checks.document.rows import SIGNED, row, said
from tests.support import NOW, Given

AGES = [
    ("attestation.asset.annual_review", "asset_review", "signed_at", "2025-11-23"),
    ("attestation.program_review.annual", "program_review", "signed_at", "2025-11-23"),
    ("attestation.physical.scope_statement", "physical_scope", "signed_at", "2025-11-23"),
    ("attestation.log_review.periodic", "log_review", "signed_at", "2026-10-23"),
    ("attestation.ai.human_in_loop", "ai_release_tests", "signed_at", "2026-08-20"),
    ("attestation.bcdr.annual_exercise", "x", "held_at", "2025-11-23"),
    ("attestation.incident_plan.annual_test", "x", "held_at", "2025-11-23"),
    ("attestation.governance.management_meeting", "m", "held_at", "2025-11-23"),
    ("attestation.governance.security_team_meeting", "m", "held_at", "2025-11-23"),
    ("attestation.performance_review.population", "r", "completed_at", "2025-10-24"),
    ("attestation.policy_acknowledgement.population", "a-code_of_conduct", "accepted_at", "2025-11-23"),
    ("attestation.risk.annual_assessment", "risk_assessment", "approved_at", "2025-11-23"),
    ("document.roles.responsibilities", "privacy_officer-ada", "acknowledged_at", "2025-11-23"),
    ("document.incident.response_team", "incident_team-ada", "contact_tested_at", "2026-05-27"),
    ("document.capacity.plan", "capacity_plan", "approved_at", "2026-05-22"),
    ("document.org_chart.published", "org_chart", "approved_at", "2025-11-23"),
]


@pytest.mark.parametrize(("name", "id", "member", "last"), AGES, ids=[age[0] for age in AGES])
def test_the_last_day_that_counts(name: str, id: str, member: str, last: str) -> None:
    """On it all is well; the day before fails."""
    before = f"{last[:8]}{int(last[8:]) - 1:02}"
    assert said(name, *changed(name, id, **{member: last}))[0] == "pass"
    assert said(name, *changed(name, id, **{member: before}))[0] == "fail"


LETTER = {"covers_from": "2026-10-01", "covers_until": "2026-11-01"}
LONG_AGO = {"days": {"berlin": "2025-11-22"}}
OTHERS: list[tuple[str, str, dict[str, Any], str]] = [
    ("attestation.ai.human_in_loop", "ai_release_tests", {"version": ""}, "fail"),
    ("attestation.ai.human_in_loop", "ai_release_tests", {"basis": []}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"type": "incident_response"}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"scenario": ""}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"participants": []}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"report": ""}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"sha256": None}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"measured": [{"system": "other", "rto_hours": 1, "rpo_hours": 0}]}, "fail"),
    ("attestation.bcdr.annual_exercise", "x", {"measured": [{"system": "db", "rto_hours": 4, "rpo_hours": 1.5}]}, "fail"),
    ("attestation.bcdr.annual_exercise", "db", {"rpo_hours": None}, "fail"),
    ("attestation.governance.management_meeting", "m", {"type": "security_team"}, "fail"),
    ("attestation.governance.management_meeting", "m", {"sha256": None}, "fail"),
    ("attestation.governance.management_meeting", "m", {"attendees": ["ada"]}, "fail"),
    ("attestation.governance.management_meeting", "m", {"attendees": ["ada"], "guests": ["an adviser"]}, "pass"),
    ("attestation.governance.security_team_meeting", "m", {"type": "board"}, "fail"),
    ("attestation.governance.security_team_meeting", "m", {"minutes": ""}, "fail"),
    ("attestation.incident_plan.annual_test", "x", {"type": "continuity"}, "fail"),
    ("attestation.incident_plan.annual_test", "x", {"participants": ["ada"]}, "fail"),
    ("attestation.incident_plan.annual_test", "x", {"sha256": None}, "fail"),
    ("attestation.incident_plan.annual_test", "x", {"report": ""}, "fail"),
    ("attestation.notice.critical_information", "n", {"type": "maintenance", "due_at": "2026-11-30"}, "pass"),
    ("attestation.notice.critical_information", "n", {"due_at": "2026-10-31", "sent_at": "2026-10-31"}, "pass"),
    ("attestation.notice.critical_information", "n", {"known_at": "2024-01-01", "due_at": "2024-01-05", "sent_at": None}, "fail"),
    ("attestation.notice.critical_information", "n", {"known_at": "2024-01-01", "due_at": "2024-01-05", "sent_at": "2024-02-01"}, "pass"),
    ("attestation.notice.critical_information", "n", {"due_at": "2026-10-30", "sent_at": None}, "fail"),
    ("attestation.notice.critical_information", "n", {"known_at": "2026-11-01", "due_at": "2026-11-23", "sent_at": None}, "pass"),
    ("attestation.performance_review.population", "r", {"person": "bob", "reviewer": "cleo"}, "fail"),
    ("attestation.physical.scope_statement", "physical_scope", LONG_AGO, "fail"),
    ("attestation.policy_acknowledgement.population", "a-code_of_conduct", {"person": "bob"}, "fail"),
    ("attestation.policy_acknowledgement.population", "code_of_conduct", {"status": "withdrawn"}, "fail"),
    ("attestation.program_review.annual", "code_of_conduct", {"document": "code_of_conduct", "status": "withdrawn"}, "pass"),
    ("attestation.risk.annual_assessment", "risk_assessment", {"author": "ada"}, "fail"),
    ("attestation.risk.annual_assessment", "risk_assessment", {"approved_at": None}, "fail"),
    ("document.engagement.roster", "e", {"customer": "other"}, "fail"),
    ("document.engagement.roster", "e", {"approved_at": None}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"role": "janitor"}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"holder": None}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"end": "2026-11-01"}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"deputy": "ada"}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"deputy": "eve"}, "fail"),
    ("document.incident.response_team", "incident_team-ada", {"contact_tested_at": None}, "fail"),
    ("document.personnel.roster", "cleo", {"manager": None, "end": "2022-01-01"}, "pass"),
    ("document.roles.responsibilities", "privacy_officer-ada", {"holder": None}, "fail"),
    ("document.roles.responsibilities", "privacy_officer-ada", {"deputy": "eve"}, "fail"),
    ("document.roles.responsibilities", "privacy_officer-ada", {"acknowledged_at": None}, "fail"),
    ("document.trust.reports_available", "bridge_letter", {"facts": LETTER | {"covers_until": "2026-09-30"}}, "fail"),
    ("document.trust.reports_available", "bridge_letter", {"facts": LETTER | {"covers_until": "2026-10-01"}}, "pass"),
    ("document.trust.reports_available", "bridge_letter", {"facts": LETTER | {"covers_from": ""}}, "fail"),
    ("document.trust.reports_available", "bridge_letter", {"facts": LETTER | {"covers_until": "soon"}}, "fail"),
]


@pytest.mark.parametrize(("name", "id", "values", "outcome"), OTHERS, ids=[f"{name}-{values}" for name, _, values, _ in OTHERS])
def test_what_does_not_count(name: str, id: str, values: dict[str, Any], outcome: str) -> None:
    """Something of another type, of somebody else, or without what makes it evidence is as if it were not there."""
    told = said(name, *changed(name, id, **values))
    assert told[0] == outcome, told


BAA = row(Engagement, id="e", customer="acme", start="2025-01-01", end="2026-01-01", baa=True)
MORE: list[tuple[str, Given, str]] = [
    ("attestation.incident_plan.annual_test", role("janitor", "eve", deputy=None), "pass"),
    ("attestation.incident_plan.annual_test", role("incident_team", "eve", deputy=None, end="2026-01-01"), "pass"),
    ("attestation.incident_plan.annual_test", role("incident_team", "eve", deputy=None), "fail"),
    ("attestation.risk.annual_assessment", BAA, "pass"),
    ("attestation.risk.annual_assessment", row(Customer, CUSTOMER, baa=SIGNED), "fail"),
    ("attestation.risk.annual_assessment", row(Customer, CUSTOMER), "pass"),
    ("attestation.risk.annual_assessment", row(Customer, CUSTOMER, baa=SIGNED, end="2026-01-01"), "pass"),
    ("attestation.risk.annual_assessment", row(SystemOwner, id="toy", name="Toy"), "pass"),
    ("attestation.risk.annual_assessment", row(SystemOwner, id="app", name="App", critical=True), "fail"),
    ("document.roles.responsibilities", role("janitor", "eve", deputy=None), "pass"),
]


@pytest.mark.parametrize(("name", "more", "outcome"), MORE, ids=[f"{name}-{more.subject.id}-{outcome}" for name, more, outcome in MORE])
def test_what_else_is_registered(name: str, more: Given, outcome: str) -> None:
    """One more row counts only if it is of what the check asks for, on that day."""
    told = said(name, *PASSING[name], more)
    assert told[0] == outcome, told


def test_new_hires() -> None:
    """Days for a new hire, if a company sets them, are no pass: nothing is asked yet."""
    name = "attestation.policy_acknowledgement.population"
    new = [one for one in changed(name, "ada", start="2026-11-10") if not one.subject.id.startswith("a-")]
    assert said(name, *new)[0] == "fail"
    assert said(name, *new, new_hire_days=13)[0] == "not_applicable"
    assert said(name, *new, new_hire_days=12)[0] == "fail"
    assert said(name, *PASSING[name], new_hire_days=30)[0] == "pass"


def test_quarters() -> None:
    """The quarter that ended last; in the days of grace after it, the one before it is enough."""
    days = {
        "2026-01-01": ("2025-10-01", "2025-12-31"),
        "2026-03-31": ("2025-10-01", "2025-12-31"),
        "2026-04-01": ("2026-01-01", "2026-03-31"),
    }
    for day, (start, end) in days.items():
        told = quarter_before(datetime.fromisoformat(day))
        assert [one.isoformat() for one in told] == [start, end]
    base = {"id": "a", "topic": "t", "statement": "s", "signer": "ada", "role": "r", "signed_at": "2026-10-05", **QUARTER}
    row = convert(base, AttestationRow)
    assert of_quarter([row], NOW, 30) == (row, "2026-07-01 to 2026-09-30", "")
    assert of_quarter([row], datetime(2027, 1, 30, tzinfo=UTC), 30)[0] == row
    assert "2026-12-31 has 30 days" in of_quarter([row], datetime(2027, 1, 30, tzinfo=UTC), 30)[2]
    assert of_quarter([row], datetime(2027, 1, 31, tzinfo=UTC), 30)[0] is None

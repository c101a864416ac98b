"""document.vendor.* and attestation.vendor.*: each case is a row as somebody might have written it, and what was to be said of it."""

from typing import Any

import pytest

from controlmon.facts.document.ai import AiUseCase
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import RegisterFile
from controlmon.facts.document.vendors import PUBLISHED, Vendor, VendorReport, VendorTerms
from tests.checks.document.rows import SHA, SIGNED, company, head, person, row, said
from tests.support import DENIED

ASSESSED = {"at": "2026-01-10", "by": "ada", "conclusion": "accepted"}
VENDOR: dict[str, Any] = {
    "id": "datadog", "name": "Datadog", "services": ["Logs"], "plan": "Enterprise", "tier": "critical", "customer_data": True, "phi": True,
    "region": "eu", "owner": "ada", "first_use": "2026-02-01", "contract": SIGNED | {"signed_at": "2026-01-15"}, "dpa": SIGNED,
    "baa": SIGNED | {"plan": "Enterprise", "services": ["logs"]}, "assessments": [ASSESSED], "report": "vendor_reports dd-26",
}  # fmt: skip
REVIEWED = {"reviewed_at": "2026-10-01", "reviewed_by": "ada"}


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "critical, owned by ada"),
        *(({name: None}, "fail", said_) for name, said_ in (("tier", "tier"), ("customer_data", "customer data"), ("owner", "owner"))),
        *(({name: []}, "fail", name) for name in ("services",)),
        ({"assessments": []}, "fail", "assessment"),
        ({"contract": {}}, "fail", "contract"),
        ({"dpa": {}}, "fail", "dpa"),
        ({"dpa": {}, "baa": {}, "customer_data": False, "phi": False}, "pass", "sees no customer data"),
        ({"baa": {}}, "fail", "baa"),
        ({"report": ""}, "fail", "report"),
        ({"owner": "bob"}, "fail", "bob does not work here"),
        ({"ended": "2026-11-01"}, "not_applicable", "not in use"),
        ({"first_use": "soon"}, "unknown", "first_use"),
    ],
)
def test_a_row_of_the_inventory(over: dict[str, Any], outcome: str, why: str) -> None:
    """A row that does not tell what later checks rest on fails; one that cannot be read is unknown."""
    found = said(
        "document.vendor.inventory", row(Vendor, VENDOR, over), head("vendors", **REVIEWED), person(), person("bob", end="2026-11-01")
    )
    assert (found[0], why in found[1]) == (outcome, True), found


def test_the_inventory_as_a_whole() -> None:
    """Each published subprocessor is there under its name or an alias, in use; and the register was reviewed within the quarter."""
    names = [name for name in PUBLISHED if name not in ("Office 365", "AWS")]
    vendors = [row(Vendor, VENDOR, id=f"v{i}", name=name) for i, name in enumerate(names)]
    vendors += [row(Vendor, VENDOR, id="microsoft", name="Microsoft 365", aliases=["office 365"])]
    aws, left = row(Vendor, VENDOR, id="aws", name="Amazon"), row(Vendor, VENDOR, id="aws", name="Amazon", ended="2026-01-01")

    def outcome(*more: Any, about: dict[str, Any] = REVIEWED, gaps: Any = None) -> tuple[str, str]:
        return said("document.vendor.inventory", company(), *vendors, *more, head("vendors", **about), person(), gaps=gaps)

    assert len(PUBLISHED) == 9
    assert outcome(aws)[0] == "pass"
    assert outcome() == ("fail", "the register has no vendor in use for the published AWS")
    assert outcome(left)[0] == "fail"
    assert outcome(aws, about={})[0] == "fail"
    assert "92 days" in outcome(aws, about=REVIEWED | {"reviewed_at": "2026-08-01"})[1]
    assert "bob, who did not work here" in outcome(aws, about=REVIEWED | {"reviewed_by": "bob"})[1]
    assert outcome(aws, gaps={Vendor: DENIED})[0] == "unknown"
    assert outcome(aws, gaps={RegisterFile: DENIED, Person: DENIED})[0] == "pass"  # its own file was seen, and who reviewed it
    assert said("document.vendor.inventory", company(), *vendors, aws, person(), gaps={RegisterFile: DENIED})[0] == "unknown"


REPORT: dict[str, Any] = {
    "id": "dd-26", "vendor": "datadog", "type": "soc2_type2", "period_end": "2026-06-30", "opinion": "unqualified", "sha256": SHA,
    "cuecs": {"users are reviewed": "access-review"}, "method": "carve-out", "subservices": {"AWS": "aws-26"}, "reviewer": "ada",
    "reviewed_at": "2026-08-01",
}  # fmt: skip
HOSTER = REPORT | {"id": "aws-26", "vendor": "aws", "method": "none"}


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "dd-26 (soc2_type2)"),
        ({"type": "soc3"}, "fail", "soc3 is weaker"),
        ({"type": "soc2_type1"}, "fail", "soc2_type1 is weaker"),
        ({"subservices": {}}, "fail", "none is named"),
        ({"subservices": {"AWS": " "}}, "fail", "which nobody looked at"),
        ({"subservices": {"AWS": "old"}}, "fail", "whose own report is out of date"),
        ({"method": None}, "fail", "subservice"),
        ({"method": "inclusive", "subservices": {}}, "pass", ""),
        ({"period_end": "2025-11-23"}, "pass", ""),
        ({"period_end": "2025-11-22"}, "fail", "366 days ago"),
        ({"period_end": "2025-10-31", "bridge_until": "2026-12-31", "bridge_sha256": SHA}, "pass", ""),
        ({"period_end": "2025-10-31", "bridge_until": "2026-11-22", "bridge_sha256": SHA}, "fail", "388 days"),
        ({"period_end": "2025-06-30", "bridge_until": "2026-12-31", "bridge_sha256": SHA}, "fail", "more than its bridge letter can span"),
        ({"opinion": None}, "fail", "of nobody"),
        ({"opinion": "adverse"}, "fail", "adverse"),
        ({"opinion": "qualified"}, "fail", "no exception was noted"),
        ({"opinion": "qualified", "exceptions": [{"finding": "late", "assessment": "no effect on us"}]}, "pass", ""),
        ({"exceptions": [{"finding": "late"}]}, "fail", "late"),
        ({"cuecs": None}, "fail", "complementary"),
        ({"cuecs": {}}, "pass", ""),
        ({"cuecs": {"users": ""}}, "fail", "mapped to none: users"),
        ({"sha256": None}, "fail", "digest"),
        ({"reviewer": "bob"}, "fail", "nobody who worked here"),
        ({"reviewed_at": "2025-10-01", "period_end": "2026-06-30"}, "fail", "418 days"),
        ({"type": "iso27001", "opinion": None, "cuecs": None, "method": None, "valid_until": "2027-01-01"}, "pass", "iso27001"),
        ({"type": "iso27001", "valid_until": "2026-11-22"}, "fail", "was valid until"),
        ({"valid_until": "2026-11-23"}, "pass", ""),
        ({"vendor": "aws"}, "fail", "no report"),
    ],
)
def test_the_report_of_a_critical_vendor(over: dict[str, Any], outcome: str, why: str) -> None:
    """Sufficient, current, read to its end, and with nobody hidden below it; else it is none."""
    old = HOSTER | {"id": "old", "period_end": "2025-01-01"}
    reports = [row(VendorReport, one) for one in (REPORT | over, HOSTER, old)]
    found = said("document.vendor.assurance_reports", row(Vendor, VENDOR), *reports, person())
    assert (found[0], why in found[1]) == (outcome, True), found


def test_reports_by_tier_and_correction() -> None:
    """Only critical vendors need one; a record that another supersedes does not count; a register that was not read decides nothing."""
    check_id, vendor = "document.vendor.assurance_reports", row(Vendor, VENDOR)
    fixed = row(VendorReport, REPORT, id="dd-26b", supersedes="dd-26", type="soc3")
    assert said(check_id, vendor, row(VendorReport, REPORT), row(VendorReport, HOSTER), fixed, person())[0] == "fail"
    assert said(check_id, row(Vendor, VENDOR, tier="low"))[0] == "not_applicable"
    assert said(check_id, row(Vendor, VENDOR, tier="low"), tiers=("low",))[0] == "fail"
    assert said(check_id, row(Vendor, VENDOR, tier=None))[0] == "fail"
    assert said(check_id, vendor, row(VendorReport, REPORT), person(), gaps={VendorReport: DENIED})[0] == "unknown"


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "covers the use"),
        ({"phi": False, "baa": {}}, "pass", "no health information"),
        ({"phi": False, "customer_data": False, "dpa": {}}, "not_applicable", ""),
        ({"phi": None}, "unknown", ""),
        ({"dpa": {}}, "fail", "is not signed"),
        ({"dpa": {"signed_at": "2024-01-01"}}, "fail", "digest"),
        ({"dpa": SIGNED | {"until": "2026-11-22"}}, "fail", "ended"),
        ({"baa": {}}, "fail", "BAA is not signed"),
        ({"services": ["Logs", "APM"]}, "fail", "APM"),
        ({"services": []}, "fail", "which of its services"),
        ({"plan": "Pro"}, "fail", "the plan in use is Pro"),
        ({"baa": SIGNED | {"services": ["*"]}}, "fail", "depends on the plan"),
        ({"id": "aws", "name": "AWS", "baa": SIGNED | {"services": ["*"]}}, "pass", ""),
        ({"ended": "2026-01-01", "first_use": "2020-01-01"}, "not_applicable", ""),
    ],
)
def test_agreements(over: dict[str, Any], outcome: str, why: str) -> None:
    """Both are signed where data flows, for the plan and the services that are in use."""
    found = said("document.vendor.baa_dpa", row(Vendor, VENDOR, over))
    assert (found[0], why in found[1]) == (outcome, True), found


TERMS: dict[str, Any] = {
    "id": "t2", "provider": "aws", "service": "Bedrock", "route": "bedrock", "models": ["anthropic.*"], "operator": "aws", "clause": "50.3",
    "retrieved_at": "2026-10-01", "sha256": SHA, "excludes_training": True, "retention": "none", "boundary": "region",
    "reviewer": "ada", "reviewed_at": "2026-10-02", "still_true": True,
}  # fmt: skip
CASE: dict[str, Any] = {"id": "triage", "name": "Triage", "models": [{"model": "anthropic.claude-4", "route": "bedrock"}]}
UNREAD: dict[str, Any] = {"supersedes": "t1", "reviewer": None, "reviewed_at": None, "still_true": None}


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "clause 50.3"),
        ({"retrieved_at": "2026-08-01", "reviewed_at": "2026-08-01"}, "fail", "114 days"),
        ({"excludes_training": False}, "fail", "training"),
        ({"reviewed_at": "2026-09-30"}, "fail", "earlier terms"),
        ({"reviewer": "bob"}, "fail", "bob"),
        ({"still_true": False}, "fail", "no longer true"),
        ({"still_true": None}, "fail", "nobody held"),
        ({"route": "foundry-claude", "operator": "Microsoft"}, "fail", "run by Anthropic"),
        ({"route": "foundry-claude", "operator": "Anthropic"}, "pass", ""),
        ({"route": "direct"}, "fail", "nobody that the parameter names"),
        (UNREAD, "pass", ""),
        (UNREAD | {"sha256": "sha256:" + "1" * 64}, "fail", "nobody held"),
        (UNREAD | {"reviewer": "ada", "reviewed_at": "2026-10-01", "still_true": True, "sha256": "sha256:" + "1" * 64}, "pass", ""),
    ],
)
def test_terms(over: dict[str, Any], outcome: str, why: str) -> None:
    """Of the route's own operator, fresh, and read again when their words changed."""
    before = row(VendorTerms, TERMS, id="t1", retrieved_at="2026-07-01", reviewed_at="2026-07-02")
    found = said("document.vendor.ai_terms", row(VendorTerms, TERMS, over), before, person())
    assert (found[0], why in found[1]) == (outcome, True), found
    assert said("document.vendor.ai_terms", before, row(VendorTerms, TERMS, UNREAD), person())[0] == "not_applicable"


def test_every_route_in_use_has_terms() -> None:
    """One clause of one provider does not stand for another route, nor for another model."""
    check_id, terms = "document.vendor.ai_terms", row(VendorTerms, TERMS)
    assert said(check_id, company(), terms, row(AiUseCase, CASE))[0] == "pass"
    for model, route in (("anthropic.claude-4", "foundry-claude"), ("meta.llama", "bedrock")):
        found = said(check_id, company(), terms, row(AiUseCase, CASE, models=[{"model": model, "route": route}]))
        assert found == ("fail", f"no terms are on file for {model} by {route}")
    assert said(check_id, company(), terms)[0] == "not_applicable"
    for kind in (AiUseCase, VendorTerms):
        assert said(check_id, company(), terms, row(AiUseCase, CASE), gaps={kind: DENIED})[0] == "unknown"


@pytest.mark.parametrize(
    ("over", "outcome"),
    [
        ({}, "pass"),
        ({"assessments": [ASSESSED | {"at": "2026-01-15"}]}, "pass"),
        ({"assessments": [ASSESSED | {"at": "2026-01-16"}]}, "fail"),  # before the first use, and after the contract
        ({"assessments": []}, "fail"),
        ({"assessments": [ASSESSED | {"conclusion": "rejected"}]}, "fail"),
        ({"first_use": "2026-01-09"}, "fail"),
        ({"first_use": "2025-11-22"}, "not_applicable"),
        ({"first_use": "2026-12-24", "contract": {}}, "not_applicable"),
        ({"first_use": None, "contract": {}}, "fail"),
        ({"first_use": None}, "pass"),
        ({"tier": "huge"}, "unknown"),
    ],
)
def test_assessed_before_use(over: dict[str, Any], outcome: str) -> None:
    """The first sign of use is held against the assessments; vendors of before the period are not new."""
    assert said("attestation.vendor.assessed_before_use", row(Vendor, VENDOR, over))[0] == outcome


@pytest.mark.parametrize(
    ("over", "parameters", "outcome"),
    [
        ({}, {}, "pass"),
        ({"assessments": [ASSESSED | {"at": "2025-11-23"}, ASSESSED | {"at": "2020-01-01"}]}, {}, "pass"),
        ({"assessments": [ASSESSED | {"at": "2025-11-22"}]}, {}, "fail"),
        ({"assessments": [ASSESSED, ASSESSED | {"at": "2026-05-01", "conclusion": "rejected"}]}, {}, "fail"),
        ({"assessments": []}, {}, "fail"),
        ({"tier": None}, {}, "fail"),
        ({}, {"max_age_days": {"critical": 100}}, "fail"),
        ({"tier": "low"}, {"max_age_days": {"critical": 100}}, "not_applicable"),
        ({"ended": "2026-06-01"}, {}, "not_applicable"),
        ({"owner": 5}, {}, "unknown"),
    ],
)
def test_reassessed(over: dict[str, Any], parameters: dict[str, Any], outcome: str) -> None:
    """The last assessment counts, by the days that the tier allows."""
    assert said("attestation.vendor.annual_reassessment", row(Vendor, VENDOR, over), **parameters)[0] == outcome

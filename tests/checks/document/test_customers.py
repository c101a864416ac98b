"""document.customer.*, document.retention.*, document.byoc.* and document.risk.*: each case is a row, and what was to be said of it."""

from typing import Any

import pytest

from controlmon.facts.document.customers import ByocDeployment, Customer, RetentionException
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import RegisterFile
from controlmon.facts.document.risks import Risk
from tests.checks.document.rows import SHA, SIGNED, company, head, person, row, said
from tests.support import DENIED

CUSTOMER: dict[str, Any] = {
    "id": "acme", "name": "Acme", "start": "2024-02-01", "phi": True, "terms": SIGNED, "dpa": SIGNED, "baa": SIGNED,
    "clauses": {"data_handling": "7", "no_model_training": "8.2", "not_system_of_record": "9"}, "disposal": "12.3", "residency": "EU",
}  # fmt: skip


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "terms, DPA, BAA"),
        ({"phi": False, "baa": {}}, "pass", "terms, DPA are"),
        ({"phi": None}, "fail", "phi"),
        ({"terms": {}}, "fail", "terms is not signed"),
        ({"dpa": {"signed_at": "2024-01-01"}}, "fail", "digest"),
        ({"baa": SIGNED | {"until": "2026-01-01"}}, "fail", "BAA ended"),
        ({"clauses": CUSTOMER["clauses"] | {"no_model_training": " "}}, "fail", "no_model_training"),
        ({"residency": ""}, "fail", "residency"),
        ({"disposal": " "}, "fail", "disposal"),
        ({"end": "2026-11-22"}, "not_applicable", ""),
        ({"end": "2026-11-23", "dpa": {}}, "fail", ""),
        ({"start": "2027-01-01"}, "not_applicable", ""),
        ({"start": None}, "unknown", ""),
    ],
)
def test_contracts(over: dict[str, Any], outcome: str, why: str) -> None:
    """Whatever the standard says, it is the signed document with its clauses that counts, for as long as the contract runs."""
    found = said("document.customer.contract_register", row(Customer, CUSTOMER, over))
    assert (found[0], why in found[1]) == (outcome, True), found


KEPT: dict[str, Any] = {
    "id": "x1", "customer": "acme", "item": "contract", "data_class": "proof of contract", "basis": "law", "reference": "HGB 257",
    "until": "2026-11-23",
}  # fmt: skip
HOLD = {"basis": "legal hold", "approver": "ada", "approved_at": "2026-01-01"}


@pytest.mark.parametrize(
    ("over", "outcome"),
    [
        ({}, "pass"),
        *(({name: value}, "fail") for name, value in (("basis", None), ("reference", ""), ("data_class", " "), ("until", None))),
        ({"until": "2026-11-22"}, "fail"),
        ({"until": "2026-11-22", "deleted_at": "2026-11-22"}, "not_applicable"),
        (HOLD, "pass"),
        (HOLD | {"approved_at": None}, "fail"),
        (HOLD | {"approver": "bob"}, "fail"),
        ({"basis": "habit"}, "unknown"),
    ],
)
def test_what_is_kept(over: dict[str, Any], outcome: str) -> None:
    """A ground, a class and a day; a hold also an approver who worked here."""
    assert said("document.retention.exceptions_register", row(RetentionException, KEPT, over), person())[0] == outcome


def test_what_may_be_kept() -> None:
    """A company may limit the classes; a roster that was not seen approves nothing."""
    check_id = "document.retention.exceptions_register"
    assert said(check_id, row(RetentionException, KEPT), classes=("audit log",))[0] == "fail"
    assert said(check_id, row(RetentionException, KEPT, HOLD), gaps={Person: DENIED})[0] == "unknown"


TOLD = {"at": "2026-01-10", "by": "cto", "sha256": SHA}
DEPLOYED: dict[str, Any] = {
    "id": "acme-1", "customer": "acme", "cloud": "aws", "tenant": "o-1", "accounts": ["222222222222"],
    "keys": ["arn:aws:kms:eu-west-1:222222222222:key/1"], "access_paths": ["role/operator"], "start": "2026-01-09",
    "confirmed_start": TOLD,
}  # fmt: skip
OVER = {"end": "2026-10-01", "access_revoked_at": "2026-10-01", "confirmed_end": TOLD | {"at": "2026-10-03"}}


@pytest.mark.parametrize(
    ("over", "outcome", "why"),
    [
        ({}, "pass", "has run since"),
        *(({name: []}, "fail", name.replace("_", " ")) for name in ("accounts", "keys", "access_paths")),
        ({"tenant": ""}, "fail", "tenant"),
        ({"start": None}, "fail", "start"),
        ({"keys": ["arn:aws:kms:eu-west-1:111111111111:key/1"]}, "fail", "none of the customer's"),
        ({"cloud": "azure", "keys": ["https://acme.vault.azure.net/keys/k"]}, "pass", ""),
        ({"confirmed_start": {}}, "fail", "no day, no name, no document"),
        ({"confirmed_start": {}, "start": "2026-11-01"}, "pass", ""),
        (OVER, "pass", "ended on 2026-10-01"),
        (OVER | {"access_revoked_at": None}, "fail", "was not taken away"),
        (OVER | {"access_revoked_at": "2026-10-02"}, "fail", "2026-10-02"),
        (OVER | {"confirmed_end": {}}, "fail", "its end"),
        ({"end": "2027-01-01"}, "pass", "ends on"),
        ({"cloud": "gcp"}, "unknown", ""),
    ],
)
def test_deployments(over: dict[str, Any], outcome: str, why: str) -> None:
    """Whole, with the customer's own keys, and confirmed by the customer at both ends."""
    found = said("document.byoc.deployment_register", row(ByocDeployment, DEPLOYED, over))
    assert (found[0], why in found[1]) == (outcome, True), found


RISK: dict[str, Any] = {
    "id": "r1", "title": "One region", "owner": "ada", "likelihood": 2, "impact": 4, "treatment": "mitigate", "due": "2026-12-31",
    "updated_at": "2026-10-01", "controls": ["bcdr"], "about": ["EX-7"],
}  # fmt: skip
REVIEWED = {"reviewed_at": "2026-09-01", "reviewed_by": "ada"}


@pytest.mark.parametrize(
    ("over", "outcome"),
    [
        ({}, "pass"),
        *(({name: None}, "fail") for name in ("owner", "likelihood", "impact", "treatment", "due")),
        ({"controls": []}, "fail"),
        ({"owner": "bob"}, "fail"),
        ({"due": "2026-11-22"}, "fail"),
        ({"due": "2026-11-22", "updated_at": None}, "fail"),
        ({"due": "2026-10-22", "updated_at": "2026-10-23"}, "pass"),
        ({"due": "2026-10-01", "updated_at": "2026-10-22"}, "fail"),
        ({"status": "closed", "owner": None}, "not_applicable"),
        ({"impact": 9}, "unknown"),
    ],
)
def test_risks(over: dict[str, Any], outcome: str) -> None:
    """Whole, owned by somebody who is here, and not past its day without a word."""
    assert said("document.risk.register_current", row(Risk, RISK, over), person())[0] == outcome


def test_the_register_of_risks() -> None:
    """Reviewed within the quarter, not empty, and naming what it has to."""
    check_id, risk = "document.risk.register_current", row(Risk, RISK)
    assert said(check_id, company(), risk, head("risks", **REVIEWED), person())[0] == "pass"
    assert said(check_id, company(), risk, head("risks", **REVIEWED), person(), must_appear=("EX-7", "bcdr"))[0] == "pass"
    for wrong in (
        said(check_id, company(), risk, head("risks", **REVIEWED), person(), must_appear=("EX-8",)),
        said(check_id, company(), row(Risk, RISK, status="closed"), head("risks", **REVIEWED), person()),
        said(check_id, company(), risk, head("risks", **REVIEWED | {"reviewed_at": "2026-08-01"}), person()),
        said(check_id, company(), risk, head("risks"), person()),
    ):
        assert wrong[0] == "fail"
    for kind in (Risk, RegisterFile):
        assert said(check_id, company(), risk, person(), gaps={kind: DENIED})[0] in ("unknown", "fail")
    assert said(check_id, company(), risk, person(), gaps={RegisterFile: DENIED})[0] == "unknown"

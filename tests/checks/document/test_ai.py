"""document.ai.* and attestation.ai.*: each case is a row, and what was to be said of it."""

from typing import Any

import pytest

from controlmon.facts.document.ai import AiReview, AiUseCase
from controlmon.facts.document.people import Person
from tests.checks.document.rows import SHA, person, row, said
from tests.support import DENIED

SETUP = {"model": "claude-4", "prompt": "v7", "retrieval": "v2"}
RUN: dict[str, Any] = {
    "at": "2026-05-01", "configuration": SETUP, "test_set": "v3", "precision": 0.95, "recall": 0.9, "precision_agreed": 0.9,
    "recall_agreed": 0.9, "agreed_with": "acme", "issues": [], "conclusion": "fit", "approver": "ada", "evidence": SHA,
}  # fmt: skip
CASE: dict[str, Any] = {
    "id": "triage", "name": "Triage", "intended_use": "sorts complaints", "process_risk": "high", "risk_reason": "may delay a report",
    "assurance": [{"activity": "test set", "why": "measurable"}], "configuration": SETUP,
}  # fmt: skip
LOW = {"process_risk": "not high", "assurance": []}


@pytest.mark.parametrize(
    ("over", "run", "outcome", "why"),
    [
        ({}, {}, "pass", "precision 0.95"),
        *(({name: value}, {}, "fail", "row") for name, value in (("intended_use", ""), ("process_risk", None), ("risk_reason", " "))),
        (LOW | {"process_risk": None}, {}, "fail", "process risk"),
        ({"assurance": []}, {}, "fail", "assurance"),
        ({"assurance": [{"activity": "x"}]}, {}, "fail", "assurance"),
        *(({"configuration": SETUP | {part: "new"}}, {}, "fail", f"{part} changed") for part in SETUP),
        ({"configuration": {}}, {}, "fail", "version"),
        *(({}, {name: None}, "fail", "does not tell") for name in ("precision", "recall_agreed", "issues", "conclusion", "evidence")),
        *(({}, {name: ""}, "fail", "does not tell") for name in ("test_set", "agreed_with")),
        ({}, {"approver": "bob"}, "fail", "bob"),
        ({}, {"recall": 0.89}, "fail", "0.9 was agreed"),
        ({}, {"conclusion": "not fit"}, "fail", "not fit"),
        ({}, {"precision": 0.0, "precision_agreed": 0.0}, "pass", ""),
        (LOW, {"issues": None}, "pass", "not high"),
        (LOW, {"evidence": None}, "fail", "evidence"),
        ({"status": "planned", "process_risk": None}, {}, "not_applicable", ""),
        ({"process_risk": "some"}, {}, "unknown", ""),
    ],
)
def test_validation(over: dict[str, Any], run: dict[str, Any], outcome: str, why: str) -> None:
    """The decision on the risk is always there; the rest scales with it; and what runs is what was validated."""
    older = RUN | {"at": "2025-01-01", "configuration": {}}
    found = said("document.ai.validation_records", row(AiUseCase, CASE, {"validations": [older, RUN | run]}, over), person())
    assert (found[0], why in found[1]) == (outcome, True), found


def test_what_was_never_validated() -> None:
    """No record is a failure; a roster that was not seen decides nothing."""
    assert said("document.ai.validation_records", row(AiUseCase, CASE), person())[0] == "fail"
    assert said("document.ai.validation_records", row(AiUseCase, CASE, validations=[RUN]), gaps={Person: DENIED})[0] == "unknown"


REVIEW: dict[str, Any] = {
    "id": "o1", "use_case": "triage", "at": "2026-10-23", "sample": 25, "reviewer": "ada", "method": "second read", "result": "24 upheld",
}  # fmt: skip


@pytest.mark.parametrize(
    ("review", "case", "outcome"),
    [
        ({}, {}, "pass"),
        ({"at": "2026-10-22"}, {}, "fail"),
        ({"sample": 24}, {}, "fail"),
        ({"sample": 24}, {"sample_size": 24}, "pass"),
        ({"sample": 9, "population": 9}, {}, "pass"),
        ({"sample": 8, "population": 9}, {}, "fail"),
        ({"sample": 0, "population": 0}, {}, "fail"),
        *(({name: value}, {}, "fail") for name, value in (("reviewer", None), ("reviewer", "bob"), ("method", ""), ("result", " "))),
        ({"use_case": "other"}, {}, "fail"),
        ({"use_case": "other"}, {"live_since": "2026-11-01"}, "not_applicable"),
        ({"use_case": "other"}, {"live_since": "2026-10-01"}, "fail"),
        ({}, {"status": "retired"}, "not_applicable"),
        ({"sample": -1}, {}, "unknown"),
    ],
)
def test_sampling(review: dict[str, Any], case: dict[str, Any], outcome: str) -> None:
    """A sample of the size that was set, within the month, by somebody who is here; a new use case has until its first month is over."""
    found = said("attestation.ai.output_sampling", row(AiUseCase, CASE, case), row(AiReview, REVIEW, review), person())
    assert found[0] == outcome, found


def test_samples_that_do_not_count() -> None:
    """A record that another supersedes is none; a register that was not read may hold the review."""
    check_id, case = "attestation.ai.output_sampling", row(AiUseCase, CASE)
    corrected = row(AiReview, REVIEW, id="o2", supersedes="o1", sample=3)
    assert said(check_id, case, row(AiReview, REVIEW), corrected, person())[0] == "fail"
    assert said(check_id, case, person(), gaps={AiReview: DENIED})[0] == "unknown"


PLAN: dict[str, Any] = {
    "metric": "overturned",
    "threshold": "5 %",
    "window": "7 days",
    "owner": "ada",
    "action": "roll back",
    "monitor": "datadog:1",
}


@pytest.mark.parametrize(
    ("over", "outcome"),
    [
        ({"drift": PLAN}, "pass"),
        *(({"drift": PLAN | {name: "" if name != "owner" else None}}, "fail") for name in PLAN),
        ({"drift": PLAN | {"owner": "bob"}}, "fail"),
        ({}, "fail"),
        ({"status": "planned"}, "not_applicable"),
        ({"drift": 5}, "unknown"),
    ],
)
def test_drift(over: dict[str, Any], outcome: str) -> None:
    """Each part of the plan is told, its owner is here, and a monitor is named."""
    assert said("document.ai.drift_plan", row(AiUseCase, CASE, over), person())[0] == outcome

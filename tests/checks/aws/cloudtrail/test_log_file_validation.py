"""aws.cloudtrail.log_file_validation on raw answers of CloudTrail."""

from typing import Any

import pytest

from controlmon.facts.aws.cloudtrail import Trail
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.cloudtrail.log_file_validation"
SETTINGS = {"Name": "main", "IsMultiRegionTrail": True, "LogFileValidationEnabled": True, "HasCustomEventSelectors": False}


@pytest.mark.parametrize(
    ("settings", "outcome", "because"),
    [
        pytest.param(SETTINGS, "pass", "are validated", id="validation that is on passes"),
        pytest.param(SETTINGS | {"LogFileValidationEnabled": False}, "fail", "not validated", id="off fails"),
        pytest.param(
            SETTINGS | {"IsMultiRegionTrail": False, "LogFileValidationEnabled": False},
            "not_applicable",
            "one region",
            id="no trail of record",
        ),
        pytest.param(SETTINGS | {"LogFileValidationEnabled": "false"}, "unknown", "not true or false", id="the word false is not true"),
        pytest.param({"IsMultiRegionTrail": True}, "unknown", "LogFileValidationEnabled", id="what is missing is not off"),
        pytest.param({"LogFileValidationEnabled": True}, "unknown", "IsMultiRegionTrail", id="nor not of record"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="what was not seen is unknown"),
    ],
)
def test_trail(settings: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Trail, "arn:aws:cloudtrail:us-east-1:123456789012:trail/main", settings=settings))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_denied_list_is_unknown_and_an_empty_one_is_not_applicable() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Trail: DENIED}))] == ["unknown"]
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(empty=(Trail,)))] == ["not_applicable"]

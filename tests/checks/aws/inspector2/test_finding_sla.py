"""aws.inspector2.finding_sla on raw answers of Inspector. The clock stands at 2026-11-23."""

from typing import Any

import pytest

from controlmon.facts.aws.inspector2 import Vulnerability
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.inspector2.finding_sla"
LATELY, LONG = "2026-11-13T12:00:00Z", "2026-09-24T12:00:00Z"


def finding(first: str = LATELY, severity: str = "HIGH", status: str = "ACTIVE", fix: str = "YES", **more: Any) -> dict[str, Any]:
    found = {"findingArn": "a", "severity": severity, "status": status, "firstObservedAt": first, "fixAvailable": fix}
    return found | {"updatedAt": LATELY, "resources": [{"id": "i-1"}]} | more


@pytest.mark.parametrize(
    ("several", "parameters", "outcome", "because"),
    [
        pytest.param([finding()], {}, "pass", "10 days ago; 30 allowed", id="ten days"),
        pytest.param([finding(LONG)], {}, "fail", "60 days ago; 30 allowed", id="sixty, whenever it was updated"),
        pytest.param([finding(LONG, "MEDIUM")], {}, "pass", "60 days ago; 90", id="of a lesser one"),
        pytest.param([finding(LONG, "MEDIUM")], {"sla_days": {"MEDIUM": 45}}, "fail", "60 days ago; 45", id="by another limit"),
        pytest.param([finding(LONG, "CRITICAL")], {}, "fail", "CRITICAL", id="of a worse one"),
        pytest.param([finding(LONG, "LOW")], {}, "not_applicable", "no limit", id="without a limit"),
        pytest.param([finding(LONG, "UNTRIAGED")], {}, "unknown", "nobody has rated", id="not rated yet"),
        pytest.param([finding(), finding(LONG)], {}, "fail", "60 days", id="a new image of an old vulnerability"),
        pytest.param([finding(), finding(LONG, status="CLOSED")], {}, "fail", "60 days", id="whose old image is gone"),
        pytest.param([finding(LONG, status="CLOSED")], {}, "not_applicable", "closed", id="fixed"),
        pytest.param([finding(LONG, "MEDIUM"), finding(severity="CRITICAL")], {}, "fail", "CRITICAL", id="the worst counts"),
        pytest.param([finding(LONG, fix="NO")], {}, "unknown", "decision", id="no fix"),
        pytest.param([finding(LONG, fix="PARTIAL")], {}, "fail", "60 days", id="a partial fix"),
        pytest.param([finding(LONG, fix="NO"), finding(LONG)], {}, "fail", "60", id="a fix for one of two"),
        pytest.param([finding(fix="NO")], {}, "pass", "10 days", id="no fix, in time"),
        pytest.param([finding(LONG, status="SUPPRESSED")], {}, "unknown", "suppressed", id="suppressed"),
        pytest.param([finding(LONG, status="SUPPRESSED"), finding(LONG)], {}, "fail", "60", id="one of two"),
        pytest.param([finding(LONG, status="NEW")], {}, "unknown", "NEW", id="a status that is new"),
        pytest.param([], {}, "unknown", "no finding", id="nothing"),
        pytest.param([finding("2026-11-13T12:00:00")], {}, "unknown", "time zone", id="no time zone"),
        pytest.param([{"severity": "HIGH"}], {}, "unknown", "firstObservedAt", id="no date"),
    ],
)
def test_vulnerability(several: list[Any], parameters: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Vulnerability, "CVE in x", findings={"Findings": several}), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_what_was_denied_is_unknown() -> None:
    assert verdict(CHECK, Given(Vulnerability, findings=DENIED)).outcome == "unknown"
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Vulnerability: DENIED}))] == ["unknown"]

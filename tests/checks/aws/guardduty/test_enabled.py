"""aws.guardduty.enabled on raw answers of GuardDuty."""

from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind, Scope
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.guardduty import Detector
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.guardduty.enabled"
DISABLED = Gap(GapKind.REGION_DISABLED, "guardduty:ListDetectors")


def detector(status: Any = "ENABLED", frequency: str | None = "SIX_HOURS", name: str = "d-1", scope: Scope | None = None) -> Given:
    raw = {"Status": status, "ServiceRole": "r"} | ({"FindingPublishingFrequency": frequency} if frequency else {})
    return Given(Detector, name, scope=scope, settings=raw)


def judged(*detectors: Given, **more: Any) -> Finding:
    return verdict(CHECK, Given(Region, f"{ACCOUNT}:eu-west-1"), *detectors, **more)


@pytest.mark.parametrize(
    ("detectors", "more", "outcome", "because"),
    [
        pytest.param([detector()], {}, "pass", "every SIX_HOURS", id="an enabled detector"),
        pytest.param([], {"empty": (Detector,)}, "fail", "no detector", id="no detector"),
        pytest.param([detector("DISABLED")], {}, "fail", "d-1 is suspended", id="a suspended one does nothing"),
        pytest.param([detector("DISABLED", name="a"), detector(name="b")], {}, "pass", "detector b", id="one at work is enough"),
        pytest.param([detector()], {"max_publishing_frequency": "ONE_HOUR"}, "fail", "SIX_HOURS; ONE_HOUR required", id="too seldom"),
        pytest.param([detector(frequency="ONE_HOUR")], {"max_publishing_frequency": "ONE_HOUR"}, "pass", "ONE_HOUR", id="often enough"),
        pytest.param(
            [detector(frequency="FIFTEEN_MINUTES")], {"max_publishing_frequency": "ONE_HOUR"}, "pass", "FIFTEEN", id="or more often"
        ),
        pytest.param([detector(frequency=None)], {}, "unknown", "not known", id="a pace that is not told is unknown"),
        pytest.param([detector(frequency="DAILY")], {}, "unknown", "not known", id="so is one that is new"),
        pytest.param([detector("FAILED")], {}, "unknown", "FAILED", id="and a status that is new"),
        pytest.param([detector(None)], {}, "unknown", "Status", id="and none"),
        pytest.param([Given(Detector, "d-1", settings=DENIED)], {}, "unknown", "grant svc:Permission", id="a denied detector is unknown"),
        pytest.param([], {"gaps": {Detector: DENIED}}, "unknown", "grant svc:Permission", id="so is a denied list"),
        pytest.param([detector("DISABLED")], {"gaps": {Detector: DENIED}}, "unknown", "grant", id="and the rest of one"),
        pytest.param([detector()], {"gaps": {Detector: DENIED}}, "pass", "d-1", id="but one that works is enough"),
        pytest.param([], {"gaps": {Detector: DISABLED}}, "unknown", "region is disabled", id="a disabled region is unknown"),
        pytest.param([], {}, "unknown", "was asked for", id="one that was not asked is unknown"),
    ],
)
def test_region(detectors: list[Given], more: dict[str, Any], outcome: str, because: str) -> None:
    found = judged(*detectors, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_detector_of_another_region_watches_nothing_here() -> None:
    """Unused regions count as much as any."""
    here, there = (Scope("aws", ACCOUNT, name) for name in ("eu-west-1", "us-east-1"))
    regions = (Given(Region, f"{ACCOUNT}:{scope.region}", scope=scope) for scope in (here, there))
    evidence = MemoryEvidence(*regions, detector(scope=there), empty=(Detector,), scope=here)
    assert [f.outcome for scope in (here, there) for f in findings(CHECK, evidence, scope=scope)] == ["fail", "pass"]


def test_regions_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Region: DENIED}))] == ["unknown"]

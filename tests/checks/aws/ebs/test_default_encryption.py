"""aws.ebs.default_encryption on raw answers of EC2."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.account import Region
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.ebs.default_encryption"


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        pytest.param({"EbsEncryptionByDefault": True, "SseType": "sse-kms"}, "pass", "by default", id="on"),
        pytest.param({"EbsEncryptionByDefault": False}, "fail", "only if whoever makes them", id="off"),
        pytest.param({"EbsEncryptionByDefault": "false"}, "unknown", "true or false", id="a text is no answer"),
        pytest.param({}, "unknown", "EbsEncryptionByDefault", id="an empty answer is none"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied region is unknown"),
    ],
)
def test_region(answer: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Region, f"{ACCOUNT}:eu-west-1", ebs_encryption=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_each_region_is_judged_for_itself() -> None:
    """One region that is on says nothing of the other."""
    on, off = (Scope("aws", ACCOUNT, name) for name in ("eu-west-1", "us-east-1"))
    evidence = MemoryEvidence(
        Given(Region, "on", scope=on, ebs_encryption={"EbsEncryptionByDefault": True}),
        Given(Region, "off", scope=off, ebs_encryption={"EbsEncryptionByDefault": False}),
    )
    assert [f.outcome for scope in (on, off) for f in findings(CHECK, evidence, scope=scope)] == ["pass", "fail"]


def test_regions_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Region: DENIED}))] == ["unknown"]

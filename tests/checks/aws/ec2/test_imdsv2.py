"""aws.ec2.imdsv2 on raw answers of EC2."""

from typing import Any

import pytest

from controlmon.facts.aws.instances import Instance
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.ec2.imdsv2"


def machine(endpoint: Any = "enabled", tokens: Any = "required", state: str = "running") -> dict[str, Any]:
    return {"State": {"Name": state}, "MetadataOptions": {"HttpEndpoint": endpoint, "HttpTokens": tokens, "State": "applied"}}


@pytest.mark.parametrize(
    ("raw", "outcome", "because"),
    [
        pytest.param(machine(), "pass", "IMDSv2", id="a token is required"),
        pytest.param(machine(tokens="optional"), "fail", "IMDSv1", id="it is optional"),
        pytest.param(machine("disabled", "optional"), "pass", "cannot be asked", id="there is nothing to ask"),
        pytest.param(machine(tokens="optional", state="stopped"), "fail", "IMDSv1", id="a stopped one starts as it is"),
        pytest.param(machine(tokens="optional", state="terminated"), "not_applicable", "terminated", id="one that is gone"),
        pytest.param(machine(tokens="new"), "unknown", "new", id="a word that is new"),
        pytest.param({"State": {"Name": "running"}}, "unknown", "nothing is said", id="no options at all"),
        pytest.param(machine(tokens=True), "unknown", "not text", id="no word"),
        pytest.param({}, "unknown", "State", id="an empty answer"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied instance"),
    ],
)
def test_instance(raw: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Instance, "i-1", settings=raw))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_instances_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Instance: DENIED}))] == ["unknown"]

"""aws.inspector2.coverage on raw answers of Inspector and what runs."""

from typing import Any

import pytest

from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ecr import Repository
from controlmon.facts.aws.functions import Function
from controlmon.facts.aws.inspector2 import Covered
from controlmon.facts.aws.instances import Instance
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.inspector2.coverage"
NONE: dict[str, Any] = {"empty": (Covered, Instance, Function, Repository)}
FUNCTION = Given(Function, "arn:aws:lambda:eu-west-1:1:function:f", name="f")
IMAGES = Given(Repository, "arn:r", name="r")


def covered(status: str = "ACTIVE", reason: str | None = "SUCCESSFUL", id: str = "i-1", **more: Any) -> dict[str, Any]:
    told = {"statusCode": status} | ({"reason": reason} if reason else {})
    return {"resourceType": "AWS_EC2_INSTANCE", "resourceId": id, "scanType": "PACKAGE", "scanStatus": told} | more


def image(count: int | None, reason: str = "SCAN_FREQUENCY_SCAN_ON_PUSH") -> dict[str, Any]:
    metadata = {"ecrImage": {} if count is None else {"inUseCount": count}}
    return covered("INACTIVE", reason, "arn:image", resourceType="AWS_ECR_CONTAINER_IMAGE", resourceMetadata=metadata)


@pytest.mark.parametrize(
    ("raw", "parameters", "outcome", "because"),
    [
        pytest.param(covered(), {}, "pass", "PACKAGE", id="scanned"),
        pytest.param(covered("INACTIVE", "UNMANAGED_EC2_INSTANCE"), {}, "fail", "UNMANAGED", id="no agent"),
        pytest.param(covered("INACTIVE", "EXCLUDED_BY_TAG"), {}, "fail", "EXCLUDED_BY_TAG", id="somebody's decision needs an exception"),
        pytest.param(covered("INACTIVE", "STALE_INVENTORY"), {}, "fail", "STALE", id="a lag"),
        pytest.param(covered("INACTIVE", "PENDING_INITIAL_SCAN"), {}, "unknown", "moment", id="not yet"),
        pytest.param(covered("INACTIVE", None), {}, "unknown", "no reason", id="for no reason"),
        pytest.param(covered("INACTIVE", "EC2_INSTANCE_STOPPED"), {}, "not_applicable", "STOPPED", id="it does not run"),
        pytest.param(covered("INACTIVE", "UNSUPPORTED_OS"), {"other_scanner": ["i-*"]}, "pass", "another scanner", id="another scanner"),
        pytest.param(image(2), {}, "fail", "2 tasks", id="an image that aged out and runs"),
        pytest.param(image(2, "SCAN_ELIGIBILITY_EXPIRED"), {}, "fail", "2 tasks", id="in other words"),
        pytest.param(image(0), {}, "not_applicable", "nothing runs", id="and does not"),
        pytest.param(image(None), {}, "unknown", "not told", id="of which it is not told"),
        pytest.param(covered("NEW"), {}, "unknown", "NEW", id="a status that is new"),
        pytest.param({}, {}, "unknown", "scanStatus", id="an empty answer"),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied one"),
    ],
)
def test_resource(raw: Any, parameters: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Covered, "c", coverage=raw), **NONE, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    if "STALE" in found.reason:
        assert found.severity == "low"


def types(**status: str) -> dict[str, Any]:
    on = dict.fromkeys(("ec2", "ecr", "lambda"), "ENABLED") | status
    return {
        "accounts": [{"accountId": ACCOUNT, "resourceState": {name: {"status": one} for name, one in on.items()}}],
        "failedAccounts": [],
    }


def machine(state: str = "running") -> Given:
    return Given(Instance, "arn:i", name="i-1", settings={"State": {"Name": state}})


SCANNED = Given(Covered, "c", coverage=covered())
CALLED = Given(Covered, "d", coverage=covered(id=f"{FUNCTION.subject.id}:$LATEST", resourceType="AWS_LAMBDA_FUNCTION"))


@pytest.mark.parametrize(
    ("answer", "others", "more", "outcome", "because"),
    [
        pytest.param(types(), [machine(), SCANNED], {}, "pass", "ec2", id="an instance that is scanned"),
        pytest.param(types(), [machine(), SCANNED, FUNCTION, CALLED, IMAGES], {}, "pass", "lambda", id="and a function, and images"),
        pytest.param(types(), [machine()], {}, "fail", "does not know i-1", id="an instance that it does not know"),
        pytest.param(types(), [FUNCTION], {}, "fail", "function:f", id="a function that it does not know"),
        pytest.param(types(), [machine()], {"other_scanner": ["i-1"]}, "not_applicable", "nothing", id="which another scanner does"),
        pytest.param(types(ec2="DISABLED"), [machine(), SCANNED], {}, "fail", "ec2 is DISABLED", id="a type that is off"),
        pytest.param(types(ecr="SUSPENDED"), [IMAGES], {}, "fail", "ecr is SUSPENDED", id="or suspended"),
        pytest.param(types(ecr="DISABLED"), [machine(), SCANNED], {}, "pass", "ec2", id="but not used"),
        pytest.param(types(ec2="DISABLED"), [machine("stopped")], {}, "not_applicable", "nothing", id="nothing runs"),
        pytest.param({"accounts": [], "failedAccounts": [{}]}, [machine(), SCANNED], {}, "unknown", "shape", id="a failed account"),
        pytest.param(DENIED, [machine(), SCANNED], {}, "unknown", "grant svc:Permission", id="a denied status"),
        pytest.param(types(), [], {"gaps": {Instance: DENIED}}, "unknown", "grant", id="denied instances"),
        pytest.param(types(), [machine()], {"gaps": {Covered: DENIED}}, "unknown", "grant", id="a denied coverage"),
    ],
)
def test_region(answer: Any, others: list[Given], more: Any, outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Region, f"{ACCOUNT}:eu-west-1", inspector_types=answer), *others, **{**NONE, **more})
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("kind", [Covered, Region])
def test_what_could_not_be_listed_is_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={kind: DENIED}))]

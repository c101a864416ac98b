"""aws.config.recorder on raw answers of AWS Config."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.config import Recorder
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.config.recorder"
ALL = {"allSupported": True, "includeGlobalResourceTypes": True}
SOME = {"allSupported": False, "includeGlobalResourceTypes": False}


def status(recording: Any = True, last: str | None = "SUCCESS") -> dict[str, Any]:
    told = {"name": "default", "recording": recording} | ({"lastStatus": last} if last else {})
    return {"ConfigurationRecordersStatus": [told]}


def recorder(group: Any = ALL, said: Any = None, scope: Scope | None = None, name: str = "default", **more: Any) -> Given:
    return Given(Recorder, name, scope=scope, settings={"name": name, "recordingGroup": group} | more, status=said or status())


def excluding(*kinds: str) -> dict[str, Any]:
    return SOME | {
        "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        "exclusionByResourceTypes": {"resourceTypes": list(kinds)},
    }


def including(*kinds: str) -> dict[str, Any]:
    return SOME | {"recordingStrategy": {"useOnly": "INCLUSION_BY_RESOURCE_TYPES"}, "resourceTypes": list(kinds)}


def judged(*recorders: Given, **more: Any) -> Finding:
    return verdict(CHECK, Given(Region, f"{ACCOUNT}:eu-west-1"), *recorders, **more)


THREE = ("AWS::EC2::SecurityGroup", "AWS::S3::Bucket", "AWS::IAM::Role")
SERVICE = recorder(name="AWSConfigurationRecorderForSecurityHub", servicePrincipal="securityhub.amazonaws.com", recordingScope="INTERNAL")


@pytest.mark.parametrize(
    ("recorders", "more", "outcome", "because"),
    [
        pytest.param([recorder()], {}, "pass", "records the required", id="all types"),
        pytest.param([recorder(excluding("AWS::EC2::Volume"))], {}, "pass", "required", id="all but some that are not required"),
        pytest.param([recorder(excluding("AWS::S3::Bucket"))], {}, "fail", "AWS::S3::Bucket", id="all but one that is"),
        pytest.param([recorder(including(*THREE))], {}, "pass", "required", id="just the required ones"),
        pytest.param([recorder(including("AWS::S3::Bucket"))], {}, "fail", "SecurityGroup", id="fewer"),
        pytest.param([recorder(including("AWS::X"))], {"required_types": ["AWS::X"]}, "pass", "required", id="others are required"),
        pytest.param([recorder(said=status(False))], {}, "fail", "stopped", id="stopped"),
        pytest.param([recorder(said=status(last="FAILURE"))], {}, "fail", "fails to deliver", id="failing"),
        pytest.param([recorder(said=status(last="Failure"))], {}, "fail", "fails to deliver", id="in other letters"),
        pytest.param([recorder(said=status(last="PENDING"))], {}, "unknown", "PENDING", id="pending"),
        pytest.param([recorder(said=status(last=None))], {}, "unknown", "not told", id="nothing delivered yet"),
        pytest.param([recorder(ALL | {"includeGlobalResourceTypes": False})], {}, "fail", "no region's", id="IAM nowhere"),
        pytest.param([], {"empty": (Recorder,)}, "fail", "no recorder", id="no recorder"),
        pytest.param([SERVICE], {}, "fail", "no recorder of the customer's", id="a service's own is not"),
        pytest.param([SERVICE, recorder()], {}, "pass", "default", id="beside one that is"),
        pytest.param([recorder(SOME | {"recordingStrategy": {"useOnly": "NEW"}})], {}, "unknown", "NEW", id="a strategy that is new"),
        pytest.param([recorder({})], {}, "fail", "does not record", id="no group"),
        pytest.param([Given(Recorder, settings={"name": "d"}, status=status())], {}, "unknown", "recordingGroup", id="none at all"),
        pytest.param([recorder(said={"ConfigurationRecordersStatus": []})], {}, "unknown", "shape", id="no status"),
        pytest.param([recorder(said=DENIED)], {}, "unknown", "grant svc:Permission", id="a denied status"),
        pytest.param([], {"gaps": {Recorder: DENIED}}, "unknown", "grant", id="a denied list"),
    ],
)
def test_region(recorders: list[Given], more: Any, outcome: str, because: str) -> None:
    found = judged(*recorders, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(("home", "outcome"), [(recorder, "pass"), (None, "fail")])
def test_types_without_a_region_are_recorded_in_one(home: Any, outcome: str) -> None:
    here, there = (Scope("aws", ACCOUNT, name) for name in ("eu-west-1", "us-east-1"))
    regional = ALL | {"includeGlobalResourceTypes": False}
    others = [recorder(regional, scope=here), recorder(ALL if home else regional, scope=there)]
    found = findings(CHECK, MemoryEvidence(Given(Region, "here", scope=here), *others, scope=here), scope=here)
    assert [f.outcome for f in found] == [outcome], found[0].reason

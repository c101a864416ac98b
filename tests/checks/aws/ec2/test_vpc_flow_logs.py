"""aws.ec2.vpc_flow_logs on raw answers of EC2 and S3."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.ec2 import FlowLog, NetworkInterface, Subnet, Vpc
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.ec2.vpc_flow_logs"
SUBNETS = (
    Given(Subnet, "subnet-1", settings={"VpcId": "vpc-1"}),
    Given(Subnet, "subnet-2", settings={"VpcId": "vpc-1"}),
    Given(Subnet, "subnet-3", settings={"VpcId": "vpc-9"}),
)
PREFIX = "AWSLogs/123456789012/vpcflowlogs/eu-west-1/2026/11/23/123456789012_vpcflowlogs_eu-west-1_fl-1_"
SEARCH = {"Name": "logs", "Prefix": PREFIX, "StartAfter": f"{PREFIX}20261123T0900Z", "MaxKeys": 1, "IsTruncated": False}
ARRIVED = SEARCH | {"KeyCount": 1, "Contents": [{"Key": f"{PREFIX}20261123T1155Z_0a1b.log.gz"}]}
NOTHING = SEARCH | {"KeyCount": 0}
NOT_ASKED = not_asked("AWS says itself how its delivery fares, or does not deliver to S3")


def log(
    name: str = "fl-1",
    resource: str = "vpc-1",
    *,
    traffic: str = "ALL",
    to: str = "cloud-watch-logs",
    says: str | None = "SUCCESS",
    file: Any = NOT_ASKED,
    **more: Any,
) -> Given:
    told = {} if says is None else {"DeliverLogsStatus": says}
    raw = {"FlowLogId": name, "ResourceId": resource, "FlowLogStatus": "ACTIVE", "TrafficType": traffic, "LogDestinationType": to}
    return Given(FlowLog, name, settings=raw | told | more, latest_object=file)


def s3(file: Any, resource: str = "vpc-1", says: str | None = None, **more: Any) -> Given:
    return log(f"fl-{resource}", resource, to="s3", says=says, file=file, **more)


def judged(*logs: Given, default: bool = False, owner: str = ACCOUNT, others: tuple[Given, ...] = SUBNETS, **more: Any) -> Finding:
    vpc = Given(Vpc, "vpc-1", settings={"VpcId": "vpc-1", "OwnerId": owner, "IsDefault": default})
    more["empty"] = more.get("empty", (FlowLog, Subnet, NetworkInterface))
    return verdict(CHECK, vpc, *logs, *others, **more)


@pytest.mark.parametrize(
    ("logs", "outcome", "because"),
    [
        pytest.param([log()], "pass", "captured and delivered", id="a log on the VPC"),
        pytest.param([log("fl-1", "subnet-1"), log("fl-2", "subnet-2")], "pass", "delivered", id="logs on all its subnets do as well"),
        pytest.param([log("fl-1", "subnet-1")], "fail", "subnet-1", id="on some of them they do not"),
        pytest.param([log("fl-1", "subnet-1"), log("fl-3", "subnet-3")], "fail", "each subnet", id="nor on another VPC's"),
        pytest.param([log("fl-1", "eni-1")], "fail", "no flow log watches it", id="nor on a network interface"),
        pytest.param([log("fl-1", "vpc-9")], "fail", "no flow log watches it", id="nor on another VPC"),
        pytest.param([], "fail", "no flow log watches it or its subnets", id="no log at all"),
        pytest.param([log(FlowLogStatus="INACTIVE")], "fail", "not active", id="a log that is not active"),
        pytest.param([log(traffic="REJECT")], "fail", "captures REJECT", id="a log of what was refused only"),
        pytest.param([log(traffic="ACCEPT")], "fail", "captures ACCEPT", id="a log of what was let in only"),
        pytest.param([log("a", traffic="ACCEPT"), log("b", traffic="REJECT")], "pass", "delivered", id="both together are all"),
        pytest.param(
            [log("a", traffic="ACCEPT"), log("b", "subnet-1", traffic="REJECT"), log("c", "subnet-2", traffic="REJECT")],
            "pass",
            "delivered",
            id="on the VPC and on its subnets too",
        ),
        pytest.param(
            [log(says="FAILED", DeliverLogsErrorMessage="Access error")], "fail", "FAILED Access error", id="a log that is not delivered"
        ),
        pytest.param([log("a", says="FAILED"), log("b")], "pass", "delivered", id="one that is makes good for one that is not"),
        pytest.param([log(says=None)], "unknown", "no delivery", id="CloudWatch without a status is unknown"),
        pytest.param([log(says="")], "unknown", "no delivery", id="an empty status is none"),
        pytest.param([log(to="kinesis-data-firehose", says=None)], "unknown", "no delivery", id="Firehose tells nothing"),
        pytest.param([log(to="kinesis-data-firehose")], "pass", "delivered", id="unless it does"),
        pytest.param([s3(ARRIVED)], "pass", "delivered", id="a recent file in S3 is a delivery"),
        pytest.param([s3(NOTHING)], "unknown", "no file", id="no file may be no traffic, or no delivery"),
        pytest.param([s3(DENIED)], "unknown", "grant svc:Permission", id="a bucket that may not be listed is unknown"),
        pytest.param([s3(DENIED), log()], "pass", "delivered", id="unless another log delivers"),
        pytest.param([s3(DENIED, traffic="ACCEPT")], "fail", "captures ACCEPT", id="no file makes good for what is not captured"),
        pytest.param([s3(DENIED, says="FAILED")], "fail", "FAILED", id="nor for what has failed"),
        pytest.param([s3(ARRIVED, says="FAILED")], "fail", "FAILED", id="even if there is one"),
        pytest.param([s3(ARRIVED, FlowLogStatus="INACTIVE")], "fail", "not active", id="nor for what is no longer active"),
        pytest.param(
            [s3(ARRIVED, FlowLogStatus="INACTIVE"), log("fl-2", says=None)],
            "unknown",
            "no delivery",
            id="beside one that is, of unknown fate",
        ),
        pytest.param([s3(ARRIVED, "subnet-1"), s3(NOTHING, "subnet-2")], "unknown", "no file", id="one subnet without a file is unknown"),
        pytest.param([s3(ARRIVED, "subnet-1"), s3(ARRIVED, "subnet-2")], "pass", "delivered", id="each subnet with one passes"),
        pytest.param([s3(SEARCH | {"KeyCount": 1})], "unknown", "shape", id="an answer without the file that it counts"),
        pytest.param([s3({})], "unknown", "shape", id="an answer without a count"),
        pytest.param(
            [s3(ARRIVED | {"Contents": [{"Key": f"{PREFIX}20261123T0855Z_0a1b.log.gz"}]})], "unknown", "not among", id="an old file"
        ),
        pytest.param([s3(ARRIVED | {"Contents": [{"Key": f"{PREFIX}20261123T0900Z"}]})], "unknown", "not among", id="the moment itself"),
        pytest.param([s3(ARRIVED | {"Contents": [{"Key": "z/other.log.gz"}]})], "unknown", "not among", id="a file of something else"),
    ],
)
def test_vpc(logs: list[Given], outcome: str, because: str) -> None:
    found = judged(*logs)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(("traffic", "outcome"), [("ALL", "pass"), ("REJECT", "pass"), ("ACCEPT", "fail")])
def test_what_was_refused_may_be_enough(traffic: str, outcome: str) -> None:
    assert judged(log(traffic=traffic), traffic_type="REJECT").outcome == outcome


def test_a_vpc_without_subnets_is_not_covered_by_logs_on_all_of_them() -> None:
    assert judged(others=()).outcome == "fail"


@pytest.mark.parametrize(
    ("gaps", "logs", "outcome"),
    [
        pytest.param({FlowLog: DENIED}, [], "unknown", id="logs that may not be listed are unknown"),
        pytest.param({FlowLog: DENIED}, [log(says="FAILED")], "unknown", id="one that fails says nothing of the others"),
        pytest.param({FlowLog: DENIED}, [log()], "pass", id="one that delivers is enough"),
        pytest.param({Subnet: DENIED}, [], "unknown", id="subnets that may not be listed are unknown"),
        pytest.param({Subnet: DENIED}, [log("a", "subnet-1"), log("b", "subnet-2")], "unknown", id="there may be more of them"),
        pytest.param({Subnet: DENIED}, [log()], "pass", id="a log on the VPC needs no subnets"),
        pytest.param({NetworkInterface: DENIED}, [], "fail", id="interfaces matter to default VPCs only"),
    ],
)
def test_what_could_not_be_listed(gaps: Any, logs: list[Given], outcome: str) -> None:
    assert judged(*logs, gaps=gaps).outcome == outcome


def interface(vpc: str) -> Given:
    return Given(NetworkInterface, "eni-1", settings={"VpcId": vpc, "Groups": []})


@pytest.mark.parametrize(
    ("logs", "others", "outcome"),
    [
        pytest.param([], (), "not_applicable", id="an empty default VPC"),
        pytest.param([], (interface("vpc-9"),), "not_applicable", id="interfaces elsewhere do not count"),
        pytest.param([], (interface("vpc-1"),), "fail", id="one in use needs logs"),
        pytest.param([log()], (), "pass", id="and may have them"),
        pytest.param([s3(NOTHING)], (), "not_applicable", id="an empty one has nothing to deliver"),
    ],
)
def test_default_vpc(logs: list[Given], others: tuple[Given, ...], outcome: str) -> None:
    assert judged(*logs, default=True, others=(*SUBNETS, *others)).outcome == outcome


def test_a_default_vpc_whose_interfaces_were_not_seen_is_unknown() -> None:
    assert judged(default=True, gaps={NetworkInterface: DENIED}, empty=(FlowLog, Subnet)).outcome == "unknown"


def test_a_vpc_of_another_account_is_judged_there() -> None:
    found = judged(owner="999999999999")
    assert (found.outcome, "999999999999" in found.reason) == ("not_applicable", True)


@pytest.mark.parametrize("raw", [DENIED, {}, {"OwnerId": ACCOUNT, "IsDefault": "false"}, {"OwnerId": int(ACCOUNT), "IsDefault": False}])
def test_a_vpc_that_was_not_seen_is_unknown(raw: Any) -> None:
    assert verdict(CHECK, Given(Vpc, "vpc-1", settings=raw), log(), *SUBNETS, empty=(NetworkInterface,)).outcome == "unknown"


@pytest.mark.parametrize("missing", ["ResourceId", "FlowLogStatus", "TrafficType", "LogDestinationType"])
def test_a_log_of_another_shape_is_unknown(missing: str) -> None:
    whole = log()
    whole.answers["settings"].pop(missing)
    assert judged(whole).outcome == "unknown"

"""What joins environments through EC2, on raw answers: snapshots and images, and peering connections."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws import rds
from controlmon.facts.aws.ebs import Snapshot
from controlmon.facts.aws.ec2 import RouteTable, Vpc
from controlmon.facts.aws.images import Image
from controlmon.facts.aws.peering import Peering
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, PROD, STRANGER, UNTOLD, at, estate
from tests.support import ACCOUNT, DENIED, Given, verdict

KINDS = (Snapshot, rds.Snapshot, rds.ClusterSnapshot, Image)


def ebs(*accounts: str, public: bool = False) -> Given:
    given: list[dict[str, str]] = [{"UserId": one} for one in accounts]
    return at(ACCOUNT, Snapshot, "snap-1", shares={"CreateVolumePermissions": given + ([{"Group": "all"}] if public else [])})


def image(*given: dict[str, str]) -> Given:
    return at(ACCOUNT, Image, "ami-1", launch={"LaunchPermissions": list(given)})


def restore(*accounts: str) -> dict[str, Any]:
    return {"DBSnapshotAttributesResult": {"DBSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": list(accounts)}]}}


def part(kind: str, id: str) -> str:
    return f"arn:aws:organizations::{MANAGEMENT}:{kind}/{id}"


@pytest.mark.parametrize(
    ("copy", "outcome", "because"),
    [
        pytest.param(ebs(), "pass", "nobody", id="shared with nobody"),
        pytest.param(ebs(PROD), "pass", "own class", id="with production"),
        pytest.param(ebs(DEV), "fail", "(dev)", id="with dev"),
        pytest.param(ebs(LOGS), "pass", "own class or shared", id="with the archive, by its class"),
        pytest.param(ebs(public=True), "fail", "everybody", id="with everybody"),
        pytest.param(ebs(STRANGER), "unknown", "in no organization", id="with an account of no list"),
        pytest.param(ebs(UNTOLD), "unknown", "nothing says", id="with one of no environment"),
        pytest.param(at(ACCOUNT, Snapshot, "snap-1", shares=DENIED), "unknown", "grant", id="shares that may not be seen"),
        pytest.param(at(ACCOUNT, rds.Snapshot, "s", shares=restore(DEV)), "fail", "(dev)", id="a database's"),
        pytest.param(at(ACCOUNT, rds.Snapshot, "s", shares=restore("all")), "fail", "everybody", id="a database's, for all"),
        pytest.param(
            at(ACCOUNT, rds.ClusterSnapshot, "s", shares=not_asked("automated")), "pass", "nobody", id="one that cannot be shared"
        ),
        pytest.param(image(), "pass", "nobody", id="an image of ours"),
        pytest.param(image({"UserId": DEV}), "fail", "(dev)", id="an image for dev"),
        pytest.param(image({"Group": "all"}), "fail", "everybody", id="an image for all"),
        pytest.param(image({"OrganizationArn": part("organization", "o-1")}), "fail", "(dev)", id="for the whole organization"),
        pytest.param(image({"OrganizationalUnitArn": part("ou", "o-1/ou-n")}), "fail", "(dev)", id="for a unit of non-production"),
        pytest.param(image({"OrganizationalUnitArn": part("ou", "o-1/ou-p")}), "pass", "own class", id="for a unit of production"),
        pytest.param(image({"OrganizationalUnitArn": part("ou", "o-9/ou-x")}), "unknown", "ou-x", id="for a unit of others"),
    ],
)
def test_copies(copy: Given, outcome: str, because: str) -> None:
    found = verdict("aws.ec2.cross_env_snapshot_sharing", copy, *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_share_with_an_account_that_cannot_be_told_is_unknown() -> None:
    """The organization that would name it may not be listed."""
    found = verdict("aws.ec2.cross_env_snapshot_sharing", ebs(DEV), *estate(DENIED))
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)


def peering(owner: str = DEV, state: str = "active", vpc: str = "vpc-2") -> Given:
    sides = [{"OwnerId": ACCOUNT, "VpcId": "vpc-1", "Region": "eu-west-1"}, {"OwnerId": owner, "VpcId": vpc, "Region": "us-east-1"}]
    raw = {"Status": {"Code": state}, "RequesterVpcInfo": sides[0], "AccepterVpcInfo": sides[1]}
    return at(ACCOUNT, Peering, "pcx-1", region="eu-west-1", settings=raw)


def vpc(name: str, owner: str, env: str = "") -> Given:
    tags = [{"Key": "env", "Value": env}] if env else []
    return at(owner, Vpc, name, region="us-east-1", settings={"OwnerId": owner, "IsDefault": False, "Tags": tags})


def table(state: str = "active", account: str = DEV) -> Given:
    routes = [{"DestinationCidrBlock": "10.0.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": state}]
    return at(account, RouteTable, "rtb-1", region="us-east-1", settings={"VpcId": "vpc-2", "Associations": [], "Routes": routes})


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "severity", "because"),
    [
        pytest.param(peering(PROD), [], {}, "pass", "critical", "does not differ", id="production with production"),
        pytest.param(peering(), [table()], {}, "fail", "critical", "routes use it", id="with dev, and routes use it"),
        pytest.param(peering(), [], {}, "fail", "medium", "no route", id="one route away"),
        pytest.param(peering(), [table("blackhole")], {}, "fail", "medium", "no route", id="a route into nothing is none"),
        pytest.param(peering(), [at(DEV, RouteTable, "r", settings=DENIED)], {}, "fail", "critical", "not seen", id="routes that may not be seen"),
        pytest.param(peering(state="pending-acceptance"), [], {}, "not_applicable", "critical", "pending", id="not accepted yet"),
        pytest.param(peering(state="expired"), [], {}, "not_applicable", "critical", "expired", id="expired"),
        pytest.param(peering(state="deleted"), [], {}, "not_applicable", "critical", "deleted", id="deleted"),
        pytest.param(peering(STRANGER), [], {}, "unknown", "critical", "in no organization", id="a side of a stranger"),
        pytest.param(peering(LOGS), [], {}, "unknown", "critical", "was not seen", id="a VPC of a shared account that was not seen"),
        pytest.param(peering(LOGS), [vpc("vpc-2", LOGS, "shared")], {}, "pass", "critical", "does not differ", id="the hub"),
        pytest.param(peering(LOGS), [vpc("vpc-2", LOGS, "dev")], {}, "fail", "medium", "(dev)", id="a VPC for dev in a shared account"),
        pytest.param(peering(PROD), [vpc("vpc-2", PROD, "dev")], {}, "unknown", "critical", "says dev", id="a label against its account"),
        pytest.param(peering(PROD), [], {"environment_map": {"vpc-2": "dev"}}, "fail", "medium", "(dev)", id="a VPC that is declared"),
        pytest.param(peering(), [], {"allowed_pairs": {"pcx-1": "2026-11-23"}}, "pass", "critical", "approved until", id="approved until today"),
        pytest.param(peering(), [], {"allowed_pairs": {"vpc-2+vpc-1": "2026-11-22"}}, "fail", "medium", "ended", id="until yesterday"),
        pytest.param(at(ACCOUNT, Peering, "pcx-1", settings=DENIED), [], {}, "unknown", "critical", "grant", id="what may not be seen"),
    ],
)  # fmt: skip
def test_peering(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, severity: str, because: str) -> None:
    found = verdict("aws.ec2.cross_env_peering", subject, *others, *estate(), empty=(Vpc, RouteTable), **parameters)
    assert (found.outcome, found.severity, because in found.reason) == (outcome, severity, True), found.reason

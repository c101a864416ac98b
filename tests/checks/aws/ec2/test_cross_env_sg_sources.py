"""Whom security groups of production trust, on raw answers: blocks, groups and prefix lists, and plans of addresses that overlap."""

from typing import Any

import pytest

from controlmon.facts.aws.ec2 import Vpc
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.checks.aws.company import DEV, LOGS, PROD, STRANGER, at, estate
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.ec2.cross_env_sg_sources"


def group(
    *blocks: str, pairs: Any = (), lists: tuple[str, ...] = (), vpc: str = "vpc-p", account: str = ACCOUNT, entries: Any = None
) -> Given:
    rule = {
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
        "IpRanges": [{"CidrIp": block} for block in blocks],
        "Ipv6Ranges": [],
        "PrefixListIds": [{"PrefixListId": one} for one in lists],
        "UserIdGroupPairs": list(pairs),
    }
    raw = {"GroupId": "sg-1", "VpcId": vpc, "IpPermissions": [rule]}
    return at(account, SecurityGroup, "sg-1", region="eu-west-1", trusted=raw, prefix_lists=entries or {"PrefixLists": {}})


def vpc(name: str, owner: str, *ranges: str) -> Given:
    sets = [{"CidrBlock": one} for one in ranges]
    raw = {"OwnerId": owner, "IsDefault": False, "CidrBlock": ranges[0], "CidrBlockAssociationSet": sets}
    return at(owner, Vpc, name, region="eu-west-1", settings=raw)


PLAN = (vpc("vpc-p", ACCOUNT, "10.1.0.0/16"), vpc("vpc-d", DEV, "10.2.0.0/16", "10.9.0.0/16"), vpc("vpc-q", PROD, "10.3.0.0/16"))
CLASH = (vpc("vpc-p", ACCOUNT, "10.0.0.0/16"), vpc("vpc-d", DEV, "10.0.0.0/16"))


def pair(vpc: str = "", account: str = ACCOUNT) -> list[dict[str, str]]:
    return [{"GroupId": "sg-2", "UserId": account, **({"VpcId": vpc} if vpc else {})}]


def listed(*blocks: str) -> dict[str, Any]:
    return {"PrefixLists": {"pl-1": {"Entries": [{"Cidr": one} for one in blocks]}}}


@pytest.mark.parametrize(
    ("subject", "plan", "parameters", "outcome", "because"),
    [
        pytest.param(group(), PLAN, {}, "pass", "no network", id="no source"),
        pytest.param(group("10.1.0.0/16", "10.3.0.0/16", "203.0.113.0/24"), PLAN, {}, "pass", "no network", id="production, and an office"),
        pytest.param(group("10.2.7.0/24"), PLAN, {}, "fail", "vpc-d", id="a part of dev"),
        pytest.param(group("10.9.0.1/32"), PLAN, {}, "fail", "vpc-d", id="in its second range"),
        pytest.param(group("10.0.0.0/8"), PLAN, {}, "fail", "vpc-d", id="all of 10 includes dev"),
        pytest.param(group("0.0.0.0/0"), PLAN, {}, "fail", "vpc-d", id="and so does everything"),
        pytest.param(group("0.0.0.0/0"), PLAN, {"open_to_all_counts": False}, "pass", "no network", id="unless it is said to be judged elsewhere"),
        pytest.param(group("10.0.0.0/24"), CLASH, {}, "unknown", "routes decide", id="the same addresses in both"),
        pytest.param(group("10.0.0.0/8"), CLASH, {}, "fail", "vpc-d", id="a wide one includes both"),
        pytest.param(group(pairs=pair()), PLAN, {}, "pass", "no network", id="a group of the same VPC"),
        pytest.param(group(pairs=pair("vpc-d", DEV)), PLAN, {}, "fail", "sg-2", id="a group of dev"),
        pytest.param(group(pairs=pair("vpc-q", PROD)), PLAN, {}, "pass", "no network", id="a group of production"),
        pytest.param(group(pairs=pair("vpc-x", STRANGER)), PLAN, {}, "unknown", "in no organization", id="a group of a stranger"),
        pytest.param(group(lists=("pl-1",), entries=listed("10.2.0.0/16")), PLAN, {}, "fail", "vpc-d", id="by a prefix list"),
        pytest.param(group(lists=("pl-1",), entries=DENIED), PLAN, {}, "unknown", "grant", id="one that may not be seen"),
        pytest.param(group("10.2.0.0/16", lists=("pl-1",), entries=DENIED), PLAN, {}, "fail", "vpc-d", id="is not needed for what is certain"),
        pytest.param(group("10.1.0.0/16", vpc="vpc-d", account=DEV), PLAN, {}, "not_applicable", "dev", id="a group of dev"),
        pytest.param(group("10.2.0.0/16", vpc="vpc-l", account=LOGS), PLAN, {}, "unknown", "not seen", id="of a VPC that was not seen"),
        pytest.param(at(ACCOUNT, SecurityGroup, "sg-1", trusted=DENIED), PLAN, {}, "unknown", "grant", id="groups that may not be seen"),
    ],
)  # fmt: skip
def test_sources(subject: Given, plan: tuple[Given, ...], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, *plan, *estate(), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_block_is_unknown_while_networks_are_unseen() -> None:
    """A VPC of dev that was not seen may have its addresses."""
    found = verdict(CHECK, group("10.77.0.0/16"), *PLAN, *estate(), gaps={Vpc: DENIED})
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)

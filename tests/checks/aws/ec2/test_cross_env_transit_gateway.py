"""Which networks a transit gateway or a core network joins, on raw answers of it."""

import json
from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.cloud_wan import CoreNetwork
from controlmon.facts.aws.ec2 import RouteTable, Vpc
from controlmon.facts.aws.transit import TransitGateway
from tests.checks.aws.company import DEV, LOGS, PROD, at, estate
from tests.support import DENIED, Given, verdict

CHECK, REGION = "aws.ec2.cross_env_transit_gateway", "eu-west-1"
OWNERS = {"p": PROD, "d": DEV, "i": LOGS}


def attachment(letter: str, state: str = "available", kind: str = "vpc", **tags: str) -> dict[str, Any]:
    raw = {"TransitGatewayAttachmentId": letter, "TransitGatewayId": "tgw-1", "TransitGatewayOwnerId": LOGS, "State": state}
    raw["Tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
    return raw | {"ResourceType": kind, "ResourceId": f"vpc-{letter}", "ResourceOwnerId": OWNERS.get(letter, LOGS)}


def table(letter: str, *routes: str) -> dict[str, Any]:
    """The table that one attachment is associated with; a route is `block>attachment`, or `block>` for a black hole."""
    pairs = [route.partition(">")[::2] for route in routes]
    return {
        "Id": f"rtb-{letter}",
        "Associations": [{"TransitGatewayAttachmentId": letter, "State": "associated"}],
        "Routes": [
            {"DestinationCidrBlock": block, "State": "active", "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": end}]}
            if end
            else {"DestinationCidrBlock": block, "State": "blackhole"}
            for block, end in pairs
        ],
    }


def gateway(*tables: Any, attachments: Any = None, account: str = LOGS) -> Given:
    attached = [attachment(letter) for letter in "pdi"] if attachments is None else attachments
    answer = {"Tables": list(tables)} if not tables or isinstance(tables[0], dict) else tables[0]
    settings = attached if attached is DENIED else {"Attachments": attached}
    return at(account, TransitGateway, "tgw-1", region=REGION, settings=settings, tables=answer)


def inspection(*routes: dict[str, str], settings: Any = None) -> Given:
    raw = {"VpcId": "vpc-i", "Associations": [], "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", **route} for route in routes]}
    return at(LOGS, RouteTable, "rtb-vpc-i", region=REGION, settings=settings or raw)


SHARED = at(LOGS, Vpc, "vpc-i", region=REGION, settings={"OwnerId": LOGS, "IsDefault": False, "Tags": [{"Key": "env", "Value": "shared"}]})
BACK, BOX = {"TransitGatewayId": "tgw-1", "State": "active"}, {"GatewayId": "vpce-1", "State": "active"}
TO_DEV = table("i", "10.2.0.0/16>d")
ALL = table("p", "0.0.0.0/0>i")
VPN = [attachment("p"), attachment("v", kind="vpn")]


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(gateway(), [], {}, "pass", "nothing", id="to be attached is no path"),
        pytest.param(gateway(table("p", "10.9.0.0/16>i"), table("d")), [], {}, "pass", "nothing", id="routes to what is shared"),
        pytest.param(gateway(table("p", "10.2.0.0/16>d")), [], {}, "fail", "vpc-p reaches vpc-d (dev)", id="production leads to dev"),
        pytest.param(gateway(table("d", "10.1.0.0/16>p")), [], {}, "fail", "vpc-d reaches vpc-p (prod)", id="dev leads to production"),
        pytest.param(gateway(table("p", "10.2.0.0/16>")), [], {}, "pass", "nothing", id="a black hole separates"),
        pytest.param(gateway(table("x", "10.2.0.0/16>d")), [], {}, "pass", "nothing", id="a table that nothing is associated with"),
        pytest.param(gateway(ALL, TO_DEV), [inspection(BACK)], {}, "fail", "through vpc-i", id="sent back by a hub"),
        pytest.param(gateway(ALL, TO_DEV), [inspection()], {}, "pass", "nothing", id="by one that sends nothing back"),
        pytest.param(gateway(ALL, TO_DEV), [inspection(BACK, BOX)], {}, "unknown", "firewall", id="through a firewall"),
        pytest.param(gateway(ALL, TO_DEV), [inspection(BACK, BOX)], {"denied_by_firewall": ["vpc-i"]}, "pass", "nothing", id="that is declared to deny it"),
        pytest.param(gateway(ALL, TO_DEV), [], {}, "unknown", "no route table of vpc-i", id="by a VPC that was not seen"),
        pytest.param(gateway(ALL, TO_DEV), [inspection(settings=DENIED)], {}, "unknown", "grant", id="whose routes may not be seen"),
        pytest.param(gateway(table("p", "0.0.0.0/0>i", "10.2.0.0/16>"), TO_DEV), [inspection(BACK)], {}, "pass", "nothing", id="but for a black hole"),
        pytest.param(gateway(table("p", "0.0.0.0/0>i", "10.2.1.0/24>"), TO_DEV), [inspection(BACK)], {}, "fail", "vpc-d", id="too small a one"),
        pytest.param(gateway(table("p", "10.3.0.0/16>i"), TO_DEV), [inspection(BACK)], {}, "pass", "nothing", id="other addresses"),
        pytest.param(gateway(table("p", "10.8.0.0/16>v"), attachments=VPN), [], {}, "unknown", "nothing says", id="a VPN to somewhere"),
        pytest.param(gateway(table("p", "10.8.0.0/16>v"), attachments=VPN), [], {"environment_map": {"v": "dev"}}, "fail", "(dev)", id="declared"),
        pytest.param(gateway(table("p", "10.8.0.0/16>v"), attachments=[VPN[0], attachment("v", kind="vpn", env="shared")]), [], {}, "pass", "nothing", id="tagged"),
        pytest.param(gateway(table("p", "10.2.0.0/16>d"), attachments=[attachment("p"), attachment("d", "rejected")]), [], {}, "unknown", "d is not among", id="to what is not attached"),
        pytest.param(gateway(not_asked("not ours"), account=PROD), [], {}, "unknown", "was not looked into", id="somebody else's"),
        pytest.param(gateway(not_asked("not ours"), account=PROD), [gateway()], {}, "not_applicable", "judged there", id="that is seen there"),
        pytest.param(gateway(DENIED), [], {}, "unknown", "grant", id="tables that may not be seen"),
        pytest.param(gateway(attachments=DENIED), [], {}, "unknown", "grant", id="attachments that may not be seen"),
    ],
)  # fmt: skip
def test_gateway(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, *others, SHARED, *estate(), empty=(RouteTable, CoreNetwork, TransitGateway), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def core(*segments: str, account: str = LOGS, policy: Any = None, state: str = "AVAILABLE", **document: Any) -> Given:
    """Production and dev in these segments of a core network of the shared account."""
    joined = [
        {
            "AttachmentId": f"attachment-{owner[0]}",
            "AttachmentType": "VPC",
            "OwnerAccountId": owner,
            "ResourceArn": f"arn:aws:ec2:eu-west-1:{owner}:vpc/vpc-{owner[0]}",
            "SegmentName": segment,
            "State": state,
        }
        for owner, segment in zip((PROD, DEV), segments, strict=True)
    ]
    told = {"segments": [{"name": one} for one in dict.fromkeys(segments)]} | document
    answer = {"CoreNetworkPolicy": {"PolicyDocument": json.dumps(told)}} if policy is None else policy
    listed = {"OwnerAccountId": LOGS, "CoreNetworkId": "core-1"}
    return at(account, CoreNetwork, "core-1", owner=listed, attachments={"Attachments": joined}, policy=answer)


def share(segment: str, to: Any) -> dict[str, Any]:
    return {"segment-actions": [{"action": "share", "mode": "attachment-route", "segment": segment, "share-with": to}]}


@pytest.mark.parametrize(
    ("subject", "others", "outcome", "because"),
    [
        pytest.param(core("p", "d"), [], "pass", "nothing", id="segments of their own"),
        pytest.param(core("all", "all"), [], "fail", "vpc-4 reaches vpc-2 (dev)", id="one segment"),
        pytest.param(core("all", "all", segments=[{"name": "all", "isolate-attachments": True}]), [], "pass", "nothing", id="that isolates what is in it"),
        pytest.param(core("all", "all", state="DELETING"), [], "pass", "nothing", id="attachments that are over"),
        pytest.param(core("p", "d", **share("p", ["d"])), [], "fail", "vpc-4 reaches vpc-2", id="segments that share"),
        pytest.param(core("p", "d", **share("d", "*")), [], "fail", "vpc-4 reaches vpc-2", id="with all"),
        pytest.param(core("p", "d", **share("d", {"except": ["p"]})), [], "pass", "nothing", id="but one"),
        pytest.param(core("p", "d", **share("p", ["x"])), [], "pass", "nothing", id="with another"),
        pytest.param(core("p", "d", segments=[{"name": "p", "deny-filter": ["d"]}, {"name": "d", "deny-filter": ["p"]}], **share("p", ["d"])), [], "pass", "nothing", id="and filter"),
        pytest.param(core("p", "d", segments=[{"name": "p", "allow-filter": ["x"]}, {"name": "d"}], **share("p", ["d"])), [], "fail", "vpc-2 reaches vpc-4", id="on one side only"),
        pytest.param(core("p", "d", **{"segment-actions": [{"action": "create-route", "segment": "p", "destinations": ["attachment-2"]}]}), [], "fail", "vpc-4 reaches vpc-2", id="a route that was made"),
        pytest.param(core("p", "d", **{"segment-actions": [{"action": "create-route", "segment": "p", "destinations": ["blackhole"]}]}), [], "pass", "nothing", id="into nothing"),
        pytest.param(core("p", "d", **{"segment-actions": [{"action": "send-via", "segment": "p", "when-sent-to": {"segments": ["d"]}}]}), [], "unknown", "send-via", id="through firewalls"),
        pytest.param(core("p", "d", policy=DENIED), [], "unknown", "grant", id="a policy that may not be seen"),
        pytest.param(core("p", "d", policy={"CoreNetworkPolicy": {"PolicyDocument": "[]"}}), [], "unknown", "shape", id="a policy of no shape"),
        pytest.param(core("p", "d", account=PROD), [], "unknown", "was not looked into", id="somebody else's"),
        pytest.param(core("p", "d", account=PROD), [core("p", "d")], "not_applicable", "judged there", id="that is seen there"),
    ],
)  # fmt: skip
def test_core_network(subject: Given, others: list[Given], outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, *others, *estate(), empty=(RouteTable, Vpc, TransitGateway))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

"""aws.ec2.sg_admin_ports on raw answers of EC2."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.ec2 import NetworkInterface
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.support import DENIED, Given, verdict

CHECK = "aws.ec2.sg_admin_ports"
NO_LISTS = not_asked("its rules name no prefix list")
USED = Given(NetworkInterface, "eni-1", settings={"VpcId": "vpc-1", "Groups": [{"GroupId": "sg-1", "GroupName": "web"}]})
OTHER = Given(NetworkInterface, "eni-2", settings={"VpcId": "vpc-1", "Groups": [{"GroupId": "sg-2", "GroupName": "db"}]})
REFUSED = {"kind": "denied", "operation": "ec2:GetManagedPrefixListEntries", "detail": "UnauthorizedOperation", "needs": ["ec2:Some"]}


def rule(protocol: str, first: int | None, last: int | None, *sources: str, lists: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    ports = {} if first is None else {"FromPort": first, "ToPort": last}
    return {
        "IpProtocol": protocol,
        **ports,
        "IpRanges": [{"CidrIp": source} for source in sources if ":" not in source],
        "Ipv6Ranges": [{"CidrIpv6": source} for source in sources if ":" in source],
        "PrefixListIds": [{"PrefixListId": name} for name in lists],
        "UserIdGroupPairs": [],
        **more,
    }


def lists(**entries: Any) -> dict[str, Any]:
    said = {k.replace("_", "-"): v for k, v in entries.items()}
    return {"PrefixLists": {k: v if isinstance(v, dict) else {"Entries": [{"Cidr": cidr} for cidr in v]} for k, v in said.items()}}


def judged(*rules: dict[str, Any], prefix_lists: Any = NO_LISTS, others: tuple[Given, ...] = (USED,), **more: Any) -> Finding:
    group = Given(SecurityGroup, "sg-1", rules={"GroupId": "sg-1", "IpPermissions": list(rules)}, prefix_lists=prefix_lists)
    return verdict(CHECK, group, *others, **more)


SSH = rule("tcp", 22, 22, "0.0.0.0/0")


@pytest.mark.parametrize(
    ("rules", "outcome", "because"),
    [
        pytest.param([], "pass", "none of its 0", id="no rules let nobody in"),
        pytest.param([rule("tcp", 443, 443, "0.0.0.0/0", "::/0")], "pass", "none of its 1", id="a public port that administers nothing"),
        pytest.param([rule("tcp", 22, 22, "10.0.0.0/8", "203.0.113.0/24")], "pass", "none", id="SSH from networks that are known"),
        pytest.param([SSH], "fail", "tcp 22 to 0.0.0.0/0", id="SSH from everywhere"),
        pytest.param([rule("tcp", 22, 22, "::/0")], "fail", "tcp 22 to ::/0", id="SSH from everywhere by IPv6"),
        pytest.param([rule("-1", None, None, "0.0.0.0/0")], "fail", "tcp 22, 3389", id="protocol -1 has no ports and opens all"),
        pytest.param([rule("6", 22, 22, "0.0.0.0/0")], "fail", "tcp 22", id="tcp by its number"),
        pytest.param([rule("tcp", 0, 65535, "0.0.0.0/0")], "fail", "10250", id="a range of every port"),
        pytest.param([rule("tcp", 20, 25, "0.0.0.0/0")], "fail", "tcp 22 to", id="a range around 22"),
        pytest.param([rule("udp", 3389, 3389, "0.0.0.0/0")], "fail", "udp 3389", id="remote desktop over UDP"),
        pytest.param([rule("17", 3389, 3389, "0.0.0.0/0")], "fail", "udp 3389", id="and by its number"),
        pytest.param([rule("udp", 443, 443, "0.0.0.0/0")], "pass", "none", id="QUIC for the web is no admin port"),
        pytest.param([rule("icmp", 8, -1, "0.0.0.0/0")], "pass", "none", id="an ICMP type is no port"),
        pytest.param([rule("icmp", 22, 22, "0.0.0.0/0")], "pass", "none", id="even if it is called 22"),
        pytest.param([rule("58", -1, -1, "::/0")], "pass", "none", id="nor is one of ICMPv6"),
        pytest.param([rule("tcp", 22, 22, "0.0.0.0/1", "128.0.0.0/1")], "fail", "tcp 22 to 0.0.0.0/0", id="two halves in one rule"),
        pytest.param(
            [rule("tcp", 22, 22, "0.0.0.0/1"), rule("-1", None, None, "128.0.0.0/1")], "fail", "tcp 22 to 0.0.0.0/0", id="and in two"
        ),
        pytest.param([rule("tcp", 22, 22, "8.0.0.0/8")], "fail", "8.0.0.0/8", id="a very wide prefix is public"),
        pytest.param([rule("tcp", 22, 22, "8.0.0.0/9")], "pass", "none", id="a narrower one is somebody's"),
        pytest.param(
            [rule("tcp", 22, 22, "8.0.0.0/9"), rule("tcp", 20, 25, "8.128.0.0/9")],
            "fail",
            "22 to 8.0.0.0/8",
            id="unless two rules make it wide",
        ),
        pytest.param(
            [rule("tcp", 22, 22, "8.0.0.0/9"), rule("tcp", 23, 25, "8.128.0.0/9")], "pass", "none", id="for the same port, that is"
        ),
        pytest.param([rule("tcp", 22, 22, UserIdGroupPairs=[{"GroupId": "sg-9"}])], "pass", "none", id="another group is no address"),
    ],
)
def test_group(rules: list[dict[str, Any]], outcome: str, because: str) -> None:
    found = judged(*rules)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    if outcome == "fail":
        assert found.severity == "critical"


@pytest.mark.parametrize(
    ("parameters", "outcome"),
    [
        ({"ports": [443]}, "pass"),
        ({"ports": [22, 443]}, "fail"),
        ({"wide_prefix_v4": 0}, "fail"),
    ],
)
def test_ports_are_a_parameter(parameters: dict[str, Any], outcome: str) -> None:
    assert judged(SSH, **parameters).outcome == outcome


def test_what_is_wide_is_a_parameter() -> None:
    assert judged(rule("tcp", 22, 22, "8.0.0.0/8"), wide_prefix_v4=7).outcome == "pass"
    assert judged(rule("tcp", 22, 22, "203.0.0.0/16"), wide_prefix_v4=16).outcome == "fail"
    assert judged(rule("tcp", 22, 22, "2600::/20")).outcome == "pass"
    assert judged(rule("tcp", 22, 22, "2600::/20"), wide_prefix_v6=20).outcome == "fail"


LISTED = rule("tcp", 22, 22, lists=("pl-1",))


@pytest.mark.parametrize(
    ("rules", "prefix_lists", "outcome", "because"),
    [
        pytest.param([LISTED], lists(pl_1=["0.0.0.0/0"]), "fail", "tcp 22 to 0.0.0.0/0", id="a prefix list may hold the internet"),
        pytest.param([LISTED], lists(pl_1=["0.0.0.0/1", "128.0.0.0/1"]), "fail", "tcp 22", id="or its halves"),
        pytest.param(
            [LISTED, rule("tcp", 22, 22, "8.128.0.0/9")], lists(pl_1=["8.0.0.0/9"]), "fail", "to 8.0.0.0/8", id="or one, a rule the other"
        ),
        pytest.param([LISTED], lists(pl_1=["203.0.113.0/24"]), "pass", "none", id="or an office"),
        pytest.param([LISTED], DENIED, "unknown", "grant svc:Permission", id="one that may not be read is unknown"),
        pytest.param(
            [LISTED], lists(pl_1={"Refused": REFUSED}), "unknown", "pl-1 were not seen: ec2:GetManaged", id="so is one of several"
        ),
        pytest.param([LISTED], lists(pl_2=[]), "unknown", "pl-1 were not seen", id="and one that was not answered"),
        pytest.param([SSH, LISTED], DENIED, "fail", "tcp 22", id="a rule that fails by itself fails, whatever the list"),
        pytest.param(
            [LISTED, rule("tcp", 3389, 3389, lists=("pl-2",))],
            lists(pl_1={"Refused": REFUSED}, pl_2=["0.0.0.0/0"]),
            "fail",
            "tcp 3389",
            id="a list that was read fails, whatever the other",
        ),
        pytest.param(
            [rule("tcp", 443, 443, lists=("pl-1",))], DENIED, "pass", "none", id="a list that no admin port is open to decides nothing"
        ),
        pytest.param(
            [rule("tcp", 443, 443, lists=("pl-1",)), rule("tcp", 22, 22, lists=("pl-2",))],
            lists(pl_1={"Refused": REFUSED}, pl_2=["10.0.0.0/8"]),
            "pass",
            "none",
            id="not even beside one that does",
        ),
        pytest.param([LISTED], {"PrefixLists": {"pl-1": {}}}, "unknown", "shape", id="an answer without entries is unknown"),
    ],
)
def test_prefix_list(rules: list[dict[str, Any]], prefix_lists: Any, outcome: str, because: str) -> None:
    found = judged(*rules, prefix_lists=prefix_lists)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_group_that_nothing_uses_fails_with_less_weight() -> None:
    for found in (judged(SSH, others=(OTHER,)), judged(SSH, others=(), empty=(NetworkInterface,))):
        assert (found.outcome, found.severity) == ("fail", "medium")
        assert "no network interface uses it" in found.reason


def test_a_group_of_which_it_is_not_known_fails_with_full_weight() -> None:
    found = judged(SSH, others=(OTHER,), gaps={NetworkInterface: DENIED})
    assert (found.outcome, found.severity) == ("fail", "critical")
    assert judged(SSH, others=()).severity == "critical"


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"IpPermissions": [{"FromPort": 22, "ToPort": 22}]},
        {"IpPermissions": [rule("tcp", None, None, "0.0.0.0/0")]},
        {"IpPermissions": [rule("tcp", 22, 22, "everywhere")]},
        {"IpPermissions": [{k: v for k, v in SSH.items() if k != "Ipv6Ranges"}]},
        {"IpPermissions": [{**SSH, "FromPort": "22"}]},
    ],
)
def test_an_answer_of_another_shape_is_unknown(raw: Any) -> None:
    found = verdict(CHECK, Given(SecurityGroup, "sg-1", rules=raw, prefix_lists=NO_LISTS), USED)
    assert found.outcome == "unknown", found.reason


def test_a_denied_group_is_unknown() -> None:
    assert verdict(CHECK, Given(SecurityGroup, "sg-1", rules=DENIED, prefix_lists=NO_LISTS), USED).outcome == "unknown"

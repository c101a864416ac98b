"""aws.ec2.sg_data_ports on raw answers of EC2. What it shares with aws.ec2.sg_admin_ports is tried there to the end."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.ec2 import NetworkInterface
from controlmon.facts.aws.security_groups import SecurityGroup
from tests.support import DENIED, Given, verdict

CHECK = "aws.ec2.sg_data_ports"
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


SQL = rule("tcp", 5432, 5432, "0.0.0.0/0")
LISTED = rule("tcp", 5432, 5432, lists=("pl-1",))


@pytest.mark.parametrize(
    ("rules", "prefix_lists", "outcome", "because"),
    [
        pytest.param([], NO_LISTS, "pass", "none of its 0", id="no rules let nobody in"),
        pytest.param([SQL], NO_LISTS, "fail", "tcp 5432 to 0.0.0.0/0", id="PostgreSQL from everywhere"),
        pytest.param([rule("tcp", 5432, 5432, "10.0.0.0/8")], NO_LISTS, "pass", "none", id="or from our own networks"),
        pytest.param([rule("tcp", 22, 22, "0.0.0.0/0")], NO_LISTS, "pass", "none", id="SSH is another check's"),
        pytest.param([rule("-1", None, None, "::/0")], NO_LISTS, "fail", "tcp 1433", id="protocol -1 opens all"),
        pytest.param([rule("6", 6379, 6379, "0.0.0.0/0")], NO_LISTS, "fail", "tcp 6379", id="tcp by its number"),
        pytest.param([rule("tcp", 9000, 9400, "0.0.0.0/0")], NO_LISTS, "fail", "9042, 9092, 9200, 9300", id="a range around several"),
        pytest.param([rule("udp", 2049, 2049, "0.0.0.0/0")], NO_LISTS, "fail", "udp 2049", id="NFS by UDP"),
        pytest.param([rule("icmp", 8, -1, "0.0.0.0/0")], NO_LISTS, "pass", "none", id="an ICMP type is no port"),
        pytest.param(
            [rule("tcp", 445, 445, "0.0.0.0/1"), rule("tcp", 440, 450, "128.0.0.0/1")],
            NO_LISTS,
            "fail",
            "445 to 0.0.0.0/0",
            id="two halves",
        ),
        pytest.param([LISTED], lists(pl_1=["0.0.0.0/0"]), "fail", "tcp 5432", id="a prefix list may hold the internet"),
        pytest.param([LISTED], lists(pl_1=["203.0.113.0/24"]), "pass", "none", id="or an office"),
        pytest.param([LISTED], DENIED, "unknown", "grant svc:Permission", id="one that may not be read is unknown"),
        pytest.param([LISTED], lists(pl_1={"Refused": REFUSED}), "unknown", "data-store ports to a prefix list", id="or was refused"),
        pytest.param([SQL, LISTED], DENIED, "fail", "tcp 5432", id="a rule that fails by itself fails"),
    ],
)
def test_group(rules: list[dict[str, Any]], prefix_lists: Any, outcome: str, because: str) -> None:
    found = judged(*rules, prefix_lists=prefix_lists)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    if outcome == "fail":
        assert found.severity == "critical"


def test_ports_are_a_parameter() -> None:
    assert judged(SQL, ports=[1433]).outcome == "pass"


def test_a_group_that_nothing_uses_fails_with_less_weight() -> None:
    for found in (judged(SQL, others=(OTHER,)), judged(SQL, others=(), empty=(NetworkInterface,))):
        assert (found.outcome, found.severity) == ("fail", "medium")
    assert judged(SQL, others=(OTHER,), gaps={NetworkInterface: DENIED}).severity == "critical"


def test_a_denied_group_is_unknown() -> None:
    assert verdict(CHECK, Given(SecurityGroup, "sg-1", rules=DENIED, prefix_lists=NO_LISTS), USED).outcome == "unknown"

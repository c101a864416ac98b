"""azure.network.* against the twin: rules as Azure writes them, and what they come to."""

from typing import Any

import pytest

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import PROD, default_rules, flow_log, nsg_rule

ADMIN, DATA = "azure.network.nsg_admin_ports", "azure.network.nsg_data_ports"


def group(twin: AzureTwin, name: str, *rules: dict[str, Any], attached: bool = True) -> None:
    used = {"subnets": [{"id": "/a"}]} if attached else {}
    twin.add(PROD, "Microsoft.Network/networkSecurityGroups", name, securityRules=list(rules), defaultSecurityRules=default_rules(), **used)


CASES = [
    pytest.param([], "pass", id="the default rules deny"),
    pytest.param([nsg_rule("r", 100, "22", "*")], "fail", id="22 from anywhere"),
    pytest.param([nsg_rule("r", 100, "*", "Internet")], "fail", id="a port of * alone opens 22"),
    pytest.param([nsg_rule("r", 100, "20-25", "0.0.0.0/0")], "fail", id="a range that holds 22"),
    pytest.param([nsg_rule("r", 100, "", "", destinationPortRanges=["80", "3389"], sourceAddressPrefixes=["::/0"])], "fail", id="lists"),
    pytest.param([nsg_rule("r", 100, "22", "AzureCloud.westeurope")], "fail", id="AzureCloud is nearly public"),
    pytest.param([nsg_rule("r", 100, "22", "VirtualNetwork")], "pass", id="another service tag is not"),
    pytest.param([nsg_rule("r", 100, "22", "10.0.0.0/8")], "pass", id="a private source"),
    pytest.param([nsg_rule("r", 100, "22", "203.0.113.7")], "pass", id="a narrow public source"),
    pytest.param([nsg_rule("a", 100, "22", "0.0.0.0/1"), nsg_rule("b", 110, "22", "128.0.0.0/1")], "fail", id="two halves"),
    pytest.param([nsg_rule("r", 100, "3389", "*", protocol="UDP")], "fail", id="UDP 3389, in any case"),
    pytest.param([nsg_rule("r", 100, "22", "*", protocol="Icmp")], "pass", id="ICMP has no ports"),
    pytest.param([nsg_rule("d", 100, "22", "*", access="Deny"), nsg_rule("a", 200, "22", "*")], "pass", id="a denial that comes first"),
    pytest.param([nsg_rule("a", 100, "22", "*"), nsg_rule("d", 200, "22", "*", access="Deny")], "fail", id="a denial that comes last"),
    pytest.param(
        [nsg_rule("d", 100, "22", "0.0.0.0/1", access="Deny"), nsg_rule("a", 200, "22", "*")], "fail", id="a denial of half the internet"
    ),
    pytest.param(
        [nsg_rule("d", 100, "22", "*", access="Deny", protocol="Udp"), nsg_rule("a", 200, "22", "*")], "fail", id="of another protocol"
    ),
    pytest.param(
        [nsg_rule("d", 100, "22", "*", access="Deny", sourcePortRange="1024"), nsg_rule("a", 200, "22", "*")],
        "fail",
        id="a denial of some source ports",
    ),
    pytest.param(
        [nsg_rule("d", 100, "22", "*", access="Deny", destinationAddressPrefix="10.1.0.4"), nsg_rule("a", 200, "22", "*")],
        "fail",
        id="a denial for one machine",
    ),
    pytest.param(
        [
            nsg_rule("d", 100, "22", "*", access="Deny", destinationAddressPrefix="10.1.0.0/16"),
            nsg_rule("a", 200, "22", "*", destinationAddressPrefix="10.1.2.0/24"),
        ],
        "pass",
        id="a denial for a network that holds the one allowed",
    ),
    pytest.param([nsg_rule("r", 100, "22", "*", direction="Outbound")], "pass", id="outbound"),
    pytest.param([nsg_rule("r", 100, "22-x", "*")], "unknown", id="what is no range of ports"),
]


@pytest.mark.parametrize(("rules", "outcome"), CASES)
def test_admin_ports(rules: list[dict[str, Any]], outcome: str, twin: AzureTwin, said: Said) -> None:
    """By priority, whichever member ports and sources stand in."""
    group(twin, "g", *rules)
    assert said(ADMIN) == {"g": outcome}


def test_data_ports(twin: AzureTwin, said: Said) -> None:
    """Whatever is not declared is too much, a port in the middle of a range too."""
    group(twin, "web", nsg_rule("a", 100, "443", "*"), nsg_rule("b", 110, "80", "*"))
    group(twin, "sql", nsg_rule("a", 100, "1433", "*"))
    group(twin, "between", nsg_rule("a", 100, "80-443", "*"))
    group(twin, "denied", nsg_rule("d", 100, "81-442", "*", access="Deny"), nsg_rule("a", 200, "80-443", "*"))
    group(twin, "idle", nsg_rule("a", 100, "*", "*"), attached=False)
    assert said(DATA) == {"web": "pass", "sql": "fail", "between": "fail", "denied": "pass", "idle": "not_applicable"}
    assert said(DATA, allowed_ports=[80, 443, 1433])["sql"] == "pass"


def test_a_group_that_nothing_uses(twin: AzureTwin, said: Said) -> None:
    """It exposes nothing."""
    group(twin, "idle", nsg_rule("r", 100, "22", "*"), attached=False)
    assert said(ADMIN) == {"idle": "not_applicable"}


def test_flow_logs(twin: AzureTwin, judged: Judged) -> None:
    """Of the network, its subnets, their groups or their interfaces; on, and kept long enough or for ever."""
    base = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.Network"
    watcher = twin.add(PROD, "Microsoft.Network/networkWatchers", "w1")
    other = twin.add(PROD, "Microsoft.Network/networkWatchers", "w2")

    def net(name: str, *subnets: str, environment: str | None = None) -> None:
        made = [
            {
                "id": f"{base}/virtualNetworks/{name}/subnets/{one}",
                "name": one,
                "properties": {
                    "networkSecurityGroup": {"id": f"{base}/networkSecurityGroups/{name}-{one}"},
                    "ipConfigurations": [{"id": f"{base}/networkInterfaces/{name}-{one}/ipConfigurations/c"}],
                },
            }
            for one in subnets
        ]
        tags = {"tags": {"Environment": environment}} if environment else {}
        twin.add(PROD, "Microsoft.Network/virtualNetworks", name, subnets=made, rest=tags)

    for name in ("whole", "off", "short", "zero", "unlimited"):
        net(name, "a")
    net("by_parts", "a", "b", "c")
    net("in_part", "a", "b")
    net("bare", "a")
    net("testing", "a", environment="test")
    net("empty")
    twin.answer(f"{watcher}/flowLogs", [
        flow_log(watcher, "1", f"{base}/virtualNetworks/whole", days=90, limited=True),
        flow_log(watcher, "2", f"{base}/virtualNetworks/off", enabled=False),
        flow_log(watcher, "3", f"{base}/virtualNetworks/short", days=30, limited=True),
        flow_log(watcher, "4", f"{base}/virtualNetworks/zero", days=0, limited=True),
        flow_log(watcher, "5", f"{base}/virtualNetworks/unlimited", days=7, limited=False),
    ])  # fmt: skip
    twin.answer(f"{other}/flowLogs", [
        flow_log(other, "6", f"{base}/VIRTUALNETWORKS/by_parts/subnets/a"),
        flow_log(other, "7", f"{base}/networkSecurityGroups/by_parts-b"),
        flow_log(other, "8", f"{base}/networkInterfaces/by_parts-c"),
        flow_log(other, "9", f"{base}/virtualNetworks/in_part/subnets/a"),
    ])  # fmt: skip
    found = judged("azure.network.flow_logs")
    assert {name: f.outcome.value for name, f in found.items()} == {
        "whole": "pass", "off": "fail", "short": "fail", "zero": "pass", "unlimited": "pass", "by_parts": "pass", "in_part": "fail",
        "bare": "fail", "testing": "not_applicable", "empty": "not_applicable",
    }  # fmt: skip
    assert found["in_part"].reason.endswith("covers b")


def test_no_watcher_at_all(twin: AzureTwin, said: Said) -> None:
    """Nobody watches: the network fails, as long as it is certain that there is no watcher."""
    subnet = {"id": "/s", "name": "a", "properties": {}}
    twin.add(PROD, "Microsoft.Network/virtualNetworks", "net", subnets=[subnet])
    assert said("azure.network.flow_logs") == {"net": "fail"}
    twin.deny(PROD, "Microsoft.Network/networkWatchers/*")
    assert said("azure.network.flow_logs") == {"net": "unknown"}

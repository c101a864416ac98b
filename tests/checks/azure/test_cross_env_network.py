"""azure.network.cross_env_peering and .cross_env_private_endpoints on raw answers: what joins networks, and what stands between."""

from typing import Any

import pytest

from controlmon.facts.azure.endpoint import DnsLink, PrivateEndpoint
from controlmon.facts.azure.peering import Firewall, FirewallPolicy, Peering, VirtualHub
from controlmon.facts.azure.vnet import VirtualNetwork
from tests.checks.azure.company import DEV, HIDDEN, HUB, PROD, STRANGER, UNTOLD, at, estate, id_of, tenant
from tests.support import DENIED, Given, verdict
from tests.twins import azure_joins as shown

PEERING, ENDPOINTS = "azure.network.cross_env_peering", "azure.network.cross_env_private_endpoints"
KINDS = (Peering, VirtualNetwork, VirtualHub, Firewall, FirewallPolicy)
OCTET = {PROD: 1, DEV: 2}


def net(number: str) -> str:
    return id_of(number, "Microsoft.Network/virtualNetworks/net")


def joint(one: str, other: str, **more: Any) -> Given:
    row = shown.peering(net(one), net(other), **more)
    return at(one, Peering, row["id"], settings=row)


def network(number: str, settings: Any = None) -> Given:
    blocks = {"addressPrefixes": [f"10.{OCTET.get(number, 3)}.0.0/16"]}
    row = {"id": net(number), "tags": None, "properties": {"addressSpace": blocks, "subnets": []}}
    return at(number, VirtualNetwork, net(number), settings=row if settings is None else settings)


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(joint(PROD, DEV), {}, "fail", "(dev)", id="both classes"),
        pytest.param(joint(DEV, PROD), {}, "fail", "(prod)", id="from the other side"),
        pytest.param(joint(PROD, DEV, state="Disconnected"), {}, "not_applicable", "Disconnected", id="not connected"),
        pytest.param(joint(PROD, DEV, state="Initiated"), {}, "not_applicable", "Initiated", id="not yet"),
        pytest.param(joint(PROD, HUB), {}, "pass", "does not differ", id="with the hub"),
        pytest.param(joint(PROD, PROD), {}, "pass", "does not differ", id="with its own class"),
        pytest.param(joint(PROD, STRANGER), {}, "unknown", "none that was listed", id="with another tenant"),
        pytest.param(joint(PROD, HIDDEN), {}, "unknown", "is not read", id="with a subscription that is not read"),
        pytest.param(joint(PROD, HIDDEN), {"environment_map": {HIDDEN: "dev"}}, "fail", "(dev)", id="unless it is declared"),
        pytest.param(joint(PROD, STRANGER), {"environment_map": {net(STRANGER): "dev"}}, "fail", "(dev)", id="or its network is"),
        pytest.param(joint(PROD, UNTOLD), {}, "unknown", "nothing says", id="with one that nothing places"),
        pytest.param(joint(PROD, DEV), {"allowed_pairs": [f"{net(DEV)}+{net(PROD)}"]}, "pass", "allowed", id="allowed, either way round"),
        pytest.param(at(PROD, Peering, f"{net(PROD)}/virtualNetworkPeerings/p", settings=DENIED), {}, "unknown", "grant", id="not seen"),
    ],
)
def test_peerings(subject: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    """A peering by itself."""
    found = verdict(PEERING, subject, *estate(), empty=KINDS, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def spokes(*numbers: str, dev: bool | None = True, **more: Any) -> list[Given]:
    """Both sides of the peerings of a hub; `dev` is whether the network of dev takes what is forwarded, None if its side was not seen."""
    sides = [
        joint(number, HUB, **({"forwarded": dev} if number == DEV else {}) | more) for number in numbers if number != DEV or dev is not None
    ]
    return [*(joint(HUB, number) for number in numbers), *sides]


def rule(source: str, target: str, action: str = "Allow", **more: Any) -> tuple[str, list[dict[str, Any]]]:
    made = {"ruleType": "NetworkRule", "name": "r", "ipProtocols": ["Any"], "destinationPorts": ["*"]}
    where = {"sourceAddresses": [source] if source else [], "destinationAddresses": [target] if target else []}
    return action, [{**made, **where, "sourceIpGroups": [], "destinationIpGroups": [], **more}]


def guards(place: str, *collections: Any, base: Any = None, policy: Any = True) -> list[Given]:
    """A firewall in a network or a hub, its policy, and the policy that it inherits from."""
    name = "Microsoft.Network/firewallPolicies/{}"
    where = (
        {"virtualHub": {"id": place}}
        if "virtualHubs" in place
        else {"ipConfigurations": [{"properties": {"subnet": {"id": f"{place}/subnets/f"}}}]}
    )
    settings = {"properties": where | ({"firewallPolicy": {"id": id_of(HUB, name.format("own"))}} if policy else {})}
    inherits = {"basePolicy": {"id": id_of(HUB, name.format("base"))}} if base else {}
    own = {"base": {"properties": inherits}, "rules": {"value": [shown.rule_group("g", 100, *collections)]}}
    above = {"base": {"properties": {}}, "rules": {"value": [shown.rule_group("b", 100, base)]}} if base else {}
    own = own if policy is True else {**own, "rules": policy}
    made = [at(HUB, FirewallPolicy, name.format("own"), **own)] + ([at(HUB, FirewallPolicy, name.format("base"), **above)] if base else [])
    return [at(HUB, Firewall, "Microsoft.Network/azureFirewalls/f", settings=settings), *made]


DENY = rule("10.0.0.0/8", "10.0.0.0/8", "Deny")


@pytest.mark.parametrize(
    ("others", "outcome", "because"),
    [
        pytest.param(spokes(PROD), "not_applicable", "no hub", id="one network is no hub"),
        pytest.param(spokes(PROD, DEV), "fail", "no firewall", id="both take what is forwarded"),
        pytest.param(spokes(PROD, DEV, dev=False), "pass", "no two", id="peering is not transitive"),
        pytest.param(spokes(PROD, DEV, dev=False, gateway=True), "fail", "no firewall", id="but by the hub's gateway"),
        pytest.param(spokes(PROD, DEV, dev=None), "unknown", "not known", id="a side that was not seen"),
        pytest.param(spokes(PROD, UNTOLD), "unknown", "nothing says", id="a spoke that nothing places"),
        pytest.param(spokes(PROD, STRANGER), "unknown", "none that was listed", id="a spoke of another tenant"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB))], "pass", "no two", id="a firewall denies what no rule allows"),
        pytest.param([*spokes(PROD, DEV), *guards(net(PROD))], "fail", "no firewall", id="one that stands elsewhere"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), policy=None)], "fail", "no policy", id="one without a policy"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("10.2.0.0/16", "10.1.7.0/24"))], "fail", "rule r", id="a rule lets one through"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("*", "*"))], "fail", "rule r", id="or everybody"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("10.1.0.0/16", "10.9.0.0/16"))], "pass", "no two", id="to elsewhere"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), DENY, rule("*", "*"))], "pass", "no two", id="denied before"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("*", "*"), DENY)], "fail", "rule r", id="denied too late"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("*", "*"), base=DENY)], "pass", "no two", id="denied by what is inherited"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), rule("", "*", sourceIpGroups=["/g"]))], "unknown", "by r", id="a group of addresses"),
        pytest.param([*spokes(PROD, DEV), *guards(net(HUB), policy=DENIED)], "unknown", "grant", id="rules that may not be seen"),
    ],
)  # fmt: skip
def test_hubs(others: list[Given], outcome: str, because: str) -> None:
    """A network that others are connected to, and its firewall."""
    found = verdict(PEERING, network(HUB), *others, *estate(), empty=KINDS)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


PLACE = id_of(HUB, "Microsoft.Network/virtualHubs/h")
FIREWALL = id_of(HUB, "Microsoft.Network/azureFirewalls/f")


def wan(*numbers: str, name: str = PLACE, labels: tuple[str, ...] = ("default",), firewall: bool = False, **more: Any) -> Given:
    properties = {"virtualWan": {"id": "/wan"}} | ({"azureFirewall": {"id": FIREWALL}} if firewall else {})
    routes = ({"name": "private", "destinationType": "CIDR", "destinations": ["10.0.0.0/8"], "nextHop": FIREWALL},) if firewall else ()
    table = {"value": [shown.route_table(PLACE, "defaultRouteTable", "default", routes=more.pop("routes", routes))]}
    ends = {"value": [shown.connection(PLACE, number, net(number), *labels) for number in numbers]}
    return at(HUB, VirtualHub, name, **{"settings": {"properties": properties}, "connections": ends, "tables": table} | more)


@pytest.mark.parametrize(
    ("subject", "others", "outcome", "because"),
    [
        pytest.param(wan(PROD, DEV), [], "fail", "no firewall", id="one table for both"),
        pytest.param(wan(PROD, DEV, labels=("none",)), [], "pass", "no two", id="made known in no table"),
        pytest.param(wan(PROD, HUB), [], "pass", "no two", id="shared crosses neither"),
        pytest.param(wan(PROD), [wan(DEV, name=f"{PLACE}2")], "fail", "no firewall", id="through another hub of the WAN"),
        pytest.param(wan(PROD), [wan(name=f"{PLACE}2", connections=DENIED)], "unknown", "grant", id="of which not all may be seen"),
        pytest.param(wan(PROD, DEV, firewall=True), guards(PLACE), "pass", "no two", id="a firewall that denies"),
        pytest.param(wan(PROD, DEV, firewall=True, routes=()), guards(PLACE), "fail", "does not send", id="that nothing is sent to"),
        pytest.param(wan(PROD, DEV, firewall=True), guards(PLACE, rule("*", "*")), "fail", "rule r", id="that allows it"),
        pytest.param(wan(PROD, UNTOLD), [], "unknown", "nothing says", id="a network that nothing places"),
        pytest.param(wan(PROD, DEV, tables=DENIED), [], "unknown", "grant", id="tables that may not be seen"),
    ],
)
def test_wans(subject: Given, others: list[Given], outcome: str, because: str) -> None:
    """A virtual WAN routes by route tables, not by peerings."""
    found = verdict(PEERING, subject, *others, network(PROD), network(DEV), *estate(), empty=KINDS)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def endpoint(number: str, *resources: str, state: str = "Approved", by_hand: bool = False) -> Given:
    made = shown.endpoint(f"{net(number)}/subnets/a", resources[0], state=state, by_hand=by_hand)
    return at(number, PrivateEndpoint, "Microsoft.Network/privateEndpoints/e", settings={"properties": made})


def link(number: str, zone: str = "z", answer: Any = None) -> Given:
    row = {"properties": {"virtualNetwork": {"id": net(number)}, "registrationEnabled": False}}
    return at(
        HUB, DnsLink, f"Microsoft.Network/privateDnsZones/{zone}/virtualNetworkLinks/{number[0]}", network=row if answer is None else answer
    )


DATA = {number: id_of(number, "Microsoft.Sql/servers/s") for number in (PROD, DEV, STRANGER, HUB)}


@pytest.mark.parametrize(
    ("subject", "others", "outcome", "because"),
    [
        pytest.param(endpoint(DEV, DATA[PROD]), [], "fail", "(prod)", id="dev into production"),
        pytest.param(endpoint(PROD, DATA[DEV]), [], "fail", "(dev)", id="production into dev"),
        pytest.param(endpoint(DEV, DATA[PROD], by_hand=True), [], "fail", "(prod)", id="asked for by hand"),
        pytest.param(endpoint(DEV, DATA[PROD], state="Pending", by_hand=True), [], "pass", "approved", id="and not approved"),
        pytest.param(endpoint(DEV, DATA[PROD], state="Rejected"), [], "pass", "approved", id="rejected"),
        pytest.param(endpoint(DEV, DATA[DEV]), [], "pass", "does not differ", id="its own class"),
        pytest.param(endpoint(DEV, DATA[HUB]), [], "pass", "does not differ", id="what is shared"),
        pytest.param(endpoint(DEV, DATA[STRANGER]), [], "unknown", "none that was listed", id="another tenant's"),
        pytest.param(endpoint(UNTOLD, DATA[PROD]), [], "unknown", "nothing says", id="a subnet that nothing places"),
        pytest.param(link(PROD), [link(DEV)], "fail", "(dev) too", id="a zone for both"),
        pytest.param(link(PROD), [link(DEV, "other")], "pass", "no network", id="zones apart"),
        pytest.param(link(PROD), [link(HUB)], "pass", "no network", id="a zone for the hub"),
        pytest.param(link(PROD), [link(DEV, answer=DENIED)], "unknown", "grant", id="a link that may not be seen"),
    ],
)
def test_endpoints(subject: Given, others: list[Given], outcome: str, because: str) -> None:
    """What an endpoint leads to, and who resolves the names of a zone."""
    found = verdict(ENDPOINTS, subject, *others, *estate(), empty=(DnsLink,))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    assert found.severity == ("low" if "too" in because else "high")


def test_where_things_belong_may_not_be_seen() -> None:
    """The hierarchy is asked of a subscription that is not read, and that it may not be seen is told."""
    found = verdict(PEERING, joint(PROD, HIDDEN), *estate()[:-1], tenant(DENIED), empty=KINDS)
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)

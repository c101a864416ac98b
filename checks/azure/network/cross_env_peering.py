"""No peering and no hub joins a production network with one that is not.

Peering is not transitive: through a hub, two of its networks meet if both take what it forwards, or use its gateway; that no route sends
them there yet is one route away from being so. A virtual WAN does not peer its networks: its route tables decide. A hub that joins both
classes must have an Azure Firewall whose policy lets neither through to the other. A network in a tenant or subscription that was not seen
is unknown.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.hub import CONNECTED, Guards, spokes, through_hub, through_wan
from controlmon.facts.azure.peering import Firewall, FirewallPolicy, Peering, VirtualHub
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.azure.vnet import VirtualNetwork
from controlmon.facts.base import Kind
from controlmon.facts.crossing import Crossing, crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"1": "prod", "2": "dev", "3": "shared"}}
NET = "/subscriptions/{}/resourcegroups/g/providers/microsoft.network/virtualnetworks/net"
HUB = NET.format(3)
PREFIXES = {"1": ("10.1.0.0/16",), "2": ("10.2.0.0/16",), "3": ("10.3.0.0/16",)}


def peering(one: str, other: str, *, forwarded: bool = True, state: str = CONNECTED) -> Peering:
    settings = {"remote": NET.format(other), "state": state, "forwarded": forwarded, "prefixes": PREFIXES[other]}
    return Peering.example(id=f"{NET.format(one)}/virtualnetworkpeerings/to-{other}", settings=settings)


def hub(*rules: dict[str, object], forwarded: bool = True, guarded: bool = False) -> Example:
    network = VirtualNetwork.example(id=HUB, settings={"prefixes": PREFIXES["3"]})
    peerings = [peering("3", n) for n in ("1", "2")] + [peering(n, "3", forwarded=forwarded) for n in ("1", "2")]
    guards = [Firewall.example(settings={"places": [HUB], "policy": "policy"})] if guarded else []
    return case(network, peerings, guards, [FirewallPolicy.example(id="policy", base="", rules=rules)])


def wan(known_in: str) -> Example:
    table = "/hub/hubroutetables/default"
    ends = [{"name": n, "network": NET.format(n), "table": table, "known_in": [known_in]} for n in ("1", "2")]
    return case(VirtualHub.example(id="/hub", settings={}, connections=ends, tables=[{"id": table}]))


def case(subject: Kind, peerings: list[Peering] = [], guards: list[Firewall] = [], policies: list[FirewallPolicy] = []) -> Example:  # noqa: B006
    hubs = [subject] if isinstance(subject, VirtualHub) else []
    networks = [subject] if isinstance(subject, VirtualNetwork) else []
    others = (Everywhere.of(*peerings), Everywhere.of(*networks), Everywhere.of(*hubs), Everywhere.of(*guards), Everywhere.of(*policies))
    some = [Subscription.example(id=f"/subscriptions/{n}", place={}, resource_groups={"g": {}}, tagged={}) for n in ("1", "2", "3")]
    return Example((subject, *others, Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={}))), MAP)


@check(
    title="No VNet peering or hub path joins production and non-production",
    severity="critical",
    reads=[
        *WHERE,
        Peering.settings,
        VirtualNetwork.settings,
        VirtualHub.settings,
        VirtualHub.connections,
        VirtualHub.tables,
        Firewall.settings,
        FirewallPolicy.base,
        FirewallPolicy.rules,
    ],
    remediation="Remove the peering or the connection, or deny the classes to each other in the policy of the hub's firewall.",
    proves="That no connected peering, no network that forwards and no hub of a virtual WAN joins the two classes past a firewall's "
    "network rules. Not VPNs and circuits between networks, application rules, appliances other than Azure Firewall, nor chains of hubs.",
    passes=[
        case(peering("1", "3")),
        hub(forwarded=False),
        hub(guarded=True),
        wan("/hub/hubroutetables/none"),
    ],
    fails=[
        case(peering("1", "2")),
        hub(),
        hub({"name": "all", "allows": True, "sources": ["10.0.0.0/8"], "destinations": ["0.0.0.0/0"]}, guarded=True),
        wan("/hub/hubroutetables/default"),
    ],
)
def judge(
    subject: Peering | VirtualNetwork | VirtualHub,
    peerings: Everywhere[Peering],
    networks: Everywhere[VirtualNetwork],
    hubs: Everywhere[VirtualHub],
    firewalls: Everywhere[Firewall],
    policies: Everywhere[FirewallPolicy],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    allowed_pairs: tuple[str, ...] = (),
) -> Verdict:
    estate, guards = Estate(subscriptions, tenants, environment_map, synonyms), Guards(firewalls, policies)
    if isinstance(subject, Peering):
        return of_peering(subject, estate, {pair.lower() for pair in allowed_pairs})
    if isinstance(subject, VirtualHub):
        return told(through_wan(subject, hubs, networks, guards, estate))
    found = spokes(subject, peerings, estate)
    if len(found) < 2:
        return not_applicable("it is no hub: not two networks are connected to it")
    return told(through_hub(subject, found, guards))


def of_peering(peering: Peering, estate: Estate, allowed: set[str]) -> Verdict:
    """A peering by itself: of which classes its two networks are."""
    settings, network = peering.settings, peering.network
    if settings.state != CONNECTED:
        return not_applicable(f"it is {settings.state}")
    if allowed & {peering.id, f"{network}+{settings.remote}", f"{settings.remote}+{network}"}:
        return passed("it is among the pairs that are allowed")
    own = estate.of(network)
    found = crossing(own, [estate.at(settings.remote)])
    if found.crossed:
        return failed(f"it joins {network} ({own.name}) with {found.crossed[0]}")
    return unknown(found.unsure) if found.unsure else passed(f"{network} is {own.name}, and {settings.remote} does not differ")


def told(found: Crossing) -> Verdict:
    """What a hub joins."""
    if found.crossed:
        return failed("; ".join(found.crossed))
    return unknown(found.unsure) if found.unsure else passed("no two networks of different classes meet through it")

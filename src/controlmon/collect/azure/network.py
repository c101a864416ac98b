"""Azure networks: security groups, virtual networks and what joins them, and the flow logs that their watchers keep."""

from collections.abc import Iterator

from controlmon.collect.azure import listing
from controlmon.collect.azure.operations import arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.azure.endpoint import DnsLink, PrivateEndpoint
from controlmon.facts.azure.nsg import SecurityGroup
from controlmon.facts.azure.peering import Firewall, FirewallPolicy, Peering, VirtualHub
from controlmon.facts.azure.vnet import FlowLog, NetworkWatcher, VirtualNetwork

network = Service("azure", "network")


@network.lists(SecurityGroup, resources("Microsoft.Network/networkSecurityGroups"), at=Place.ACCOUNT, gives=[SecurityGroup.rules])
def security_groups(ask: Ask) -> Iterator[Found]:
    """Every security group."""
    return listing.found(ask, SecurityGroup, SecurityGroup.rules)


@network.lists(
    (VirtualNetwork, Peering),
    resources("Microsoft.Network/virtualNetworks"),
    at=Place.ACCOUNT,
    gives=[VirtualNetwork.settings, Peering.settings],
)
def virtual_networks(ask: Ask) -> Iterator[Found]:
    """Every virtual network, and each of its peerings, which the graph shows in it."""
    for row in ask.items("data"):
        where = row.get("location") or ""
        yield Found(VirtualNetwork, row["id"].lower(), row["name"], where, answers={VirtualNetwork.settings: row})
        for one in row["properties"].get("virtualNetworkPeerings") or ():
            yield Found(Peering, one["id"].lower(), f"{row['name']}/{one['name']}", where, answers={Peering.settings: one})


@network.lists(NetworkWatcher, resources("Microsoft.Network/networkWatchers"), at=Place.ACCOUNT)
def watchers(ask: Ask) -> Iterator[Found]:
    """Every network watcher: one for each region, often in a resource group of its own."""
    for row in ask.items("data"):
        yield Found(NetworkWatcher, row["id"].lower(), row["name"], row.get("location") or "")


API = "2026-03-01"
FLOW_LOGS = arm("Microsoft.Network:FlowLogs_List", "{id}/flowLogs", API, "Microsoft.Network/networkWatchers/flowLogs/read")


@network.lists(FlowLog, FLOW_LOGS, at=Place.ACCOUNT, gives=[FlowLog.settings], under=NetworkWatcher)
def flow_logs(ask: Ask, watcher: Met) -> Iterator[Found]:
    """Every flow log of a watcher."""
    for one in ask.items("value", id=watcher.id):
        yield Found(FlowLog, one["id"].lower(), one["name"], one.get("location") or "", answers={FlowLog.settings: one})


@network.lists(PrivateEndpoint, resources("Microsoft.Network/privateEndpoints"), at=Place.ACCOUNT, gives=[PrivateEndpoint.settings])
def private_endpoints(ask: Ask) -> Iterator[Found]:
    """Every private endpoint."""
    return listing.found(ask, PrivateEndpoint, PrivateEndpoint.settings)


@network.lists(DnsLink, resources("Microsoft.Network/privateDnsZones/virtualNetworkLinks"), at=Place.ACCOUNT, gives=[DnsLink.network])
def dns_links(ask: Ask) -> Iterator[Found]:
    """Every link of a network to a private DNS zone."""
    return listing.found(ask, DnsLink, DnsLink.network)


@network.lists(Firewall, resources("Microsoft.Network/azureFirewalls"), at=Place.ACCOUNT, gives=[Firewall.settings])
def firewalls(ask: Ask) -> Iterator[Found]:
    """Every Azure Firewall."""
    return listing.found(ask, Firewall, Firewall.settings)


@network.lists(FirewallPolicy, resources("Microsoft.Network/firewallPolicies"), at=Place.ACCOUNT, gives=[FirewallPolicy.base])
def firewall_policies(ask: Ask) -> Iterator[Found]:
    """Every policy of Azure Firewalls."""
    return listing.found(ask, FirewallPolicy, FirewallPolicy.base)


@network.answers(
    FirewallPolicy.rules,
    arm(
        "Microsoft.Network:FirewallPolicyRuleCollectionGroups_List",
        "{id}/ruleCollectionGroups",
        API,
        "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
    ),
)
def firewall_rules(ask: Ask, policy: Met) -> Raw:
    """Its rules, in groups of collections."""
    return {"value": list(ask.items("value", id=policy.id))}


@network.lists(VirtualHub, resources("Microsoft.Network/virtualHubs"), at=Place.ACCOUNT, gives=[VirtualHub.settings])
def virtual_hubs(ask: Ask) -> Iterator[Found]:
    """Every hub of a virtual WAN."""
    return listing.found(ask, VirtualHub, VirtualHub.settings)


@network.answers(
    VirtualHub.connections,
    arm(
        "Microsoft.Network:HubVirtualNetworkConnections_List",
        "{id}/hubVirtualNetworkConnections",
        API,
        "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/read",
    ),
)
def hub_connections(ask: Ask, hub: Met) -> Raw:
    """The networks that are connected to it."""
    return {"value": list(ask.items("value", id=hub.id))}


@network.answers(
    VirtualHub.tables,
    arm("Microsoft.Network:HubRouteTables_List", "{id}/hubRouteTables", API, "Microsoft.Network/virtualHubs/hubRouteTables/read"),
)
def hub_tables(ask: Ask, hub: Met) -> Raw:
    """Its route tables."""
    return {"value": list(ask.items("value", id=hub.id))}

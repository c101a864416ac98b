"""Azure networks: security groups, virtual networks, and the flow logs that their watchers keep."""

from collections.abc import Iterator

from controlmon.collect.azure import listing
from controlmon.collect.azure.operations import arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.facts.azure.nsg import SecurityGroup
from controlmon.facts.azure.vnet import FlowLog, NetworkWatcher, VirtualNetwork

network = Service("azure", "network")


@network.lists(SecurityGroup, resources("Microsoft.Network/networkSecurityGroups"), at=Place.ACCOUNT, gives=[SecurityGroup.rules])
def security_groups(ask: Ask) -> Iterator[Found]:
    """Every security group."""
    return listing.found(ask, SecurityGroup, SecurityGroup.rules)


@network.lists(VirtualNetwork, resources("Microsoft.Network/virtualNetworks"), at=Place.ACCOUNT, gives=[VirtualNetwork.settings])
def virtual_networks(ask: Ask) -> Iterator[Found]:
    """Every virtual network."""
    return listing.found(ask, VirtualNetwork, VirtualNetwork.settings)


@network.lists(NetworkWatcher, resources("Microsoft.Network/networkWatchers"), at=Place.ACCOUNT)
def watchers(ask: Ask) -> Iterator[Found]:
    """Every network watcher: one for each region, often in a resource group of its own."""
    for row in ask.items("data"):
        yield Found(NetworkWatcher, row["id"].lower(), row["name"], row.get("location") or "")


FLOW_LOGS = arm("Microsoft.Network:FlowLogs_List", "{id}/flowLogs", "2026-03-01", "Microsoft.Network/networkWatchers/flowLogs/read")


@network.lists(FlowLog, FLOW_LOGS, at=Place.ACCOUNT, gives=[FlowLog.settings], under=NetworkWatcher)
def flow_logs(ask: Ask, watcher: Met) -> Iterator[Found]:
    """Every flow log of a watcher."""
    for one in ask.items("value", id=watcher.id):
        yield Found(FlowLog, one["id"].lower(), one["name"], one.get("location") or "", answers={FlowLog.settings: one})

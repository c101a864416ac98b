"""What joins environments in Azure, for its double: peerings, hubs, firewalls, endpoints, copies and keys."""

from typing import Any

from .azure import AzureTwin


def environments(twin: AzureTwin, production: str, testing: str, hidden: str) -> None:
    """Two branches of management groups, and what joins the two subscriptions in them: some of it as it should be, some not."""
    twin.place("mg-prod", "Production", production)
    twin.place("mg-test", "Test", testing)
    prod, test = (f"/subscriptions/{number}/resourceGroups/artemis/providers" for number in (production, testing))
    nets = {
        number: f"/subscriptions/{number}/resourceGroups/artemis/providers/Microsoft.Network/virtualNetworks/net"
        for number in (production, testing)
    }
    hub = twin.add(production, "Microsoft.Network/virtualNetworks", "hub", addressSpace={"addressPrefixes": ["10.3.0.0/16"]}, subnets=[])
    for one in twin.resources:
        if one["id"] in (*nets.values(), hub):
            one["tags"] = {"ENV": "Prod" if production in one["id"] else "Test"}
            there = [hub] if one["id"] in nets.values() else [*nets.values(), nets[production].replace(production, hidden)]
            one["properties"]["virtualNetworkPeerings"] = [peering(one["id"], other) for other in there]
    policy = twin.add(production, "Microsoft.Network/firewallPolicies", "guards")
    allowed = {
        "ruleType": "NetworkRule",
        "name": "dns",
        "ipProtocols": ["UDP"],
        "sourceAddresses": ["10.1.0.0/16"],
        "destinationPorts": ["53"],
    }
    rules = [{**allowed, "destinationAddresses": ["10.9.0.0/16"], "sourceIpGroups": [], "destinationIpGroups": []}]
    twin.answer(f"{policy}/ruleCollectionGroups", [rule_group("base", 100, ("Allow", rules))])
    where = [{"name": "a", "properties": {"subnet": {"id": f"{hub}/subnets/AzureFirewallSubnet"}}}]
    twin.add(production, "Microsoft.Network/azureFirewalls", "guard", ipConfigurations=where, firewallPolicy={"id": policy})
    wan = twin.add(production, "Microsoft.Network/virtualHubs", "wan-hub", virtualWan={"id": f"{prod}/Microsoft.Network/virtualWans/wan"})
    twin.answer(f"{wan}/hubRouteTables", [route_table(wan, "defaultRouteTable", "default")])
    twin.answer(f"{wan}/hubVirtualNetworkConnections", [connection(wan, number[0], net, "default") for number, net in nets.items()])
    lost = f"/subscriptions/{hidden}/resourceGroups/artemis/providers/Microsoft.Storage/storageAccounts/ghostly"
    vault, account = f"{prod}/Microsoft.KeyVault/vaults/artemis-kv", f"{prod}/Microsoft.Storage/storageAccounts/artemisdata"
    twin.add(testing, "Microsoft.Network/privateEndpoints", "to-data", **endpoint(f"{nets[testing]}/subnets/a", account))
    twin.add(production, "Microsoft.Network/privateEndpoints", "to-ghost", **endpoint(f"{nets[production]}/subnets/a", lost))
    zone = f"{prod}/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"
    for number, net in nets.items():
        twin.add(production, "Microsoft.Network/privateDnsZones/virtualNetworkLinks", number[0], parent=zone, virtualNetwork={"id": net})
    theirs = f"{test}/Microsoft.Storage/storageAccounts/artemistest"
    for one, other in ((account, theirs), (theirs, lost)):
        copied = {"policyId": "p", "sourceAccount": one, "destinationAccount": other, "rules": []}
        twin.answer(f"{one}/objectReplicationPolicies", [{"name": "p", "properties": copied}])
    shut = {"allowCrossTenantReplication": False, "allowedCopyScope": "AAD", "creationTime": "2026-01-05T09:30:11.1234567Z"}
    for one in twin.resources:
        if one["id"] in (account, theirs):
            one["properties"] |= shut
        if one["id"] == vault:
            one["properties"]["vaultUri"] = "https://artemis-kv.vault.azure.net/"
        if one["type"] in ("Microsoft.Compute/disks", "Microsoft.Compute/snapshots"):
            one["properties"]["creationData"] = {"createOption": "Copy", "sourceResourceId": f"{prod}/Microsoft.Compute/disks/gone"}
    image = f"{prod}/Microsoft.Compute/galleries/golden/images/base"
    made = {"source": None, "osDiskImage": {"source": {"id": f"{prod}/Microsoft.Compute/snapshots/gone"}}}
    twin.add(production, "Microsoft.Compute/galleries/images/versions", "1.0.0", parent=image, storageProfile=made)
    key = {"sourceVault": {"id": vault}, "keyUrl": "https://artemis-kv.vault.azure.net/keys/disks/1"}
    twin.add(testing, "Microsoft.Compute/diskEncryptionSets", "borrowed", activeKey=key)


def peering(one: str, other: str, *, state: str = "Connected", forwarded: bool = True, gateway: bool = False) -> dict[str, Any]:
    """One side of a peering, as the graph shows it in its network."""
    name = f"to-{other.split('/')[2][0]}-{other.rpartition('/')[2]}"
    flags = {
        "allowVirtualNetworkAccess": True,
        "allowForwardedTraffic": forwarded,
        "allowGatewayTransit": False,
        "useRemoteGateways": gateway,
    }
    space = {"addressPrefixes": [f"10.{ {'a': 1, 'b': 2}.get(other.split('/')[2][0], 3) }.0.0/16"]}
    set_ = {"peeringState": state, "remoteVirtualNetwork": {"id": other}, "remoteAddressSpace": space, **flags}
    return {"id": f"{one}/virtualNetworkPeerings/{name}", "name": name, "properties": set_}


def rule_group(name: str, priority: int, *collections: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A group of a firewall policy's rules, as FirewallPolicyRuleCollectionGroups_List shows it."""
    kind = "FirewallPolicyFilterRuleCollection"
    made = [
        {"ruleCollectionType": kind, "name": f"{name}{n}", "priority": 100 + n, "action": {"type": action}, "rules": rules}
        for n, (action, rules) in enumerate(collections)
    ]
    return {"name": name, "properties": {"priority": priority, "ruleCollections": made, "provisioningState": "Succeeded"}}


def route_table(hub: str, name: str, *labels: str, routes: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A route table of a hub, as HubRouteTables_List shows it."""
    return {"id": f"{hub}/hubRouteTables/{name}", "name": name, "properties": {"labels": list(labels), "routes": list(routes)}}


def connection(hub: str, name: str, net: str, *labels: str) -> dict[str, Any]:
    """A network's connection to a hub, as HubVirtualNetworkConnections_List shows it."""
    table = {"id": f"{hub}/hubRouteTables/defaultRouteTable"}
    routing = {"associatedRouteTable": table, "propagatedRouteTables": {"labels": list(labels), "ids": []}}
    return {
        "id": f"{hub}/hubVirtualNetworkConnections/{name}",
        "name": name,
        "properties": {"remoteVirtualNetwork": {"id": net}, "routingConfiguration": routing},
    }


def endpoint(subnet: str, resource: str, *, state: str = "Approved", by_hand: bool = False) -> dict[str, Any]:
    """The properties of a private endpoint, as the graph shows it."""
    linked = [
        {
            "name": "c",
            "properties": {"privateLinkServiceId": resource, "groupIds": ["blob"], "privateLinkServiceConnectionState": {"status": state}},
        }
    ]
    lists = {"privateLinkServiceConnections": [] if by_hand else linked, "manualPrivateLinkServiceConnections": linked if by_hand else []}
    return {"subnet": {"id": subnet}, **lists}

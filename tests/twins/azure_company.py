"""A small company in Azure, with a reason for every question: some of it as it should be, some not."""

from typing import Any

from .azure import AzureTwin
from .azure_joins import environments

PROD, TEST = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
GHOST = "cccccccc-0000-4000-8000-000000000003"
HUB = {
    "eventHubAuthorizationRuleId": f"/subscriptions/{PROD}/resourceGroups/logs/providers/Microsoft.EventHub/namespaces/datadog/authorizationRules/send"
}


def fill(twin: AzureTwin) -> None:
    """Two subscriptions that are seen, one that is not, and what runs in them."""
    twin.subscribe(PROD, "production", environment="production", owner="platform")
    twin.subscribe(TEST, "test")
    twin.hide(GHOST, "ghost")
    storage(twin)
    network(twin)
    databases(twin)
    others(twin)
    logs(twin)
    people(twin)
    environments(twin, PROD, TEST, GHOST)


def storage(twin: AzureTwin) -> None:
    """One account that is as it should be, and one that is not."""
    good = {"supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": False}
    shut = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "virtualNetworkRules": [], "resourceAccessRules": []}
    twin.add(PROD, "Microsoft.Storage/storageAccounts", "artemisdata", **good, networkAcls=shut, publicNetworkAccess="Enabled")
    bad = {"supportsHttpsTrafficOnly": False, "networkAcls": {**shut, "defaultAction": "Allow"}}
    account = twin.add(TEST, "Microsoft.Storage/storageAccounts", "artemistest", **bad)
    twin.answer(f"{account}/blobServices/default/containers", [container("$web"), container("files", "Blob"), container("own")])


def container(name: str, access: str = "None") -> dict[str, Any]:
    """A blob container, as BlobContainers_List shows it."""
    kept = {"leaseStatus": "Unlocked", "leaseState": "Available", "hasImmutabilityPolicy": False, "hasLegalHold": False}
    moving = {"lastModified": "2026-11-20T10:01:28.0000000Z"}
    return {"name": name, "etag": '"0x8D6"', "properties": {"publicAccess": access, **kept, **moving}}


def network(twin: AzureTwin) -> None:
    """A network with a flow log, one without, and security groups for both."""
    for number, sources in ((PROD, "10.0.0.0/8"), (TEST, "*")):
        subnet = f"/subscriptions/{number}/resourceGroups/artemis/providers/Microsoft.Network/virtualNetworks/net/subnets/a"
        group = twin.add(
            number,
            "Microsoft.Network/networkSecurityGroups",
            "guard",
            securityRules=[nsg_rule("ssh", 100, "22", sources)],
            defaultSecurityRules=default_rules(),
            subnets=[{"id": subnet}],
        )
        made = {"addressPrefix": "10.1.0.0/24", "networkSecurityGroup": {"id": group}, "ipConfigurations": []}
        space = {"addressPrefixes": ["10.1.0.0/16"]}
        twin.add(
            number,
            "Microsoft.Network/virtualNetworks",
            "net",
            addressSpace=space,
            subnets=[{"id": subnet, "name": "a", "properties": made}],
            rest={"tags": {"Environment": "production"}},
        )
    watcher = twin.add(PROD, "Microsoft.Network/networkWatchers", "watcher")
    net = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.Network/virtualNetworks/net"
    twin.answer(f"{watcher}/flowLogs", [flow_log(watcher, "one", net)])


def flow_log(watcher: str, name: str, target: str, *, enabled: bool = True, days: int = 0, limited: bool = False) -> dict[str, Any]:
    """A flow log, as FlowLogs_List shows it."""
    set_ = {"provisioningState": "Succeeded", "targetResourceId": target, "storageId": "/subscriptions/x/storage", "enabled": enabled}
    kept = {"retentionPolicy": {"days": days, "enabled": limited}, "format": {"type": "JSON", "version": 2}}
    return {"name": name, "id": f"{watcher}/flowLogs/{name}", "location": "westeurope", "properties": {**set_, **kept}}


def nsg_rule(name: str, priority: int, port: str, source: str, **more: Any) -> dict[str, Any]:
    """An inbound rule of a security group, as the graph shows it."""
    set_ = {"priority": priority, "access": "Allow", "direction": "Inbound", "protocol": "Tcp", "provisioningState": "Succeeded"}
    where = {"sourcePortRange": "*", "destinationPortRange": port, "sourceAddressPrefix": source, "destinationAddressPrefix": "*"}
    lists: dict[str, Any] = {f"{one}s" if one.endswith("Range") else f"{one}es": [] for one in where}
    return {"name": name, "id": f"/rules/{name}", "properties": {**set_, **where, **lists, **more}}


def default_rules() -> list[dict[str, Any]]:
    """The rules that Azure gives to every security group."""
    return [
        nsg_rule("AllowVnetInBound", 65000, "*", "VirtualNetwork", destinationAddressPrefix="VirtualNetwork", protocol="*"),
        nsg_rule("AllowAzureLoadBalancerInBound", 65001, "*", "AzureLoadBalancer", protocol="*"),
        nsg_rule("DenyAllInBound", 65500, "*", "*", access="Deny", protocol="*"),
        nsg_rule("AllowInternetOutBound", 65001, "*", "*", direction="Outbound", destinationAddressPrefix="Internet", protocol="*"),
    ]


def databases(twin: AzureTwin) -> None:
    """A SQL server and a PostgreSQL server in each subscription."""
    for number, good in ((PROD, True), (TEST, False)):
        server = twin.add(
            number,
            "Microsoft.Sql/servers",
            "artemis-sql",
            version="12.0",
            minimalTlsVersion="1.2" if good else "None",
            publicNetworkAccess="Enabled",
        )
        span = ("203.0.113.0", "203.0.113.15") if good else ("0.0.0.0", "255.255.255.255")
        twin.answer(f"{server}/firewallRules", [{"name": "office", "properties": {"startIpAddress": span[0], "endIpAddress": span[1]}}])
        six = {"startIPv6Address": "2001:db8::1", "endIPv6Address": "2001:db8::ff"}
        twin.answer(f"{server}/ipv6FirewallRules", [{"name": "office6", "properties": six}])
        managed = {"serverKeyName": "ServiceManaged", "serverKeyType": "ServiceManaged", "autoRotationEnabled": False}
        twin.answer(f"{server}/encryptionProtector", [{"name": "current", "kind": "servicemanaged", "properties": managed}])
        twin.answer(f"{server}/auditingSettings", [auditing("Enabled" if good else "Disabled")])
        setting = {**HUB, "logs": [{"category": "SQLSecurityAuditEvents", "enabled": True}]}
        twin.answer(
            f"{server}/databases/master/providers/Microsoft.Insights/diagnosticSettings", [{"name": "audit", "properties": setting}]
        )
        for name, kind in (("master", "v12.0,system"), ("orders", "v12.0,user")):
            database = twin.add(
                number,
                "Microsoft.Sql/servers/databases",
                name,
                parent=server,
                rest={"kind": kind},
                status="Online",
                requestedBackupStorageRedundancy="Geo",
                earliestRestoreDate="2026-11-10T00:00:00Z",
            )
            tde = {"name": "current", "properties": {"state": "Enabled" if good else "Disabled"}}
            twin.answer(f"{database}/transparentDataEncryption", [tde])
            kept = {"name": "default", "properties": {"retentionDays": 14 if good else 1, "diffBackupIntervalInHours": 24}}
            twin.answer(f"{database}/backupShortTermRetentionPolicies", [kept])
        postgres = twin.add(number, "Microsoft.DBforPostgreSQL/flexibleServers", "artemis-pg", version="16", state="Ready")
        values = {"require_secure_transport": "on" if good else "off", "ssl_min_protocol_version": "TLSv1.2", "work_mem": "4096"}
        twin.answer(f"{postgres}/configurations", [configuration(name, value) for name, value in values.items()])


def auditing(state: str, **more: Any) -> dict[str, Any]:
    """The audit of a SQL server, as ServerBlobAuditingPolicies_ListByServer shows it."""
    empty = {"storageEndpoint": "", "storageAccountSubscriptionId": "00000000-0000-0000-0000-000000000000", "retentionDays": 0}
    return {"name": "Default", "properties": {"state": state, **empty, "isAzureMonitorTargetEnabled": True, **more}}


def configuration(name: str, value: str, *, pending: Any = False) -> dict[str, Any]:
    """A parameter of a PostgreSQL server, as Configurations_ListByServer shows it."""
    told = {"description": "...", "defaultValue": value, "dataType": "Enumeration", "source": "system-default"}
    return {"name": name, "properties": {"value": value, **told, "isDynamicConfig": True, "isConfigPendingRestart": pending}}


def others(twin: AzureTwin) -> None:
    """Vaults, disks, AI accounts, and what Defender watches."""
    shut = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}], "virtualNetworkRules": []}
    common = {"tenantId": "72f988bf-86f1-41af-91ab-2d7cd011db47", "enableRbacAuthorization": True, "accessPolicies": []}
    twin.add(PROD, "Microsoft.KeyVault/vaults", "artemis-kv", **common, enablePurgeProtection=True, networkAcls=shut)
    twin.add(TEST, "Microsoft.KeyVault/vaults", "artemis-kv-test", **common, enableSoftDelete=True, publicNetworkAccess="Enabled")
    policies = [{"tenantId": "t", "objectId": who, "permissions": {"secrets": ["get"], "keys": []}} for who in ("ops", "app", "gone")]
    old = {**common, "enableRbacAuthorization": False, "accessPolicies": policies, "enablePurgeProtection": True}
    twin.add(PROD, "Microsoft.KeyVault/vaults", "artemis-old", **old, networkAcls=shut)
    key = {"encryption": {"type": "EncryptionAtRestWithPlatformKey"}}
    twin.add(
        PROD, "Microsoft.Compute/disks", "os", **key, networkAccessPolicy="DenyAll", publicNetworkAccess="Disabled", diskState="Attached"
    )
    twin.add(TEST, "Microsoft.Compute/snapshots", "copy", **key, networkAccessPolicy="AllowAll", publicNetworkAccess="Enabled")
    for number, off in ((PROD, True), (TEST, False)):
        capabilities = [{"name": "CustomerManagedKey"}, *([{"name": "ContentLogging", "value": "false"}] if off else [])]
        ai = twin.add(number, "Microsoft.CognitiveServices/accounts", "artemis-ai", rest={"kind": "OpenAI"}, capabilities=capabilities)
        twin.answer(f"{ai}/deployments", [deployment("gpt", "OpenAI"), *([] if off else [deployment("claude", "Anthropic")])])
    for number, tier in ((PROD, "Standard"), (TEST, "Free")):
        names = ("VirtualMachines", "SqlServers", "StorageAccounts", "KeyVaults", "Arm", "OpenSourceRelationalDatabases", "AI", "Dns")
        twin.answer(f"/subscriptions/{number}/providers/Microsoft.Security/pricings", [plan(name, tier) for name in names])


def deployment(name: str, format_: str) -> dict[str, Any]:
    """A deployed model, as Deployments_List shows it."""
    model = {"format": format_, "name": f"{name}-5", "version": "1"}
    id_ = f"/deployments/{name}"
    return {
        "id": id_,
        "name": name,
        "sku": {"name": "Standard", "capacity": 1},
        "properties": {"model": model, "provisioningState": "Succeeded"},
    }


def plan(name: str, tier: str, **more: Any) -> dict[str, Any]:
    """A Defender plan, as Pricings_List shows it."""
    set_ = {"pricingTier": tier, "freeTrialRemainingTime": "PT0S", "resourcesCoverageStatus": "FullyCovered", **more}
    return {"name": name, "type": "Microsoft.Security/pricings", "properties": set_}


def logs(twin: AzureTwin) -> None:
    """Production sends its logs on; the other does not."""
    activity = {**HUB, "logs": [{"categoryGroup": "allLogs", "enabled": True}]}
    twin.answer(f"/subscriptions/{PROD}/providers/Microsoft.Insights/diagnosticSettings", [{"name": "a", "properties": activity}])
    for one in twin.resources:
        place = f"{one['id']}/blobServices/default" if one["type"] == "Microsoft.Storage/storageAccounts" else one["id"]
        found = {"Microsoft.KeyVault/vaults": "AuditEvent", "Microsoft.Storage/storageAccounts": "StorageRead"}.get(one["type"])
        if found and f"/{PROD}/" in one["id"]:
            setting = {**HUB, "logs": [{"category": None, "categoryGroup": "audit", "enabled": True}]}
            twin.answer(f"{place}/providers/Microsoft.Insights/diagnosticSettings", [{"name": "s", "properties": setting}])
            more = ("StorageWrite", "StorageDelete") if found == "StorageRead" else ("AzurePolicyEvaluationDetails",)
            categories = [category(name, "audit", "allLogs") for name in (found, *more)]
            twin.answer(
                f"{place}/providers/Microsoft.Insights/diagnosticSettingsCategories", [*categories, category("AllMetrics", type_="Metrics")]
            )


def category(name: str, *groups: str, type_: str = "Logs") -> dict[str, Any]:
    """A category, as DiagnosticSettingsCategory_List shows it."""
    return {
        "name": name,
        "type": "microsoft.insights/diagnosticSettingsCategories",
        "properties": {"categoryType": type_, "categoryGroups": list(groups)},
    }


OWNER, READER, VAULT_USER = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "4633458b-17de-408a-b874-0445c86b69e6",
)
ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"


def people(twin: AzureTwin) -> None:
    """Who may do what: a group of owners of production, somebody who is gone, somebody who is disabled, and an application."""
    for id_, name in (("ann", "ann"), ("bob", "bob"), ("cy", "cy"), ("dee", "dee")):
        twin.know(id_, "user", name, enabled=name != "dee")
    twin.know("ops", "group", "ops", enabled=None)
    twin.know("app", "servicePrincipal", "app")
    twin.know("robot", "servicePrincipal", "robot")
    twin.members["ops"] = ["ann", "bob", "app"]
    allowed = {OWNER: ["*"], READER: ["*/read"], ADMINISTRATOR: ["*/read", "Microsoft.Authorization/*"], VAULT_USER: []}
    for role, actions in allowed.items():
        data = ["Microsoft.KeyVault/vaults/secrets/getSecret/action"] if role == VAULT_USER else []
        one = {"actions": actions, "notActions": [], "dataActions": data, "notDataActions": []}
        set_ = {"roleName": role, "type": "BuiltInRole", "permissions": [one], "assignableScopes": ["/"]}
        twin.answer(f"/providers/Microsoft.Authorization/roleDefinitions/{role}", {"name": role, "properties": set_})
    root = [assigned(READER, "app", "ServicePrincipal", "/"), assigned(ADMINISTRATOR, "cy", "User", "/")]
    twin.answer("/providers/Microsoft.Authorization/roleAssignments", root)
    for number in (PROD, TEST):
        here = f"/subscriptions/{number}"
        some = [assigned(OWNER, "ops", "Group", here), assigned(READER, "dee", "User", here), assigned(READER, "gone", "User", here)]
        vault = assigned(VAULT_USER, "bob", "User", f"{here}/resourceGroups/artemis/providers/Microsoft.KeyVault/vaults/artemis-kv")
        twin.answer(
            f"{here}/providers/Microsoft.Authorization/roleAssignments",
            [*root, *some, vault, assigned(OWNER, "robot", "ServicePrincipal", here)],
        )
        eligible = assigned(OWNER, "cy", "User", here)
        twin.answer(f"{here}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances", [eligible])


def assigned(role: str, principal: str, type_: str, scope: str, **more: Any) -> dict[str, Any]:
    """A role assignment, as RoleAssignments_ListForSubscription shows it."""
    under = "" if scope == "/" else scope.partition("/resourceGroups")[0]
    definition = (
        f"{under}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        if under
        else f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    )
    name = f"{principal}-{role[:4]}"
    set_ = {"roleDefinitionId": definition, "principalId": principal, "principalType": type_, "scope": scope, "condition": None, **more}
    return {"id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{name}", "name": name, "properties": set_}

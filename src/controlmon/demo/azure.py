"""What the small company runs in Azure: a subscription for production, mostly good, and one for staging, mostly not."""

from datetime import timedelta
from typing import Any

from controlmon_twins.azure import OBJECT, TENANT
from controlmon_twins.azure_company import (
    auditing,
    category,
    configuration,
    container,
    default_rules,
    deployment,
    flow_log,
    nsg_rule,
    plan,
)
from controlmon_twins.microsoft import MicrosoftTwin

from controlmon.demo.people import BEN, JANE, LENA, MARIA, PEOPLE, RAVI, TOM, now, object_id

PROD, STAGING = "3f0b6f52-0000-4000-8000-00000000a001", "3f0b6f52-0000-4000-8000-00000000a002"
READER_APP, ADMINS = OBJECT, object_id("platform-admins")
ROLES: dict[str, tuple[str, list[str], list[str]]] = {  # Azure's own: name, actions, actions on data
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": ("Owner", ["*"], []),
    "b24988ac-6180-42a0-ab88-20f7382dd24c": ("Contributor", ["*"], []),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": ("Reader", ["*/read"], []),
    "4633458b-17de-408a-b874-0445c86b69e6": ("Key Vault Secrets User", [], ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
}
OWNER, CONTRIBUTOR, READER, SECRETS_USER = ROLES
HUB = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.EventHub/namespaces/datadog/authorizationRules/send"
SHUT = {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}], "virtualNetworkRules": []}
PLATFORM_KEY = {"encryption": {"type": "EncryptionAtRestWithPlatformKey"}}


def fill(twin: MicrosoftTwin) -> None:
    """Two subscriptions under management groups, what is in them, and who may do what."""
    twin.subscribe(PROD, "artemis-production", environment="production", owner=RAVI.email)
    twin.subscribe(STAGING, "artemis-staging", environment="staging", owner=TOM.email)
    groups = "/providers/Microsoft.Management/managementGroups"
    twin.answer(f"{groups}/{TENANT}/descendants", [*_group("production", PROD), *_group("staging", STAGING)])
    for number in (PROD, STAGING):
        good = number == PROD
        _storage(twin, number, good=good)
        _network(twin, number, good=good)
        _sql(twin, number, good=good)
        _postgres(twin, number, good=good)
        _vaults(twin, number, good=good)
        _disks(twin, number, good=good)
        _models(twin, number, good=good)
        plans = ("StorageAccounts", "SqlServers", "KeyVaults", "OpenSourceRelationalDatabases", "AI", "Arm")
        twin.answer(_at(number, "Security/pricings"), [plan(name, "Standard" if good else "Free") for name in plans])
    twin.answer(_at(PROD, "Insights/diagnosticSettings"), [_sends("activity-log", "allLogs")])
    _people(twin)


def _at(number: str, rest: str) -> str:
    return f"/subscriptions/{number}/providers/Microsoft.{rest}"


def _group(name: str, number: str) -> list[dict[str, Any]]:
    """A management group under the root, and its subscription."""
    kind, places = "Microsoft.Management/managementGroups", "/providers/Microsoft.Management/managementGroups"
    group, root = f"{places}/artemis-{name}", f"{places}/{TENANT}"
    shown = {"displayName": name, "parent": {"id": root}}, {"displayName": f"artemis-{name}", "parent": {"id": group}}
    return [
        {"id": group, "type": kind, "name": f"artemis-{name}", "properties": shown[0]},
        {"id": f"/subscriptions/{number}", "type": f"{kind}/subscriptions", "name": number, "properties": shown[1]},
    ]


def _sends(name: str, group: str) -> dict[str, Any]:
    logs = [{"category": None, "categoryGroup": group, "enabled": True}]
    return {"name": name, "properties": {"eventHubAuthorizationRuleId": HUB, "logs": logs}}


def _logged(twin: MicrosoftTwin, place: str, *names: str) -> None:
    """The audit logs of a resource go to the hub that feeds Datadog."""
    twin.answer(f"{place}/providers/Microsoft.Insights/diagnosticSettings", [_sends("datadog", "allLogs")])
    twin.answer(
        f"{place}/providers/Microsoft.Insights/diagnosticSettingsCategories", [category(name, "audit", "allLogs") for name in names]
    )


def _storage(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    kind, shut = "Microsoft.Storage/storageAccounts", {**SHUT, "resourceAccessRules": []}
    safe = {"supportsHttpsTrafficOnly": True, "allowBlobPublicAccess": False, "networkAcls": shut, "publicNetworkAccess": "Enabled"}
    if good:
        for name, version in (("artemisproddocs", "TLS1_2"), ("artemisprodexports", "TLS1_0")):
            account = twin.add(number, kind, name, **safe, minimumTlsVersion=version)
            _logged(twin, f"{account}/blobServices/default", "StorageRead", "StorageWrite", "StorageDelete")
        return
    loose = {"supportsHttpsTrafficOnly": False, "networkAcls": {**shut, "defaultAction": "Allow"}}
    account = twin.add(number, kind, "artemisstaging", **loose)
    twin.answer(f"{account}/blobServices/default/containers", [container("uploads"), container("website", "Blob")])


def _network(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    """A network and its security group; in production another one too, which was forgotten."""
    named = "prod" if good else "staging"
    opens = [("https", "443", "*"), ("ssh", "22", "203.0.113.0/24")]
    if not good:
        opens = [("https", "443", "*"), ("ssh", "22", "*"), ("rdp", "3389", "*"), ("postgres", "5432", "*")]
    rules = [nsg_rule(name, 100 + i, port, source) for i, (name, port, source) in enumerate(opens)]
    networks = [_vnet(twin, number, f"artemis-{named}", "10.40" if good else "10.60", rules)]
    if good:
        _vnet(twin, number, "artemis-prod-batch", "10.41", rules[:1])
        watcher = twin.add(number, "Microsoft.Network/networkWatchers", "watcher")
        twin.answer(f"{watcher}/flowLogs", [flow_log(watcher, "prod", networks[0])])


def _vnet(twin: MicrosoftTwin, number: str, name: str, block: str, rules: list[dict[str, Any]]) -> str:
    id_ = f"/subscriptions/{number}/resourceGroups/artemis/providers/Microsoft.Network/virtualNetworks/{name}"
    subnet = f"{id_}/subnets/apps"
    attached = {"securityRules": rules, "defaultSecurityRules": default_rules(), "subnets": [{"id": subnet}]}
    group = twin.add(number, "Microsoft.Network/networkSecurityGroups", f"{name}-apps", **attached)
    shown = {"addressPrefix": f"{block}.1.0/24", "networkSecurityGroup": {"id": group}, "ipConfigurations": []}
    subnets = [{"id": subnet, "name": "apps", "properties": shown}]
    made: str = twin.add(
        number, "Microsoft.Network/virtualNetworks", name, addressSpace={"addressPrefixes": [f"{block}.0.0/16"]}, subnets=subnets
    )
    return made


def _sql(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    """A server with its master and one database of the company's."""
    name = "artemis-prod-sql" if good else "artemis-staging-sql"
    settings = {"version": "12.0", "minimalTlsVersion": "1.2" if good else "None", "publicNetworkAccess": "Enabled"}
    server = twin.add(number, "Microsoft.Sql/servers", name, **settings)
    first, last = ("203.0.113.0", "203.0.113.15") if good else ("0.0.0.0", "255.255.255.255")  # noqa: S104 - a rule of a firewall
    twin.answer(f"{server}/firewallRules", [{"name": "office", "properties": {"startIpAddress": first, "endIpAddress": last}}])
    managed = {"serverKeyName": "ServiceManaged", "serverKeyType": "ServiceManaged", "autoRotationEnabled": False}
    twin.answer(f"{server}/encryptionProtector", [{"name": "current", "kind": "servicemanaged", "properties": managed}])
    twin.answer(f"{server}/auditingSettings", [auditing("Enabled" if good else "Disabled")])
    master = f"{server}/databases/master/providers/Microsoft.Insights/diagnosticSettings"
    audit = {"eventHubAuthorizationRuleId": HUB, "logs": [{"category": "SQLSecurityAuditEvents", "enabled": True}]}
    twin.answer(master, [{"name": "audit", "properties": audit}] if good else [])
    since = (now() - timedelta(days=14 if good else 1)).isoformat(timespec="seconds").replace("+00:00", "Z")
    for database, kind in (("master", "v12.0,system"), ("orders", "v12.0,user")):
        shown = {"status": "Online", "requestedBackupStorageRedundancy": "Geo", "earliestRestoreDate": since}
        id_ = twin.add(number, "Microsoft.Sql/servers/databases", database, parent=server, rest={"kind": kind}, **shown)
        state = "Enabled" if good or database == "master" else "Disabled"
        twin.answer(f"{id_}/transparentDataEncryption", [{"name": "current", "properties": {"state": state}}])
        kept = {"retentionDays": 14 if good else 1, "diffBackupIntervalInHours": 24}
        twin.answer(f"{id_}/backupShortTermRetentionPolicies", [{"name": "default", "properties": kept}])
        if good and database == "orders":
            _logged(twin, id_, "SQLSecurityAuditEvents")


def _postgres(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    name = "artemis-prod-pg" if good else "artemis-staging-pg"
    server = twin.add(number, "Microsoft.DBforPostgreSQL/flexibleServers", name, version="16", state="Ready")
    values = {"require_secure_transport": "on" if good else "off", "ssl_min_protocol_version": "TLSv1.2"}
    twin.answer(f"{server}/configurations", [configuration(key, value) for key, value in values.items()])


def _vaults(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    """Production keeps its keys apart from its secrets; staging has one vault, open and not to be recovered."""
    common = {"tenantId": TENANT, "enableRbacAuthorization": True, "accessPolicies": [], "enableSoftDelete": True}
    if not good:
        twin.add(number, "Microsoft.KeyVault/vaults", "artemis-staging-kv", **common, publicNetworkAccess="Enabled")
        return
    for name in ("artemis-prod-keys", "artemis-prod-kv"):
        vault = twin.add(number, "Microsoft.KeyVault/vaults", name, **common, enablePurgeProtection=True, networkAcls=SHUT)
        _logged(twin, vault, "AuditEvent", "AzurePolicyEvaluationDetails")


def _disks(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    if good:
        shut = {
            "networkAccessPolicy": "DenyAll",
            "publicNetworkAccess": "Disabled",
            "diskState": "Attached",
            "creationData": {"createOption": "Empty"},
        }
        twin.add(number, "Microsoft.Compute/disks", "artemis-prod-api-1", **PLATFORM_KEY, **shut)
        return
    disk = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.Compute/disks/artemis-prod-api-1"
    source = {"creationData": {"createOption": "Copy", "sourceResourceId": disk}}  # somebody looked for a bug with production's data
    loose = {"networkAccessPolicy": "AllowAll", "publicNetworkAccess": "Enabled", "diskState": "Unattached", **source}
    twin.add(number, "Microsoft.Compute/snapshots", "artemis-staging-jumpbox", **PLATFORM_KEY, **loose)


def _models(twin: MicrosoftTwin, number: str, *, good: bool) -> None:
    """Microsoft keeps no prompts, in both; staging tries a model of somebody else's, which is declared."""
    name = "artemis-prod-ai" if good else "artemis-staging-ai"
    capabilities = [{"name": "CustomerManagedKey"}, {"name": "ContentLogging", "value": "false"}]
    doors: dict[str, Any] = {"disableLocalAuth": good, "publicNetworkAccess": "Enabled", "networkAcls": SHUT if good else None}
    account = twin.add(number, "Microsoft.CognitiveServices/accounts", name, rest={"kind": "OpenAI"}, capabilities=capabilities, **doors)
    twin.answer(f"{account}/deployments", [deployment("gpt", "OpenAI"), *([] if good else [deployment("mistral", "Mistral AI")])])
    if good:
        _logged(twin, account, "Audit", "RequestResponse")


def _people(twin: MicrosoftTwin) -> None:
    """Two owners of production, by a group; four of staging, one by one; and what somebody who left still holds."""
    for person in PEOPLE:
        twin.know(person.id, "user", person.name, enabled=person.left is None)
        twin.directory[person.id]["userPrincipalName"] = person.entra
    twin.know(ADMINS, "group", "platform-admins", enabled=None)
    twin.know(READER_APP, "servicePrincipal", "controlmon")
    for role, (name, actions, data) in ROLES.items():
        one = {"actions": actions, "notActions": [], "dataActions": data, "notDataActions": []}
        set_ = {"roleName": name, "type": "BuiltInRole", "permissions": [one], "assignableScopes": ["/"]}
        twin.answer(f"/providers/Microsoft.Authorization/roleDefinitions/{role}", {"name": role, "properties": set_})
    root = [_given(READER, READER_APP, "/", "ServicePrincipal")]
    twin.answer("/providers/Microsoft.Authorization/roleAssignments", root)
    vault = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.KeyVault/vaults/artemis-prod-kv"
    prod, staging = f"/subscriptions/{PROD}", f"/subscriptions/{STAGING}"
    held = [_given(OWNER, ADMINS, prod, "Group"), _given(READER, MARIA.id, prod), _given(SECRETS_USER, MARIA.id, vault)]
    twin.answer(_at(PROD, "Authorization/roleAssignments"), [*root, *held])
    twin.answer(_at(PROD, "Authorization/roleEligibilityScheduleInstances"), [_given(CONTRIBUTOR, LENA.id, prod)])
    owners = [_given(OWNER, person.id, staging) for person in (JANE, RAVI, TOM, LENA)]
    twin.answer(_at(STAGING, "Authorization/roleAssignments"), [*root, *owners, _given(READER, BEN.id, staging)])


def _given(role: str, principal: str, scope: str, type_: str = "User") -> dict[str, Any]:
    """A role assignment."""
    id_ = object_id(f"{scope} {role} {principal}")
    subscription = scope.partition("/resourceGroups")[0].rstrip("/") or f"/subscriptions/{PROD}"
    definition = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    set_ = {"roleDefinitionId": definition, "principalId": principal, "principalType": type_, "scope": scope, "condition": None}
    return {"id": f"{scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{id_}", "name": id_, "properties": set_}

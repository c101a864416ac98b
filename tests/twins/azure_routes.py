"""The operations of Azure Resource Manager that its double knows: paths, versions and permissions, as the reference has them."""

import re
from dataclasses import dataclass

SUBSCRIPTION = r"/subscriptions/(?P<subscription>[0-9a-f-]{36})"
RESOURCE = rf"(?P<id>{SUBSCRIPTION}/resourcegroups/[^/]+/providers/[^?]+?)"


@dataclass(frozen=True)
class Route:
    """One operation of the reference: its path, the versions of the API that have it, the permission that it takes."""

    name: str
    path: str
    versions: tuple[str, ...]
    action: str

    def match(self, path: str) -> re.Match[str] | None:
        """Whether a path is one of its, in any case."""
        return re.fullmatch(self.path, path.lower())


def _route(name: str, path: str, version: str, action: str) -> Route:
    return Route(name, path.replace("{s}", SUBSCRIPTION).replace("{r}", RESOURCE), (version,), action)


ROUTES = [
    _route("Microsoft.Resources:Subscriptions_List", "/subscriptions", "2022-12-01", ""),
    _route(
        "Microsoft.Management:ManagementGroups_GetDescendants",
        r"/providers/microsoft\.management/managementgroups/[^/]+/descendants",
        "2023-04-01",
        "Microsoft.Management/managementGroups/descendants/read",
    ),
    _route(
        "Microsoft.Authorization:Permissions_List",
        r"{s}/providers/microsoft\.authorization/permissions",
        "2022-04-01",
        "Microsoft.Authorization/permissions/read",
    ),
    _route(
        "Microsoft.Authorization:RoleAssignments_ListForSubscription",
        r"{s}/providers/microsoft\.authorization/roleassignments",
        "2022-04-01",
        "Microsoft.Authorization/roleAssignments/read",
    ),
    _route(
        "Microsoft.Authorization:RoleAssignments_ListForScope",
        r"/providers/microsoft\.authorization/roleassignments",
        "2022-04-01",
        "Microsoft.Authorization/roleAssignments/read",
    ),
    _route(
        "Microsoft.Authorization:RoleDefinitions_GetById",
        r"({s})?/providers/microsoft\.authorization/roledefinitions/[0-9a-z-]+",
        "2022-04-01",
        "Microsoft.Authorization/roleDefinitions/read",
    ),
    _route(
        "Microsoft.Authorization:RoleEligibilityScheduleInstances_ListForScope",
        r"{s}/providers/microsoft\.authorization/roleeligibilityscheduleinstances",
        "2020-10-01",
        "Microsoft.Authorization/roleEligibilityScheduleInstances/read",
    ),
    _route(
        "Microsoft.Insights:SubscriptionDiagnosticSettings_List",
        r"{s}/providers/microsoft\.insights/diagnosticsettings",
        "2021-05-01-preview",
        "Microsoft.Insights/diagnosticSettings/read",
    ),
    _route(
        "Microsoft.Security:Pricings_List",
        r"{s}/providers/microsoft\.security/pricings",
        "2024-01-01",
        "Microsoft.Security/pricings/read",
    ),
    _route(
        "Microsoft.Resources:Resources_List",
        "{s}/resources",
        "2021-04-01",
        "Microsoft.Resources/subscriptions/resources/read",
    ),
    _route(
        "Microsoft.CognitiveServices:Accounts_List",
        r"{s}/providers/microsoft\.cognitiveservices/accounts",
        "2025-09-01",
        "Microsoft.CognitiveServices/accounts/read",
    ),
    *(
        _route(f"{operation}", rf"{{r}}/{path}", version, action)
        for operation, path, version, action in (
            (
                "Microsoft.Insights:DiagnosticSettings_List",
                r"providers/microsoft\.insights/diagnosticsettings",
                "2021-05-01-preview",
                "Microsoft.Insights/diagnosticSettings/read",
            ),
            (
                "Microsoft.Insights:DiagnosticSettingsCategory_List",
                r"providers/microsoft\.insights/diagnosticsettingscategories",
                "2021-05-01-preview",
                "Microsoft.Insights/diagnosticSettingsCategories/read",
            ),
            (
                "Microsoft.Storage:BlobContainers_List",
                "blobservices/default/containers",
                "2026-09-01",
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
            ),
            (
                "Microsoft.Storage:ObjectReplicationPolicies_List",
                "objectreplicationpolicies",
                "2026-09-01",
                "Microsoft.Storage/storageAccounts/objectReplicationPolicies/read",
            ),
            (
                "Microsoft.Network:FirewallPolicyRuleCollectionGroups_List",
                "rulecollectiongroups",
                "2026-03-01",
                "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read",
            ),
            (
                "Microsoft.Network:HubVirtualNetworkConnections_List",
                "hubvirtualnetworkconnections",
                "2026-03-01",
                "Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/read",
            ),
            (
                "Microsoft.Network:HubRouteTables_List",
                "hubroutetables",
                "2026-03-01",
                "Microsoft.Network/virtualHubs/hubRouteTables/read",
            ),
            (
                "Microsoft.CognitiveServices:Deployments_List",
                "deployments",
                "2025-09-01",
                "Microsoft.CognitiveServices/accounts/deployments/read",
            ),
            ("Microsoft.Network:FlowLogs_List", "flowlogs", "2026-03-01", "Microsoft.Network/networkWatchers/flowLogs/read"),
            ("Microsoft.Sql:FirewallRules_ListByServer", "firewallrules", "2025-01-01", "Microsoft.Sql/servers/firewallRules/read"),
            (
                "Microsoft.Sql:IPv6FirewallRules_ListByServer",
                "ipv6firewallrules",
                "2025-01-01",
                "Microsoft.Sql/servers/ipv6FirewallRules/read",
            ),
            (
                "Microsoft.Sql:EncryptionProtectors_ListByServer",
                "encryptionprotector",
                "2025-01-01",
                "Microsoft.Sql/servers/encryptionProtector/read",
            ),
            (
                "Microsoft.Sql:ServerBlobAuditingPolicies_ListByServer",
                "auditingsettings",
                "2025-01-01",
                "Microsoft.Sql/servers/auditingSettings/read",
            ),
            (
                "Microsoft.Sql:TransparentDataEncryptions_ListByDatabase",
                "transparentdataencryption",
                "2025-01-01",
                "Microsoft.Sql/servers/databases/transparentDataEncryption/read",
            ),
            (
                "Microsoft.Sql:BackupShortTermRetentionPolicies_ListByDatabase",
                "backupshorttermretentionpolicies",
                "2025-01-01",
                "Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read",
            ),
            (
                "Microsoft.DBforPostgreSQL:Configurations_ListByServer",
                "configurations",
                "2026-10-01",
                "Microsoft.DBforPostgreSQL/flexibleServers/configurations/read",
            ),
        )
    ),
]

EMPTY = {
    "Microsoft.Authorization:RoleAssignments_ListForSubscription",
    "Microsoft.Authorization:RoleAssignments_ListForScope",
    "Microsoft.Authorization:RoleEligibilityScheduleInstances_ListForScope",
    "Microsoft.Insights:DiagnosticSettings_List",
    "Microsoft.Insights:SubscriptionDiagnosticSettings_List",
    "Microsoft.Storage:BlobContainers_List",
    "Microsoft.Storage:ObjectReplicationPolicies_List",
    "Microsoft.Network:FlowLogs_List",
    "Microsoft.Network:FirewallPolicyRuleCollectionGroups_List",
    "Microsoft.Network:HubVirtualNetworkConnections_List",
    "Microsoft.Network:HubRouteTables_List",
    "Microsoft.Sql:FirewallRules_ListByServer",
    "Microsoft.Sql:IPv6FirewallRules_ListByServer",
    "Microsoft.CognitiveServices:Deployments_List",
}
"""Operations that list nothing where a test has given nothing."""

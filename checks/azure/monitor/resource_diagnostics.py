"""Vaults, databases, storage, gateways and AI accounts send their audit logs to the platform.

The logs of a storage account are those of its blob service, not its own. A setting may name a group of categories: what is in the group is
the resource's to tell, so its own list of categories is asked rather than taken for granted.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.diagnostics import sent
from controlmon.facts.azure.monitor import LoggedResource

AUDIT = {
    "microsoft.keyvault/vaults": ("AuditEvent",),
    "microsoft.sql/servers/databases": ("SQLSecurityAuditEvents",),
    "microsoft.storage/storageaccounts": ("StorageRead", "StorageWrite", "StorageDelete"),
    "microsoft.cognitiveservices/accounts": ("Audit", "RequestResponse"),
    "microsoft.network/applicationgateways": ("ApplicationGatewayAccessLog",),
}


def vault(*settings: dict[str, object], type_: str = "microsoft.keyvault/vaults") -> LoggedResource:
    made = [{"name": "s", "destinations": ["/hub"], **one} for one in settings]
    categories = [{"name": "AuditEvent", "groups": ["audit", "allLogs"]}, {"name": "Other", "groups": ["allLogs"]}]
    return LoggedResource.example(type={"type": type_}, diagnostics=made, categories=categories)


@check(
    title="Key vaults, databases, storage, gateways and AI accounts emit audit logs",
    severity="high",
    reads=[LoggedResource.type, LoggedResource.diagnostics, LoggedResource.categories],
    remediation="Assign the DeployIfNotExists policy that gives each such resource a diagnostic setting to the platform.",
    proves="That the audit category of the resource is sent on. Not that it arrives; nor queues, tables and files.",
    passes=[
        vault({"categories": ["AuditEvent"]}),
        vault({"groups": ["audit"]}),
        Example((vault({"categories": ["AuditEvent"]}),), {"platform": ["/hub"]}),
    ],
    fails=[
        vault(),
        vault({"categories": ["Other"]}),
        vault({"categories": ["AuditEvent"], "destinations": [], "workspace": "/w"}),
        vault({"categories": ["StorageRead", "StorageWrite"]}, type_="microsoft.storage/storageaccounts"),
    ],
)
def judge(
    resource: LoggedResource,
    *,
    required_types: tuple[str, ...] = (
        "Microsoft.KeyVault/vaults",
        "Microsoft.Sql/servers/databases",
        "Microsoft.Storage/storageAccounts",
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.Network/applicationGateways",
    ),
    platform: tuple[str, ...] = ("*",),
) -> Verdict:
    what = resource.type
    if what.type not in {one.lower() for one in required_types}:
        return not_applicable(f"{what.type} is not among the types that are looked at")
    if "system" in what.kind.split(","):
        return not_applicable("it is a system database")
    settings = resource.diagnostics
    groups: dict[str, tuple[str, ...]] = {}
    if any(one.groups for one in settings):
        for category in resource.categories:
            for group in category.groups:
                groups[group] = (*groups.get(group, ()), category.name)
    feeding = sent(settings, platform, groups)
    missing = [category for category in AUDIT[what.type] if category not in feeding]
    if missing:
        return failed(f"none of its {len(settings)} diagnostic settings sends {', '.join(missing)} to the platform")
    return passed(f"{', '.join(AUDIT[what.type])} are sent to the platform")

"""Azure Monitor: where the logs of resources are sent. The graph does not know: it takes one question for each resource."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import DIAGNOSTICS, arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.azure.monitor import LoggedResource

monitor = Service("azure", "monitor")

LOGGED = (
    "Microsoft.KeyVault/vaults",
    "Microsoft.Sql/servers/databases",
    "Microsoft.Storage/storageAccounts",
    "Microsoft.CognitiveServices/accounts",
    "Microsoft.Network/applicationGateways",
)


@monitor.lists(LoggedResource, resources(*LOGGED), at=Place.ACCOUNT, gives=[LoggedResource.type])
def logged(ask: Ask) -> Iterator[Found]:
    """Every resource of these types; of the row only what tells its type, for the rest is told elsewhere."""
    for row in ask.items("data"):
        what = {"id": row["id"], "type": row["type"], "kind": row.get("kind")}
        yield Found(LoggedResource, row["id"].lower(), row["name"], row.get("location") or "", answers={LoggedResource.type: what})


def _place(resource: Met) -> str:
    """Where the settings are: a storage account has none worth having, its blob service has."""
    is_storage = "/microsoft.storage/storageaccounts/" in resource.id
    return f"{resource.id}/blobServices/default" if is_storage else resource.id


@monitor.answers(LoggedResource.diagnostics, DIAGNOSTICS)
def diagnostics(ask: Ask, resource: Met) -> Raw:
    """Where its logs are sent."""
    return {"value": list(ask.items("value", id=_place(resource)))}


@monitor.answers(
    LoggedResource.categories,
    arm(
        "Microsoft.Insights:DiagnosticSettingsCategory_List",
        "{id}/providers/Microsoft.Insights/diagnosticSettingsCategories",
        "2021-05-01-preview",
        "Microsoft.Insights/diagnosticSettingsCategories/read",
    ),
    after=[LoggedResource.diagnostics],
)
def categories(ask: Ask, resource: Met) -> Raw:
    """The categories that it has, which tell what a group of them means."""
    if not any(one.groups for one in LoggedResource.diagnostics.view(resource.answer(LoggedResource.diagnostics))):
        return not_asked("no setting speaks of groups of categories")
    return {"value": list(ask.items("value", id=_place(resource)))}

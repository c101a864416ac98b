"""Azure AI: accounts, asked of Resource Manager because the graph does not tell their capabilities, and their deployments."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import arm
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.facts.azure.cognitive import AiAccount, Deployment

cognitive = Service("azure", "cognitive")
API = "2025-09-01"
JUDGED = ("capabilities", "disableLocalAuth", "publicNetworkAccess", "networkAcls")


@cognitive.lists(
    AiAccount,
    arm(
        "Microsoft.CognitiveServices:Accounts_List",
        "/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/accounts",
        API,
        "Microsoft.CognitiveServices/accounts/read",
    ),
    at=Place.ACCOUNT,
    gives=[AiAccount.settings],
)
def accounts(ask: Ask) -> Iterator[Found]:
    """Every AI account. Of the row only what is judged: quotas and dates would make a new answer each day."""
    for one in ask.items("value"):
        what = {"id": one["id"], "kind": one["kind"], "properties": {name: one["properties"].get(name) for name in JUDGED}}
        yield Found(AiAccount, one["id"].lower(), one["name"], one.get("location") or "", answers={AiAccount.settings: what})


@cognitive.lists(
    Deployment,
    arm(
        "Microsoft.CognitiveServices:Deployments_List",
        "{id}/deployments",
        API,
        "Microsoft.CognitiveServices/accounts/deployments/read",
    ),
    at=Place.ACCOUNT,
    gives=[Deployment.model],
    under=AiAccount,
)
def deployments(ask: Ask, account: Met) -> Iterator[Found]:
    """Every deployment of an account."""
    for one in ask.items("value", id=account.id):
        what = {"id": one["id"], "sku": one.get("sku"), "properties": {"model": one["properties"]["model"]}}
        yield Found(Deployment, one["id"].lower(), f"{account.name}/{one['name']}", account.region, answers={Deployment.model: what})

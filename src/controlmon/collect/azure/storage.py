"""Azure Storage: accounts."""

from collections.abc import Iterator

from controlmon.collect.azure import listing
from controlmon.collect.azure.operations import arm, resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw, is_absent, not_asked
from controlmon.facts.azure.storage import StorageAccount

storage = Service("azure", "storage")


@storage.lists(StorageAccount, resources("Microsoft.Storage/storageAccounts"), at=Place.ACCOUNT, gives=[StorageAccount.settings])
def accounts(ask: Ask) -> Iterator[Found]:
    """Every storage account."""
    return listing.found(ask, StorageAccount, StorageAccount.settings)


CONTAINERS = arm(
    "Microsoft.Storage:BlobContainers_List",
    "{id}/blobServices/default/containers",
    "2026-09-01",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    absent=("FeatureNotSupportedForAccount",),
)


@storage.answers(StorageAccount.containers, CONTAINERS, after=[StorageAccount.settings])
def containers(ask: Ask, account: Met) -> Raw:
    """Its containers: name and access alone, since a date of every container would make a new answer each day."""
    if StorageAccount.settings.view(account.answer(StorageAccount.settings)).public_blobs is False:
        return not_asked("the account refuses anonymous access")
    found = []
    for page in ask.whole(id=account.id):
        if is_absent(page):
            return page
        found += [{"name": one["name"], "publicAccess": one["properties"].get("publicAccess")} for one in page["value"]]
    return {"Containers": found}


REPLICATIONS = arm(
    "Microsoft.Storage:ObjectReplicationPolicies_List",
    "{id}/objectReplicationPolicies",
    "2026-09-01",
    "Microsoft.Storage/storageAccounts/objectReplicationPolicies/read",
    absent=("FeatureNotSupportedForAccount",),
)


@storage.answers(StorageAccount.replications, REPLICATIONS)
def replications(ask: Ask, account: Met) -> Raw:
    """Its policies of object replication, of those that it is the source of and of those that it is the destination of."""
    found: list[Raw] = []
    for page in ask.whole(id=account.id):
        if is_absent(page):
            return page
        found += page["value"]
    return {"value": found}

"""A storage account is not copied into another environment or tenant, and could not be.

Where it was never said whether copies may cross tenants, they may if the account is older than December 2023, and may not if it is newer.
Which accounts a job may copy from is as wide as anywhere unless it was narrowed. A policy names the accounts by id, or by name alone: such
a name is looked up among all accounts that were seen.
"""

from datetime import UTC, datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.replication import replicated
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.environment import SYNONYMS, UNDECLARED

CLOSED = datetime(2023, 12, 15, tzinfo=UTC)
"""Since when accounts are made so that copies do not cross tenants, unless that is allowed."""
MAP = {"environment_map": {"1": "prod", "2": "dev"}}
ID = "/subscriptions/{}/resourcegroups/g/providers/microsoft.storage/storageaccounts/{}"
SHUT = {"tenant_copies": False, "copy_scope": "AAD"}


def case(to: str = "", **settings: object) -> Example:
    replications = [{"source": ID.format(1, "ours"), "destination": to}] if to else []
    account = StorageAccount.example(id=ID.format(1, "ours"), name="ours", settings=SHUT | settings, replications=replications)
    other = StorageAccount.example(id=ID.format(2, "theirs"), name="theirs", settings=SHUT, replications=[])
    some = [Subscription.example(id=f"/subscriptions/{n}", place={}, resource_groups={}, tagged={}) for n in ("1", "2")]
    return Example((account, Everywhere.of(account, other), Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={}))), MAP)


@check(
    title="Object replication and copy scope do not cross environments or tenants",
    severity="high",
    reads=[*WHERE, StorageAccount.settings, StorageAccount.replications],
    remediation="Delete the policy; set allowCrossTenantReplication to false and allowedCopyScope to AAD or PrivateLink.",
    proves="That no policy of object replication joins the account with one of the other class, and that copies stay in the tenant. Not "
    "what people and jobs copy within it.",
    passes=[case(), case(ID.format(1, "backup")), case(tenant_copies=None, created="2024-03-01T00:00:00Z"), case(copy_scope="PrivateLink")],
    fails=[
        case(ID.format(2, "theirs")),
        case("theirs"),
        case("nobody-s"),
        case(tenant_copies=True),
        case(tenant_copies=None, created="2021-03-01T00:00:00Z"),
        case(copy_scope=""),
    ],
)
def judge(
    account: StorageAccount,
    accounts: Everywhere[StorageAccount],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    settings = account.settings
    leaves = settings.tenant_copies
    if leaves is None and settings.created:
        leaves = settings.created < CLOSED
    if leaves:
        return failed(f"copies may cross tenants: allowCrossTenantReplication is {'true' if settings.tenant_copies else 'not set'}")
    if settings.copy_scope not in ("AAD", "PrivateLink"):
        return failed(f"it may be copied to anywhere: allowedCopyScope is {settings.copy_scope or 'not set'}")
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    found = replicated(account, accounts, estate)
    if found.crossed:
        return failed(f"it is {estate.of(account.id).name}, and a policy replicates between it and {', '.join(found.crossed)}")
    if found.unsure:
        return unknown(found.unsure)
    if leaves is None:
        return unknown("whether copies may cross tenants is not told, nor when the account was made")
    return passed("no policy replicates it to another class of environment, and copies stay in the tenant")

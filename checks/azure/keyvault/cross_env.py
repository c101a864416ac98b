"""What a vault holds serves one class of environment: no workload of another has rights to it, and nothing of another is encrypted by it.

A managed identity belongs where its resource does. An application belongs where it is declared to, else where its name says; one that
nothing places is a stranger to the vault unless it is seen to have rights in the other class too, and then it joins both.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import RoleAssignment, Tenant
from controlmon.facts.azure.compute import DiskEncryptionSet
from controlmon.facts.azure.encryption import encrypted_by
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.keyvault import Vault
from controlmon.facts.azure.sql import SqlDatabase, SqlServer
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.azure.workload import foreign
from controlmon.facts.crossing import crossing, together
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"1": "prod", "2": "dev"}}
TAKES = [{"data_actions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]}]
ID = "/subscriptions/{}/resourcegroups/g/providers/{}"


def case(resource: str = "1", key: str = "", name: str = "") -> Example:
    vault = Vault.example(
        id=ID.format("1", "microsoft.keyvault/vaults/v"), settings={"roles": True, "host": "v.vault.azure.net"}, holders=[]
    )
    identity = {"id": "app", "kind": "servicePrincipal", "name": name or "x"} | ({} if name else {"resource": ID.format(resource, "a/b/c")})
    role = {"name": "Secrets User", "permissions": TAKES}
    settings = {"role": "r", "principal": "app", "type": "ServicePrincipal", "scope": vault.id}
    held = RoleAssignment.example(settings=settings, role=role, principal=identity)
    stored = StorageAccount.example(id=ID.format(key or "1", "microsoft.storage/storageaccounts/s"), settings={"key": "v.vault.azure.net"})
    some = [Subscription.example(id=f"/subscriptions/{n}", place={}, resource_groups={}, tagged={}) for n in ("1", "2")]
    keyed = (Everywhere.of(stored), Everywhere[SqlServer].of(), Everywhere[SqlDatabase].of(), Everywhere[DiskEncryptionSet].of())
    known = (Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={})))
    return Example((vault, Everywhere.of(held), *keyed, *known), MAP)


@check(
    title="Vaults and keys are not shared between environments",
    severity="high",
    reads=[
        *WHERE,
        Vault.settings,
        Vault.holders,
        RoleAssignment.settings,
        RoleAssignment.role,
        RoleAssignment.principal,
        RoleAssignment.members,
        StorageAccount.settings,
        SqlServer.protector,
        SqlDatabase.settings,
        DiskEncryptionSet.settings,
    ],
    remediation="Give each environment a vault of its own, and move the role or the key there.",
    proves="That no workload of the other class has a right to what the vault holds, and that no storage account, SQL server, database or "
    "disk encryption set of it is encrypted by a key in the vault. Not people, who are judged elsewhere, nor managed HSMs.",
    passes=[case(), case(name="shop-prod")],
    fails=[case("2"), case(name="shop-dev"), case(key="2")],
)
def judge(
    vault: Vault,
    assignments: Everywhere[RoleAssignment],
    accounts: Everywhere[StorageAccount],
    servers: Everywhere[SqlServer],
    databases: Everywhere[SqlDatabase],
    sets: Everywhere[DiskEncryptionSet],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    own = estate.of(vault.id)
    if own.cls == "shared":
        return not_applicable(f"it is shared ({own.why})")
    reaching = foreign(vault, own, assignments, estate)
    things, unseen = encrypted_by(vault, accounts, servers, databases, sets)
    keyed = crossing(own, [estate.at(id_, f"{name}, which its key encrypts,") for id_, name in things])
    found = together(reaching, keyed)
    if found.crossed:
        return failed(f"it is {own.name}, and it serves {'; '.join(found.crossed)}")
    if unsure := found.unsure or unseen:
        return unknown(unsure)
    if own.cls is None:
        return unknown(f"which environment it is of is not known: {own.why}")
    return passed(f"it is {own.name}, and it serves no workload and encrypts nothing that is not")

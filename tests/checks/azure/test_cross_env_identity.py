"""azure.authorization.cross_env_identity and azure.keyvault.cross_env on raw answers: whose rights reach where."""

from typing import Any

import pytest

from controlmon.core.fact import Scope, absent
from controlmon.facts.azure.authorization import RoleAssignment
from controlmon.facts.azure.compute import DiskEncryptionSet
from controlmon.facts.azure.keyvault import Vault
from controlmon.facts.azure.sql import SqlDatabase, SqlServer
from controlmon.facts.azure.storage import StorageAccount
from tests.checks.azure.company import DEV, GROUPS, HUB, PROD, UNTOLD, at, below, estate, id_of, tenant
from tests.support import DENIED, Given, verdict

IDENTITY, VAULT = "azure.authorization.cross_env_identity", "azure.keyvault.cross_env"
CONTRIBUTOR, READER = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write"]}, {"actions": ["*/read", "Microsoft.Support/*"]}
SECRETS = {"actions": [], "dataActions": ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]}
BLOBS = {"actions": [], "dataActions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]}


def robot(name: str = "deployer", resource: str = "", **more: Any) -> dict[str, Any]:
    shown = {"@odata.type": "#microsoft.graph.servicePrincipal", "id": "robot", "appId": "client-1", "displayName": name, **more}
    return shown | ({"alternativeNames": ["isExplicit=True", resource]} if resource else {})


def held(
    number: str, scope: str = "", role: Any = CONTRIBUTOR, *, kind: str = "ServicePrincipal", who: Any = None, members: Any = None
) -> Given:
    """A role assignment as it is listed in a subscription."""
    place = scope or f"/subscriptions/{number}"
    set_ = {
        "roleDefinitionId": "/x/roleDefinitions/r",
        "principalId": "ops" if kind == "Group" else "robot",
        "principalType": kind,
        "scope": place,
    }
    shown = role if not isinstance(role, dict) else {"properties": {"roleName": "R", "permissions": [role]}}
    name = f"{place}/providers/Microsoft.Authorization/roleAssignments/{kind}"
    return Given(
        RoleAssignment, name.lower(), scope=Scope("azure", number), settings={"properties": set_}, role=shown,
        principal=robot() if who is None else who, members={"value": list(members or ())},
    )  # fmt: skip


def group(number: str, *members: dict[str, Any]) -> Given:
    return held(number, kind="Group", members=members)


PERSON = {"@odata.type": "#microsoft.graph.user", "id": "ann"}


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(held(PROD), [], {}, "pass", "one class", id="production alone"),
        pytest.param(held(PROD), [held(DEV)], {}, "fail", "deployer has rights at", id="one pipeline for all environments"),
        pytest.param(held(PROD), [held(DEV)], {"deploy_identities": ["Deployer"]}, "pass", "declared", id="declared by name"),
        pytest.param(held(PROD), [held(DEV)], {"deploy_identities": ["client-1"]}, "pass", "declared", id="or by client id"),
        pytest.param(held(PROD), [held(DEV, role=READER)], {}, "pass", "one class", id="reading is no such right"),
        pytest.param(held(PROD, role=READER), [held(DEV)], {}, "pass", "neither writes", id="nor here"),
        pytest.param(held(PROD), [held(DEV, role=BLOBS)], {}, "fail", "(dev)", id="reading data is"),
        pytest.param(held(PROD), [held(DEV, id_of(DEV, "Microsoft.Web/sites/x"))], {}, "fail", "sites/x (dev)", id="one resource is enough"),
        pytest.param(held(PROD), [held(HUB)], {}, "fail", "rg-dev (dev)", id="a shared subscription with a group of dev"),
        pytest.param(held(PROD), [held(HUB, id_of(HUB, "a/b/c"))], {}, "pass", "one class", id="a shared resource crosses neither"),
        pytest.param(held(PROD, f"{GROUPS}/mg-prod"), [], {}, "pass", "one class", id="a group of one class"),
        pytest.param(held(HUB, f"{GROUPS}/mg-hub"), [tenant(below(("e1", "x-prod", "mg-hub")))], {}, "fail", "e1 (prod)", id="with one in it not read"),
        pytest.param(held(PROD, "/"), [], {}, "fail", "by /", id="the root spans both"),
        pytest.param(held(PROD, f"{GROUPS}/mg-prod"), [tenant(DENIED)], {}, "unknown", "grant", id="a group of which not all is seen"),
        pytest.param(held(PROD, "/"), [tenant(DENIED)], {}, "fail", "by /", id="a witness is enough"),
        pytest.param(held(PROD), [held(UNTOLD)], {}, "unknown", "nothing says", id="unclassified is unknown"),
        pytest.param(held(PROD), [held(DEV, role=DENIED)], {}, "unknown", "grant", id="a role that may not be seen"),
        pytest.param(held(PROD, who=DENIED), [held(DEV)], {}, "unknown", "grant", id="who may not be known, and may be declared"),
        pytest.param(group(PROD, PERSON, robot()), [held(DEV)], {}, "fail", "deployer", id="by way of a group"),
        pytest.param(held(DEV), [group(PROD, PERSON, robot())], {}, "fail", "deployer", id="on the other side too"),
        pytest.param(group(PROD, PERSON), [], {}, "not_applicable", "no workload", id="a group of people"),
        pytest.param(held(PROD, kind="User"), [], {}, "not_applicable", "no workload", id="a person"),
    ],
)  # fmt: skip
def test_identities(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """The assignments of one identity, all taken together."""
    known = [
        given for given in estate() if not (given.subject.kind == "azure.tenant" and any(o.subject.kind == "azure.tenant" for o in others))
    ]
    found = verdict(IDENTITY, subject, *others, *known, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


HOST = "https://keys.vault.azure.net"
READERS = [held(number, role=READER, kind="User") for number in (PROD, DEV, HUB, UNTOLD)]
KINDS = (StorageAccount, SqlServer, SqlDatabase, DiskEncryptionSet)


def vault(number: str = PROD, policies: Any = None, holders: Any = None) -> Given:
    set_ = {"enableRbacAuthorization": policies is None, "vaultUri": f"{HOST}/", "accessPolicies": policies or []}
    none = {"Holders": []} if holders is None else holders
    return at(number, Vault, "Microsoft.KeyVault/vaults/keys", settings={"properties": set_}, holders=none)


def takes(**who: Any) -> Given:
    return held(PROD, id_of(PROD, "Microsoft.KeyVault/vaults/keys"), SECRETS, who=robot(**who))


def account(number: str, url: str = f"{HOST}/") -> Given:
    set_ = {"encryption": {"keySource": "Microsoft.Keyvault", "keyvaultproperties": {"keyvaulturi": url, "keyname": "k"}}}
    return at(number, StorageAccount, "Microsoft.Storage/storageAccounts/s", settings={"properties": set_})


def server(protector: Any) -> Given:
    return at(DEV, SqlServer, "Microsoft.Sql/servers/s", protector=protector)


KEY = {"value": [{"properties": {"serverKeyType": "AzureKeyVault", "uri": f"{HOST}/keys/k/1"}}]}
POLICY = [{"tenantId": "t", "objectId": "robot", "permissions": {"secrets": ["get"]}}]
SET = at(
    DEV, DiskEncryptionSet, "Microsoft.Compute/diskEncryptionSets/s", settings={"properties": {"activeKey": {"keyUrl": f"{HOST}/keys/k/1"}}}
)
DATABASE = at(
    DEV,
    SqlDatabase,
    "Microsoft.Sql/servers/s/databases/d",
    settings={"kind": "", "properties": {"encryptionProtector": f"{HOST}/keys/k/1"}},
)


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(vault(), [], {}, "pass", "no workload", id="nobody's but people's"),
        pytest.param(vault(), [takes(resource=id_of(PROD, "Microsoft.Compute/virtualMachines/m"))], {}, "pass", "", id="a machine of production"),
        pytest.param(vault(), [takes(resource=id_of(DEV, "Microsoft.Compute/virtualMachines/m"))], {}, "fail", "(dev)", id="a machine of dev"),
        pytest.param(vault(), [takes(resource=id_of(DEV, "x/y/z"))], {"environment_map": {"client-1": "prod"}}, "pass", "", id="declared otherwise"),
        pytest.param(vault(), [takes(name="shop-dev")], {}, "fail", "shop-dev by R (dev)", id="an application by its name"),
        pytest.param(vault(), [takes(name="shop")], {}, "unknown", "nothing says", id="one that nothing places"),
        pytest.param(vault(), [takes(name="shop"), held(DEV)], {}, "fail", "which has rights at", id="but by its rights in dev"),
        pytest.param(vault(), [takes(name="shop", resource=id_of("0f", "x/y/z"))], {}, "unknown", "none that was listed", id="a machine of others"),
        pytest.param(vault(DEV), [held(DEV, id_of(DEV, "Microsoft.KeyVault/vaults/keys"), SECRETS, who=robot("x-prod"))], {}, "fail", "x-prod", id="either way"),
        pytest.param(vault(policies=POLICY, holders={"Holders": [{"object": "robot", "principal": robot("x-dev")}]}), [], {}, "fail", "access policy",
                     id="by an access policy"),
        pytest.param(vault(policies=POLICY), [held(PROD, who=robot("x-dev"))], {}, "fail", "x-dev", id="who may write policies has what is in it"),
        pytest.param(vault(), [held(PROD, who=robot("x-dev"))], {}, "pass", "", id="but not where roles decide"),
        pytest.param(vault(), [group(PROD, PERSON, robot("x-dev"))], {}, "pass", "", id="nor by way of a group"),
        pytest.param(vault(policies=POLICY), [group(PROD, PERSON, robot("x-dev"))], {}, "fail", "x-dev", id="where policies decide, by a group"),
        pytest.param(vault(), [account(PROD)], {}, "pass", "", id="a key of its own class"),
        pytest.param(vault(), [account(DEV)], {}, "fail", "s, which its key encrypts, (dev)", id="a key for an account of dev"),
        pytest.param(vault(), [account(DEV, "https://other.vault.azure.net")], {}, "pass", "", id="of another vault"),
        pytest.param(vault(), [server(KEY)], {}, "fail", "(dev)", id="for a server of dev"),
        pytest.param(vault(), [server(DENIED)], {}, "unknown", "grant", id="for a server that may not be seen"),
        pytest.param(vault(), [DATABASE], {}, "fail", "(dev)", id="for a database of dev"),
        pytest.param(vault(), [SET], {}, "fail", "(dev)", id="for disks of dev"),
        pytest.param(vault(holders=DENIED), [], {}, "unknown", "grant", id="holders that may not be seen"),
        pytest.param(vault(holders=absent("x")), [SET], {}, "fail", "(dev)", id="a witness is enough"),
        pytest.param(vault(UNTOLD), [], {}, "unknown", "nothing says", id="a vault that nothing places"),
        pytest.param(vault(HUB), [], {}, "not_applicable", "shared", id="a shared vault"),
    ],
)  # fmt: skip
def test_vaults(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """Who takes what a vault holds, and what its keys encrypt."""
    found = verdict(VAULT, subject, *others, *READERS, *estate(), empty=KINDS, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

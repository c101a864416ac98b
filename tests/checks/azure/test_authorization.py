"""azure.authorization.*, azure.keyvault.personnel_access and azure.subscription.inventory against the twin."""

from typing import Any

import pytest

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import TENANT, AzureTwin, Fault, Reply
from tests.twins.azure_company import ADMINISTRATOR, GHOST, OWNER, PROD, READER, TEST, VAULT_USER, assigned

HERE = f"/subscriptions/{PROD}"
COUNT, ORPHANS, ROOT = "azure.authorization.privileged_count", "azure.authorization.orphans", "azure.authorization.root_elevated"
PEOPLE, VAULTS = "azure.authorization.prod_named_people", "azure.keyvault.personnel_access"
CUSTOM = "custom00"


@pytest.fixture(autouse=True)
def directory(twin: AzureTwin) -> None:
    """Five people, a group in a group, an application, and what roles allow."""
    for name in ("ann", "bob", "cy", "dee", "eve"):
        twin.know(name, "user", name)
    twin.know("ops", "group", "ops", enabled=None)
    twin.know("app", "servicePrincipal", "app")
    twin.members["ops"] = ["ann", "bob", "cy", "app"]
    roles = {OWNER: ["*"], READER: ["*/read"], ADMINISTRATOR: ["*/read", "Microsoft.Authorization/*"], CUSTOM: ["*/WRITE"], VAULT_USER: []}
    for role, actions in roles.items():
        data = ["Microsoft.KeyVault/vaults/secrets/*"] if role == VAULT_USER else []
        one = {"actions": actions, "notActions": [], "dataActions": data, "notDataActions": []}
        made = {"roleName": role, "type": "CustomRole" if role == CUSTOM else "BuiltInRole", "permissions": [one]}
        twin.answer(f"/providers/Microsoft.Authorization/roleDefinitions/{role}", {"name": role, "properties": made})


def assign(twin: AzureTwin, *assignments: dict[str, Any]) -> None:
    twin.answer(f"{HERE}/providers/Microsoft.Authorization/roleAssignments", list(assignments))


def enable(twin: AzureTwin, *assignments: dict[str, Any]) -> None:
    twin.answer(f"{HERE}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances", list(assignments))


@pytest.mark.parametrize(
    ("assignments", "outcome", "because"),
    [
        pytest.param([], "pass", "nobody", id="nobody"),
        pytest.param([assigned(OWNER, p, "User", HERE) for p in ("ann", "bob", "cy")], "pass", "3 people", id="as many as may"),
        pytest.param([assigned(OWNER, p, "User", HERE) for p in ("ann", "bob", "cy", "dee")], "fail", "4 people", id="one more"),
        pytest.param(
            [assigned(OWNER, "ops", "Group", HERE), assigned(ADMINISTRATOR, "dee", "User", "/")], "fail", "dee@", id="by group, and root"
        ),
        pytest.param([assigned(OWNER, "ops", "Group", HERE), assigned(OWNER, "ann", "User", HERE)], "pass", "3 people", id="once each"),
        pytest.param(
            [assigned(CUSTOM, p, "User", HERE) for p in ("ann", "bob", "cy", "dee")], "fail", "4 people", id="a custom role that may"
        ),
        pytest.param([assigned(READER, p, "User", HERE) for p in ("ann", "bob", "cy", "dee")], "pass", "nobody", id="readers"),
        pytest.param(
            [assigned(OWNER, p, "User", f"{HERE}/resourceGroups/g") for p in ("ann", "bob", "cy", "dee")], "pass", "nobody", id="below"
        ),
        pytest.param([assigned(OWNER, "app", "ServicePrincipal", HERE)] * 1, "pass", "nobody", id="an application is no person"),
        pytest.param(
            [assigned(ADMINISTRATOR, "ann", "User", HERE, condition="@Resource[...]")], "pass", "limited by a condition", id="constrained"
        ),
    ],
)
def test_privileged_count(assignments: list[Any], outcome: str, because: str, twin: AzureTwin, judged: Judged) -> None:
    """People are counted once, by what their roles allow, wherever it is inherited from."""
    assign(twin, *assignments)
    (finding,) = judged(COUNT).values()
    assert (finding.outcome.value, because in finding.reason) == (outcome, True), finding.reason


def test_people_who_are_not_on_the_list(twin: AzureTwin, said: Said) -> None:
    """By name or by id, in any case."""
    assign(twin, assigned(OWNER, "ann", "User", HERE), assigned(OWNER, "bob", "User", HERE))
    assert list(said(COUNT, allowed=["ANN@artemis.example", "bob"]).values()) == ["pass"]
    assert list(said(COUNT, allowed=["ann"]).values()) == ["fail"]


def test_a_group_that_cannot_be_looked_into(twin: AzureTwin, said: Said) -> None:
    """Is unknown, and never a group of nobody."""
    assign(twin, assigned(OWNER, "ops", "Group", HERE))
    twin.granted = {"Directory.Read.All"}
    assert list(said(COUNT).values()) == ["unknown"]


def test_orphans(twin: AzureTwin, judged: Judged) -> None:
    """Ids are looked up, all in one question; whom the directory does not have, or has disabled, fails; foreign groups are another case."""
    twin.know("off", "user", "off", enabled=False)
    twin.know("untold", "user", "untold", enabled=None)
    kinds = {"ann": "User", "ops": "Group", "app": "ServicePrincipal", "off": "User", "untold": "User", "gone": "User"}
    listed = [assigned(READER, name, kind, HERE) for name, kind in {**kinds, "foreign": "ForeignGroup"}.items()]
    twin.page = 2
    assign(twin, *listed)
    found = judged(ORPHANS)
    assert {name.partition("-")[0]: f.outcome.value for name, f in found.items()} == {
        "ann": "pass", "ops": "pass", "app": "pass", "off": "fail", "untold": "unknown", "gone": "fail", "foreign": "not_applicable",
    }  # fmt: skip
    assert len(twin.calls("Microsoft.Graph:DirectoryObjects_GetByIds")) == 1


def test_orphans_without_the_directory(twin: AzureTwin, judged: Judged) -> None:
    """What cannot be looked up is unknown, with the permission to grant."""
    assign(twin, assigned(READER, "gone", "User", HERE))
    twin.granted = set()
    found = judged(ORPHANS)
    assert {f.outcome.value for f in found.values()} == {"unknown"}
    assert any("grant Directory.Read.All" in f.reason for f in found.values())


def test_root_elevated(twin: AzureTwin, judged: Judged) -> None:
    """Readers may stand at the root, and the declared; an empty answer means that it was not seen."""
    path = "/providers/Microsoft.Authorization/roleAssignments"
    reader, elevated = assigned(READER, "app", "ServicePrincipal", "/"), assigned(ADMINISTRATOR, "ann", "User", "/")

    def said(*assignments: dict[str, Any], **parameters: Any) -> tuple[str, str]:
        twin.answer(path, list(assignments))
        (finding,) = judged(ROOT, **parameters).values()
        return finding.outcome.value, finding.reason

    assert said(reader)[0] == "pass"
    outcome, reason = said(reader, elevated)
    assert (outcome, "User Access Administrator of User ann" in reason) == ("fail", True)
    assert said(reader, elevated, break_glass=["ANN"])[0] == "pass"
    outcome, reason = said()
    assert (outcome, "assign Reader at the root" in reason) == ("unknown", True)
    assert twin.calls("Microsoft.Authorization:RoleAssignments_ListForScope")[0].query["$filter"] == "atScope()"
    twin.tenant_actions = []
    assert said(reader)[0] == "unknown"


def test_named_people(twin: AzureTwin, judged: Judged) -> None:
    """Active and eligible, direct and by group; an engagement that ended, and somebody whom nobody named, fail."""
    assign(
        twin, assigned(READER, "ann", "User", HERE), assigned(OWNER, "ops", "Group", "/"), assigned(READER, "app", "ServicePrincipal", HERE)
    )
    enable(twin, assigned(OWNER, "dee", "User", HERE), assigned(OWNER, "eve", "User", HERE))
    roster = {"ann@artemis.example": "", "BOB@artemis.example": "2099-12-31", "cy": "2020-01-31", "dee": ""}

    def said(**parameters: Any) -> dict[str, str]:
        return {name.partition("-")[0]: f.outcome.value for name, f in judged(PEOPLE, **parameters).items()}

    expected = {"ann": "pass", "ops": "fail", "app": "not_applicable", "dee": "pass", "eve": "fail"}
    assert said(roster=roster) == expected
    assert "the engagement of cy@artemis.example ended on 2020-01-31" in judged(PEOPLE, roster=roster)["ops-8e3a"].reason
    assert said(roster=roster | {"cy": ""}) == expected | {"ops": "pass"}
    assert set(said().values()) == {"unknown", "not_applicable"}
    twin.subscribe(PROD, "production", environment="test")
    assert set(said(roster=roster).values()) == {"not_applicable"}


def test_a_tenant_without_privileged_identity_management(twin: AzureTwin, said: Said) -> None:
    """There is nothing to be eligible for: that is an answer. Another refusal is a gap."""
    assign(twin, assigned(READER, "ann", "User", HERE))
    operation = "Microsoft.Authorization:RoleEligibilityScheduleInstances_ListForScope"
    message = {"error": {"code": "AadPremiumLicenseRequired", "message": "The tenant needs to have Microsoft Entra ID P2."}}
    with twin.fault(operation, Reply(400, message)):
        assert said(PEOPLE, roster={"ann": ""}) == {"ann-acdd": "pass"}
    with twin.fault(operation, Fault.DENIED):
        assert said(PEOPLE, roster={"ann": ""}) == {"ann-acdd": "pass", "scope": "unknown"}


def test_personnel_access(twin: AzureTwin, judged: Judged) -> None:
    """By role where roles decide, inherited or eligible; by policy where policies do, and by whoever can write one."""
    base = {"tenantId": TENANT, "enablePurgeProtection": True}

    def vault(name: str, *holders: str, roles: bool = False) -> str:
        policies = [{"tenantId": TENANT, "objectId": one, "permissions": {"secrets": ["get"]}} for one in holders]
        return twin.add(PROD, "Microsoft.KeyVault/vaults", name, **base, enableRbacAuthorization=roles, accessPolicies=policies)

    by_role, other = vault("by-role", roles=True), vault("other", roles=True)
    vault("by-policy", "ann", "app")
    vault("by-group", "ops")
    vault("for-apps", "app", "gone")
    vault("no-policy")
    assign(twin, assigned(VAULT_USER, "dee", "User", by_role), assigned(OWNER, "app", "ServicePrincipal", HERE))

    def said(**parameters: Any) -> dict[str, str]:
        return {name: f.outcome.value for name, f in judged(VAULTS, **parameters).items()}

    expected = {"by-role": "fail", "other": "pass", "by-policy": "fail", "by-group": "fail", "for-apps": "pass", "no-policy": "pass"}
    assert said() == expected
    assert said(break_glass=["dee@artemis.example", "ann"]) == expected | {"by-role": "pass", "by-policy": "pass"}
    enable(twin, assigned(VAULT_USER, "eve", "User", f"{other}/secrets/one"))
    assert "eve@artemis.example may activate" in judged(VAULTS)["other"].reason
    assign(twin, assigned(OWNER, "dee", "User", "/"))
    enable(twin)
    assert said() == {**dict.fromkeys(expected, "fail"), "by-role": "pass", "other": "pass"}


def test_inventory(twin: AzureTwin, judged: Judged) -> None:
    """Tags in any case, declarations in their place; hidden ones fail; what is closed is not judged, what is about to be is unknown."""
    twin.subscribe(TEST, "test", Env="Test", OWNER="platform")
    numbers = {name: f"dddddddd-0000-4000-8000-00000000000{i}" for i, name in enumerate(("bare", "half", "closed", "overdue", "roleless"))}
    twin.subscribe(numbers["bare"], "bare")
    twin.subscribe(numbers["half"], "half", environment="test", owner="")
    twin.subscribe(numbers["closed"], "closed", "Disabled")
    twin.subscribe(numbers["overdue"], "overdue", "PastDue", environment="test", owner="platform")
    twin.subscribe(numbers["roleless"], "roleless", environment="test", owner="platform")
    twin.permissions[numbers["roleless"]] = [{"actions": ["Microsoft.Authorization/permissions/read"], "notActions": []}]
    twin.hide(GHOST, "ghost")
    twin.page = 3
    inventory = "azure.subscription.inventory"
    found = judged(inventory)
    expected = {
        "production": "pass", "test": "pass", "bare": "fail", "half": "fail", "closed": "not_applicable", "overdue": "unknown",
        "roleless": "fail", "ghost": "fail",
    }  # fmt: skip
    assert {name: f.outcome.value for name, f in found.items()} == expected
    assert {f.subject.scope.target for f in found.values()} == {TENANT}
    declared = {"environments": {numbers["bare"]: "test"}, "owners": {numbers["bare"]: "platform"}}
    assert judged(inventory, **declared)["bare"].outcome.value == "pass"


def test_an_inventory_without_the_management_groups(twin: AzureTwin, said: Said) -> None:
    """Those that are seen are judged; that there may be others is unknown."""
    twin.tenant_actions = []
    assert said("azure.subscription.inventory") == {"production": "pass", "scope": "unknown"}

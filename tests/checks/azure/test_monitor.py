"""azure.monitor.* and azure.defender.plans against the twin."""

from typing import Any

import pytest

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import HUB, PROD, category, plan

ACTIVITY, RESOURCES = "azure.monitor.activity_log_export", "azure.monitor.resource_diagnostics"
HERE = f"/subscriptions/{PROD}/providers"
ALL = ("Administrative", "Security", "Policy", "Alert")


def setting(*logs: dict[str, Any], **where: Any) -> dict[str, Any]:
    return {"name": "s", "properties": {**(where or HUB), "logs": list(logs)}}


def logs(*categories: str, enabled: bool = True) -> list[dict[str, Any]]:
    return [{"category": one, "categoryGroup": None, "enabled": enabled} for one in categories]


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        pytest.param([], "fail", id="none"),
        pytest.param([setting(*logs(*ALL))], "pass", id="all four to an event hub"),
        pytest.param([setting(*logs(*ALL), marketplacePartnerId="/datadog")], "pass", id="to the platform's own resource"),
        pytest.param([setting(*logs(*ALL), storageAccountId="/a")], "pass", id="to storage"),
        pytest.param([setting(*logs(*ALL), workspaceId="/w")], "fail", id="to a workspace alone"),
        pytest.param([setting({"categoryGroup": "allLogs", "enabled": True})], "pass", id="by group"),
        pytest.param([setting(*logs(*ALL[:3]), *logs("Alert", enabled=False))], "fail", id="one is off"),
        pytest.param([setting(*logs(*ALL[:2])), setting(*logs(*ALL[2:]))], "pass", id="two settings together"),
        pytest.param([{"name": "s", "properties": {"logs": "all"}}], "unknown", id="no list"),
    ],
)
def test_activity_log_export(settings: list[Any], outcome: str, twin: AzureTwin, said: Said) -> None:
    """What is on, and goes where the platform is fed from, counts; nothing else."""
    twin.answer(f"{HERE}/Microsoft.Insights/diagnosticSettings", settings)
    assert list(said(ACTIVITY).values()) == [outcome]


def test_what_feeds_the_platform_can_be_named(twin: AzureTwin, said: Said) -> None:
    """A setting to another event hub is none."""
    twin.answer(f"{HERE}/Microsoft.Insights/diagnosticSettings", [setting(*logs(*ALL))])
    assert list(said(ACTIVITY, platform=["*/namespaces/DATADOG/*"]).values()) == ["pass"]
    assert list(said(ACTIVITY, platform=["*/namespaces/other/*"]).values()) == ["fail"]


def test_resource_diagnostics(twin: AzureTwin, judged: Judged) -> None:
    """Each type has its category, a group is what the resource says it is, and a storage account's logs are its blob service's."""

    def add(type_: str, name: str, *settings: dict[str, Any], place: str = "", categories: Any = None, **rest: Any) -> None:
        made = twin.add(PROD, type_, name, rest=rest or None)
        twin.answer(f"{made}{place}/providers/Microsoft.Insights/diagnosticSettings", list(settings))
        if categories is not None:
            twin.answer(f"{made}{place}/providers/Microsoft.Insights/diagnosticSettingsCategories", categories)

    vault, storage, blobs = "Microsoft.KeyVault/vaults", "Microsoft.Storage/storageAccounts", "/blobServices/default"
    group = setting({"categoryGroup": "audit", "enabled": True})
    add(vault, "named", setting(*logs("AuditEvent")))
    add(vault, "bare")
    add(vault, "grouped", group, categories=[category("AuditEvent", "audit", "allLogs"), category("AllMetrics", type_="Metrics")])
    add(vault, "other_group", group, categories=[category("AuditEvent", "allLogs")])
    add(vault, "group_untold", group)
    add(storage, "blobs", setting(*logs("StorageRead", "StorageWrite", "StorageDelete")), place=blobs)
    add(storage, "account_only", setting(*logs("StorageRead", "StorageWrite", "StorageDelete")))
    add(storage, "reads_only", setting(*logs("StorageRead")), place=blobs)
    add("Microsoft.CognitiveServices/accounts", "ai", setting(*logs("Audit", "RequestResponse")))
    add("Microsoft.CognitiveServices/accounts", "ai_half", setting(*logs("Audit")))
    add("Microsoft.Network/applicationGateways", "gateway", setting(*logs("ApplicationGatewayAccessLog")))
    add("Microsoft.Sql/servers/databases", "system", kind="v12.0,system")
    found = judged(RESOURCES)
    assert {name: f.outcome.value for name, f in found.items()} == {
        "named": "pass", "bare": "fail", "grouped": "pass", "other_group": "fail", "group_untold": "unknown", "blobs": "pass",
        "account_only": "fail", "reads_only": "fail", "ai": "pass", "ai_half": "fail", "gateway": "pass", "system": "not_applicable",
    }  # fmt: skip
    assert len(twin.calls("Microsoft.Insights:DiagnosticSettingsCategory_List")) == 3
    narrowed = judged(RESOURCES, required_types=["Microsoft.KeyVault/vaults"])
    assert narrowed["ai_half"].outcome.value == "not_applicable"


def test_defender_plans(twin: AzureTwin, judged: Judged) -> None:
    """What there is must be watched, wholly; what there is not need not; plans that were retired are not demanded."""

    def said(*plans: dict[str, Any], **parameters: Any) -> tuple[str, str]:
        twin.answer(f"{HERE}/Microsoft.Security/pricings", list(plans))
        (finding,) = judged("azure.defender.plans", **parameters).values()
        return finding.outcome.value, finding.reason

    arm = plan("Arm", "Standard")
    assert said(arm)[0] == "pass"
    assert said(plan("Arm", "Free"))[0] == "fail"
    assert said(arm, plan("KeyVaults", "Free"))[0] == "pass"
    assert said(arm, plans=["SqlServers"])[0] == "not_applicable"
    twin.add(PROD, "Microsoft.KeyVault/vaults", "v")
    twin.add(PROD, "Microsoft.Compute/virtualMachines", "vm")
    machines = plan("VirtualMachines", "Standard", subPlan="P1")
    assert said(arm, machines, plan("KeyVaults", "Free")) == ("fail", "KeyVaults is Free")
    assert said(arm, machines) == ("fail", "KeyVaults is not there")
    partly = plan("KeyVaults", "Standard", resourcesCoverageStatus="PartiallyCovered")
    assert said(arm, machines, partly) == ("fail", "KeyVaults covers only some resources")
    assert said(arm, machines, plan("KeyVaults", "Standard")) == ("pass", "these plans are on: VirtualMachines (P1), KeyVaults, Arm")
    assert said(arm, machines, plan("KeyVaults", "Free", deprecated=True))[0] == "pass"

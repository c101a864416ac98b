"""azure.keyvault.recoverable and .network, azure.compute.* and azure.cognitive.* against the twin."""

from typing import Any

from tests.checks.azure.conftest import Judged, Said
from tests.twins.azure import AzureTwin
from tests.twins.azure_company import PROD, deployment


def test_vaults_are_recoverable(twin: AzureTwin, said: Said) -> None:
    """Purge protection is null where it is off; soft delete is null where it is on."""
    cases: dict[str, dict[str, Any]] = {
        "good": {"enablePurgeProtection": True},
        "both": {"enablePurgeProtection": True, "enableSoftDelete": True},
        "unset": {"enablePurgeProtection": None, "enableSoftDelete": True},
        "off": {"enablePurgeProtection": False},
        "no_soft_delete": {"enablePurgeProtection": True, "enableSoftDelete": False},
        "broken": {"enablePurgeProtection": "yes"},
    }
    for name, properties in cases.items():
        twin.add(PROD, "Microsoft.KeyVault/vaults", name, **properties)
    assert said("azure.keyvault.recoverable") == {
        "good": "pass", "both": "pass", "unset": "fail", "off": "fail", "no_soft_delete": "fail", "broken": "unknown",
    }  # fmt: skip


def test_vaults_are_not_open(twin: AzureTwin, said: Said) -> None:
    """No rules means everybody."""
    cases: dict[str, dict[str, Any]] = {
        "unset": {"networkAcls": None},
        "disabled": {"publicNetworkAccess": "disabled"},
        "closed": {"publicNetworkAccess": "Disabled"},
        "deny": {"networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [{"value": "203.0.113.0/24"}]}},
        "deny_nobody": {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "0.0.0.0/0"}]}},
        "allow": {"networkAcls": {"defaultAction": "Allow"}},
    }
    for name, properties in cases.items():
        twin.add(PROD, "Microsoft.KeyVault/vaults", name, **properties)
    assert said("azure.keyvault.network") == {
        "unset": "fail", "disabled": "pass", "closed": "pass", "deny": "pass", "deny_nobody": "fail", "allow": "fail",
    }  # fmt: skip


def test_disks_and_snapshots(twin: AzureTwin, said: Said) -> None:
    """Exports shut, no live URL, and a customer's key if one is promised. Both kinds come in one query."""
    key, own = {"encryption": {"type": "EncryptionAtRestWithPlatformKey"}}, {"encryption": {"type": "EncryptionAtRestWithCustomerKey"}}
    shut = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "good": ("disks", {**key, **shut, "diskState": "Attached"}),
        "own": ("snapshots", {**own, **shut, "networkAccessPolicy": "AllowPrivate"}),
        "open": ("disks", {**key, **shut, "networkAccessPolicy": "AllowAll"}),
        "unset": ("snapshots", {**key}),
        "public": ("disks", {**key, **shut, "publicNetworkAccess": "Enabled"}),
        "exporting": ("disks", {**key, **shut, "diskState": "ActiveSAS"}),
        "frozen": ("snapshots", {**key, **shut, "diskState": "ActiveSASFrozen"}),
    }
    for name, (type_, properties) in cases.items():
        twin.add(PROD, f"Microsoft.Compute/{type_}", name, **properties)
    expected = {
        "good": "pass", "own": "pass", "open": "fail", "unset": "fail", "public": "fail", "exporting": "fail", "frozen": "fail",
    }  # fmt: skip
    assert said("azure.compute.disk_encryption") == expected
    assert len(twin.calls("Microsoft.ResourceGraph:resources(Microsoft.Compute/disks,Microsoft.Compute/snapshots)")) == 1
    assert said("azure.compute.disk_encryption", require_cmk=True) == expected | {"good": "fail"}


def ai(twin: AzureTwin, name: str, kind: str, *capabilities: tuple[str, str]) -> str:
    listed = [{"name": one, "value": value} for one, value in capabilities]
    return twin.add(PROD, "Microsoft.CognitiveServices/accounts", name, rest={"kind": kind}, capabilities=listed)


def test_content_logging(twin: AzureTwin, said: Said) -> None:
    """The absence of the capability is the bad case; accounts without generative models have nothing to keep."""
    ai(twin, "off", "OpenAI", ("ContentLogging", "false"))
    ai(twin, "on", "OpenAI", ("CustomerManagedKey", ""))
    ai(twin, "said_on", "AIServices", ("ContentLogging", "true"))
    ai(twin, "speech", "SpeechServices")
    expected = {"off": "pass", "on": "fail", "said_on": "fail", "speech": "not_applicable"}
    assert said("azure.cognitive.content_logging") == expected
    assert set(said("azure.cognitive.content_logging", promises_no_retention=False).values()) == {"not_applicable"}


def test_third_party_models(twin: AzureTwin, judged: Judged, said: Said) -> None:
    """A partner's model is declared with its operator, as a subprocessor; Anthropic's on Azure-hosted terms; others as declared."""
    made = ai(twin, "ai", "AIServices")
    twin.page = 1
    listed = [deployment("gpt", "OpenAI"), deployment("claude", "Anthropic"), deployment("large", "Mistral AI")]
    twin.answer(f"{made}/deployments", listed)
    check = "azure.cognitive.third_party_models"
    assert said(check) == {"ai/gpt": "pass", "ai/claude": "fail", "ai/large": "fail"}
    entry = {"operator": "Anthropic", "terms": "2026-01", "subprocessor": True}
    azure = {"format": "Anthropic", "name": "claude-*", "hosting": "Azure", **entry}
    assert said(check, approved=[azure])["ai/claude"] == "pass"
    assert said(check, approved=[azure | {"name": "claude-9*"}])["ai/claude"] == "fail"
    found = judged(check, approved=[azure | {"hosting": "Anthropic"}])["ai/claude"]
    assert (found.outcome.value, "not on Azure" in found.reason) == ("fail", True)
    assert said(check, approved=[azure | {"subprocessor": False}])["ai/claude"] == "fail"

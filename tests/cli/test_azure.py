"""Azure as a person types it: `run`, `doctor` and `permissions`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from controlmon.cli.main import run
from controlmon.ledger.ledger import Ledger
from tests.twins.azure import CLIENT, TENANT, AzureTwin, Fault
from tests.twins.azure_company import PROD, TEST, fill

CHECK = "azure.storage.secure_transfer"


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AzureTwin]:
    with AzureTwin(tmp_path) as twin:
        fill(twin)
        for name, value in twin.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
        monkeypatch.chdir(tmp_path)
        yield twin


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(list(arguments))
    said = capsys.readouterr()
    return code, said.out, said.err


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = output(capsys, *arguments, "--format", "json")
    return code, json.loads(out)


def test_run(azure: AzureTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Each subscription is a target of its own; the fewest calls; the record verifies and nothing in it is secret."""
    code, said = told(capsys, "run", CHECK)
    assert (code, said["summary"]) == (1, {"pass": 1, "fail": 1, "unknown": 0, "not_applicable": 0})
    assert {(f["subject"]["target"], f["outcome"]) for f in said["findings"]} == {(PROD, "pass"), (TEST, "fail")}
    assert sorted(call.operation.partition(":")[2] for call in azure.calls()) == [
        "Permissions_List", "Permissions_List", "Subscriptions_List", "resourcecontainers(microsoft.resources/subscriptions)",
        "resources(microsoft.storage/storageaccounts)",
    ]  # fmt: skip
    azure.assert_read_only()
    ledger = Ledger.open(Path("state"))
    try:
        entries = [e for e in ledger.entries_of(said["run"]["id"]) if e["type"] == "check"]
    finally:
        ledger.close()
    assert [CLIENT in e["identity"] for e in entries] == [True, True]
    assert output(capsys, "ledger", "verify")[0] == 0
    record = b"".join(path.read_bytes() for path in Path("state").iterdir() if path.is_file())
    assert not [one for one in azure.secrets if one.encode() in record]


def test_denied_is_unknown(azure: AzureTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """In the subscription that is denied, and in no other; exit code 3 if that is all there is."""
    azure.deny(TEST, "Microsoft.Storage/*")
    code, said = told(capsys, "run", CHECK)
    assert (code, said["summary"]) == (3, {"pass": 1, "fail": 0, "unknown": 1, "not_applicable": 0})
    assert said["gaps"][0]["needs"] == ["Microsoft.Storage/storageAccounts/read"]


def test_a_target_can_be_named(azure: AzureTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """A configured subscription by its id; a tenant by its name takes it whole."""
    tenant = {"name": "artemis", "tenant": TENANT, "credential": "environment", "subscriptions": [PROD, TEST]}
    Path("controlmon.yaml").write_text(json.dumps({"azure": {"tenants": [tenant]}}))
    assert {f["subject"]["target"] for f in told(capsys, "run", CHECK, "--target", TEST)[1]["findings"]} == {TEST}
    assert {f["subject"]["target"] for f in told(capsys, "run", CHECK, "--target", "artemis")[1]["findings"]} == {PROD, TEST}


def test_doctor(azure: AzureTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Says who logged in, what was denied, and which check would be unknown for it."""
    azure.deny(TEST, "Microsoft.Storage/*")
    code, out, _ = output(capsys, "doctor", CHECK, "--format", "json")
    rows = json.loads(out)
    assert code == 3
    assert rows[0]["state"] == "ok"
    denied = next(row for row in rows if row["state"] == "denied")
    assert (denied["target"], denied["would_be_unknown"]) == (TEST, [CHECK])
    with azure.fault("login:token", Fault.DENIED):
        code, out, _ = output(capsys, "doctor", CHECK, "--format", "json")
    assert (code, json.loads(out)[0]["state"]) == (3, "unseen")


def test_permissions(azure: AzureTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """A custom role with exactly the actions; what is granted in Microsoft Graph is told apart, and Terraform is not for Azure."""
    _, out, _ = output(capsys, "permissions", "azure", CHECK, "--format", "azure-role")
    role = json.loads(out)
    assert role["Actions"] == [
        "Microsoft.Authorization/permissions/read", "Microsoft.Resources/subscriptions/read", "Microsoft.Storage/storageAccounts/read",
    ]  # fmt: skip
    assert (role["IsCustom"], role["NotActions"], role["DataActions"]) == (True, [], [])
    _, out, _ = output(capsys, "permissions", "azure", "azure.authorization.orphans")
    role = json.loads(out)
    assert "Directory.Read.All" not in role["Actions"]
    assert "Directory.Read.All" in role["Description"]
    code, _, err = output(capsys, "permissions", "azure", CHECK, "--format", "terraform")
    assert (code, "azure-role" in err) == (2, True)
    assert azure.calls() == []

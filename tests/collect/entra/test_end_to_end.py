"""`controlmon run`, `doctor` and `permissions` over a tenant, as a person types them."""

import json
from pathlib import Path
from typing import Any

import pytest

from controlmon.cli.main import run
from tests.twins.entra import TENANT, EntraTwin, Fault

CONSENT, MFA, RISKY = "entra.policy.user_consent", "entra.conditionalaccess.mfa_all_users", "entra.identityprotection.risky_users"
GROUPS = "GET /v1.0/groups/{id}/transitiveMembers"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTROLMON_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    code = run([*arguments, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_run_with_no_configuration(tenant: EntraTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """The credentials of the shell are enough; exit code 0, and the subject is the tenant that the token names."""
    code, said = typed(capsys, "run", CONSENT, MFA)
    assert (code, said["summary"]) == (0, {"pass": 2, "fail": 0, "unknown": 0, "not_applicable": 0})
    assert {f["subject"]["id"] for f in said["findings"]} == {TENANT}
    assert {p["kind"]: (p["count"], p["complete"]) for p in said["populations"]}["entra.user"] == (4, True)


def test_a_denial_is_unknown_and_says_what_to_grant(tenant: EntraTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 3: nothing failed, and not everything was seen. The other check is not touched."""
    with tenant.fault(GROUPS, Fault.DENIED):
        code, said = typed(capsys, "run", CONSENT, MFA)
    assert code == 3
    assert {f["check"]: f["outcome"] for f in said["findings"]} == {CONSENT: "pass", MFA: "unknown"}
    assert "grant GroupMember.Read.All" in next(f["reason"] for f in said["findings"] if f["check"] == MFA)
    assert {gap["kind"] for gap in said["gaps"]} == {"denied"}


def test_a_missing_licence_has_a_reason_of_its_own(tenant: EntraTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """It is neither a pass nor a denial."""
    with tenant.fault("GET /v1.0/identityProtection/riskyUsers", Fault.UNLICENSED):
        code, said = typed(capsys, "run", RISKY)
    assert (code, said["findings"][0]["outcome"]) == (0, "not_applicable")
    assert "not licensed for Identity Protection" in said["findings"][0]["reason"]


def test_doctor_names_the_permission_and_the_check(tenant: EntraTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """One row for the operation, whatever the number of groups."""
    with tenant.fault(GROUPS, Fault.DENIED):
        code, rows = typed(capsys, "doctor", MFA)
    assert code == 3
    row = next(row for row in rows if row["what"] == f"graph:{GROUPS}")
    assert (row["state"], row["would_be_unknown"]) == ("denied", [MFA])
    assert "grant GroupMember.Read.All" in row["said"]


def test_the_permissions_of_two_checks(tenant: EntraTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Those of Graph by name, and apart what Azure has to grant."""
    code, said = typed(capsys, "permissions", "entra", CONSENT, "entra.auditlog.exported")
    assert code == 0
    assert said["microsoft_graph"]["application_permissions"] == ["Policy.Read.All"]
    assert said["azure"] == ["microsoft.aadiam/diagnosticsettings/read at scope /providers/Microsoft.aadiam"]

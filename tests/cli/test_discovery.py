"""Accounts discovered through AWS Organizations: each active one is a target, one that lets nobody in is a gap of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_run import output
from tests.twins.aws import AwsError, AwsTwin

CHECK, OWN = "aws.iam.password_policy", "123456789012"
LISTED = [
    {"Id": "333333333333", "Name": "closed", "Status": "SUSPENDED"},
    {"Id": "222222222222", "Name": "staging", "Status": "ACTIVE"},
    {"Id": OWN, "Name": "management", "Status": "ACTIVE"},
    {"Id": "111111111111", "Name": "production", "Status": "ACTIVE"},
]


@pytest.fixture
def organization(twin: AwsTwin, tmp_path: Path) -> Iterator[AwsTwin]:
    """An organization of three active accounts and a closed one, which the configuration asks to discover."""
    (tmp_path / "controlmon.yaml").write_text("aws: {organization: {role: controlmon-read, external_id: ours}, regions: [us-east-1]}\n")
    with twin.answer("organizations", "ListAccounts", {"Accounts": LISTED}):
        yield twin


def seen(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """The outcome in each account."""
    _, out, _ = output(capsys, "run", CHECK, *arguments, "--format", "json")
    return {f["subject"]["target"]: f["outcome"] for f in json.loads(out)["findings"]}


def test_every_active_account_is_a_target(organization: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """Our own without a role, the others by it, with the external id; a closed one is not tried."""
    assert set(seen(capsys)) == {OWN, "111111111111", "222222222222"}
    roles = {call.params["RoleArn"]: call.params.get("ExternalId") for call in organization.calls("sts", "AssumeRole")}
    assert roles == {f"arn:aws:iam::{n}:role/controlmon-read": "ours" for n in ("111111111111", "222222222222")}


def test_one_account_may_be_chosen_by_name(organization: AwsTwin, capsys: pytest.CaptureFixture[str]) -> None:
    """By what the organization calls it, or by its id."""
    assert set(seen(capsys, "--target", "production")) == {"111111111111"}
    assert set(seen(capsys, "--target", "222222222222")) == {"222222222222"}


def test_what_is_excluded_or_named_is_not_discovered(organization: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """An account with a role of its own keeps that; one that is excluded is left out."""
    named = "accounts: [{name: production, role: 'arn:aws:iam::111111111111:role/other'}]"
    text = f"aws: {{organization: {{role: controlmon-read, exclude: ['222222222222']}}, {named}, regions: [us-east-1]}}\n"
    (tmp_path / "controlmon.yaml").write_text(text)
    assert set(seen(capsys)) == {OWN, "111111111111"}
    assert [call.params["RoleArn"] for call in organization.calls("sts", "AssumeRole")] == ["arn:aws:iam::111111111111:role/other"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(AwsError("AccessDeniedException", "no", 403), id="denied"),
        pytest.param(AwsError("ThrottlingException", "slow", 400), id="throttled"),
        pytest.param({"Accounts": [{"Name": "who"}]}, id="misshapen"),
    ],
)
def test_accounts_that_cannot_be_listed_are_unknown(twin: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path, answer: Any) -> None:
    """Our own is judged; what stands for the rest is unknown, and says which permission is missing. Nothing passes for want of sight."""
    (tmp_path / "controlmon.yaml").write_text("aws: {organization: {role: controlmon-read}, regions: [us-east-1], attempts: 1}\n")
    with twin.answer("organizations", "ListAccounts", answer):
        code, out, _ = output(capsys, "run", CHECK, "--format", "json")
    found = {f["subject"]["target"]: (f["outcome"], f["reason"]) for f in json.loads(out)["findings"]}
    assert set(found) == {OWN, f"organization-of-{OWN}"}
    outcome, reason = found[f"organization-of-{OWN}"]
    assert (outcome, "organizations:ListAccounts" in reason) == ("unknown", True)
    assert found[OWN][0] != "unknown"
    assert code == 3


def test_the_permission_is_generated_where_it_is_used(organization: AwsTwin, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Who discovers nothing needs no permission to list."""
    assert "organizations:ListAccounts" in output(capsys, "permissions", "aws", CHECK)[1]
    (tmp_path / "controlmon.yaml").write_text("{}\n")
    assert "organizations:ListAccounts" not in output(capsys, "permissions", "aws", CHECK)[1]

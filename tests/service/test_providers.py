"""Which providers are in reach: what is configured, what has credentials at hand, and AWS, which is always tried."""

import json
import logging
from pathlib import Path

import pytest

from controlmon.service import flow
from controlmon.service.config import Config, load_config
from controlmon.service.providers import collected_by, in_reach
from tests.cli.test_run import output
from tests.twins.aws import AwsTwin


def configured(tmp_path: Path, text: str) -> Config:
    (tmp_path / "c.yaml").write_text(text)
    return load_config(tmp_path / "c.yaml")


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("{}", {}, ["aws", "controlmon"]),
        ("datadog: {}", {}, ["aws", "controlmon", "datadog"]),
        ("aws: {regions: [eu-west-1]}", {"DD_API_KEY": "x"}, ["aws", "controlmon", "datadog"]),
        ("{}", {"AZURE_TENANT_ID": "t"}, ["aws", "azure", "controlmon", "entra"]),
        ("entra: {cloud: china}", {"DD_API_KEY": ""}, ["aws", "controlmon", "entra"]),
    ],
)
def test_what_is_in_reach(tmp_path: Path, text: str, environment: dict[str, str], expected: list[str]) -> None:
    """A section of the configuration, or a credential that is not empty."""
    assert in_reach(configured(tmp_path, text), environment) == expected


def test_what_is_left_out_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never in silence: a provider without credentials is named, with how many checks it would be."""
    monkeypatch.delenv("DD_API_KEY", raising=False)
    config = configured(tmp_path, "{}")
    registry = flow.open_registry(config)
    with caplog.at_level(logging.WARNING):
        kept = flow.scheduled_checks(config, registry)
    count = sum(check.provider == "datadog" for check in registry)
    assert count
    assert {provider for check in kept for provider in collected_by(check)} == {"aws", "controlmon"}
    assert "datadog" in caplog.text
    assert "left out: not in the configuration, and no credentials at hand" in caplog.text


def test_what_is_named_runs_all_the_same(twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for by name, a check without credentials is unknown, and says so; by control alone, nothing out of reach is run."""
    monkeypatch.delenv("DD_API_KEY", raising=False)
    code, out, _ = output(capsys, "run", "datadog.user.mfa", "--format", "json")
    assert (code, '"outcome": "unknown"' in out or '"unknown": 1' in out) == (3, True)
    code, out, err = output(capsys, "run", "--control", "encryption-in-transit", "--region", "us-east-1", "--format", "json")
    assert code in (0, 1, 3), err
    assert {finding["check"].split(".")[0] for finding in json.loads(out)["findings"]} == {"aws"}

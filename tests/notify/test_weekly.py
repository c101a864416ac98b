"""The weekly report goes out once a week, is recorded, and is acknowledged; and a sign of life is given for each completed run."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controlmon.ledger.ledger import Ledger
from controlmon.service import flow
from controlmon.service.config import load_config
from controlmon.service.notify import Teller
from controlmon.service.own_controls import reports
from tests.cli.test_run import CHECK, output
from tests.notify.test_receivers import hook
from tests.twins.aws import AwsTwin

RISKS = "rows:\n  - {id: R-1, title: Buckets, owner: ada, due: 2999-01-01, about: [%s]}\n"


def teller() -> tuple[Ledger, Teller, datetime]:
    config = load_config()
    return flow.open_ledger(config), Teller(config, flow.open_catalog(config), {CHECK: "daily"}), flow.utc_now()


def types(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["type"] for entry in entries if entry["type"].startswith("report")]


def test_a_report_is_delivered_once_a_week_and_acknowledged(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One channel fails: the report is not delivered until it took the same report; restarts do not repeat it; the next week has its own."""
    channels = "[{name: a, url: A, severity: critical, controls: [none]}, {name: b, url: B, severity: critical, controls: [none]}]"
    weekly = "{channels: [a, b], managers: [Ada, bob]}"
    (tmp_path / "controlmon.yaml").write_text(f"notify: {{channels: {channels}, weekly: {weekly}}}\n")
    control = flow.open_catalog(load_config()).controls_of(CHECK)[0]
    (tmp_path / "registers").mkdir()
    with hook() as (first, a), hook() as (second, b):
        monkeypatch.setenv("A", a)
        monkeypatch.setenv("B", b)
        ledger, work, now = teller()
        assert work.tell(ledger, now) == []  # nothing ran yet
        output(capsys, "run", CHECK)
        second.status = 500
        assert types(work.tell(ledger, now)) == ["report.failed"]
        second.status = 200
        (told,) = work.tell(ledger, now + timedelta(minutes=1))
        assert (told["type"], told["to"]) == ("report.delivered", ["Ada", "bob"])
        assert first.got[0]["message"] == second.got[-1]["message"]
        assert f"({control})" in first.got[0]["message"]
        assert "nobody is known to mend it" in first.got[0]["message"]
        ledger.close()
        ledger, work, _ = teller()
        assert work.tell(ledger, now + timedelta(minutes=2)) == []
        assert len(first.got) == 1

        (digest,) = {one["digest"] for one in reports(load_config(), now)["deliveries"]["delivered"]}
        assert output(capsys, "notify", "acknowledge", "--by", "eve")[0] == 2
        assert output(capsys, "notify", "acknowledge", "--by", "ada", "--report", "ffff")[0] == 2
        assert output(capsys, "notify", "acknowledge", "--by", "ada", "--report", digest[7:19])[0] == 0
        code, _, err = output(capsys, "notify", "acknowledge", "--by", "Ada")
        assert (code, "acknowledged it before" in err) == (2, True)
        said = reports(load_config(), flow.utc_now())["deliveries"]["acknowledged"]
        assert [(one["by"], one["digest"]) for one in said] == [("ada", digest)]
        assert f"--report {digest[7:19]}" in first.got[0]["message"]

        told = work.tell(ledger, now + timedelta(days=7))
        assert types(told) == ["report.delivered"]
        assert told[0]["digest"] != digest
        assert ledger.verify().problems == ()
        ledger.close()


def test_a_heartbeat_for_each_completed_run(
    twin: AwsTwin, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once a run, not once a look; a URL that fails is logged without its token and tried again; without a run there is no heartbeat."""
    (tmp_path / "controlmon.yaml").write_text("notify: {heartbeat: HC_URL}\n")
    with hook() as (state, url):
        monkeypatch.setenv("HC_URL", url.replace("json://user:hook-secret-1@", "http://"))
        ledger, work, now = teller()
        work.tell(ledger, now)
        assert state.fetched == 0
        output(capsys, "run", CHECK)
        state.status = 503
        work.tell(ledger, now)
        assert "the heartbeat was not taken: it answered 503" in caplog.text
        state.status = 200
        for minutes in (1, 2, 3):
            work.tell(ledger, now + timedelta(minutes=minutes))
        assert state.fetched == 2
        output(capsys, "run", CHECK)
        work.tell(ledger, now + timedelta(minutes=4))
        assert state.fetched == 3
        monkeypatch.setenv("HC_URL", "http://127.0.0.1:1/token-9f8e7d")
        output(capsys, "run", CHECK)
        work.tell(ledger, now + timedelta(minutes=5))
        assert "ConnectError" in caplog.text
        assert "token-9f8e7d" not in caplog.text
        ledger.close()

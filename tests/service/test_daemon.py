"""The daemon: what is due is run once, what nobody ran is told, what died is told, and a signal ends it between cycles."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controlmon.ledger.history import decoded
from controlmon.ledger.ledger import Ledger
from controlmon.service import flow, providers
from controlmon.service.config import Config, load_config
from controlmon.service.cycle import recover
from controlmon.service.daemon import Agenda
from tests.twins.aws import AwsTwin, Fault

START = datetime(2026, 11, 23, 10, 20, tzinfo=UTC)
CONFIG = "checks:\n  frequency: {'*': hourly}\naws:\n  regions: [us-east-1]\n"


def agenda(tmp_path: Path) -> Agenda:
    (tmp_path / "controlmon.yaml").write_text(CONFIG)
    config: Config = load_config()
    registry = flow.open_registry(config, only=["aws.s3.bucket_encryption"])
    return Agenda(config, list(registry), lambda: providers.targets(config, ["aws"]), providers.services("aws"), dict)


def kinds(ledger: Ledger, prefix: str) -> list[tuple[str, str]]:
    """The type and the scheduled time of every entry of the streams."""
    bodies = [body for _, body in decoded(ledger, lambda body: str(body["stream"]).startswith(prefix))]
    return [(body["type"], str(body.get("scheduled"))[:16]) for body in bodies]


def test_a_slot_is_served_once(twin: AwsTwin, tmp_path: Path) -> None:
    """The first tick runs; the next ones of the same hour do not; the next hour's does."""
    ledger, work = Ledger.open(tmp_path / "state"), agenda(tmp_path)
    ran = [work.tick(ledger, lambda at=START + timedelta(minutes=m): at) is not None for m in (0, 1, 39, 40, 41)]
    assert ran == [True, False, False, True, False]
    assert [s for t, s in kinds(ledger, "runs") if t == "run.finished"] == ["2026-11-23T10:00", "2026-11-23T11:00"]
    ledger.close()


def test_what_was_missed_is_told(twin: AwsTwin, tmp_path: Path) -> None:
    """After a sleep of four hours one run is made, and three are told as missed."""
    ledger, work = Ledger.open(tmp_path / "state"), agenda(tmp_path)
    work.tick(ledger, lambda: START)
    work.tick(ledger, lambda: START + timedelta(hours=4))
    assert kinds(ledger, "schedule:") == [("run.missed", f"2026-11-23T{h}:00") for h in (11, 12, 13)]
    assert ledger.verify().problems == ()
    ledger.close()


def test_a_clock_set_back_makes_nothing_due(twin: AwsTwin, tmp_path: Path) -> None:
    """A slot that was served is not served again because the clock says so."""
    ledger, work = Ledger.open(tmp_path / "state"), agenda(tmp_path)
    work.tick(ledger, lambda: START)
    assert work.tick(ledger, lambda: START - timedelta(hours=2)) is None
    ledger.close()


def daemon(tmp_path: Path, *more: str) -> subprocess.Popen[bytes]:
    (tmp_path / "controlmon.yaml").write_text(CONFIG + "  read_timeout: 20\n")
    return subprocess.Popen([sys.executable, "-m", "controlmon", "daemon", "--tick", "0.2", *more], cwd=tmp_path, stderr=subprocess.PIPE)


def wait_for(what: str, tmp_path: Path, twin: AwsTwin) -> None:
    deadline = time.monotonic() + 30
    while not twin.calls(operation=what):
        assert time.monotonic() < deadline, f"{what} was not asked in time"
        time.sleep(0.05)


def test_sigterm_ends_it_cleanly(twin: AwsTwin, tmp_path: Path) -> None:
    """The cycle that is under way is finished, the ledger holds, and the exit code is 0."""
    process = daemon(tmp_path)
    wait_for("ListBuckets", tmp_path, twin)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said.decode()
    ledger = Ledger.open(tmp_path / "state")
    assert [t for t, _ in kinds(ledger, "runs")] == ["run.started", "run.finished"]
    assert ledger.verify().problems == ()
    ledger.close()


def test_kill_9_in_mid_run(twin: AwsTwin, tmp_path: Path) -> None:
    """Nothing acknowledged is lost, the ledger verifies, the run shows as interrupted, the next one proceeds."""
    with twin.fault("s3", "GetBucketEncryption", Fault.TIMEOUT, seconds=15):
        process = daemon(tmp_path)
        wait_for("GetBucketEncryption", tmp_path, twin)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
    ledger = Ledger.open(tmp_path / "state")
    (run, *_), *others = ledger.dead_runs()
    assert others == []
    assert recover(ledger, lambda: START) == [run]
    assert [t for t, _ in kinds(ledger, "runs")] == ["run.started", "run.interrupted"]
    assert agenda(tmp_path).tick(ledger, lambda: datetime.now(UTC)) is not None
    assert ledger.verify().problems == ()
    ledger.close()


def test_it_refuses_a_ledger_that_does_not_hold(twin: AwsTwin, tmp_path: Path) -> None:
    """A damaged record is told, and not continued."""
    import sqlite3

    ledger = Ledger.open(tmp_path / "state")
    agenda(tmp_path).tick(ledger, lambda: START)
    ledger.close()
    database = sqlite3.connect(tmp_path / "state/ledger.db")
    database.execute("update entry set body = (select body from entry where position = 0) where position = 1")
    database.commit()
    database.close()
    process = daemon(tmp_path)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, "the record does not hold" in said.decode()) == (2, True), said.decode()


@pytest.mark.parametrize("size", [3])
def test_unchanged_facts_cost_little(twin: AwsTwin, tmp_path: Path, size: int) -> None:
    """An hour in which nothing changed stores how it was seen, and no state again."""
    ledger, work = Ledger.open(tmp_path / "state"), agenda(tmp_path)
    from sqlalchemy import func, select

    from controlmon.ledger.schema import blob

    counts = []
    for hour in range(size):
        work.tick(ledger, lambda hour=hour: START + timedelta(hours=hour))
        with ledger.store.reading() as connection:
            counts.append(connection.scalar(select(func.count()).select_from(blob)))
    assert counts[2] - counts[1] == counts[1] - counts[0] <= 3
    ledger.close()

"""Anchoring: the head goes out when it is time, what came back is recorded, a failure is told, and the lag is never smaller than it is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controlmon.core.canonical import digest
from controlmon.core.errors import ConfigError, UsageError
from controlmon.core.times import stamp
from controlmon.ledger.anchor import Receipt, refusal
from controlmon.ledger.ledger import Ledger
from controlmon.service.anchors import anchor, due, is_late, lag, open_anchors
from controlmon.service.config import load_config
from controlmon.service.daemon import keep_anchored
from tests.twins.tsa import TsaTwin

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


class Somewhere:
    """An anchor that keeps what it is shown, and fails on command."""

    kind, place = "rfc3161", "http://somewhere.test/"

    def __init__(self) -> None:
        self.shown: list[bytes] = []
        self.now, self.fails = START, False

    def anchor(self, checkpoint: bytes) -> Receipt:
        if self.fails:
            raise refusal(self.place, "it does not answer", "Try again later")
        self.shown.append(checkpoint)
        return Receipt(self.kind, self.place, stamp(self.now), b"proof of " + checkpoint, {"authority": "somewhere"})


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "state")
    work(made, START)
    yield made
    made.close()


def work(ledger: Ledger, at: datetime) -> None:
    ledger.append("daemon", stamp(at), [("changes", {"type": "change"}), ("changes", {"type": "change"})])


def test_what_an_anchor_gave_is_recorded(ledger: Ledger) -> None:
    """The entry names the checkpoint and the raw proof, which the ledger keeps; what was anchored is the signed note to the byte."""
    there, note = Somewhere(), ledger.checkpoint()
    (entry,) = anchor(ledger, [there], START)
    assert there.shown == [note.encode()]
    assert (entry["type"], entry["size"], entry["at"], entry["says"]) == ("anchor", 2, stamp(START), {"authority": "somewhere"})
    assert ledger.blob(entry["receipt"]) == b"proof of " + note.encode()
    assert entry["receipt"] == digest(b"proof of " + note.encode())
    assert ledger.verify().problems == ()


def test_the_lag_is_what_came_after(ledger: Ledger) -> None:
    """Before any anchor all is behind; after one nothing is, though the log says so; then what comes, from when it came."""
    assert (lag(ledger).anchored, lag(ledger).entries, lag(ledger).since) == (None, 2, stamp(START))
    anchor(ledger, [Somewhere()], START)
    assert (lag(ledger).anchored, lag(ledger).entries, lag(ledger).since) == (2, 0, None)
    work(ledger, START + DAY)
    assert (lag(ledger).anchored, lag(ledger).entries, lag(ledger).since) == (2, 2, stamp(START + DAY))
    assert [is_late(lag(ledger), DAY, START + DAY * n) for n in (1, 2, 3)] == [False, False, True]


def test_a_failure_is_told_and_does_not_count(ledger: Ledger) -> None:
    """It is recorded with its reason, the lag stays, and the other anchors are asked all the same."""
    broken, whole = Somewhere(), Somewhere()
    broken.fails, broken.place = True, "http://broken.test/"
    told = anchor(ledger, [broken, whole], START)
    assert [entry["type"] for entry in told] == ["anchor.failed", "anchor"]
    assert "it does not answer" in told[0]["reason"]
    work(ledger, START + DAY)
    anchor(ledger, [broken], START + DAY)
    assert lag(ledger).anchored == 2


def test_each_is_shown_the_head_when_it_is_time(ledger: Ledger) -> None:
    """At once, then a day after the last; never for nothing new; and a failure is tried again after a tenth of that."""
    there = Somewhere()
    assert due(ledger, [there], DAY, START) == [there]
    keep_anchored(ledger, [there], DAY, lambda: START)
    assert due(ledger, [there], DAY, START + 2 * DAY) == []
    work(ledger, START)
    assert due(ledger, [there], DAY, START + DAY - timedelta(seconds=1)) == []
    assert due(ledger, [there], DAY, START + DAY) == [there]
    there.fails = True
    keep_anchored(ledger, [there], DAY, lambda: START + DAY)
    assert due(ledger, [there], DAY, START + DAY + timedelta(hours=2)) == []
    assert due(ledger, [there], DAY, START + DAY + timedelta(hours=2, minutes=24)) == [there]


def test_the_configuration_names_them(ledger: Ledger, tmp_path: Path) -> None:
    """Each kind is opened as it is written; one that cannot be what it says is refused at its line."""
    key = "w.test/w+00000000+BAAA"
    (tmp_path / "c.yaml").write_text(
        "anchors:\n  every: 1h\n  rfc3161: [{url: 'http://tsa.test/'}]\n  objectlock:\n    - {bucket: evidence-bucket, days: 30}\n"
    )
    config = load_config(tmp_path / "c.yaml")
    assert [(a.kind, a.place) for a in open_anchors(config, ledger, lambda: START)] == [
        ("rfc3161", "http://tsa.test/"),
        ("objectlock", "s3://evidence-bucket/controlmon"),
    ]
    (tmp_path / "c.yaml").write_text(f"anchors:\n  witness:\n    - {{url: 'http://w.test/', key: '{key}'}}\n")
    with pytest.raises(ConfigError, match=r"c.yaml:3: "):
        open_anchors(load_config(tmp_path / "c.yaml"), ledger, lambda: START)


def test_none_is_told(ledger: Ledger) -> None:
    """Asked to anchor without an anchor, it says where to name one."""
    with pytest.raises(UsageError, match="under `anchors` in the configuration"):
        anchor(ledger, [], START)


def test_a_real_authority(ledger: Ledger, tmp_path: Path) -> None:
    """With a time-stamp authority made by openssl: its own time is recorded, and the proof is its raw answer."""
    with TsaTwin(tmp_path) as tsa:
        (tmp_path / "c.yaml").write_text(f"anchors:\n  rfc3161: [{{url: '{tsa.url}', ca: '{tsa.roots}'}}]\n")
        anchors = open_anchors(load_config(tmp_path / "c.yaml"), ledger, lambda: START)
        (entry,) = anchor(ledger, anchors, START)
    assert entry["type"] == "anchor", entry
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry["at"])) < timedelta(minutes=5)
    assert ledger.blob(entry["receipt"])[0] == 0x30

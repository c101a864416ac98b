"""(10) The anchors: what was seen outside, and what that proves."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bundles import DAY, Bundle, Key, Log, company, stamp
from tests.ledger.offline.forged import HOUR, Verify, relogged
from tests.twins.tsa import TsaTwin


def cosigned(log: Log, witness: Key, at: datetime, *, whole: bool = True, text: str | None = None) -> str:
    signed = str(log.heads[-1]["note"])
    own = text or signed.rpartition("\n\n")[0] + "\n"
    line = witness.cosign(own, int(at.timestamp()))
    return log.anchor("witness", (signed + line if whole else line).encode(), at)


@pytest.mark.parametrize("whole", [True, False])
def test_a_witness_s_cosignature_is_verified(told: Verify, whole: bool) -> None:
    """(10) With the key of the witness, and only then: the tail is what lies behind it."""
    log, witness = company(3), Key("witness.example", 4)
    size = log.heads[-1]["size"]
    cosigned(log, witness, DAY + 2 * HOUR + timedelta(minutes=5), whole=whole)
    log.run(DAY + 3 * HOUR)
    answer = told(log, "--witness", witness.text)
    assert answer.code == 0
    assert "1 anchors: witness: cosigned by witness.example" in answer.told
    assert f"{len(log.entries) - size:,} of {len(log.entries):,} entries lie behind the last proved anchor" in answer.told
    assert "at most 2.1 hours lie between the beginning, the proved anchors and the end" in answer.told
    answer = told(log)
    assert answer.code == 0
    assert "NO ANCHOR was proved here" in answer.told
    assert "give the key of the witness" in answer.told


def test_a_cosignature_of_something_else_is_refused(told: Verify) -> None:
    """(10) Of another text, of a time before what it saw, or of a time that the entry does not tell."""
    witness, at = Key("witness.example", 4), DAY + 2 * HOUR + timedelta(minutes=5)
    for text, when, whole in (("other\n1\nx\n", at, False), (None, DAY + HOUR, True)):
        log = company(3)
        cosigned(log, witness, when, text=text, whole=whole)
        log.run(DAY + 3 * HOUR)
        assert told(log, "--witness", witness.text).steps == {10}
    log = company(3)
    cosigned(log, witness, at)
    log.run(DAY + 3 * HOUR)
    made = relogged(log, "anchor", lambda entry: entry.update(at=stamp(DAY + HOUR)))
    assert told(made, "--witness", witness.text).steps == {10}


def test_receipts_are_those_that_the_log_names(told: Verify) -> None:
    """(10) A receipt removed, changed, or of another size; one that no entry names; an anchor of a checkpoint that is not ours."""
    log = company(3)
    name = log.anchor("objectlock", b'{"locked": "until 2033"}', DAY + 2 * HOUR + timedelta(minutes=5))
    log.run(DAY + 3 * HOUR)
    answer = told(log)
    assert answer.code == 0
    assert "objectlock: what the receipt claims cannot be proved offline" in answer.told
    changes: list[Callable[[dict[str, bytes]], object]] = [
        lambda files: files.pop(name),
        lambda files: files.__setitem__(name, b"{}"),
        lambda files: files.__setitem__("anchors/3-witness-0", files.pop(name)),
        lambda files: files.__setitem__("anchors/9-witness-9", b"more"),
    ]
    for change in changes:
        bundle = log.bundle()
        change(bundle.files)
        assert told(bundle).steps == {10}
    for fields in ({"size": 5}, {"root": "00" * 32}, {"size": None}):
        made = relogged(log, "anchor", lambda entry, fields=fields: entry.update(fields))  # type: ignore[misc]
        assert told(made).steps == {10}


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaTwin]:
    with TsaTwin(tmp_path_factory.mktemp("tsa")) as twin:
        yield twin


@pytest.fixture(scope="module")
def stamped(tsa: TsaTwin, tmp_path_factory: pytest.TempPathFactory) -> Log:
    """A log of yesterday, whose last checkpoint an authority has stamped now."""
    now = datetime.now(UTC)
    log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1))
    log.anchor("rfc3161", response(tsa, log.heads[-1]["note"].encode(), tmp_path_factory.mktemp("query")), now)
    log.checkpoint(now + timedelta(seconds=1))
    return log


def response(tsa: TsaTwin, data: bytes, folder: Path) -> bytes:
    (folder / "note").write_bytes(data)
    asked = subprocess.run(["openssl", "ts", "-query", "-data", str(folder / "note"), "-sha256", "-cert"], capture_output=True, check=True)
    return tsa.stamp(asked.stdout)


def of_then(log: Log) -> Bundle:
    start = datetime.fromisoformat(log.heads[0]["at"]).replace(minute=0, second=0, microsecond=0)
    return log.bundle(period=(start, start + timedelta(days=1)), exported=datetime.now(UTC) + HOUR)


def test_a_time_stamp_is_verified(told: Verify, tsa: TsaTwin, stamped: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """(10) Under the authority's certificates it proves when; without them, or without openssl, its signature is said to be unverified."""
    answer = told(of_then(stamped), "--tsa-ca", str(tsa.roots))
    assert answer.code == 0
    assert "1 anchors: rfc3161: signed under good.ca.pem" in answer.told
    assert "1 of 10 entries lie behind the last proved anchor" in answer.told
    assert "the authority's signature was not verified: give --tsa-ca" in told(of_then(stamped)).told
    monkeypatch.setenv("PATH", "")
    answer = told(of_then(stamped), "--tsa-ca", str(tsa.roots))
    assert (answer.code, "openssl is not installed" in answer.told, "NO ANCHOR" in answer.told) == (0, True, True)


def test_a_time_stamp_of_another_authority_or_note_is_refused(told: Verify, tsa: TsaTwin, stamped: Log, tmp_path: Path) -> None:
    """(10) A stranger's signature, a stamp of other bytes, a stamp that was cut, and one of before the entries that it covers."""
    assert told(of_then(stamped), "--tsa-ca", str(tsa.stranger)).steps == {10}
    now = datetime.now(UTC)
    good = response(tsa, stamped.heads[0]["note"].encode(), tmp_path)
    for proof in (response(tsa, b"other", tmp_path), good[:-40], good[:30], b"", b"0"):
        log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1))
        log.anchor("rfc3161", proof, now)
        log.checkpoint(now + timedelta(seconds=1))
        assert told(of_then(log)).steps == {10}
    log = company(2, day=now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=3))
    log.anchor("rfc3161", response(tsa, log.heads[-1]["note"].encode(), tmp_path), now)
    log.checkpoint(now + timedelta(days=4))
    bundle = of_then(log)
    bundle.manifest["exported_at"] = stamp(now + timedelta(days=5))
    assert told(bundle, "--tsa-ca", str(tsa.roots)).steps == {10}

"""The record: what is put in comes out, every change shows, and no crash loses what was acknowledged."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from controlmon.core.buckets import ListWriter
from controlmon.core.canonical import digest
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Fact, Gap, GapKind, Listing, Scope, Seen, Subject
from controlmon.core.merkle import leaf_hash
from controlmon.core.note import parse_verifier_key
from controlmon.ledger.ledger import Ledger, only_one
from controlmon.ledger.verify import Verified

SCOPE = Scope("aws", "123456789012")
AT = "2026-11-23T12:00:00.000Z"
SEEN = Seen("s3:GetBucketEncryption", AT, "request-1")


def fact(name: str, answer: object, aspect: str = "encryption") -> Fact:
    return Fact(Subject("aws.s3.bucket", f"arn:aws:s3:::{name}", name, SCOPE), aspect, answer, SEEN)


def fill(ledger: Ledger, run: str, count: int = 3, at: str = AT) -> None:
    """One run, recorded by hand: facts, a population, an entry that names it."""
    ledger.begin(run, None, at, [("runs", {"type": "run.started"})])
    recorder = ledger.recorder(run, {"aws.s3.bucket.encryption": ("Moving",)})
    for i in range(count):
        recorder.add(fact(f"b{i:05}", {"Algorithm": "aws:kms", "Moving": f"{run}-{i}"}))
    recorder.add(Listing("aws.s3.bucket", SCOPE, "s3:ListBuckets", count, 1))
    recorder.flush()
    keeper = ledger.keeper()
    writer = ListWriter(keeper)
    for i in range(count):
        writer.add(str(i), {"subject": f"b{i:05}", "outcome": "pass"})
    findings = writer.close()
    seen = ledger.seen_writer(keeper)
    rows, how = ledger.recorded(run).seal("aws.s3.bucket", SCOPE, keeper, seen)
    closed = seen.close()
    keeper.flush()
    statement = {"kind": "aws.s3.bucket", "root": rows.root, "count": count, "how": how.root}
    body = {"type": "check", "populations": [statement], "outcomes": {"pass": count}, "findings": {"count": count, "root": findings.root}}
    ledger.conclude(run, "finished", at, [("check:x@aws", body), ("runs", {"type": "run.finished", "seen": closed})])


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "state")
    fill(made, "run-1")
    fill(made, "run-2")
    yield made
    made.close()


def verified(ledger: Ledger) -> Verified:
    assert ledger.directory is not None
    again = Ledger.open(ledger.directory)
    try:
        return again.verify()
    finally:
        again.close()


def test_what_is_recorded_is_read_back(ledger: Ledger) -> None:
    """An answer comes back whole, its volatile members too; a gap comes back as a gap; what was not asked is one."""
    ledger.begin("run-3", None, AT, [])
    recorder = ledger.recorder("run-3", {"aws.s3.bucket.encryption": ("Moving",)})
    gap = Gap(GapKind.DENIED, "s3:GetBucketPolicy", "AccessDenied", ("s3:GetBucketPolicy",))
    recorder.add(fact("one", {"Algorithm": "aws:kms", "Moving": 1}))
    recorder.add(fact("one", gap, "policy"))
    recorder.add(Listing("aws.s3.bucket", SCOPE, "s3:ListBuckets", 1, 1))
    recorder.flush()
    (subject,) = ledger.recorded("run-3").subjects("aws.s3.bucket", SCOPE)
    assert subject.answer("encryption") == {"Algorithm": "aws:kms", "Moving": 1}
    assert subject.answer("policy") == gap
    assert isinstance(subject.answer("acl"), Gap)
    assert subject.seen("encryption") == (digest(b'{"Algorithm":"aws:kms"}'), AT)


def test_what_did_not_change_is_stored_once(ledger: Ledger) -> None:
    """Two runs that saw the same share every piece of state; only how it was seen differs."""
    assert ledger.directory is not None
    before = _count(ledger, "blob")
    fill(ledger, "run-3")
    assert _count(ledger, "blob") == before + 1


def test_a_whole_ledger_holds(ledger: Ledger) -> None:
    """Signatures, tree, streams, counts, state."""
    found = verified(ledger)
    assert (found.entries, found.checkpoints, found.staged, found.problems) == (6, 2, 0, ())
    assert ledger.checkpoint().splitlines()[1] == "6"


def _count(ledger: Ledger, table: str) -> int:
    with sqlite3.connect(ledger.directory / "ledger.db") as database:  # type: ignore[operator]
        (count,) = database.execute(f"select count(*) from {table}").fetchone()
    database.close()
    return int(count)


def sql(*statements: str) -> Callable[[Path], None]:
    def attack(path: Path) -> None:
        database = sqlite3.connect(path)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    return attack


def edited(old: bytes, new: bytes, position: int, *, leaf: bool = False) -> Callable[[Path], None]:
    """An entry with other bytes, compressed as they should be; and with their hash, if the attacker is thorough."""

    def attack(path: Path) -> None:
        database = sqlite3.connect(path)
        (body,) = database.execute("select body from entry where position = ?", [position]).fetchone()
        was = zstandard.ZstdDecompressor().decompress(body, max_output_size=65535)
        assert old in was
        now = was.replace(old, new)
        database.execute("update entry set body = ? where position = ?", [zstandard.ZstdCompressor().compress(now), position])
        if leaf:
            database.execute("update entry set leaf = ? where position = ?", [leaf_hash(now), position])
        database.commit()
        database.close()

    return attack


ATTACKS = {
    "an entry is edited": edited(b'"pass":3', b'"pass":4', 1),
    "an entry is edited, and its leaf with it": edited(b"run.finished", b"run.finishes", 2, leaf=True),
    "an entry is overwritten": sql("update entry set body = 'no such entry' where position = 1"),
    "an entry's body is dropped": sql("update entry set body = null where position = 1"),
    "an entry is removed": sql("delete from entry where position = 1"),
    "the last run is removed": sql("delete from entry where run = 'run-2'", "delete from checkpoint where size = 6"),
    "entries change places": sql(
        "update entry set position = 99 where position = 1",
        "update entry set position = 1 where position = 4",
        "update entry set position = 4 where position = 99",
    ),
    "a signature is stripped": sql("update checkpoint set note = substr(note, 1, 60) where size = 6"),
    "a root is changed": sql("update checkpoint set root = zeroblob(32) where size = 3"),
    "a checkpoint is removed": sql("delete from checkpoint where size = 6"),
    "a piece of state is removed": sql("delete from blob where rowid = (select min(rowid) from blob)"),
    "a piece of state is another's": sql(
        "update blob set (data, size, dictionary) = (select data, size, dictionary from blob order by rowid desc limit 1) "
        "where rowid = (select min(rowid) from blob)"
    ),
    "an entry is added": sql("insert into entry select 6, stream, 9, run, leaf, dictionary, body from entry where position = 5"),
}
UNSEEN = {"the last run is removed"}
"""What a ledger alone cannot show: whoever keeps its last checkpoint elsewhere sees it."""


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_seen(ledger: Ledger, name: str) -> None:
    """Every edit, removal, reordering or addition is found out; what cannot be is named, and shows against a checkpoint kept elsewhere."""
    kept = ledger.checkpoint()
    assert ledger.directory is not None
    ATTACKS[name](ledger.directory / "ledger.db")
    try:
        found = verified(ledger)
    except LedgerError:
        return
    if name in UNSEEN:
        assert not found.problems
        assert int(kept.splitlines()[1]) > found.entries
    else:
        assert found.problems


def test_another_key_does_not_verify(ledger: Ledger, tmp_path: Path) -> None:
    """A ledger made anew with another key is not the one whose public key was given."""
    other = Ledger.open(tmp_path / "other")
    found = ledger.verify(parse_verifier_key(other.verifier_key))
    other.close()
    assert {p.step for p in found.problems} >= {1}


def test_a_run_that_died_is_known(tmp_path: Path) -> None:
    """Its facts are there, and the ledger says that nobody holds it any more; a run that goes on is left alone."""
    ledger = Ledger.open(tmp_path / "state")
    ledger.begin("dead", "2026-11-23T00:00:00.000Z", AT, [("runs", {"type": "run.started"})])
    recorder = ledger.recorder("dead", {})
    recorder.add(fact("one", {"Algorithm": "aws:kms"}))
    recorder.flush()
    other = Ledger.open(tmp_path / "state")
    assert other.dead_runs() == []
    ledger._locks.pop("dead").close()  # what the kernel does to a process that is killed
    assert other.dead_runs() == [("dead", "2026-11-23T00:00:00.000Z", AT)]
    assert len(list(other.recorded("dead").subjects("aws.s3.bucket", SCOPE))) == 1
    ledger.close()
    other.close()


def test_staged_entries_wait_for_the_next_sequencer(ledger: Ledger) -> None:
    """A crash between staging and sequencing loses nothing: the next to sequence takes them up, in order."""
    ledger.begin("run-3", None, AT, [("runs", {"type": "run.started", "note": "staged"})])
    assert verified(ledger).staged == 1
    ledger.append("later", AT, [("other", {"type": "note"})])
    assert [json.loads(json.dumps(e))["seq"] for e in ledger.latest("runs")] == [4]
    assert verified(ledger).problems == ()


def test_only_one_daemon(tmp_path: Path) -> None:
    """A second one is told, and does not start."""
    with only_one(tmp_path, "daemon"), pytest.raises(LedgerError, match="another controlmon daemon"), only_one(tmp_path, "daemon"):
        pass


def test_a_read_only_directory_is_told(tmp_path: Path) -> None:
    """What cannot be made is said, with the mend."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="CONTROLMON_STATE_DIR"):
        Ledger.open(tmp_path / "file" / "state")

"""A witness: it cosigns what continues what it saw, remembers across restarts and processes, and raises the alarm over a split view."""

import base64
import hashlib
import logging
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controlmon.core.cosign import SIZE_TYPE, AddCheckpoint, cosignature_time, parse_signatures
from controlmon.core.errors import ControlmonError, LedgerError
from controlmon.core.merkle import EMPTY_ROOT
from controlmon.core.note import ED25519, Checkpoint, Note, Signature, VerifierKey, parse_note, sign_note
from controlmon.ledger.signer import FileSigner
from controlmon.ledger.witness import read_receipt
from controlmon.service.witness import DATABASE, KEY, Answer, Witness, open_witness
from tests.logs import ORIGIN, MemoryLog

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAME = "witness.example/w1"


def opened(tmp_path: Path, *keys: VerifierKey) -> Witness:
    return open_witness(tmp_path / "witness", NAME, keys, lambda: NOW)


def ask(witness: Witness, log: MemoryLog, old: int = 0, size: int | None = None) -> Answer:
    """What a log asks honestly, whatever it has become."""
    new = log.size if size is None else size
    proof = log.prove(old, new) if 0 < old < new else ()
    return witness.add_checkpoint(AddCheckpoint(old, proof, log.checkpoint(new)).encode())


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, "" if answer.status == 200 else answer.body.decode()


@pytest.fixture
def log(tmp_path: Path) -> MemoryLog:
    return MemoryLog(tmp_path, 5)


@pytest.fixture
def witness(tmp_path: Path, log: MemoryLog) -> Witness:
    return opened(tmp_path, log.key)


def test_a_log_that_grows_is_cosigned(witness: Witness, log: MemoryLog) -> None:
    """Each answer is one line that verifies over the checkpoint, at the witness's time."""
    for old, more in ((0, 0), (5, 0), (5, 3), (8, 1)):
        answer = ask(witness, log.grow(more), old)
        (line,) = parse_signatures(answer.body)
        assert (answer.status, cosignature_time(line.value)) == (200, int(NOW.timestamp()))
        assert read_receipt(log.checkpoint() + answer.body, [witness.key]).checkpoint.size == log.size


def test_an_empty_log_is_cosigned(witness: Witness, log: MemoryLog) -> None:
    """Size 0 has one root; with another it is a split view."""
    assert ask(witness, log, 0, 0).status == 200
    wrong = sign_note(Checkpoint(ORIGIN, 0, bytes(32)).text(), [log.signer]).encode()
    assert told(witness.add_checkpoint(AddCheckpoint(0, (), wrong).encode())) == (409, "0\n")
    assert sign_note(Checkpoint(ORIGIN, 0, EMPTY_ROOT).text(), [log.signer]).encode() == log.checkpoint(0)
    assert ask(witness, log).status == 200


def test_a_wrong_old_size_is_told_the_right_one(witness: Witness, log: MemoryLog) -> None:
    """409, the size in decimal, a newline, and the content type that says so (tlog-witness, "add-checkpoint")."""
    ask(witness, log)
    log.grow(4)
    for old in (0, 4, 6):
        assert ask(witness, log, old) == Answer(409, b"5\n", SIZE_TYPE)


def test_a_log_that_is_cut_is_not_cosigned(witness: Witness, log: MemoryLog, caplog: pytest.LogCaptureFixture) -> None:
    """A rollback: an older checkpoint, even one that was cosigned before, is refused whatever old size it names, and logged."""
    for size in (3, 5):
        assert ask(witness, log, 3 if size == 5 else 0, size).status == 200
    assert told(ask(witness, log, 3, 3)) == (409, "5\n")
    assert told(ask(witness, log, 0, 3)) == (409, "5\n")
    body = AddCheckpoint(5, (), log.checkpoint(3)).encode()
    assert told(witness.add_checkpoint(body)) == (400, "the old size is 5, and the checkpoint's is 3\n")
    assert "shows 3 entries, and 5 were seen before" in caplog.text
    assert told(ask(witness, log, 0)) == (409, "5\n")


def test_a_split_view_is_not_cosigned_and_the_alarm_is_raised(
    witness: Witness, log: MemoryLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The same size with another root: 409, and the log tells both, the new one with the signature that proves the misbehaviour."""
    ask(witness, log)
    other = MemoryLog(tmp_path, 4).grow(1, b"other")
    assert ask(witness, other, 5) == Answer(409, b"5\n", SIZE_TYPE)
    (alarm,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    said = alarm.getMessage()
    assert said.startswith("SPLIT VIEW")
    assert repr(other.checkpoint().decode()) in said
    assert "\n" not in said
    assert ask(witness, log.grow(1), 5).status == 200


def test_a_history_that_was_rewritten_is_not_cosigned(witness: Witness, log: MemoryLog, caplog: pytest.LogCaptureFixture) -> None:
    """422 for a larger tree that does not contain what was seen; what was seen stays."""
    ask(witness, log)
    log.bodies[1] = b"rewritten"
    status, reason = told(ask(witness, log.grow(2), 5))
    assert (status, reason) == (422, "the proof leads to another root of the older or smaller tree\n")
    assert "NOT CONTINUED" in caplog.text
    log.bodies[1] = b"entry 1"
    assert ask(witness, log, 5).status == 200


@pytest.mark.parametrize(("old", "new"), [(0, 5), (5, 5)])
def test_a_proof_of_nothing_must_be_empty(witness: Witness, log: MemoryLog, old: int, new: int) -> None:
    """From 0, and to the same size, any hash is one too many."""
    if old:
        ask(witness, log)
    body = AddCheckpoint(old, (bytes(32),), log.checkpoint(new)).encode()
    assert witness.add_checkpoint(body).status == 422


def test_who_asks_must_be_a_log_that_is_followed(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """404 for an unknown origin, 403 for an unknown key or an altered text, 400 for what is no request."""
    assert ask(witness, MemoryLog(tmp_path, 3, "log.example/other")).status == 404
    (tmp_path / "impostor").mkdir()
    assert ask(witness, MemoryLog(tmp_path / "impostor", 3)).status == 403
    altered = log.checkpoint().replace(b"\n5\n", b"\n6\n")
    assert witness.add_checkpoint(AddCheckpoint(0, (), altered).encode()).status == 403
    for body in (b"", b"old 0\n\n", b"old 0\n\nno note", b"old x\n\n" + log.checkpoint(), b"\xff" * 9):
        assert witness.add_checkpoint(body).status == 400
    assert ask(witness, log).status == 200


def test_signatures_by_others_are_ignored(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """A checkpoint that others signed as well is judged by the log's own signature, and only that is kept."""
    note = parse_note(log.checkpoint())
    stranger = Signature("stranger", b"1234", b"anything")
    body = AddCheckpoint(0, (), Note(note.text, (stranger, *note.signatures)).encode()).encode()
    assert witness.add_checkpoint(body).status == 200
    with sqlite3.connect(tmp_path / "witness" / DATABASE) as database:
        kept = database.execute("select origin, size, note from head").fetchall()
    database.close()
    assert kept == [(ORIGIN, 5, log.checkpoint())]


def test_a_log_that_changed_its_key_is_followed_under_both(log: MemoryLog, tmp_path: Path) -> None:
    """Two keys of one origin: either signs, and the history is one."""
    new = FileSigner.open(tmp_path / "new.key", ORIGIN, create=True)
    witness = opened(tmp_path, log.key, new.verifier_key)
    assert ask(witness, log).status == 200
    log.signer = new
    assert told(ask(witness, log, 0)) == (409, "5\n")
    assert ask(witness, log.grow(1), 5).status == 200


def test_logs_are_kept_apart(log: MemoryLog, tmp_path: Path) -> None:
    """Two logs of different sizes, each continued from its own."""
    other = MemoryLog(tmp_path, 2, "log.example/other")
    witness = opened(tmp_path, log.key, other.key)
    assert [ask(witness, one).status for one in (log, other)] == [200, 200]
    assert [ask(witness, one.grow(3), old).status for one, old in ((log, 5), (other, 2))] == [200, 200]
    assert [told(ask(witness, one)) for one in (log, other)] == [(409, "8\n"), (409, "5\n")]


def test_a_restart_remembers(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """What was answered is on the disk: the next process has the same key and the same size."""
    ask(witness, log)
    again = opened(tmp_path, log.key)
    assert again.key == witness.key
    assert told(ask(again, log.grow(1))) == (409, "5\n")


def test_a_key_that_is_lost_is_not_replaced(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """Once something was cosigned a new key would look like another witness; before that it is made, for its owner alone."""
    path = tmp_path / "witness" / KEY
    assert path.stat().st_mode & 0o777 == 0o600
    path.unlink()
    assert opened(tmp_path, log.key).key != witness.key
    ask(witness, log)
    path.unlink()
    with pytest.raises(LedgerError, match="the key that cosigned for this witness is missing"):
        opened(tmp_path, log.key)


def test_a_key_is_that_of_its_witness(witness: Witness, tmp_path: Path) -> None:
    """Another name does not open it."""
    with pytest.raises(LedgerError, match=r"not of 'another'\. Give the file of this witness's key"):
        open_witness(tmp_path / "witness", "another", (), lambda: NOW)


def test_what_cannot_be_remembered_is_not_cosigned(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """If the row is refused by the disk there is no answer, and the old one stays."""
    ask(witness, log)
    database = sqlite3.connect(tmp_path / "witness" / DATABASE)
    database.execute("create trigger full before update on head begin select raise(abort, 'database or disk is full'); end")
    database.commit()
    with pytest.raises(LedgerError, match=r"witness.db: database or disk is full\. Let the user"):
        ask(witness, log.grow(1), 5)
    database.execute("drop trigger full")
    database.commit()
    database.close()
    assert told(ask(witness, log)) == (409, "5\n")


@pytest.mark.parametrize("name", ["witness/witness.db", "witness"])
def test_a_place_that_cannot_be_used_is_told(log: MemoryLog, tmp_path: Path, name: str) -> None:
    """A damaged memory, or a file where the directory should be: named, with the mend."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"not a database" * 100)
    with pytest.raises(ControlmonError, match=f"{name}: "):
        opened(tmp_path, log.key)


def test_the_memory_is_read_under_the_lock_that_writes_it(witness: Witness, log: MemoryLog, tmp_path: Path) -> None:
    """A request that waits for another process judges by what that process left, not by what was there when it came."""
    ask(witness, log)
    database = sqlite3.connect(tmp_path / "witness" / DATABASE, isolation_level=None)
    database.execute("begin immediate")
    answers: list[Answer] = []
    asking = threading.Thread(target=lambda: answers.append(ask(witness, log.grow(1), 5)))
    asking.start()
    asking.join(0.3)
    assert asking.is_alive()
    database.execute("update head set size = 7")
    database.execute("commit")
    database.close()
    asking.join()
    assert [told(answer) for answer in answers] == [(409, "7\n")]


def test_of_many_histories_one_is_cosigned(log: MemoryLog, tmp_path: Path) -> None:
    """Sixteen forks ask at once, each of a witness object of its own over one memory: exactly one is cosigned, at each size."""
    ask(opened(tmp_path, log.key), log)
    forks = [MemoryLog(tmp_path, 5).grow(3, b"fork %d" % n) for n in range(16)]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda fork: ask(opened(tmp_path, log.key), fork, 5), forks))
    assert sorted(answer.status for answer in answers) == [200] + [409] * 15
    (kept,) = [fork for fork, answer in zip(forks, answers, strict=True) if answer.status == 200]
    lost = [fork for fork in forks if fork is not kept]
    assert {ask(opened(tmp_path, log.key), fork.grow(1), 8).status for fork in lost} == {422}
    assert ask(opened(tmp_path, log.key), kept.grow(1), 8).status == 200


# The requests of litewitness's own test (testdata/litewitness.txt), whose tree heads a sigsum log signed: size, root, signature, old size, proof.
SIGSUM = "ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f"
ONE = (1, "2a" + "00" * 31, "b7cf653aa9c565a1ca359db81bd3bc656ab2890c6ea4c0aec42295e80aa05049423505026434f987923ccdf07d440c152cd59e736e5914d8ada8d7a4d51b2106")  # fmt: skip
THREE = (3, "45c088d4d939e9971298811f227d1295eaad57bbafae55cd71c171e7de48c25d", "655bb4871d15bc05032d67eece88900c4863a27f190393b99176391577f5def971b023d9a418c3226b7b7ea47b33686d9b3849451dadc6b07c007c595af1ea0a")  # fmt: skip
FIVE = (5, "42bb57ad06420afa4882c4a63ac6a1ec77480b330b2f20dfc53a0caa5f564e36", "0fc43899968b48b5150b0e8fe7ad07b17c21c7056a6fe381deb0cd19ece103d59b2119b5dbe5d54d8a1262ce67f01245c5898b4b56f747495804a17a2eec0f0c")  # fmt: skip
TWO_NODES = ["2a01" + "00" * 30, "2a02" + "00" * 30]
MORE_NODES = ["2a01" + "00" * 30, "f9f50357e93def4078237b8aaea24ce1a3f5965a0f64ff26bebd99e30470d8b2", "2a04" + "00" * 30]
LAST_NODES = [
    "2a02" + "00" * 30,
    "2a03" + "00" * 30,
    "c2088815d65f60dbfa594d4e96504ab169cb6084bf0c132ab7c521fd2e0eba41",
    "2a04" + "00" * 30,
]
REQUESTS = [
    (ONE, 0, [], 200),
    ((3, THREE[1], THREE[2][:-1] + "b"), 1, TWO_NODES, 403),
    (THREE, 1, [], 422),
    (THREE, 1, [TWO_NODES[0], "2a02" + "00" * 29 + "01"], 422),
    (THREE, 1, TWO_NODES, 200),
    (FIVE, 1, MORE_NODES, 409),
    (FIVE, 3, LAST_NODES, 200),
]


def test_a_log_of_sigsum_is_answered_as_litewitness_answers_it(tmp_path: Path) -> None:
    """Seven requests that others made, with the statuses that they expect."""
    public = bytes.fromhex(SIGSUM)
    key = VerifierKey(f"sigsum.org/v1/tree/{hashlib.sha256(public).hexdigest()}", ED25519, public)
    witness = opened(tmp_path, key)
    statuses = []
    for (size, head, signature, *_), old, proof, _ in REQUESTS:
        text = f"{key.name}\n{size}\n{base64.b64encode(bytes.fromhex(head)).decode()}\n"
        note = Note(text, (Signature(key.name, key.key_id, bytes.fromhex(signature)),)).encode()
        body = AddCheckpoint(old, tuple(bytes.fromhex(node) for node in proof), note).encode()
        statuses.append(witness.add_checkpoint(body).status)
    assert statuses == [expected for *_, expected in REQUESTS]

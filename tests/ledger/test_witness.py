"""A witness as an anchor: what it cosigns stands by itself; what it refuses is told with the mend; what it answers wrongly is not believed."""

import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controlmon.core.cosign import SIZE_TYPE, encode_signatures, parse_add_checkpoint
from controlmon.core.errors import ControlmonError, LedgerError
from controlmon.core.merkle import root
from controlmon.core.note import Checkpoint, VerifierKey, open_note, parse_note
from controlmon.ledger.anchor import Anchor
from controlmon.ledger.cosigner import CosignatureVerifier, Cosigner
from controlmon.ledger.signer import Ed25519Verifier, FileSigner
from controlmon.ledger.witness import MAX_ANSWER, Witness, Witnessed, read_receipt
from controlmon.service.witness import open_witness
from tests.logs import ORIGIN, MemoryLog, serving

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = "2026-11-23T12:00:00.000Z"
NAME = "witness.example/w1"
PLAIN = "text/plain"


class Real:
    """A witness of ours on loopback, the bodies that it was asked, and a client for a log."""

    def __init__(self, url: str, asked: list[bytes], key: VerifierKey) -> None:
        self.url, self.asked, self.key = url, asked, key

    def client(self, log: MemoryLog, seen: int = 0) -> Witness:
        return Witness(self.url, self.key, ORIGIN, log.prove, seen=seen)


@pytest.fixture
def log(tmp_path: Path) -> MemoryLog:
    return MemoryLog(tmp_path, 5)


@pytest.fixture
def real(tmp_path: Path, log: MemoryLog) -> Iterator[Real]:
    ours = open_witness(tmp_path / "witness", NAME, [log.key], lambda: NOW)

    def answering(body: bytes) -> tuple[int, str, bytes]:
        answer = ours.add_checkpoint(body)
        return answer.status, answer.kind, answer.body

    with serving(answering) as (url, asked):
        yield Real(url, asked, ours.key)


@pytest.fixture
def cosigner(tmp_path: Path) -> Cosigner:
    return Cosigner.open(tmp_path / "cosigner.key", NAME, create=True)


def refused(log: MemoryLog, cosigner: Cosigner, *answers: tuple[int, str, bytes], seen: int = 0) -> str:
    """What is said when a witness answers like this; no credentials or bytes that a terminal obeys are in it."""
    left = list(answers)
    with serving(lambda _: left.pop(0)) as (url, _), pytest.raises(LedgerError) as caught:
        Witness(url, cosigner.verifier_key, ORIGIN, log.prove, seen=seen).anchor(log.checkpoint())
    assert not left
    assert str(caught.value).startswith(f"{url}: ")
    assert str(caught.value).isprintable()
    return str(caught.value).removeprefix(f"{url}: ")


def test_a_receipt_stands_by_itself(real: Real, log: MemoryLog) -> None:
    """The proof is the signed checkpoint with the cosignature below: both keys verify it, with nothing else at hand."""
    anchor: Anchor = real.client(log)
    receipt = anchor.anchor(log.checkpoint())
    assert (receipt.kind, receipt.place, receipt.at) == ("witness", real.url, AT)
    assert receipt.says == {"witness": NAME, "time": AT}
    assert receipt.proof.startswith(log.checkpoint())
    assert read_receipt(receipt.proof, [real.key, log.key]) == Witnessed(Checkpoint(ORIGIN, 5, root(log.leaves)), NAME, AT)
    both = [Ed25519Verifier(log.key), CosignatureVerifier(real.key)]
    assert len(open_note(receipt.proof, both).signatures) == 2


def test_a_log_that_grows_is_cosigned_again_in_one_request(real: Real, log: MemoryLog) -> None:
    """The size that was cosigned is remembered; whoever does not know it learns it from the witness, at the price of a request."""
    anchor = real.client(log)
    anchor.anchor(log.checkpoint())
    anchor.anchor(log.grow(4).checkpoint())
    assert [parse_add_checkpoint(body).old_size for body in real.asked] == [0, 5]
    real.client(log, seen=9).anchor(log.grow(1).checkpoint())
    assert [parse_add_checkpoint(body).old_size for body in real.asked[2:]] == [9]
    real.client(log).anchor(log.grow(7).checkpoint())
    assert [parse_add_checkpoint(body).old_size for body in real.asked[3:]] == [0, 10]
    real.client(log, seen=99).anchor(log.checkpoint())
    assert [parse_add_checkpoint(body).old_size for body in real.asked[5:]] == [0, 17]


def test_the_same_checkpoint_is_cosigned_again(real: Real, log: MemoryLog) -> None:
    """Nothing is to be proved then."""
    anchor = real.client(log)
    assert anchor.anchor(log.checkpoint()) == anchor.anchor(log.checkpoint())
    assert parse_add_checkpoint(real.asked[1]).proof == ()


def test_a_log_that_was_cut_is_told_so(real: Real, log: MemoryLog) -> None:
    """The witness has seen more than we have: nothing is cosigned, and the ledger is to be left as it is."""
    real.client(log).anchor(log.grow(3).checkpoint())
    log.bodies = log.bodies[:6]
    with pytest.raises(LedgerError, match=r"it has seen 8 entries of log.example/controlmon, and this checkpoint has 6.* Keep the ledger"):
        real.client(log).anchor(log.checkpoint())


@pytest.mark.parametrize("seen", [0, 5])
def test_another_log_of_the_same_size_is_told_so(real: Real, log: MemoryLog, seen: int) -> None:
    """A split view, whether we knew the witness's size or not."""
    real.client(log).anchor(log.checkpoint())
    log.bodies[2] = b"rewritten"
    with pytest.raises(LedgerError, match=r"it has seen another log of the name .* with 5 entries.* Keep the ledger as it is, and compare"):
        real.client(log, seen).anchor(log.checkpoint())


def test_a_rewritten_log_that_grew_is_told_so(real: Real, log: MemoryLog) -> None:
    """The proof does not lead from what the witness saw."""
    real.client(log).anchor(log.checkpoint())
    log.bodies[2] = b"rewritten"
    with pytest.raises(
        LedgerError, match=r"it has seen 5 entries .* and the 6 entries here do not continue them.* Keep the ledger as it is"
    ):
        real.client(log).anchor(log.grow(1).checkpoint())


def test_a_witness_that_does_not_know_us_is_told_so(real: Real, tmp_path: Path, log: MemoryLog) -> None:
    """404 for a log that it does not follow, 403 for a key that it does not know: whoever runs it needs the key."""
    other = MemoryLog(tmp_path, 3, "log.example/other")
    with pytest.raises(LedgerError, match=r"does not follow log.example/other.* Give whoever runs the witness the log's public key"):
        Witness(real.url, real.key, other.origin, other.prove).anchor(other.checkpoint())
    log.signer = FileSigner.open(tmp_path / "new.key", ORIGIN, create=True)
    with pytest.raises(LedgerError, match=r"not the key that signed this checkpoint.* Give whoever runs the witness the log's public key"):
        real.client(log).anchor(log.checkpoint())


def test_cosignatures_by_others_are_not_kept(log: MemoryLog, cosigner: Cosigner, tmp_path: Path) -> None:
    """Only lines of the key that we were given are verified and kept; of two, the earlier time counts."""
    other = Cosigner.open(tmp_path / "other.key", "witness.example/w2", create=True)
    text = parse_note(log.checkpoint()).text
    mine = [cosigner.cosign(text, 1_000_000_100), cosigner.cosign(text, 1_000_000_000)]
    answer = encode_signatures([other.cosign(text, 5), *mine, other.cosign("else\n", 6)])
    with serving(lambda _: (200, PLAIN, answer)) as (url, _):
        receipt = Witness(url, cosigner.verifier_key, ORIGIN, log.prove).anchor(log.checkpoint())
    assert receipt.proof == log.checkpoint() + encode_signatures(mine)
    assert receipt.at == read_receipt(receipt.proof, [cosigner.verifier_key]).at == "2001-09-09T01:46:40.000Z"


REFUSALS = {
    "unknown status": ((503, PLAIN, b"down for\x1b[2J repair\n"), r"it answered 503 \(down for\[2J repair\)\. Try again later"),
    "a redirect": ((302, PLAIN, b""), r"it answered 302\. Try again"),
    "malformed, it says": ((400, PLAIN, b"bad\n"), r"it calls the request malformed \(bad\)"),
    "a conflict in words": ((409, PLAIN, b"0\n"), "answered 409 without the size"),
    "a conflict without a size": ((409, SIZE_TYPE, b"many\n"), "answered 409 without the size"),
    "a conflict with a leading zero": ((409, SIZE_TYPE, b"03\n"), "answered 409 without the size"),
    "a conflict with what was asked": ((409, SIZE_TYPE, b"0\n"), "though it was given the size that it remembers, 0"),
    "no lines": ((200, PLAIN, b""), "its answer is not its cosignature of this checkpoint: .* Compare its public key"),
    "a page": ((200, "text/html", b"<html>\n"), "its answer is not its cosignature"),
    "bytes": ((200, PLAIN, b"\xff\x00\n"), "its answer is not its cosignature"),
    "no end": ((200, PLAIN, b"x" * (MAX_ANSWER + 1)), "its answer has more than 65,536 bytes"),
    "nothing at all": ((0, "", b""), "it cannot be asked: RemoteProtocolError.* Let this host reach the witness"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_answer_that_is_none_is_told(log: MemoryLog, cosigner: Cosigner, case: str) -> None:
    """Each wrong answer is an error that names the witness, what went wrong and the mend."""
    import re

    answer, said = REFUSALS[case]
    assert re.match(f".*{said}", refused(log, cosigner, answer))


def test_a_memory_that_moves_is_told(log: MemoryLog, cosigner: Cosigner) -> None:
    """A second conflict, with yet another size, is not followed for ever."""
    said = refused(log, cosigner, (409, SIZE_TYPE, b"2\n"), (409, SIZE_TYPE, b"3\n"))
    assert said.startswith("its memory of the log changed while it was asked. Let one process at a time ask it")


def test_a_cosignature_that_does_not_verify_is_not_believed(log: MemoryLog, cosigner: Cosigner, tmp_path: Path) -> None:
    """Of another checkpoint, with another time, by a key of the same name, or of no time at all."""
    text, other = parse_note(log.checkpoint()).text, parse_note(log.checkpoint(3)).text
    impostor = Cosigner.open(tmp_path / "impostor.key", NAME, create=True)
    good = cosigner.cosign(text, 5)
    moved = type(good)(good.name, good.key_id, bytes(7) + b"\x06" + good.value[8:])
    wrong = {
        cosigner.cosign(other, 5): "is wrong",
        moved: "is wrong",
        impostor.cosign(text, 5): "not signed by any key",
        cosigner.cosign(text, 2**62): "of no time that a calendar has",
    }
    for line, said in wrong.items():
        assert said in refused(log, cosigner, (200, PLAIN, encode_signatures([line])))


def test_a_host_that_is_not_there_is_told(log: MemoryLog, cosigner: Cosigner) -> None:
    """Nobody listens: the error says so, and names what to look at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        anchor = Witness(f"http://127.0.0.1:{taken.getsockname()[1]}/", cosigner.verifier_key, ORIGIN, log.prove)
        with pytest.raises(LedgerError, match=r"^http://127\.0\.0\.1:\d+: it cannot be asked: ConnectError.*HTTPS_PROXY"):
            anchor.anchor(log.checkpoint())


def test_a_proof_that_cannot_be_made_is_told(log: MemoryLog, cosigner: Cosigner) -> None:
    """What the ledger says of itself is passed on."""
    log.missing = 3
    with serving(lambda _: (409, SIZE_TYPE, b"2\n")) as (url, _), pytest.raises(LedgerError, match="entry 3 is missing"):
        Witness(url, cosigner.verifier_key, ORIGIN, log.prove).anchor(log.checkpoint())


URLS = [
    "",
    "witness.example",
    "ftp://h/",
    "http://",
    "http://h:99999/",
    "http://u:secret@h/",
    "https://h/?token=secret",
    "https://h/#x",
    "http://h /",
]


@pytest.mark.parametrize("url", URLS)
def test_a_url_that_is_none_or_holds_secrets_is_refused(log: MemoryLog, cosigner: Cosigner, url: str) -> None:
    """It is recorded and shown, so nothing secret may be in it; and the error does not repeat it."""
    with pytest.raises(ControlmonError, match="URL of a witness") as caught:
        Witness(url, cosigner.verifier_key, ORIGIN, log.prove)
    assert "secret" not in str(caught.value)


def test_the_key_of_a_log_is_not_that_of_a_witness(log: MemoryLog, cosigner: Cosigner, tmp_path: Path) -> None:
    """Types 0x01 and 0x04 are kept apart, in arguments and in files."""
    with pytest.raises(LedgerError, match="not the key of a witness"):
        Witness("http://h/", log.key, ORIGIN, log.prove)
    with pytest.raises(LedgerError, match="not an Ed25519 key of type 0x01"):
        FileSigner.open(tmp_path / "cosigner.key", NAME, create=False)


def test_a_checkpoint_of_another_log_is_not_sent(log: MemoryLog, cosigner: Cosigner) -> None:
    """Nor is what is no checkpoint."""
    with serving(lambda _: (500, PLAIN, b"")) as (url, asked):
        with pytest.raises(LedgerError, match=r"the checkpoint is of log.example/controlmon, and this witness is asked about other"):
            Witness(url, cosigner.verifier_key, "other", log.prove).anchor(log.checkpoint())
        with pytest.raises(LedgerError, match="a note is text"):
            Witness(url, cosigner.verifier_key, ORIGIN, log.prove).anchor(b"no note")
    assert asked == []


def test_without_httpx_the_extra_is_named(log: MemoryLog, cosigner: Cosigner, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module is loaded when a witness is asked, and its absence has a mend."""
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(LedgerError, match=r"httpx is not installed\. Install controlmon\[anchors\]"):
        Witness("http://127.0.0.1:9/", cosigner.verifier_key, ORIGIN, log.prove).anchor(log.checkpoint())


def test_a_receipt_that_was_altered_is_not_believed(real: Real, log: MemoryLog) -> None:
    """Whatever byte of it is changed, it no longer says the same under both keys."""
    proof = real.client(log).anchor(log.checkpoint()).proof
    said = read_receipt(proof, [real.key, log.key])
    for place in range(len(proof)):
        altered = proof[:place] + bytes([proof[place] ^ 1]) + proof[place + 1 :]
        try:
            read = read_receipt(altered, [real.key, log.key])
        except LedgerError:
            continue
        assert read == said  # the log's own line can be made a stranger's; what the witness said stays
        assert proof.split(b"\n\n")[1].find(b"\n") + proof.find(b"\n\n") + 2 > place


def test_a_receipt_without_a_cosignature_is_none(real: Real, log: MemoryLog, cosigner: Cosigner) -> None:
    """The log's own signature is not a witness's, and another witness's key finds nothing."""
    proof = real.client(log).anchor(log.checkpoint()).proof
    with pytest.raises(LedgerError, match="not cosigned by any witness that is trusted here"):
        read_receipt(log.checkpoint(), [real.key, log.key])
    with pytest.raises(LedgerError, match="not signed by any key that is trusted here"):
        read_receipt(proof, [cosigner.verifier_key])
    with pytest.raises(LedgerError, match="type 0x07"):
        read_receipt(proof, [VerifierKey("x", 7, bytes(32))])

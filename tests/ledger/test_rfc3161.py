"""A time-stamp authority as an anchor, against one that OpenSSL runs: honest, wrong in each way, and one that nobody trusts."""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import Checkpoint, sign_note
from controlmon.core.times import moment, stamp
from controlmon.ledger.anchor import Anchor, Receipt
from controlmon.ledger.rfc3161 import TimeStampAuthority, read_token, verify_token
from controlmon.ledger.signer import FileSigner
from controlmon.ledger.tst import read_stamp
from controlmon.ledger.tsverify import doubt_of_library
from tests.twins.tsa import Mode, TsaTwin

SIGNATURE_BYTES = 32  # the last of a response are those of the signature


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TsaTwin]:
    with TsaTwin(tmp_path_factory.mktemp("tsa")) as twin:
        yield twin


@pytest.fixture
def tsa(running: TsaTwin) -> TsaTwin:
    running.mode = Mode.HONEST
    return running


@pytest.fixture(scope="module")
def note(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    signer = FileSigner.open(tmp_path_factory.mktemp("key") / "key", "log.example/controlmon", create=True)
    return sign_note(Checkpoint("log.example/controlmon", 7, bytes(32)).text(), [signer]).encode()


def stamped(tsa: TsaTwin, note: bytes) -> Receipt:
    anchor: Anchor = TimeStampAuthority(tsa.url, tsa.roots)
    return anchor.anchor(note)


@cache
def one_stamp(tsa: TsaTwin) -> bytes:
    return tsa.stamp(TimestampRequestBuilder(b"checkpoint", HashAlgorithm.SHA256).build().as_bytes())


def with_status(proof: bytes, status: int) -> bytes:
    """The same response with another PKIStatus, which no signature covers."""
    place = proof.index(b"\x30\x03\x02\x01\x00") + 4
    return proof[:place] + bytes([status]) + proof[place + 1 :]


def test_a_receipt_says_when_and_by_whom(tsa: TsaTwin, note: bytes) -> None:
    """The authority's own time, name, policy and serial number are told, with the tool and the roots that verified its signature."""
    receipt = stamped(tsa, note)
    token = read_token(receipt.proof)
    assert (receipt.kind, receipt.place) == ("rfc3161", tsa.url)
    assert (token.imprint, token.at) == (hashlib.sha256(note).digest(), moment(receipt.at))
    assert abs(token.at - datetime.now(UTC)) < timedelta(minutes=5)
    roots = hashlib.sha256(tsa.roots.read_bytes()).hexdigest()
    signature = f"verified by rfc3161-client with the roots sha256:{roots}"
    says = {"authority": "CN=Time Stamps,O=Twins", "policy": "1.3.6.1.4.1.32473.1", "serial": token.serial, "signature": signature}
    assert receipt.says == says


def test_the_question_is_what_the_standard_asks_for(tsa: TsaTwin, note: bytes) -> None:
    """Each question has its own nonce, the SHA-256 of the note and certReq, and is posted as application/timestamp-query."""
    stamped(tsa, note)
    stamped(tsa, note)
    first, second = tsa.queries[-2:]
    imprint = hashlib.sha256(note).digest()
    assert first != second
    assert all(imprint in query and query.endswith(b"\x01\x01\xff") for query in (first, second))
    assert tsa.kinds[-1] == "application/timestamp-query"


def test_a_stored_proof_verifies_later(tsa: TsaTwin, note: bytes) -> None:
    """The proof alone, with the note and the roots, is enough; another note is refused."""
    proof = stamped(tsa, note).proof
    assert verify_token(proof, note, tsa.roots) == "rfc3161-client"
    with pytest.raises(LedgerError, match=r"anchors/7: .* other bytes than this checkpoint's .*\. Compare it"):
        verify_token(proof, note + b"\n", tsa.roots, "anchors/7")


WRONG = {
    Mode.REFUSES: r"it gives no time stamp: rejection; .+\. Ask whoever runs the authority",
    Mode.WRONG_IMPRINT: r"its time stamp is of other bytes than this checkpoint's .*\. Find out who answers",
    Mode.WRONG_NONCE: r"its answer is to another question .*\. Find out who answers",
    Mode.GARBAGE: r"its time stamp cannot be read: .*\. Find out who answers",
    Mode.HTTP_500: r"it answered HTTP 500\. Check its URL",
    Mode.TOO_LONG: r"its answer has more than 262,144 bytes\. Find out who answers",
}


@pytest.mark.parametrize("mode", WRONG)
@pytest.mark.parametrize("rooted", [True, False])
def test_a_wrong_answer_is_refused(tsa: TsaTwin, note: bytes, mode: Mode, rooted: bool) -> None:
    """With roots or without, what is not a stamp of this checkpoint for this question anchors nothing, and the error says what to do."""
    tsa.mode = mode
    with pytest.raises(LedgerError, match=rf"^{tsa.url}: {WRONG[mode]}"):
        TimeStampAuthority(tsa.url, tsa.roots if rooted else None).anchor(note)


def test_an_authority_below_another_root_is_refused(tsa: TsaTwin, note: bytes) -> None:
    """Neither the library nor OpenSSL believes a signer that the roots do not vouch for, though it bears the same name."""
    tsa.mode = Mode.UNTRUSTED
    why = r"not believed \(rfc3161-client: self-signed .*; openssl ts: self-signed .*\)\. Give a PEM file"
    with pytest.raises(LedgerError, match=why):
        TimeStampAuthority(tsa.url, tsa.roots).anchor(note)
    assert stamped_below(tsa.stranger, tsa, note).startswith("verified")


def stamped_below(roots: Path | None, tsa: TsaTwin, note: bytes) -> str:
    return TimeStampAuthority(tsa.url, roots).anchor(note).says["signature"]


def test_without_roots_the_receipt_says_that_nobody_verified(tsa: TsaTwin, note: bytes) -> None:
    """Who signed is then unknown, even if it is a stranger, and the receipt does not hide it."""
    tsa.mode = Mode.UNTRUSTED
    assert stamped_below(None, tsa, note) == "not verified: no roots are given for this authority"


def test_an_altered_proof_is_not_believed(tsa: TsaTwin, note: bytes) -> None:
    """One bit of the signature, or one digit of the time, and neither tool believes it."""
    proof = stamped(tsa, note).proof
    year = proof.index(f"{read_token(proof).at:%Y%m%d%H%M%S}Z".encode()) + 3
    for place, bit in ((len(proof) - SIGNATURE_BYTES, 1), (year, 1)):
        altered = proof[:place] + bytes([proof[place] ^ bit]) + proof[place + 1 :]
        with pytest.raises(LedgerError, match=r"not believed \(rfc3161-client: .+; openssl ts: .+\)"):
            verify_token(altered, note, tsa.roots)


@pytest.mark.parametrize(
    ("part", "altered"),
    [
        (b"\x0c\x05Twins", b"\x8c\x05Twins"),  # the authority's name in the stamp
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x12"),  # the version of a certificate
        (b"\x02\x01\x01\x06", b"\x02\x01\xff\x06"),  # the version of the TSTInfo
    ],
)
def test_what_the_library_stumbles_over_is_no_crash(tsa: TsaTwin, note: bytes, part: bytes, altered: bytes) -> None:
    """A malformed name, certificate or version is read as far as it goes, and is not believed."""
    proof = stamped(tsa, note).proof
    assert part in proof
    malformed = proof.replace(part, altered, 1)
    assert read_token(malformed).at == read_token(proof).at
    with pytest.raises(LedgerError, match=r"not believed \(rfc3161-client: .+; openssl ts: .+\)"):
        verify_token(malformed, note, tsa.roots)


@pytest.mark.filterwarnings("ignore::UserWarning")  # cryptography's, of odd names and numbers in certificates
@given(place=st.integers(0, 1200), other=st.integers(1, 255))
def test_what_is_believed_says_what_was_signed(running: TsaTwin, place: int, other: int) -> None:
    """One byte altered anywhere, a proof is refused or doubted, or it says what it said: only what no signature covers was altered."""
    proof = one_stamp(running)
    altered = proof[:place] + bytes([proof[place] ^ other]) + proof[place + 1 :]
    try:
        read_token(altered)
    except LedgerError:
        return
    if doubt_of_library(altered, read_stamp(altered), running.roots.read_bytes()) is None:
        assert read_stamp(altered) == read_stamp(proof)


def test_openssl_verifies_what_the_library_does_not(tsa: TsaTwin, note: bytes) -> None:
    """rfc3161-client refuses the status grantedWithMods, which is a granted time stamp all the same; a rejection is none."""
    proof = stamped(tsa, note).proof
    assert verify_token(with_status(proof, 1), note, tsa.roots) == "openssl ts"
    with pytest.raises(LedgerError, match=r"^time stamp: .*no time stamp was granted"):
        verify_token(with_status(proof, 2), note, tsa.roots)


def test_openssl_takes_the_place_of_a_missing_library(tsa: TsaTwin, note: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stored proof verifies without controlmon[anchors], and a stranger's does not; to anchor, the extra is asked for."""
    proof = stamped(tsa, note).proof
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert verify_token(proof, note, tsa.roots) == "openssl ts"
    with pytest.raises(LedgerError, match=r"rfc3161-client: it is not installed; openssl ts: self-signed"):
        verify_token(proof, note, tsa.stranger)
    with pytest.raises(LedgerError, match=r"is not installed\. Install controlmon\[anchors\]"):
        stamped(tsa, note)


def test_without_library_and_openssl_nothing_is_believed(tsa: TsaTwin, note: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody to verify is no reason to believe."""
    proof = stamped(tsa, note).proof
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LedgerError, match="there is no openssl on the PATH"):
        verify_token(proof, note, tsa.roots)


@pytest.mark.parametrize("stated", [True, False])
def test_an_authority_is_named_though_its_stamp_does_not(tsa: TsaTwin, note: bytes, stated: bool) -> None:
    """Where the stamp gives no name, the subject of the certificate that signed it is told."""
    config = tsa.roots.with_name("good.cnf")
    before = config.read_text()
    config.write_text(before if stated else before.replace("tsa_name = yes", "tsa_name = no"))
    try:
        assert stamped(tsa, note).says["authority"] == "CN=Time Stamps,O=Twins"
    finally:
        config.write_text(before)


def test_a_stamp_with_a_finer_time_is_told_in_milliseconds(tsa: TsaTwin, note: bytes) -> None:
    """An authority that gives fractions of a second is verified like any other, and its milliseconds are kept."""
    config = tsa.roots.with_name("good.cnf")
    before = config.read_text()
    config.write_text(f"{before}clock_precision_digits = 6\n")
    try:
        receipts = [stamped(tsa, note) for _ in range(3)]
    finally:
        config.write_text(before)
    assert all(one.at == stamp(read_token(one.proof).at) and one.says["signature"].startswith("verified") for one in receipts)
    assert any(not one.at.endswith(".000Z") for one in receipts)


def test_a_stamp_over_another_algorithm_is_refused(tsa: TsaTwin, note: bytes) -> None:
    """32 bytes that are said to be a SHA3-256 are no SHA-256 of the note."""
    proof = stamped(tsa, note).proof
    sha256, sha3 = bytes.fromhex("60864801650304020105000420"), bytes.fromhex("60864801650304020805000420")
    with pytest.raises(LedgerError, match=r"^time stamp: .*not over a SHA-256"):
        read_token(proof.replace(sha256, sha3))


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_roots_that_are_none_are_named(tsa: TsaTwin, note: bytes, tmp_path: Path, content: bytes | None) -> None:
    """A file of roots that is missing, empty or malformed is an error that names it, and never the same as no roots."""
    roots = tmp_path / "roots.pem"
    if content is not None:
        roots.write_bytes(content)
    with pytest.raises(LedgerError, match=rf"^{tsa.url}: {roots} holds no certificates .*\. Give a PEM file"):
        TimeStampAuthority(tsa.url, roots).anchor(note)


def test_an_authority_that_cannot_be_reached_is_named_without_its_credentials(note: bytes) -> None:
    """The error gives the URL without user, password and query."""
    anchor = TimeStampAuthority("http://user:secret@127.0.0.1:1/tsr?key=secret")
    with pytest.raises(LedgerError, match=r"^http://127\.0\.0\.1:1/tsr: it cannot be asked: ConnectError") as caught:
        anchor.anchor(note)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["", "tsa.example", "ftp://tsa.example", "http://", "http://host:secret/", "http://[secret"])
def test_what_is_no_url_is_a_wrong_argument(url: str) -> None:
    """It is refused at once, and not quoted: it may hold a password."""
    with pytest.raises(UsageError, match="URL") as caught:
        TimeStampAuthority(url)
    assert "secret" not in str(caught.value)

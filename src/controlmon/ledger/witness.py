"""A witness, asked over HTTP (C2SP tlog-witness): it cosigns a checkpoint only if the log still begins as it was when last seen."""

import re
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from msgspec import Struct

from controlmon.core.cosign import COSIGNATURE, SIZE_TYPE, AddCheckpoint, cosignature_time, parse_signatures
from controlmon.core.errors import UsageError
from controlmon.core.note import Checkpoint, Note, NoteError, Signature, VerifierKey, open_note, parse_checkpoint, parse_note
from controlmon.core.times import stamp
from controlmon.ledger.anchor import WITNESS, Receipt, refusal, trusted
from controlmon.ledger.cosigner import CosignatureVerifier
from controlmon.ledger.keys import verifier_of

if TYPE_CHECKING:
    import httpx

Prove = Callable[[int, int], tuple[bytes, ...]]
"""The consistency proof from an old size, at least 1, to a larger new one: `proofs.prover(ledger)`."""
MAX_ANSWER = 64 * 1024
"""Bytes of an answer: far more than a witness has to say."""

_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")
_DAMAGE = "Keep the ledger as it is, and compare it with a backup"
_WHO_ANSWERS = "Find out who answers in the place of the witness (its URL, a proxy)"
_TELL_THEM = "Give whoever runs the witness the log's public key"


class Witnessed(Struct, frozen=True):
    """What the receipt of a witness says.

    Attributes:
        checkpoint: the state of the log that was seen.
        witness: the name of the witness's key.
        at: when, by the witness's own clock (UTC, RFC 3339); of several cosignatures, the earliest.

    """

    checkpoint: Checkpoint
    witness: str
    at: str


class Witness:
    """A witness as an anchor of one log.

    Args:
        url: the submission prefix; `add-checkpoint` is posted below it.
        key: the witness's public key, type 0x04, which came from whoever runs it.
        origin: the log.
        prove: makes the proof that the witness asks for.
        seen: the size that the witness saw last, as far as we know; a wrong one costs a second request.
        seconds: how long one request may take.

    Raises:
        UsageError: if the URL is none, or holds credentials or a query.
        LedgerError: if the key is not that of a witness.

    """

    kind = WITNESS

    def __init__(self, url: str, key: VerifierKey, origin: str, prove: Prove, *, seen: int = 0, seconds: float = 30) -> None:
        self.place = _prefix(url)
        self._verifier = CosignatureVerifier(key)
        self._origin, self._prove, self._seen, self._seconds = origin, prove, seen, seconds

    def anchor(self, checkpoint: bytes) -> Receipt:
        """Have a checkpoint cosigned. The proof is the note with the cosignature below its own signatures: it stands by itself.

        Raises:
            LedgerError: naming the witness, what went wrong and the mend. If the witness has seen a log that ours does not continue, it
                says so: then either the witness follows another log of this name, or ours was changed.

        """
        note = parse_note(checkpoint)
        head = parse_checkpoint(note.text)
        if head.origin != self._origin:
            self._refuse(f"the checkpoint is of {head.origin}, and this witness is asked about {self._origin}", "Give it its own log's")
        old = self._seen if self._seen <= head.size else 0
        status, kind, body = self._ask(old, head.size, checkpoint)
        if status == 409:
            old = self._remembered(old, head.size, kind, body)
            status, kind, body = self._ask(old, head.size, checkpoint)
        if status == 409:
            self._remembered(old, head.size, kind, body)
            self._refuse("its memory of the log changed while it was asked", "Let one process at a time ask it, and try again")
        if status != 200:
            self._refuse_status(status, body, old, head.size)
        receipt = self._receipt(note, body)
        self._seen = head.size
        return receipt

    def _receipt(self, note: Note, body: bytes) -> Receipt:
        """Keep the cosignatures by the key that we were given, and no others (tlog-witness, "add-checkpoint")."""
        try:
            given = Note(note.text, parse_signatures(body)).encode()
            cosigned = open_note(given, [self._verifier]).signatures
            at = min(map(_time, cosigned))
        except NoteError as error:
            self._refuse(f"its answer is not its cosignature of this checkpoint: {error}", f"Compare its public key. {_WHO_ANSWERS}")
        proof = Note(note.text, note.signatures + cosigned).encode()
        return Receipt(WITNESS, self.place, at, proof, {"witness": self._verifier.name, "time": at})

    def _remembered(self, old: int, size: int, kind: str, body: bytes) -> int:
        """The size that the witness remembers, which we did not know. Raises `LedgerError` if our log cannot continue that."""
        found = _SIZE.fullmatch(body)
        if kind != SIZE_TYPE or found is None:
            self._refuse(f"it answered 409 without the size that it remembers, but {_plain(body)!r}", _WHO_ANSWERS)
        remembered = int(found[1])
        if remembered > size:
            seen = f"it has seen {remembered} entries of {self._origin}, and this checkpoint has {size}"
            self._refuse(f"{seen}: the log that it saw is not continued by ours, whose end is missing or was rewritten", _DAMAGE)
        if remembered == old == size:
            self._refuse(f"it has seen another log of the name {self._origin} with {size} entries: ours does not continue it", _DAMAGE)
        if remembered == old:
            self._refuse(f"it answered 409 though it was given the size that it remembers, {old}", _WHO_ANSWERS)
        return remembered

    def _refuse_status(self, status: int, body: bytes, old: int, size: int) -> NoReturn:
        if status == 422:
            what = f"it has seen {old} entries of {self._origin}, and the {size} entries here do not continue them"
            self._refuse(f"{what}: one of them was changed, added or removed since", _DAMAGE)
        what, mend = {
            400: ("it calls the request malformed", "Ask whoever runs it what it expects"),
            403: (f"it knows the log {self._origin}, and not the key that signed this checkpoint", _TELL_THEM),
            404: (f"it does not follow {self._origin}, or is not at this URL", f"Check the URL. {_TELL_THEM}"),
        }.get(status, (f"it answered {status}", "Try again later, or ask whoever runs it"))
        self._refuse(f"{what} ({_plain(body)})" if _plain(body) else what, mend)

    def _ask(self, old: int, size: int, checkpoint: bytes) -> tuple[int, str, bytes]:
        """One request: status, content type and body of the answer."""
        proof = self._prove(old, size) if 0 < old < size else ()
        request = AddCheckpoint(old, proof, checkpoint).encode()
        try:
            import httpx  # noqa: PLC0415 - loaded when a witness is asked
        except ModuleNotFoundError as error:
            raise refusal(self.place, f"{error.name} is not installed", "Install controlmon[anchors]") from error
        deadline = time.monotonic() + self._seconds
        headers = {"content-type": "text/plain; charset=utf-8", "accept-encoding": "identity", "user-agent": "controlmon"}
        try:
            with (
                httpx.Client(timeout=self._seconds, verify=trusted()) as client,
                client.stream("POST", f"{self.place}/add-checkpoint", content=request, headers=headers) as answer,
            ):
                return answer.status_code, answer.headers.get("content-type", "").partition(";")[0].strip(), self._read(answer, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            said = _plain(f"{type(error).__name__}: {error}".encode())
            mend = "Let this host reach the witness (its URL, HTTPS_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE), or try again later"
            raise refusal(self.place, f"it cannot be asked: {said}", mend) from error

    def _read(self, answer: "httpx.Response", deadline: float) -> bytes:
        body = b""
        for part in answer.iter_raw():  # as it came: nothing is unpacked, so that a small answer stays small
            body += part
            if len(body) > MAX_ANSWER:
                self._refuse(f"its answer has more than {MAX_ANSWER:,} bytes", _WHO_ANSWERS)
            if time.monotonic() > deadline:
                self._refuse(f"its answer took more than {self._seconds:g} s", "Try again later, or ask whoever runs it")
        return body

    def _refuse(self, what: str, mend: str) -> NoReturn:
        raise refusal(self.place, what, mend)


def read_receipt(proof: bytes, keys: Iterable[VerifierKey]) -> Witnessed:
    """Verify the stored proof of a witness.

    Args:
        proof: a signed checkpoint note, cosigned.
        keys: the witness's, and if the log's own signature is to be verified as well, the log's.

    Raises:
        NoteError: if it is malformed, any signature by one of these keys is wrong, or none is a cosignature.
        LedgerError: if a key cannot verify anything.

    """
    trusted = list(keys)
    note = open_note(proof, [CosignatureVerifier(key) if key.algorithm == COSIGNATURE else verifier_of(key) for key in trusted])
    witnesses = {(key.name, key.key_id) for key in trusted if key.algorithm == COSIGNATURE}
    cosigned = [one for one in note.signatures if (one.name, one.key_id) in witnesses]
    if not cosigned:
        raise NoteError("the checkpoint is not cosigned by any witness that is trusted here")
    first = min(cosigned, key=lambda one: cosignature_time(one.value))
    return Witnessed(parse_checkpoint(note.text), first.name, _time(first))


def _time(cosigned: Signature) -> str:
    seconds = cosignature_time(cosigned.value)
    try:
        return stamp(datetime.fromtimestamp(seconds, UTC))
    except (OverflowError, ValueError, OSError):
        raise NoteError(f"the cosignature by {cosigned.name} is of no time that a calendar has, {seconds} s after 1970") from None


def _prefix(url: str) -> str:
    """The submission prefix without a slash at its end. It is shown and recorded, so it may hold no secrets."""
    try:
        parts = urlsplit(url)
        plain = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1) and not any(map(str.isspace, url))
    except ValueError:
        plain = False
    if not plain or parts.username is not None or parts.query or parts.fragment:
        raise UsageError("The URL of a witness is http(s)://HOST[:PORT][/PREFIX]: give it without credentials, query and fragment")
    return url.rstrip("/")


def _plain(body: bytes) -> str:
    """A beginning of what was answered that can be shown anywhere."""
    text = " ".join(body[:800].decode("utf-8", "replace").split())
    return "".join(char for char in text if char.isprintable())[:200]

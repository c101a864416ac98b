"""A time-stamp authority as an anchor (RFC 3161): it signs the SHA-256 of a checkpoint's note together with its own time."""

import hashlib
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from msgspec import Struct

from controlmon.core.canonical import digest
from controlmon.core.errors import UsageError
from controlmon.core.times import stamp
from controlmon.ledger.anchor import RFC3161, Receipt, refusal, trusted
from controlmon.ledger.tst import SHA256, Stamped, read_stamp
from controlmon.ledger.tsverify import decoded, doubt_of_library, doubt_of_openssl, told

if TYPE_CHECKING:
    import httpx
    from rfc3161_client import TimeStampRequest

MAX_ANSWER = 256 * 1024
"""Bytes of an answer: a token with its chain of certificates has less than a tenth."""

_STATUS = {2: "rejection", 3: "waiting", 4: "revocationWarning", 5: "revocationNotification"}  # RFC 3161, section 2.4.2, PKIStatus
_GRANTED = (0, 1)  # granted, grantedWithMods
_WHO_ANSWERS = "Find out who answers in the place of the authority (its URL, a proxy)"
_ANOTHER = "Ask whoever runs the authority, or give another one"
_KEPT = "Compare it with another copy of the proof"
_ROOTS = "Give a PEM file of the CA certificates that the authority's certificate comes from"


class Token(Struct, frozen=True):
    """What a time stamp says, whether or not its signature is believed.

    Attributes:
        at: when, by the authority's clock (UTC).
        imprint: the SHA-256 that was stamped, 32 bytes.
        serial: the authority's number of this stamp, in hexadecimal.
        policy: the object identifier of the authority's policy; empty where rfc3161-client is not installed or does not read the stamp.
        authority: its name, as the stamp gives it or else the certificate that signed; empty if neither is there, and as above.

    """

    at: datetime
    imprint: bytes
    serial: str
    policy: str
    authority: str


class TimeStampAuthority:
    """A time-stamp authority as an anchor.

    Args:
        url: where it takes queries over HTTP (RFC 3161, section 3.4). Credentials and a query are sent, and told to nobody.
        roots: a PEM file of the CA certificates that the operator trusts; None leaves the authority's signature unverified, and says so.
        seconds: how long one request may take.

    Raises:
        UsageError: if the URL is none.

    """

    kind = RFC3161

    def __init__(self, url: str, roots: Path | None = None, *, seconds: float = 30) -> None:
        self.place = _told(url)
        self._url, self._roots, self._seconds = url, roots, seconds

    def anchor(self, checkpoint: bytes) -> Receipt:
        """Have a checkpoint stamped. The proof is the whole TimeStampResp, as it came.

        Raises:
            LedgerError: naming the authority, what went wrong and the mend.

        """
        request = self._request(checkpoint)
        proof = self._ask(request.as_bytes())
        self._granted(proof)  # (1) it answers with a stamp
        stamped = _stamped(proof, checkpoint, self.place, _WHO_ANSWERS)  # (2) of this checkpoint
        if stamped.nonce != request.nonce:  # (3) made for this question, and not for an earlier one
            self._refuse("its answer is to another question (the nonce differs)", _WHO_ANSWERS)
        signature = "not verified: no roots are given for this authority"
        if self._roots is not None:  # (4) signed by an authority that the operator trusts
            tool = verify_token(proof, checkpoint, self._roots, self.place)
            signature = f"verified by {tool} with the roots {digest(_read(self._roots, self.place))}"
        token = read_token(proof, self.place)
        says = {"authority": token.authority, "policy": token.policy, "serial": token.serial, "signature": signature}
        return Receipt(RFC3161, self.place, stamp(token.at), proof, says)

    def _request(self, checkpoint: bytes) -> "TimeStampRequest":
        try:
            from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - loaded when an authority is asked
        except ModuleNotFoundError as error:
            raise refusal(self.place, f"{error.name} is not installed", "Install controlmon[anchors]") from error
        return TimestampRequestBuilder(checkpoint, HashAlgorithm.SHA256, nonce=True, cert_req=True).build()

    def _ask(self, query: bytes) -> bytes:
        """One request, and the body of its answer."""
        try:
            import httpx  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise refusal(self.place, f"{error.name} is not installed", "Install controlmon[anchors]") from error
        deadline = time.monotonic() + self._seconds
        headers = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}
        headers |= {"accept-encoding": "identity", "user-agent": "controlmon"}
        try:
            with (
                httpx.Client(timeout=self._seconds, verify=trusted()) as client,
                client.stream("POST", self._url, content=query, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    self._refuse(f"it answered HTTP {answer.status_code}", "Check its URL and credentials, or try again later")
                return self._body(answer, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            mend = "Let this host reach the authority (its URL, HTTPS_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE), or try again later"
            raise refusal(self.place, f"it cannot be asked: {_plain(f'{type(error).__name__}: {error}')}", mend) from error

    def _body(self, answer: "httpx.Response", deadline: float) -> bytes:
        body = b""
        for part in answer.iter_raw():  # as it came: nothing is unpacked, so that a small answer stays small
            body += part
            if len(body) > MAX_ANSWER:
                self._refuse(f"its answer has more than {MAX_ANSWER:,} bytes", _WHO_ANSWERS)
            if time.monotonic() > deadline:
                self._refuse(f"its answer took more than {self._seconds:g} s", "Try again later, or ask whoever runs it")
        return body

    def _granted(self, proof: bytes) -> None:
        answer = decoded(proof)
        if answer is not None and answer.status not in _GRANTED:
            said = "; ".join([_STATUS.get(answer.status, str(answer.status)), *answer.status_string])
            self._refuse(f"it gives no time stamp: {_plain(said)}", _ANOTHER)

    def _refuse(self, what: str, mend: str) -> NoReturn:
        raise refusal(self.place, what, mend)


def read_token(proof: bytes, place: str = "time stamp") -> Token:
    """What a TimeStampResp says. Nothing is verified: see `verify_token`.

    Raises:
        LedgerError: if it is none, if it is not over SHA-256, or if rfc3161-client reads another time or imprint in it than we do.

    """
    stamped = _stamped(proof, None, place, _KEPT)
    theirs = told(proof)
    if theirs is not None and theirs[:2] != (stamped.at.replace(microsecond=0), stamped.imprint):
        raise refusal(place, "two readers do not read the same time and imprint in it", _KEPT)
    policy, authority = (theirs.policy, theirs.authority) if theirs else ("", "")
    return Token(stamped.at, stamped.imprint, _plain(f"{stamped.serial:x}"), _plain(policy), _plain(authority))


def verify_token(proof: bytes, checkpoint: bytes, roots: Path, place: str = "time stamp") -> str:
    """Verify that an authority below `roots` stamped `checkpoint`, with certificates that were valid at the time of the stamp.

    Whether a certificate was revoked is not asked.

    Args:
        proof: a TimeStampResp.
        checkpoint: the signed note, its bytes.
        roots: a PEM file of CA certificates.
        place: whose stamp it is, for errors.

    Returns:
        The tool that verified the signature: `rfc3161-client`, or `openssl ts` where the library is missing or does not know how.

    Raises:
        LedgerError: naming the place, what does not hold, and the mend.

    """
    stamped = _stamped(proof, checkpoint, place, _KEPT)
    read_token(proof, place)  # the readers agree
    pem = _read(roots, place)
    doubts = []
    for tool, doubt_of in (("rfc3161-client", doubt_of_library), ("openssl ts", doubt_of_openssl)):
        doubt = doubt_of(proof, stamped, pem)
        if doubt is None:
            return tool
        doubts.append(f"{tool}: {_plain(doubt)}")
    raise refusal(place, f"its signature is not believed ({'; '.join(doubts)})", _ROOTS)


def _stamped(proof: bytes, checkpoint: bytes | None, place: str, mend: str) -> Stamped:
    try:
        stamped = read_stamp(proof)
    except ValueError as error:
        raise refusal(place, f"its time stamp cannot be read: {error}", mend) from error
    if stamped.algorithm != SHA256 or len(stamped.imprint) != 32:
        raise refusal(place, "its time stamp is not over a SHA-256", mend)
    if checkpoint is not None and stamped.imprint != hashlib.sha256(checkpoint).digest():
        raise refusal(place, "its time stamp is of other bytes than this checkpoint's (the imprint differs)", mend)
    return stamped


def _read(roots: Path, place: str) -> bytes:
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415

    try:
        pem = roots.read_bytes()
        load_pem_x509_certificates(pem)
    except (OSError, ValueError) as error:
        raise refusal(place, f"{roots} holds no certificates to verify it with ({_plain(str(error))})", _ROOTS) from error
    return pem


def _told(url: str) -> str:
    """The URL without what may be secret in it."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("the URL of a time-stamp authority cannot be read. Write it as https://HOST/PATH")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}{parts.path}"


def _plain(text: str) -> str:
    return " ".join(text.split())[:300]

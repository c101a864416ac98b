"""Who verifies the signature of a time stamp: rfc3161-client, and OpenSSL for what the library does not know how to."""

import re
import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from controlmon.ledger.tst import Stamped, walk

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

_OPENSSL_SECONDS = 30
_MANY = 64  # certificates that are put in order: a chain has two to four
_CERTIFICATES = "30> 30. 30> 06. a0> 30> 02. 31. 30."  # of SignedData (RFC 5652, section 5.1): what precedes `certificates`


class Told(NamedTuple):
    """Time (UTC, whole seconds), digest and policy of a time stamp, and its authority's name: its own, else that in its certificate."""

    at: datetime
    imprint: bytes
    policy: str
    authority: str


def decoded(response: bytes) -> "TimeStampResponse | None":
    """A TimeStampResp as rfc3161-client reads it; None if the library is not installed, or does not read it."""
    try:
        from rfc3161_client import decode_timestamp_response  # noqa: PLC0415 - loaded when a time stamp is read
    except ModuleNotFoundError:
        return None
    try:
        return decode_timestamp_response(_in_order(response))
    except ValueError:
        return None


def doubt_of_library(response: bytes, stamped: Stamped, pem: bytes) -> str | None:
    """Why rfc3161-client does not believe a time stamp below the roots in `pem`; None if it does."""
    try:
        from rfc3161_client import VerificationError, VerifierBuilder  # noqa: PLC0415
    except ModuleNotFoundError:
        return "it is not installed"
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415

    problems: tuple[type[Exception], ...] = (VerificationError, *_unreadable())
    answer = decoded(response)
    if answer is None:
        return "it does not read this TimeStampResp"
    try:
        VerifierBuilder(roots=load_pem_x509_certificates(pem)).build().verify(answer, stamped.imprint)
    except problems as error:
        return _reason(str(error))
    return None


def doubt_of_openssl(response: bytes, stamped: Stamped, pem: bytes) -> str | None:
    """Why OpenSSL (openssl-ts(1), `-verify`) does not believe a time stamp below the roots in `pem`; None if it does."""
    openssl = shutil.which("openssl")
    if openssl is None:
        return "there is no openssl on the PATH"
    with tempfile.TemporaryDirectory() as directory:
        answer, roots = Path(directory) / "answer.tsr", Path(directory) / "roots.pem"
        answer.write_bytes(response)
        roots.write_bytes(pem)
        command = [openssl, "ts", "-verify", "-digest", stamped.imprint.hex(), "-in", str(answer)]
        command += ["-CAfile", str(roots), "-untrusted", str(roots), "-attime", str(int(stamped.at.timestamp()))]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_OPENSSL_SECONDS, check=False)  # noqa: S603 - no shell, nothing but paths of ours and digits
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error).replace(directory, "")
    said = (done.stdout + done.stderr).decode(errors="replace").replace(directory, "")
    return None if done.returncode == 0 else _reason(said) or f"it ended with code {done.returncode}"


def told(response: bytes) -> Told | None:
    """What rfc3161-client reads in a time stamp; None if the library is not installed, or does not read it."""
    answer = decoded(response)
    try:
        if answer is None:
            return None
        info = answer.tst_info
        return Told(info.gen_time, info.message_imprint.message, info.policy.dotted_string, _authority(answer))
    except _unreadable():  # it decodes the inner parts when they are asked for
        return None


def _unreadable() -> tuple[type[Exception], ...]:
    """What the library and cryptography raise for a stamp, or a certificate in it, that is malformed."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.x509 import DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType  # noqa: PLC0415

    return (ValueError, TypeError, LookupError, UnsupportedAlgorithm, DuplicateExtension, InvalidVersion, UnsupportedGeneralNameType)


def _authority(answer: "TimeStampResponse") -> str:
    from cryptography.x509 import DirectoryName, load_der_x509_certificate  # noqa: PLC0415

    if isinstance(answer.tst_info.name, DirectoryName):
        return answer.tst_info.name.value.rfc4514_string()
    signers = {(signer.issuer, signer.serial_number) for signer in answer.signed_data.signer_infos}
    certificates = [load_der_x509_certificate(der) for der in answer.signed_data.certificates]
    return next((one.subject.rfc4514_string() for one in certificates if (one.issuer, one.serial_number) in signers), "")


def _reason(said: str) -> str:
    """What OpenSSL says of a certificate, without the files and lines of its sources."""
    found = re.search(r'(?<=Verify error:)[^"\n]+', said) or re.search(r"(?<=error:)[^\n]+", said)
    return found[0] if found else said


def _in_order(response: bytes) -> bytes:
    """The same with the certificates in the order of DER (X.690, 11.6), where they are not.

    OpenSSL, and so the authorities that run on it, writes them as they came, and the library refuses that. No signature covers
    this order (RFC 5652, section 5.4). The proof that is kept stays as it came.
    """
    try:
        rest = walk(response, _CERTIFICATES)
        tail, todo = walk(rest, "a0."), walk(rest, "a0>")
        head = response.removesuffix(rest) + rest.removesuffix(todo + tail)
        certificates: list[bytes] = []
        while todo and len(certificates) < _MANY:
            after = walk(todo, "30.")
            certificates.append(todo.removesuffix(after))
            todo = after
    except ValueError:  # there are none, or they are not laid out as expected: the library says what it thinks of that
        return response
    return head + b"".join([*sorted(certificates), todo, tail]) if response.endswith(rest) else response

"""Signed envelopes for exported documents: DSSE version 1 (secure-systems-lab/dsse, protocol.md and envelope.md).

Pure: who signs and who verifies are arguments (`note.Signer`, `note.Verifier`), as for notes. A key that signs a log may sign envelopes
too: what DSSE signs is one line, and a checkpoint is at least three, so that neither can be taken for the other.
"""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from controlmon.core.errors import LedgerError
from controlmon.core.note import ECDSA, ED25519, Signer, Verifier, VerifierKey

IN_TOTO = "application/vnd.in-toto+json"
"""The payload type of an in-toto statement (in-toto attestation framework, "Envelope layer")."""

_MAX_SIGNATURES = 16  # as many as compliance-trestle reads
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo of 32 bytes that follow (RFC 8410, section 4)


class DsseError(LedgerError):
    """An envelope that is malformed, or whose signature cannot be believed."""


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature and the hint at its key, which proves nothing."""

    key_id: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload, what it is, and its signatures. Do not believe the payload before `open_envelope` has."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The envelope as JSON (envelope.md, "Standard envelope")."""
        signatures = [{"keyid": s.key_id, "sig": _base64(s.value)} for s in self.signatures]
        return json.dumps({"payload": _base64(self.payload), "payloadType": self.payload_type, "signatures": signatures}).encode() + b"\n"


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding of type and payload (protocol.md, "Signature Definition")."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign_envelope(payload_type: str, payload: bytes, signers: Iterable[Signer]) -> Envelope:
    """Sign `payload` with each signer. The hint at the key is `name+id`, as the log's public key begins."""
    message = pae(payload_type, payload)
    signatures = tuple(Signature(f"{signer.name}+{signer.key_id.hex()}", signer.sign(message)) for signer in signers)
    return Envelope(payload_type, payload, signatures)


class _Signature(msgspec.Struct):
    sig: str
    keyid: str = ""


class _Envelope(msgspec.Struct, rename={"payload_type": "payloadType"}):
    payload: str
    payload_type: str
    signatures: list[_Signature]


def parse_envelope(data: bytes) -> Envelope:
    """Read an envelope without verifying anything. Raises `DsseError` for whatever envelope.md forbids."""
    try:
        read = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DsseError(f"not a DSSE envelope: {error}") from None
    if not 0 < len(read.signatures) <= _MAX_SIGNATURES:
        raise DsseError(f"an envelope with {len(read.signatures)} signatures; 1 to {_MAX_SIGNATURES} are read")
    signatures = tuple(Signature(s.keyid, _unbase64(s.sig, f"signature {n}")) for n, s in enumerate(read.signatures, 1))
    return Envelope(read.payload_type, _unbase64(read.payload, "the payload"), signatures)


def open_envelope(data: bytes, payload_type: str, verifiers: Iterable[Verifier]) -> Envelope:
    """Read an envelope and verify it (protocol.md, "To verify"): the result holds only the signatures that were verified.

    Raises `DsseError` if it is malformed, of another type, or not signed by any of these keys. The hint at the key is not asked.
    """
    envelope = parse_envelope(data)
    if envelope.payload_type != payload_type:
        raise DsseError(f"the envelope holds {envelope.payload_type!r}, not {payload_type!r}")
    known = tuple(verifiers)
    message = pae(envelope.payload_type, envelope.payload)
    believed = tuple(s for s in envelope.signatures if any(verifier.verify(s.value, message) for verifier in known))
    if not believed:
        raise DsseError("the envelope is not signed by any key that is trusted here, or was altered")
    return Envelope(envelope.payload_type, envelope.payload, believed)


def public_pem(key: VerifierKey) -> str:
    """The public key as other tools read it: PEM of a SubjectPublicKeyInfo (RFC 7468, section 13). Raises `DsseError` for other keys."""
    if key.algorithm == ED25519 and len(key.public_key) == 32:
        der = _ED25519_SPKI + key.public_key
    elif key.algorithm == ECDSA:
        der = key.public_key
    else:
        raise DsseError(f"{key}: a key of type 0x{key.algorithm:02x} has no PEM form here")
    text = _base64(der)
    lines = "\n".join(text[i : i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str, what: str) -> bytes:
    """Decode standard or URL-safe Base64: verifiers accept either (protocol.md, "Protocol")."""
    for altchars in (None, b"-_"):
        try:
            return base64.b64decode(text, altchars, validate=True)
        except (binascii.Error, ValueError):
            continue
    raise DsseError(f"{what} is not Base64")

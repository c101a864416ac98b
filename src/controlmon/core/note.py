"""Signed notes (C2SP signed-note) and the checkpoints of a log that they carry (C2SP tlog-checkpoint).

Pure: who signs and who verifies are arguments (`Signer`, `Verifier`), so no cryptography beyond SHA-256 is imported here.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from controlmon.core.errors import LedgerError

ED25519 = 0x01
"""The signature type of Ed25519 keys (signed-note, "Signature types")."""
ECDSA = 0x02
"""The signature type of ECDSA keys, whose encoding is DER SubjectPublicKeyInfo."""

_MAX_NOTE = 1_000_000  # bytes; both limits are those of Go's sumdb/note, well above the 16 signatures that the spec requires
_MAX_SIGNATURES = 100
_MAX_SIZE = 2**63
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # below U+0020, newline excepted
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY_ID = re.compile(r"[0-9a-f]{8}")


class NoteError(LedgerError):
    """A note, checkpoint or key that is malformed, or whose signature cannot be believed."""


class Signer(Protocol):
    """Whoever signs: a file, AWS KMS, Azure Key Vault."""

    @property
    def name(self) -> str:
        """The key's name, usually the log's origin."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes: see `key_id`."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The signature of `message`, without the key id."""
        ...


class Verifier(Protocol):
    """Whoever recognises one key's signatures."""

    @property
    def name(self) -> str:
        """The key's name."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes: see `key_id`."""
        ...

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the key signed `message`; never raises because of what the bytes are."""
        ...


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its id (4 bytes) and the signature's bytes."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and its signatures. Do not believe the text before `open_note` has."""

    text: str
    signatures: tuple[Signature, ...]

    def encode(self) -> bytes:
        """The note's bytes: what `parse_note` reads, exactly."""
        lines = (f"— {s.name} {_base64(s.key_id + s.value)}\n" for s in self.signatures)
        return f"{self.text}\n{''.join(lines)}".encode()


def parse_note(data: bytes) -> Note:
    """Read a note without verifying anything. Raises `NoteError` for whatever signed-note forbids."""
    if len(data) > _MAX_NOTE:
        raise NoteError(f"a note of {len(data):,} bytes; at most {_MAX_NOTE:,} are read")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"a note is UTF-8; byte {error.start} is not") from None
    if found := _CONTROL.search(whole):
        raise NoteError(f"a note holds no control characters; character {found.start()} is U+{ord(found[0]):04X}")
    text, blank, lines = whole.rpartition("\n\n")  # the last empty line: the text may hold others
    if not blank or not lines.endswith("\n"):
        raise NoteError("a note is text, an empty line, and lines of signatures that end in a newline")
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > _MAX_SIGNATURES:
        raise NoteError(f"a note with {len(signatures)} signatures; at most {_MAX_SIGNATURES} are read")
    return Note(text + "\n", signatures)


def sign_note(text: str, signers: Iterable[Signer]) -> Note:
    """Sign `text`, which ends in a newline, with each signer. Raises `NoteError` if the result would not be a note."""
    if not text.endswith("\n"):
        raise NoteError("a note's text ends in a newline")
    signatures = tuple(Signature(signer.name, signer.key_id, signer.sign(text.encode())) for signer in signers)
    return parse_note(Note(text, signatures).encode())


def open_note(data: bytes, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and verify it (signed-note, "Signatures"): the result holds only the signatures that were verified.

    Signatures by unknown keys are ignored. Raises `NoteError` if the note is malformed, if any signature by a known key is wrong,
    or if there is none by a known key.
    """
    note = parse_note(data)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    believed = []
    for signature in note.signatures:
        verifier = known.get((signature.name, signature.key_id))
        if verifier is None:
            continue
        if not verifier.verify(signature.value, note.text.encode()):
            raise NoteError(f"the signature by {signature.name} ({signature.key_id.hex()}) is wrong: the text or the line was altered")
        believed.append(signature)
    if not believed:
        raise NoteError("the note is not signed by any key that is trusted here")
    return Note(note.text, tuple(believed))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log: origin, number of leaves, root hash (32 bytes), and extension lines, which we never write ourselves.

    Raises `NoteError` when built from values that tlog-checkpoint cannot express.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if any(not line or "\n" in line or _CONTROL.search(line) for line in (self.origin, *self.extensions)):
            raise NoteError("a checkpoint's origin and extensions are lines of text, none of them empty")
        if not 0 <= self.size < _MAX_SIZE:
            raise NoteError(f"a checkpoint's size is a number of leaves below 2**63, not {self.size}")
        if len(self.root) != 32:
            raise NoteError(f"a checkpoint's root has 32 bytes, not {len(self.root)}")

    def text(self) -> str:
        """The note text (tlog-checkpoint, "Note text"), ready for `sign_note`."""
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), _base64(self.root), *self.extensions))


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint. Raises `NoteError` for whatever tlog-checkpoint forbids."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop():
        raise NoteError("a checkpoint is at least three lines, each ending in a newline: origin, size, root hash")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise NoteError(f"a checkpoint's size is a decimal number without leading zeroes, not {size[:40]!r}")
    return Checkpoint(origin, int(size), _unbase64(root, "a checkpoint's root"), tuple(extensions))


def key_id(name: str, algorithm: int, public_key: bytes) -> bytes:
    """The four bytes that tell keys apart; no proof of anything (signed-note, "Signatures").

    SHA-256(name, newline, type, key); for ECDSA, SHA-256 of the key's DER alone ("Signature types").
    """
    material = public_key if algorithm == ECDSA else f"{name}\n".encode() + bytes([algorithm]) + public_key
    return hashlib.sha256(material).digest()[:4]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key by name: what an auditor is given, in the form `name+id+base64(type, key)` of Go's sumdb/note."""

    name: str
    algorithm: int
    public_key: bytes

    def __post_init__(self) -> None:
        if not _is_key_name(self.name):
            raise NoteError(f"a key's name is text without spaces or plus signs, not {self.name!r}")

    @property
    def key_id(self) -> bytes:
        """Four bytes: see the function `key_id`."""
        return key_id(self.name, self.algorithm, self.public_key)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.algorithm]) + self.public_key)}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Read `name+id+base64(type, key)`. Raises `NoteError` if it is malformed or if the id is not that of the key."""
    name, stated, data = split_key(text)
    key = VerifierKey(name, data[0], data[1:])
    if key.key_id != stated:
        raise NoteError(f"the id {stated.hex()} is not that of the key named {name}, {key.key_id.hex()}: copy the key again")
    return key


def split_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and decoded rest (type byte first, then at least one byte) of `name+id+base64`. Raises `NoteError`."""
    parts = text.split("+", 2)  # Base64 has plus signs of its own
    if len(parts) != 3 or not _is_key_name(parts[0]) or not _KEY_ID.fullmatch(parts[1]):
        raise NoteError("a key is written NAME+ID+BASE64, with eight hexadecimal digits in ID")
    data = _unbase64(parts[2], "a key")
    if len(data) < 2:
        raise NoteError("a key is a type byte and the key itself; there is too little after the last plus sign")
    return parts[0], bytes.fromhex(parts[1]), data


def _parse_signature(line: str) -> Signature:
    dash, name, data = [*line.split(" ", 2), "", ""][:3]
    if dash != "—" or not _is_key_name(name):
        raise NoteError(f"a signature line is an em dash, a key's name and Base64, not {line[:80]!r}")
    raw = _unbase64(data, f"the signature by {name}")
    if len(raw) < 5:
        raise NoteError(f"the signature by {name} has {len(raw)} bytes; a key id of four and a signature are needed")
    return Signature(name, raw[:4], raw[4:])


def _is_key_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(char.isspace() for char in name) and not _CONTROL.search(name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str, what: str) -> bytes:
    """Decode Base64 (RFC 4648, section 4), padded, and refuse a second spelling of the same bytes (section 3.5)."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = None
    if data is None or _base64(data) != text:
        raise NoteError(f"{what} is not canonical Base64")  # without quoting it: it may be a private key
    return data

"""Cosignatures of checkpoints (C2SP tlog-cosignature), and the request for one (C2SP tlog-witness, "add-checkpoint").

A cosignature says: at this time, this was the largest tree that I had seen of this log, and it continues all that I saw before.
"""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from controlmon.core.merkle import HASH_SIZE
from controlmon.core.note import Note, NoteError, Signature, parse_note

COSIGNATURE = 0x04
"""The signature type of Ed25519 keys that sign checkpoints with a time (tlog-cosignature, "Format")."""
MAX_PROOF = 63
"""Hashes in a consistency proof, at most (tlog-witness, "add-checkpoint")."""
MAX_REQUEST = 128 * 1024
"""Bytes in a request, at most: the longest proof, and a checkpoint with 16 signatures of the largest type in use, fill half of it."""
SIZE_TYPE = "text/x.tlog.size"
"""The content type of a refusal that tells the size that the witness remembers."""

_MAX_TIME = _MAX_SIZE = 2**63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_HASH = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")  # 32 bytes in canonical Base64: the last four bits are zero


def cosigned_message(text: bytes, time: int) -> bytes:
    """What is signed: two lines of our own, and the text of the note (tlog-cosignature, "Ed25519 signed message")."""
    if not 0 <= time < _MAX_TIME:
        raise NoteError(f"a cosignature's time is a number of seconds below 2**63, not {time}")
    return b"cosignature/v1\ntime %d\n" % time + text


def cosignature(time: int, signature: bytes) -> bytes:
    """What stands in the signature line after the key id: the time in eight bytes, and the 64 of the Ed25519 signature."""
    return time.to_bytes(8, "big") + signature


def split_cosignature(value: bytes) -> tuple[int, bytes]:
    """The time, and the Ed25519 signature. Raises `NoteError` if this is no cosignature."""
    if len(value) != 72:
        raise NoteError(f"a cosignature has 72 bytes, not {len(value)}")
    time = int.from_bytes(value[:8], "big")
    if time >= _MAX_TIME:
        raise NoteError("a cosignature's time is a number of seconds below 2**63")
    return time, value[8:]


def cosignature_time(signature: bytes) -> int:
    """When it was made, by the witness's own clock, in seconds since 1970 (UTC). `signature` is the `value` of a signature line."""
    return split_cosignature(signature)[0]


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A checkpoint (the bytes of its note), and the proof that it continues the tree of `old_size`, the last that the witness saw.

    Raises `NoteError` when built from values that tlog-witness cannot express.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.old_size < _MAX_SIZE:
            raise NoteError(f"an old size is a number of leaves below 2**63, not {self.old_size}")
        if len(self.proof) > MAX_PROOF:
            raise NoteError(f"a proof of {len(self.proof)} hashes; at most {MAX_PROOF} are sent")
        if any(len(one) != HASH_SIZE for one in self.proof):
            raise NoteError(f"a hash of a proof has {HASH_SIZE} bytes")

    def encode(self) -> bytes:
        """The body of the request: what `parse_add_checkpoint` reads, exactly."""
        lines = (base64.b64encode(one) + b"\n" for one in self.proof)
        return b"old %d\n" % self.old_size + b"".join(lines) + b"\n" + self.note


def parse_add_checkpoint(data: bytes) -> AddCheckpoint:
    """Read the body of a request; its note is not looked into. Raises `NoteError` for whatever tlog-witness forbids."""
    if len(data) > MAX_REQUEST:
        raise NoteError(f"a request of {len(data):,} bytes; at most {MAX_REQUEST:,} are read")
    header, blank, note = data.partition(b"\n\n")
    old, *proof = header.decode("ascii", "replace").split("\n")
    size = _OLD.fullmatch(old)
    if not blank or size is None:
        raise NoteError("a request is `old`, a space, a size without leading zeroes, the lines of a proof, an empty line, and a checkpoint")
    if not all(_HASH.fullmatch(line) for line in proof):
        raise NoteError("a line of a proof is one hash in canonical Base64")
    return AddCheckpoint(int(size[1]), tuple(base64.b64decode(line) for line in proof), note)


def encode_signatures(signatures: Iterable[Signature]) -> bytes:
    """The answer to a request: signature lines, and nothing else."""
    return Note("", tuple(signatures)).encode().removeprefix(b"\n")


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """Read an answer, without verifying anything. Raises `NoteError` if it is not signature lines alone."""
    note = parse_note(b"\n\n" + data)
    if note.text != "\n":
        raise NoteError("a witness answers with signature lines, and nothing else")
    return note.signatures

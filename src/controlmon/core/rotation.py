"""Which key signs which checkpoint: a log changes keys by an entry that both sign, so that whoever trusts one can follow to the other.

Pure: who verifies is an argument, as for notes.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from controlmon.core.note import NoteError, Verifier, VerifierKey, parse_verifier_key

TYPE = "key.rotated"
STREAM = "keys"


class Rotation(Struct, frozen=True):
    """One change of keys: the entry's position, both keys, and the time that was signed (UTC, RFC 3339)."""

    position: int
    old: VerifierKey
    new: VerifierKey
    at: str


def statement(old: VerifierKey, new: VerifierKey, at: str) -> bytes:
    """The bytes that both keys sign."""
    return f"controlmon key rotation v1\n{old}\n{new}\n{at}\n".encode()


def rotation_entry(old: VerifierKey, new: VerifierKey, at: str, reason: str, by_old: bytes, by_new: bytes) -> dict[str, Any]:
    """The entry that tells of a change of keys."""
    signatures = {"old": base64.b64encode(by_old).decode(), "new": base64.b64encode(by_new).decode()}
    return {"type": TYPE, "old": str(old), "new": str(new), "at": at, "reason": reason, "signatures": signatures}


def read_rotation(position: int, entry: dict[str, Any], verifier_of: Callable[[VerifierKey], Verifier]) -> Rotation:
    """A change of keys, both of whose signatures hold. Raises `NoteError` if it is malformed or one of them does not."""
    try:
        old, new, at = parse_verifier_key(entry["old"]), parse_verifier_key(entry["new"]), str(entry["at"])
        signed = {who: base64.b64decode(entry["signatures"][who], validate=True) for who in ("old", "new")}
    except (KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise NoteError(f"a change of keys that cannot be read: {type(error).__name__}") from error
    for who, key in (("old", old), ("new", new)):
        if not verifier_of(key).verify(signed[who], statement(old, new, at)):
            raise NoteError(f"the change from {old.key_id.hex()} to {new.key_id.hex()} is not signed by the {who} key")
    return Rotation(position, old, new, at)


class KeyChain:
    """The keys of a log, from the first to the last, and which of them was in force.

    Raises:
        NoteError: if a change does not begin with the key that was in force, or the key that is trusted is none of them.

    """

    def __init__(self, trusted: VerifierKey, rotations: Sequence[Rotation]) -> None:
        self._rotations = sorted(rotations, key=lambda r: r.position)
        for before, after in zip(self._rotations, self._rotations[1:], strict=False):
            if before.new != after.old:
                raise NoteError(f"entry {after.position} changes from a key that was not in force, {after.old.key_id.hex()}")
        self.keys = [self._rotations[0].old, *(r.new for r in self._rotations)] if self._rotations else [trusted]
        if trusted not in self.keys:
            known = ", ".join(key.key_id.hex() for key in self.keys)
            raise NoteError(f"the key that you trust, {trusted.key_id.hex()}, is none of this log's: {known}")

    def at(self, size: int) -> VerifierKey:
        """The key that signs the checkpoint of this size: a change counts from the first checkpoint that covers its entry."""
        covered = sum(r.position < size for r in self._rotations)
        return self.keys[covered]

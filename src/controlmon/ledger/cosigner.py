"""The key of a witness: one in a file that cosigns checkpoints, and its public half that verifies them (C2SP tlog-cosignature)."""

from typing import Self

from controlmon.core.cosign import COSIGNATURE, cosignature, cosigned_message, split_cosignature
from controlmon.core.errors import LedgerError
from controlmon.core.note import ED25519, NoteError, Signature, VerifierKey, parse_verifier_key
from controlmon.ledger.signer import Ed25519Verifier, KeyFile


class Cosigner(KeyFile):
    """Cosigns checkpoints with the key of a file. The key signs nothing else: its type, 0x04, is not that of a log."""

    ALGORITHM = COSIGNATURE
    MISSING = "the key that cosigned for this witness is missing"
    OWNER = "this witness"

    def cosign(self, text: str, time: int) -> Signature:
        """The signature line over the text of a checkpoint note.

        Args:
            text: the note's text, which ends in a newline.
            time: now, in seconds since 1970 (UTC).

        """
        return Signature(self.name, self.key_id, cosignature(time, self._key.sign(cosigned_message(text.encode(), time))))


class CosignatureVerifier:
    """Verifies the cosignatures of one witness, as strictly as `Ed25519Verifier` does signatures."""

    def __init__(self, key: VerifierKey) -> None:
        if key.algorithm != COSIGNATURE:
            raise LedgerError(f"{key}: not the key of a witness, whose type is 0x{COSIGNATURE:02x}. Give the key that the witness printed")
        self.verifier_key = key
        self._ed25519 = Ed25519Verifier(VerifierKey(key.name, ED25519, key.public_key))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verifier of a public key written `name+id+base64(0x04, key)`. Raises `LedgerError` if it is malformed or weak."""
        return cls(parse_verifier_key(text))

    @property
    def name(self) -> str:
        """The witness's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the witness cosigned `message`, a note's text, at the time that the signature names."""
        try:
            time, signed = split_cosignature(signature)
        except NoteError:
            return False
        return self._ed25519.verify(signed, cosigned_message(message, time))

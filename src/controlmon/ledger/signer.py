"""Ed25519 keys for checkpoints: one in a file that signs, and its public half that verifies strictly."""

import base64
import os
import stat
import tempfile
from pathlib import Path
from typing import ClassVar, NoReturn, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from controlmon.core.errors import LedgerError
from controlmon.core.note import ED25519, NoteError, VerifierKey, parse_verifier_key, split_key

_PREFIX = "PRIVATE+KEY+"
_P = 2**255 - 19  # the field of edwards25519 (RFC 8032, section 5.1)
_L = 2**252 + 27742317777372353535851937790883648493  # the order of its base point
_Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
_LOW_ORDER = {0, 1, _P - 1, _Y8, _P - _Y8}  # the y of the eight points whose order divides eight


class KeyFile:
    """An Ed25519 key kept in one file, which only its owner may read.

    The file is one line in the form of Go's sumdb/note, `PRIVATE+KEY+name+id+base64(type, seed)`, which other log tools read.
    """

    ALGORITHM: ClassVar[int] = ED25519
    """The signature type of the key, so that a key of one purpose is never taken for one of another."""
    MISSING: ClassVar[str] = "the key that signed this ledger's checkpoints is missing"
    """What is said of a file that is not there and must not be created."""
    OWNER: ClassVar[str] = "this log"

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifier_key = VerifierKey(name, self.ALGORITHM, key.public_key().public_bytes_raw())

    @classmethod
    def open(cls, path: Path, name: str, *, create: bool) -> Self:
        """The signer of the key `name` in the file `path`.

        With `create`, a file that is missing is written first, mode 0600. Give `create=False` as soon as the ledger has a
        checkpoint: a new key beside old signatures would look like a forgery.

        Raises `LedgerError` if the file is missing (without `create`), cannot be read or written, may be read by others, is not
        such a key, or is the key of another name; `NoteError`, also a `LedgerError`, for a name that notes do not allow.
        """
        if create:
            cls._create(path, name)
        signer = cls._read(path)
        if signer.name != name:
            _refuse(path, f"it is the key of {signer.name!r}, not of {name!r}", f"Give the file of {cls.OWNER}'s key")
        return signer

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    @classmethod
    def _create(cls, path: Path, name: str) -> None:
        """Create the file if it is missing, whole or not at all: no crash leaves half a key, no race replaces another's."""
        key = Ed25519PrivateKey.generate()
        key_id = cls(name, key).key_id.hex()
        line = f"{_PREFIX}{name}+{key_id}+{base64.b64encode(bytes([cls.ALGORITHM]) + key.private_bytes_raw()).decode()}\n"
        try:
            if path.exists():
                return
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # O_EXCL, mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(line.encode())
                    file.flush()
                    os.fsync(handle)
                os.link(draft, path)  # fails if the file exists, where a rename would replace it
            finally:
                Path(draft).unlink()
            directory = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)  # the directory too: otherwise the new name may be lost with the power
            finally:
                os.close(directory)
        except FileExistsError:
            return  # another process was first: its key is the one that counts
        except OSError as error:
            _refuse(path, error.strerror or str(error), "Let the user that runs controlmon write to its directory")

    @classmethod
    def _read(cls, path: Path) -> Self:
        try:
            with path.open("rb") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                data = file.read(4096)
        except FileNotFoundError:
            _refuse(path, cls.MISSING, "Restore the file from its backup")
        except OSError as error:
            _refuse(path, error.strerror or str(error), "Let the user that runs controlmon read it")
        if mode & 0o077:
            _refuse(path, f"others than its owner may use it (mode {mode:04o})", f"If nobody did, run: chmod 600 {path}")
        mend = "Restore the file from its backup"
        try:
            text = data.decode().removesuffix("\n")
            if not text.startswith(_PREFIX):
                _refuse(path, f"it does not start with {_PREFIX}", mend)
            name, stated, material = split_key(text.removeprefix(_PREFIX))
        except (UnicodeDecodeError, NoteError):
            _refuse(path, f"it is not one line {_PREFIX}NAME+ID+BASE64", mend)
        if len(material) != 33 or material[0] != cls.ALGORITHM:
            _refuse(path, f"it is not an Ed25519 key of type 0x{cls.ALGORITHM:02x}", mend)
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(material[1:]))
        if signer.key_id != stated:
            _refuse(path, "its id is not that of its key, so a part of it was altered", mend)
        return signer


class FileSigner(KeyFile):
    """Signs notes with the key of a file."""

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature (RFC 8032, section 5.1.6)."""
        return self._key.sign(message)


class Ed25519Verifier:
    """Verifies with one public key, strictly: whoever lacks the private key cannot turn a good signature into another good one.

    OpenSSL (below `cryptography`) checks the equation of RFC 8032 without the cofactor, compares R byte for byte and refuses S >= L;
    but it takes public keys of low order, for which anyone can sign, and R of low order and keys that are not canonically encoded.
    We refuse those too, and check S and R again rather than rely on a library's version. A point that merely has a component of
    low order is left to the equation, as in `verify_strict` of ed25519-dalek: only the owner of a key can make such a key or R.
    """

    def __init__(self, key: VerifierKey) -> None:
        if key.algorithm != ED25519 or len(key.public_key) != 32:
            raise LedgerError(f"{key}: not an Ed25519 key. Give the public key that the log's signer printed")
        if not _is_strict_point(key.public_key):
            raise LedgerError(f"{key}: a key for which anyone can sign, or that is not encoded canonically. Do not trust this log")
        self.verifier_key = key
        self._key = Ed25519PublicKey.from_public_bytes(key.public_key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The verifier of a public key written `name+id+base64(0x01, key)`. Raises `LedgerError` if it is malformed or weak."""
        return cls(parse_verifier_key(text))

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the key signed `message` (RFC 8032, section 5.1.7, and the checks that the class names)."""
        r, s = signature[:32], signature[32:]
        if len(s) != 32 or int.from_bytes(s, "little") >= _L or not _is_strict_point(r):
            return False
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _is_strict_point(encoded: bytes) -> bool:
    """Canonical (RFC 8032, section 5.1.3: y below p) and not of low order, whatever the sign bit; x = 0 is of low order."""
    y = int.from_bytes(encoded, "little") & ~(1 << 255)
    return y < _P and y not in _LOW_ORDER


def _refuse(path: Path, reason: str, mend: str) -> NoReturn:
    raise LedgerError(f"{path}: {reason}. {mend}")

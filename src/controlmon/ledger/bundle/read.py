"""Reading a bundle as the stretch of a log that it is. What it says of itself is believed only as far as its digests go.

Whether it was signed, and holds, is the verifier's to say. Here no length and no name is trusted, and nothing is unpacked without bounds.
"""

import hashlib
import json
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import msgspec

from controlmon.core.errors import LedgerError
from controlmon.core.merkle import HASH_SIZE, Frontier, ProofError, leaf_hash
from controlmon.ledger.bundle import layout
from controlmon.ledger.bundle.layout import Manifest
from controlmon.ledger.history import Head, Placed

CHUNK = 1 << 20
MEMORY = 128 << 20
"""Bytes that unpacking LZMA may take."""
GROWTH = 2000
"""Bytes out for one in, beyond 64 MiB: a year of hours in which nothing changed stays below, a stream of zeroes does not."""
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    msgspec.DecodeError,
)


class Bundle:
    """A bundle, open for reading: a `History`. Close it, or use it as a context, to let go of what was unpacked.

    `Bundle.open(path)` opens one.
    """

    def __init__(self, path: Path, archive: zipfile.ZipFile, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest
        self._zip = archive
        self._pack: IO[bytes] | None = None
        self._places: dict[bytes, int] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a bundle. Raises `LedgerError` if it is none, or its members are not of the sizes that its manifest declares."""
        try:
            archive = zipfile.ZipFile(path)
        except OSError as error:
            raise LedgerError(f"{path}: {error.strerror or error}: give the file of a bundle") from error
        except UNREADABLE as error:
            raise LedgerError(f"{path}: not a bundle, or cut off ({error}): get it again") from error
        try:
            return cls(path, archive, _manifest(path, archive))
        except BaseException:
            archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, and of what was unpacked."""
        self._zip.close()
        if self._pack is not None:
            self._pack.close()

    @property
    def origin(self) -> str:
        """The name of the log."""
        return self.manifest.origin

    @property
    def start(self) -> int:
        """The first position that is here."""
        return self.manifest.log.start

    @property
    def size(self) -> int:
        """The position after the last."""
        return self.manifest.log.size

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        """Every entry from `start` to before `end`; one that was withheld or pruned has no body. Raises `LedgerError`."""
        first, last = max(start or 0, self.start), min(self.size if end is None else end, self.size)
        if first >= last:
            return
        with self._unpack(layout.ENTRIES) as packed:
            for position in range(self.start, last):
                length = int.from_bytes(packed.take(2), "big")
                body = packed.take(length) if length else None
                leaf = packed.take(HASH_SIZE) if body is None else b""
                if position >= first:
                    yield Placed(position, leaf if body is None else leaf_hash(body), body)

    def frontier(self) -> Frontier:
        """The tree before the first entry that is here. Raises `LedgerError`."""
        try:
            return Frontier(self.start, [bytes.fromhex(one) for one in self._first()["frontier"]])
        except (ValueError, TypeError, KeyError, ProofError) as error:
            raise self._error(layout.START, f"it does not hold the tree of {self.start} entries") from error

    def in_force(self) -> list[Placed]:
        """The entries from before that still hold. Their proofs are for the verifier to go through. Raises `LedgerError`."""
        try:
            several = [(int(one["position"]), str(one["entry"]).encode()) for one in self._first()["in_force"]]
        except (ValueError, TypeError, KeyError) as error:
            raise self._error(layout.START, "it does not say what was in force") from error
        return [Placed(position, leaf_hash(body), body) for position, body in several]

    def _first(self) -> dict[str, Any]:
        with self._open(layout.START) as file:
            data = self._guarded(layout.START, lambda: file.read(layout.MAX_BLOB + 1))
        try:
            said = json.loads(data)
        except ValueError as error:
            raise self._error(layout.START, f"it is not JSON: {error}") from error
        if not isinstance(said, dict):
            raise self._error(layout.START, "it is not an object")
        return said

    def heads(self) -> Iterator[Head]:
        """The checkpoints, ascending. Raises `LedgerError`."""
        with self._open(layout.HEADS) as lines:
            number = 0
            while line := self._guarded(layout.HEADS, lambda: lines.readline(layout.MAX_LINE)):
                number += 1
                try:
                    said = json.loads(line)
                    yield Head(int(said["size"]), str(said["at"]), str(said["note"]).encode())
                except (ValueError, KeyError, TypeError) as error:
                    raise self._error(layout.HEADS, f"line {number} is no checkpoint") from error

    def blob(self, digest: str) -> bytes:
        """The content of a digest. Raises `LedgerError` if it is not here, or what is here in its place is something else."""
        if self._pack is None:
            self._pack = self._index()
        try:
            place = self._places[bytes.fromhex(digest.removeprefix("sha256:"))]
        except (KeyError, ValueError):
            raise self._error(layout.PACK, f"{digest[:80]} is named and not here") from None
        self._pack.seek(place)
        return self._pack.read(int.from_bytes(self._pack.read(4), "big"))

    def _index(self) -> IO[bytes]:
        """Unpack the state into a file that has no name, and note where each digest stands in it."""
        out = tempfile.TemporaryFile(prefix="controlmon-")  # noqa: SIM115 - closed with the bundle
        try:
            for content in self._contents():
                own = hashlib.sha256(content).digest()
                if own in self._places:  # which also ends a flood of pieces without content
                    raise self._error(layout.PACK, f"sha256:{own.hex()} is there twice")  # noqa: TRY301 - closes the file as all else does
                self._places[own] = out.tell()
                out.write(len(content).to_bytes(4, "big") + content)
        except OSError as error:
            out.close()
            raise LedgerError(
                f"{tempfile.gettempdir()}: {error.strerror or error}: make room there, or name another place in TMPDIR"
            ) from error
        except BaseException:
            out.close()
            raise
        return out

    def _contents(self) -> Iterator[bytes]:
        with self._unpack(layout.PACK) as packed:
            while not packed.ended():
                length = int.from_bytes(packed.take(4), "big")
                if length > layout.MAX_BLOB:
                    raise self._error(layout.PACK, f"a piece of {length:,} bytes; at most {layout.MAX_BLOB:,} are read")
                yield packed.take(length)

    def _unpack(self, name: str) -> "Unpacked":
        return Unpacked(self._open(name), lambda reason: self._error(name, reason))

    def _open(self, name: str) -> IO[bytes]:
        try:
            return self._zip.open(name)
        except KeyError:
            raise self._error(name, "it is missing") from None
        except UNREADABLE as error:
            raise self._error(name, f"it cannot be unpacked: {error}") from error

    def _guarded(self, name: str, read: Callable[[], bytes]) -> bytes:
        try:
            return read()
        except UNREADABLE as error:
            raise self._error(name, f"it cannot be unpacked: {error}") from error

    def _error(self, name: str, reason: str) -> LedgerError:
        return LedgerError(f"{self.path}: {name}: {reason}: get the bundle again, and hold it against its manifest with verify.py")


class Unpacked:
    """An LZMA member, unpacked as it is read, in bounded memory. `error` makes what is raised of a reason."""

    def __init__(self, file: IO[bytes], error: Callable[[str], LedgerError]) -> None:
        self._file, self._error = file, error
        self._lzma = lzma.LZMADecompressor(lzma.FORMAT_XZ, MEMORY)
        self._held, self._at, self._in, self._out = b"", 0, 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def take(self, size: int) -> bytes:
        """The next bytes. Raises `LedgerError` if there are not as many."""
        end = self._at + size
        if end > len(self._held):
            parts = [self._held[self._at :]]
            missing = size - len(parts[0])
            while missing > 0:
                parts.append(some := self._more())
                missing -= len(some)
                if not some:
                    raise self._error("it is cut off")
            self._held, self._at, end = b"".join(parts), 0, size
        taken = self._held[self._at : end]
        self._at = end
        return taken

    def ended(self) -> bool:
        """Whether nothing is left."""
        if self._at == len(self._held):
            self._held, self._at = self._more(), 0
        return not self._held

    def _more(self) -> bytes:
        """What comes next; nothing at the end of the stream, after which nothing may follow."""
        try:
            while not self._lzma.eof:
                data = self._file.read(CHUNK) if self._lzma.needs_input else b""
                if self._lzma.needs_input and not data:
                    raise self._error("it is cut off")
                self._in += len(data)
                out = self._lzma.decompress(data, CHUNK)
                self._out += len(out)
                if self._out > (64 << 20) + GROWTH * self._in:
                    raise self._error(f"it would expand beyond {GROWTH} times its size")
                if out:
                    return out
            if self._lzma.unused_data or self._file.read(1):
                raise self._error("something follows the end of its stream")
        except UNREADABLE as error:
            raise self._error(f"it cannot be unpacked: {error}") from error
        return b""


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    """The manifest, after whose sizes those of all members are."""
    members = {info.filename: info for info in archive.infolist()}
    if layout.MANIFEST not in members or members[layout.MANIFEST].file_size > layout.MAX_MANIFEST:
        raise LedgerError(f"{path}: {layout.MANIFEST} is missing or too long: this is not a bundle of controlmon")
    try:
        manifest = msgspec.json.decode(archive.read(layout.MANIFEST), type=Manifest)
    except UNREADABLE as error:
        raise LedgerError(f"{path}: {layout.MANIFEST}: it cannot be read ({error}): get the bundle again") from error
    if manifest.format != layout.FORMAT:
        raise LedgerError(f"{path}: written as {manifest.format[:40]}, and {layout.FORMAT} is read here: use the controlmon that wrote it")
    if not 0 <= manifest.log.start <= manifest.log.size:
        raise LedgerError(f"{path}: {layout.MANIFEST}: its entries end before they begin: get the bundle again")
    for name, said in manifest.files.items():
        if name in members and members[name].file_size != said.size:
            raise LedgerError(f"{path}: {name}: not of the size that the manifest declares: get the bundle again")
    return manifest

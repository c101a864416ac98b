"""A zip that is written as a stream: each member is hashed as it goes by, and the same members give the same bytes."""

import hashlib
import io
import lzma
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Any, Self

from controlmon.ledger.bundle.layout import FILTERS, File

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every member: when a bundle was made is said by its manifest."""


class Archive:
    """Writes members one after the other, and remembers what the manifest has to say of each."""

    def __init__(self, out: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, File] = {}
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()  # writes the table of contents

    @contextmanager
    def member(self, name: str) -> Iterator["Hashed"]:
        """A member to be written, deflated. Raises `ValueError` if there is one of that name."""
        with self._open(name, zipfile.ZIP_DEFLATED) as hashed:
            yield hashed

    @contextmanager
    def packed(self, name: str) -> Iterator["Packed"]:
        """A member that is an LZMA stream, stored."""
        with self._open(name, zipfile.ZIP_STORED) as hashed:
            stream = Packed(hashed)
            yield stream
            stream.end()

    def put(self, name: str, data: bytes) -> None:
        """A small member, whole."""
        with self.member(name) as out:
            out.write(data)

    @contextmanager
    def _open(self, name: str, how: int) -> Iterator["Hashed"]:
        if name.casefold() in self._names:
            raise ValueError(f"two members are called {name}")
        self._names.add(name.casefold())
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type, info.create_system, info.external_attr = how, 3, 0o644 << 16
        with self._zip.open(info, "w", force_zip64=True) as out:
            hashed = Hashed(out)
            yield hashed
        self.files[name] = hashed.told()


class Hashed(io.BufferedIOBase):
    """A file to write to, which is hashed and counted."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out, self._digest, self._size = out, hashlib.sha256(), 0

    def writable(self) -> bool:
        """It is for writing, and cannot be sought in."""
        return True

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - any buffer
        """Write on."""
        self._digest.update(data)
        self._size += len(data)
        self._out.write(data)
        return len(data)

    def told(self) -> File:
        """What was written."""
        return File(self._digest.hexdigest(), self._size)


class Packed:
    """An LZMA stream on its way into a member."""

    def __init__(self, out: Hashed) -> None:
        self._out, self._lzma = out, lzma.LZMACompressor(filters=FILTERS)

    def write(self, *parts: bytes) -> None:
        """Write on."""
        for part in parts:
            if some := self._lzma.compress(part):
                self._out.write(some)

    def end(self) -> None:
        """Write what the compressor still holds."""
        self._out.write(self._lzma.flush())

"""The directory that registers stand in: each file read once a run, held against the others, the clock, and what was recorded before."""

import hashlib
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from controlmon.collect.document.agree import agree
from controlmon.collect.document.read import SUFFIXES, Content, Held, read_register
from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import MAX_BYTES
from controlmon.facts.document.registers import BY_NAME, REGISTERS, Register

First = Mapping[str, Mapping[str, str]]
"""For each register of records, the digest of each record as it was first recorded, by what the record is known by."""


class Shelf:
    """The registers of one directory at one time. Thread-safe."""

    def __init__(self, directory: Path, now: datetime, first: First) -> None:
        self.directory, self._now, self._first = directory, now, first
        self._lock = threading.Lock()
        self._contents: dict[str, Content] | None = None
        self._broken: dict[str, str] = {}
        self.digests: dict[str, str] = {}

    def content(self, name: str) -> Content | None:
        """One register; None if there is no file of it.

        Raises:
            ConfigError: if the file cannot be read as that register at all.

        """
        contents = self.contents()
        if name in self._broken:
            raise ConfigError(self._broken[name])
        return contents.get(name)

    def contents(self) -> dict[str, Content]:
        """Every register that there is and that can be read."""
        with self._lock:
            if self._contents is None:
                found = {register.name: content for register in REGISTERS if (content := self._read(register)) is not None}
                for name, register in BY_NAME.items():
                    if self._first.get(name) and name not in found and name not in self._broken:
                        # The whole file is gone, and with it records that were there.
                        found[name] = Content(register, self.directory / f"{name}.yaml")
                        self.digests[name] = ""
                for content in found.values():
                    if content.register.records:
                        hold(content, self._first.get(content.register.name, {}))
                agree(found, self._now)
                self._contents = found
            return self._contents

    def names(self) -> list[str]:
        """The registers that have a file, whatever is in it."""
        return sorted({*self.contents(), *self._broken})

    def complaints(self) -> list[str]:
        """All that is wrong in any register, each as `FILE:LINE: ...`."""
        contents = self.contents()
        return [*(self._broken[name] for name in sorted(self._broken)), *(c for one in contents.values() for c in one.complaints())]

    def file_of(self, register: Register) -> Path | None:
        """The file of a register, if there is one. Raises `ConfigError` if there are two."""
        found = [path for suffix in SUFFIXES if (path := self.directory / f"{register.name}{suffix}").exists() or path.is_symlink()]
        if len(found) > 1:
            raise ConfigError(f"{found[1]}:1: found {found[0].name} beside it, expected one file of {register.name}; remove one")
        return found[0] if found else None

    def place(self, name: str) -> Path:
        """A file that a register names, within the directory. Raises `ConfigError` if it leads out of it."""
        path = self.directory / name
        try:
            inside = path.resolve().is_relative_to(self.directory.resolve())
        except (RuntimeError, ValueError) as error:  # links in a circle; a name that no file can have
            raise ConfigError(f"{str(path)!r}:1: cannot be a file ({error}); name one of the directory") from error
        if not inside:
            raise ConfigError(f"{path}:1: leads out of {self.directory}; keep the file itself there, not a link")
        if path.exists() and not path.is_file() and not path.is_dir():
            raise ConfigError(f"{path}:1: found a pipe or a device, expected a file; remove it")
        return path

    def _read(self, register: Register) -> Content | None:
        try:
            path = self.file_of(register)
            if path is None:
                return None
            with self.place(path.name).open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
            if len(raw) > MAX_BYTES:
                raise ConfigError(f"{path}:1: found more than {MAX_BYTES:,} bytes, expected at most that; is it the right file?")  # noqa: TRY301
            self.digests[register.name] = f"sha256:{hashlib.sha256(raw).hexdigest()}"
            return read_register(register, path, raw)
        except OSError as error:
            self._broken[register.name] = f"{path}:1: cannot be read ({error.strerror}); check its mode"
        except ConfigError as error:
            self._broken[register.name] = str(error)
        return None


def digest_of(plain: Mapping[str, Any]) -> str:
    """The digest of a record, however its file spells it."""
    return digest(canonical(dict(plain)))


def hold(content: Content, first: Mapping[str, str]) -> None:
    """Note what was changed or removed since it was first recorded."""
    for row in content.rows:
        if row.value is not None and row.key in first and digest_of(row.plain) != first[row.key]:
            told = "is not as it was first recorded; restore it, and add a record that supersedes it"
            row.problem, row.value = f"{content.path}:{row.line}: the record `{row.key}` {told}", None
            content.altered.append(row.key)
    there = {row.key for row in content.rows}
    for key in sorted(set(first) - there):
        told = f"the record `{key}` was here when it was first recorded, and is gone; restore it, and add a record that supersedes it"
        content.rows.append(Held(key, 0, {}, None, f"{content.path}:1: {told}"))
        content.removed.append(key)

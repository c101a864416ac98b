"""A directory of registers that was opened: files are read as an API is asked, and what cannot be read is a gap with its line."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from controlmon.collect.base import Operation, Place, Refused
from controlmon.collect.document.git import provenance
from controlmon.collect.document.read import Content
from controlmon.collect.document.shelf import Shelf
from controlmon.core.errors import ConfigError
from controlmon.core.fact import Gap, GapKind, Login, Raw, Scope, Seen
from controlmon.core.times import stamp
from controlmon.facts.document.registers import BY_NAME

CHUNK = 1 << 20


class Registers:
    """The session of one directory."""

    unplaced: Gap | None = None

    def __init__(self, company: str, shelf: Shelf, now: datetime) -> None:
        self.company, self.shelf, self.now = company, shelf, now

    def scopes(self, place: Place) -> list[Scope]:
        """The company."""
        return [] if place is Place.REGION else [Scope("document", self.company)]

    def login(self, name: str) -> Login:
        """Which directory was read."""
        return Login("document", self.company, name, identity=str(self.shelf.directory))

    def ask(self, operation: Operation, scope: Scope) -> "RegisterAsk":
        """One register, or one file."""
        return RegisterAsk(self, operation, scope)

    def answer(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """The answer to one question, the digest of what it was read from, and its place. Raises `Refused`."""
        try:
            return _ANSWERS[operation.service](self, operation, parameters)
        except ConfigError as error:
            raise Refused(Gap(GapKind.MALFORMED, operation.id, str(error), operation.needs)) from error

    def register(self, operation: Operation, _parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """A register: what it says of itself, and its rows."""
        if operation.name == "directory":
            return self._directory(operation)
        content = self.shelf.content(operation.name)
        if content is None:
            name = operation.name
            mend = f"there is no {name}.yaml or .csv in {self.shelf.directory}: begin it with `controlmon registers init {name}`"
            raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, mend))
        sha256 = self.shelf.digests[operation.name]
        about = {"path": content.path.name, "sha256": sha256, "about": msgspec.to_builtins(content.about)}
        changed = {
            "altered": content.altered,
            "removed": content.removed,
            "problems": [_short(told, self.shelf.directory) for told in content.complaints()],
        }
        told = {
            **about,
            **changed,
            "rows": [_row(content, self.shelf.directory, i) for i in range(len(content.rows))],
            "count": content.count(),
        }
        return told, sha256, str(content.path)

    def _directory(self, operation: Operation) -> tuple[Raw, str, str]:
        directory = self.shelf.directory
        if not directory.is_dir():
            mend = f"there is no directory {directory}: begin it with `controlmon registers init`"
            raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, mend))
        return {"registers": self.shelf.names()}, "", str(directory)

    def file(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """The digest and size of a file that a register names."""
        name = str(parameters["name"])
        path = self.shelf.place(name)
        total, size = hashlib.sha256(), 0
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    total.update(chunk)
                    size += len(chunk)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return {"missing": f"there is no file {name}"}, "", str(path)
        except OSError as error:
            raise Refused(Gap(GapKind.DENIED, operation.id, f"{name}: {error.strerror}", (f"read {name}",))) from error
        sha256 = f"sha256:{total.hexdigest()}"
        return {"sha256": sha256, "bytes": size}, sha256, str(path)

    def git(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """The last commit of a file."""
        path = self.shelf.file_of(BY_NAME[str(parameters["name"])])
        if path is None:
            raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, f"the file of {parameters['name']} is gone"))
        return provenance(path, operation), "", str(path)

    def tls(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """Handshakes with every address of a name."""
        from controlmon.collect.document.probe import probe  # noqa: PLC0415 - sockets, which few runs need

        host, port = str(parameters["host"]), int(parameters["port"])
        return probe(operation, host, port), "", f"{host}:{port}"

    def http(self, operation: Operation, parameters: dict[str, Any]) -> tuple[Raw, str, str]:
        """A page."""
        from controlmon.collect.document.fetch import get  # noqa: PLC0415 - an HTTP client, which few runs need

        return get(operation, **parameters), "", str(parameters["url"])


_ANSWERS: dict[str, Callable[[Registers, Operation, dict[str, Any]], tuple[Raw, str, str]]] = {
    "register": Registers.register,
    "file": Registers.file,
    "git": Registers.git,
    "tls": Registers.tls,
    "http": Registers.http,
}


def _row(content: Content, directory: Path, index: int) -> dict[str, Any]:
    held = content.rows[index]
    told = {"key": held.key or f"line {held.line}", "row": held.plain, "file": content.path.name, "line": held.line}
    return {**told, "problem": _short(held.problem, directory)} if held.problem else told


def _short(problem: str, directory: Path) -> str:
    """A complaint about a file of the directory: the same on every machine."""
    return problem.removeprefix(f"{directory}/")


class RegisterAsk:
    """One operation of a directory, ready to be asked."""

    partition = ""

    def __init__(self, session: Registers, operation: Operation, scope: Scope) -> None:
        self._session, self.operation, self.scope, self.pages = session, operation, scope, 0
        self.parameters: dict[str, Any] = {}
        self._seen = Seen(operation.id, stamp(datetime.now(UTC)))

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """How the last answer was obtained: which file, and its digest as the request's id."""
        return self._seen

    def to(self, operation: Operation) -> "RegisterAsk":
        """Another operation of the same directory."""
        return RegisterAsk(self._session, operation, self.scope)

    def at(self, region: str) -> "RegisterAsk":  # noqa: ARG002 - there are no regions
        """The same operation."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer. Raises `Refused` if there is none."""
        self.parameters = self.parameters or dict(parameters)
        self.pages += 1
        answer, sha256, place = self._session.answer(self.operation, parameters)
        self._seen = Seen(self.operation.id, stamp(datetime.now(UTC)), sha256, endpoint=place)
        return answer

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member`."""
        yield from self(**parameters)[member]

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """The one page that there is."""
        yield self(**parameters)

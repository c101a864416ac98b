"""A stretch of a log and what it names, wherever it is kept: a ledger, or a bundle of one. Views and re-performance read nothing else."""

import json
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from msgspec import Struct

from controlmon.core.buckets import read_list
from controlmon.core.errors import LedgerError


class Placed(Struct, frozen=True):
    """An entry at its place: its leaf hash (32 bytes), and its bytes, or None where they were withheld or pruned."""

    position: int
    leaf: bytes
    body: bytes | None

    def decoded(self) -> dict[str, Any] | None:
        """The entry. Raises `LedgerError` if the bytes are not one."""
        return None if self.body is None else decoded_bytes(self.position, self.body)


class Head(Struct, frozen=True):
    """A checkpoint: how many entries it signs, our clock when it was signed (UTC, RFC 3339), and the signed note."""

    size: int
    at: str
    note: bytes


class History(Protocol):
    """What can be read of a log."""

    @property
    def origin(self) -> str:
        """The name of the log."""

    @property
    def start(self) -> int:
        """The first position that is here."""

    @property
    def size(self) -> int:
        """The position after the last."""

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        """Every entry from `start` (the first, if None) to before `end` (the last, if None)."""

    def heads(self) -> Iterator[Head]:
        """The checkpoints, ascending."""

    def blob(self, digest: str) -> bytes:
        """The content of a digest. Raises `LedgerError` if it is missing or altered."""


def decoded_bytes(position: int, body: bytes) -> dict[str, Any]:
    """An entry from its bytes. Raises `LedgerError` if they are not one."""
    try:
        entry = json.loads(body)
    except ValueError as error:
        raise LedgerError(f"entry {position} is not JSON: {error}") from error
    if not isinstance(entry, dict):
        raise LedgerError(f"entry {position} is not an object")
    return entry


def rows(history: History, root: str) -> Iterator[Any]:
    """The rows of a list that an entry names by its root. Raises `LedgerError` if a piece is missing or altered."""
    return read_list(root, lambda digest: json.loads(history.blob(digest)))


def decoded(history: History, wanted: Callable[[dict[str, Any]], bool] = lambda _body: True) -> Iterator[tuple[int, dict[str, Any]]]:
    """Position and content of each entry that is here and wanted."""
    for placed in history.entries():
        body = placed.decoded()
        if body is not None and wanted(body):
            yield placed.position, body

"""A ledger that is only read: no key is needed for it, and no lock is held."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from controlmon.core.buckets import read_list
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import HASH_SIZE, Frontier
from controlmon.ledger import log, schema
from controlmon.ledger.history import Head, Placed
from controlmon.ledger.state import State
from controlmon.ledger.store import Store

DATABASE = "ledger.db"
"""The database, in the ledger's directory."""


class Reader:
    """What a ledger can tell."""

    def __init__(self, store: Store) -> None:
        self.store, self.state = store, State()
        with store.reading() as connection:
            self.state.load(connection)

    @staticmethod
    def of(directory: Path) -> "Reader | None":
        """The ledger in a directory, to read; None if there is none. Raises `LedgerError` if it cannot be opened."""
        return Reader(Store.open(directory / DATABASE)) if (directory / DATABASE).is_file() else None

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def known(self, what: str) -> str:
        """What was last recorded of `what` (a digest), or an empty string."""
        with self.store.reading() as connection:
            return connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == f"known:{what}")) or ""

    def last_scheduled(self) -> dict[str, str]:
        """The scheduled time that was served last, by frequency."""
        with self.store.reading() as connection:
            rows = connection.execute(sa.select(schema.meta).where(schema.meta.c.key.startswith("served:"))).all()
        return {row.key.removeprefix("served:"): row.value for row in rows}

    def latest(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The last entry of every stream whose name starts with `prefix`."""
        return log.latest(self.store, self.state, prefix)

    def entries_of(self, run: str) -> Iterator[dict[str, Any]]:
        """The entries of one run."""
        return log.entries_of(self.store, self.state, run)

    def stream(self, name: str) -> Iterator[dict[str, Any]]:
        """The entries of one stream, in order."""
        return log.stream_of(self.store, self.state, name)

    @property
    def start(self) -> int:
        """The first position."""
        return 0

    @property
    def size(self) -> int:
        """How many entries the last checkpoint signs."""
        with self.store.reading() as connection:
            return connection.scalar(sa.select(sa.func.max(schema.checkpoint.c.size))) or 0

    def entries(self, start: int | None = None, end: int | None = None) -> Iterator[Placed]:
        """The entries from `start` to before `end`, one at a time."""
        e = schema.entry.c
        chosen = sa.select(e.position, e.leaf, e.dictionary, e.body).where(e.position >= (start or 0)).order_by(e.position)
        with self.store.reading() as connection:
            self.state.load(connection)
            for row in connection.execution_options(yield_per=1000).execute(chosen if end is None else chosen.where(e.position < end)):
                body = None if row.body is None else self.state.unpack_entry(row.dictionary, row.body)
                yield Placed(row.position, row.leaf, body)

    def placed(self, stream: str, before: int) -> list[Placed]:
        """The entries of one stream before a position, with their bodies."""
        e = schema.entry.c
        chosen = sa.select(e.position, e.leaf, e.dictionary, e.body).where(e.stream == stream, e.position < before, e.body.is_not(None))
        with self.store.reading() as connection:
            self.state.load(connection)
            rows = connection.execute(chosen.order_by(e.seq)).all()
        return [Placed(row.position, row.leaf, self.state.unpack_entry(row.dictionary, row.body)) for row in rows]

    def heads(self) -> Iterator[Head]:
        """The checkpoints, ascending."""
        c = schema.checkpoint.c
        with self.store.reading() as connection:
            for row in connection.execution_options(yield_per=1000).execute(sa.select(c.size, c.at, c.note).order_by(c.size)):
                yield Head(row.size, row.at, bytes(row.note))

    def frontier(self, size: int) -> Frontier:
        """The tree as of a checkpoint. Raises `LedgerError` if there is none of this size."""
        with self.store.reading() as connection:
            row = connection.execute(sa.select(schema.checkpoint).where(schema.checkpoint.c.size == size)).one_or_none()
        if row is None:
            raise LedgerError(f"no checkpoint signs {size} entries")
        return Frontier(size, [row.frontier[i : i + HASH_SIZE] for i in range(0, len(row.frontier), HASH_SIZE)])

    def blob(self, digest: str) -> bytes:
        """The content of a digest. Raises `LedgerError` if it is missing or altered."""
        with self.store.reading() as connection:
            return self.state.bytes_of(connection, bytes.fromhex(digest.removeprefix("sha256:")))

    def rows(self, root: str) -> Iterator[Any]:
        """The rows of a list that an entry names by its root. Raises `LedgerError` if a piece is missing or altered."""
        with self.store.reading() as connection:
            yield from read_list(root, lambda digest: self.state.raw(connection, bytes.fromhex(digest.removeprefix("sha256:"))))

    def checkpoint(self) -> str:
        """The last signed head, as a note. Raises `LedgerError` if nothing has been recorded yet."""
        with self.store.reading() as connection:
            chosen = sa.select(schema.checkpoint.c.note).order_by(schema.checkpoint.c.size.desc()).limit(1)
            note = connection.scalar(chosen)
        if note is None:
            raise LedgerError("nothing has been recorded yet: run a check first")
        return bytes(note).decode()

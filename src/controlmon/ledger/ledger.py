"""A ledger: one directory with the database, the key that signs its log, and a lock for each run that is under way."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from controlmon.core.buckets import read_list
from controlmon.core.errors import LedgerError
from controlmon.core.note import Checkpoint
from controlmon.ledger import log, schema
from controlmon.ledger.record import PieceKeeper, Recorded, Recorder, forget
from controlmon.ledger.signer import Ed25519Verifier, FileSigner
from controlmon.ledger.state import State
from controlmon.ledger.store import Store, insert_or_replace
from controlmon.ledger.verify import Verified, verify

ORIGIN = "controlmon.local/ledger"


class Ledger:
    """The append-only record. Open it with `Ledger.open`."""

    def __init__(self, store: Store, signer: FileSigner, directory: Path) -> None:
        self.store, self.signer, self.directory = store, signer, directory
        self.state = State()
        self.origin = signer.name
        self._locks: dict[str, IO[bytes]] = {}
        with store.reading() as connection:
            self.state.load(connection)

    @classmethod
    def open(cls, directory: Path, origin: str = ORIGIN) -> "Ledger":
        """The ledger in a directory, created if it is not there yet.

        Raises:
            LedgerError: if the directory, the database or the key cannot be used.

        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (directory / "runs").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{directory}: {error.strerror}: set CONTROLMON_STATE_DIR to a directory that this user can write") from error
        store = Store.open(directory / "ledger.db")
        with store.reading() as connection:
            begun = connection.scalar(sa.select(sa.func.count()).select_from(schema.checkpoint)) or 0
        return cls(store, FileSigner.open(directory / "signing.key", origin, create=not begun), directory)

    @property
    def verifier_key(self) -> str:
        """The public key, as an auditor gets it."""
        return str(self.signer.verifier_key)

    def begin(self, run: str, scheduled: str | None, started: str, entries: Sequence[tuple[str, log.Entry]]) -> None:
        """Say that a run begins, and hold its lock: a run whose lock is free and that has not finished has died."""
        self._lock(run)
        with self.store.writing() as connection:
            row = {"id": run, "scheduled": scheduled, "started": started, "state": "running"}
            connection.execute(schema.run.insert(), row)
            log.stage(connection, run, entries)

    def recorder(self, run: str, volatile: Mapping[str, tuple[str, ...]]) -> Recorder:
        """Takes the facts of a run."""
        return Recorder(self.store, self.state, run, volatile)

    def recorded(self, run: str) -> Recorded:
        """The facts of a run, to be judged."""
        return Recorded(self.store, self.state, run)

    def keeper(self) -> PieceKeeper:
        """Keeps the pieces of lists."""
        return PieceKeeper(self.store, self.state)

    def conclude(self, run: str, state: str, at: str, entries: Sequence[tuple[str, log.Entry]]) -> Checkpoint:
        """End a run: its entries take their places, its staged facts are let go, and the head is signed, all or nothing.

        Args:
            run: its id.
            state: `finished` or `interrupted`.
            at: the time (UTC, RFC 3339).
            entries: what is to be recorded, each with its stream.

        """
        with self.store.writing() as connection:
            log.stage(connection, run, entries)
            forget(connection, run)
            connection.execute(schema.run.update().where(schema.run.c.id == run).values(state=state, finished=at))
            signed = log.sequence(connection, self.origin, self.signer, at)
            self.state.train(connection)
        self._unlock(run)
        return signed

    def append(self, run: str, at: str, entries: Sequence[tuple[str, log.Entry]]) -> Checkpoint:
        """Record entries that belong to no run of checks."""
        with self.store.writing() as connection:
            log.stage(connection, run, entries)
            return log.sequence(connection, self.origin, self.signer, at)

    def dead_runs(self) -> list[tuple[str, str | None, str]]:
        """Runs that began, have not ended, and that no process holds any more: id, scheduled, started."""
        chosen = sa.select(schema.run).where(schema.run.c.state == "running").order_by(schema.run.c.started)
        with self.store.reading() as connection:
            rows = connection.execute(chosen).all()
        return [(row.id, row.scheduled, row.started) for row in rows if row.id not in self._locks and self._is_free(row.id)]

    def latest(self, prefix: str) -> Iterator[dict[str, Any]]:
        """The last entry of every stream whose name starts with `prefix`."""
        return log.latest(self.store, prefix)

    def entries_of(self, run: str) -> Iterator[dict[str, Any]]:
        """The entries of one run."""
        return log.entries_of(self.store, run)

    def rows(self, root: str) -> Iterator[Any]:
        """The rows of a list that an entry names by its root. Raises `LedgerError` if a piece is missing or altered."""
        with self.store.reading() as connection:
            yield from read_list(root, lambda digest: self.state.raw(connection, bytes.fromhex(digest.removeprefix("sha256:"))))

    def verify(self, verifier: Ed25519Verifier | None = None) -> Verified:
        """Whether all of it holds, under the log's own key or the one given."""
        return verify(self.store, self.state, self.origin, verifier or Ed25519Verifier(self.signer.verifier_key))

    def checkpoint(self) -> str:
        """The last signed head, as a note. Raises `LedgerError` if nothing has been recorded yet."""
        with self.store.reading() as connection:
            chosen = sa.select(schema.checkpoint.c.note).order_by(schema.checkpoint.c.size.desc()).limit(1)
            note = connection.scalar(chosen)
        if note is None:
            raise LedgerError("nothing has been recorded yet: run a check first")
        return bytes(note).decode()

    def known(self, what: str) -> str:
        """What was last recorded of `what` (a digest), or an empty string."""
        with self.store.reading() as connection:
            return connection.scalar(sa.select(schema.meta.c.value).where(schema.meta.c.key == f"known:{what}")) or ""

    def learn(self, news: Mapping[str, str]) -> None:
        """Remember what has been recorded, so that only a change is recorded again."""
        with self.store.writing() as connection:
            for what, digest in news.items():
                connection.execute(insert_or_replace(schema.meta), {"key": f"known:{what}", "value": digest})

    def last_scheduled(self) -> dict[str, str]:
        """The scheduled time that was served last, by frequency."""
        with self.store.reading() as connection:
            rows = connection.execute(sa.select(schema.meta).where(schema.meta.c.key.startswith("served:"))).all()
        return {row.key.removeprefix("served:"): row.value for row in rows}

    def close(self) -> None:
        """Let go of the database and of every lock."""
        for run in list(self._locks):
            self._unlock(run)
        self.store.close()

    def _lock_file(self, run: str) -> Path:
        return self.directory / "runs" / run

    def _lock(self, run: str) -> None:
        with ExitStack() as undo:
            handle = self._lock_file(run).open("wb")
            undo.callback(handle.close)
            fcntl.flock(handle, fcntl.LOCK_EX)
            undo.pop_all()
        self._locks[run] = handle

    def _unlock(self, run: str) -> None:
        handle = self._locks.pop(run, None)
        if handle is not None:
            self._lock_file(run).unlink(missing_ok=True)
            handle.close()

    def _is_free(self, run: str) -> bool:
        try:
            with self._lock_file(run).open("rb") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return True


@contextmanager
def only_one(directory: Path, what: str) -> Iterator[None]:
    """Hold a lock of the directory by name. Raises `LedgerError` if another process holds it."""
    path = directory / f"{what}.lock"
    with path.open("a+b") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LedgerError(f"{path}: another controlmon {what} is at work on this ledger: stop it first") from error
        handle.truncate(0)
        handle.write(str(os.getpid()).encode())
        handle.flush()
        yield

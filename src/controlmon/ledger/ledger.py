"""A ledger: one directory with the database, the key that signs its log, and a lock for each run that is under way."""

import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from controlmon.core.errors import LedgerError
from controlmon.core.note import Checkpoint, NoteError, VerifierKey, open_note
from controlmon.core.rotation import STREAM, rotation_entry, statement
from controlmon.ledger import log, retention, schema
from controlmon.ledger.history import Head
from controlmon.ledger.keyfiles import finish_rotation
from controlmon.ledger.keys import KeyedSigner, open_signer, verifier_of
from controlmon.ledger.reader import DATABASE, Reader
from controlmon.ledger.record import PieceKeeper, Recorded, Recorder, SeenWriter, forget
from controlmon.ledger.store import Store, insert_or_replace
from controlmon.ledger.verify import Verified, verify

ORIGIN = "controlmon.local/ledger"


class Ledger(Reader):
    """The append-only record. Open it with `Ledger.open`."""

    def __init__(self, store: Store, signer: KeyedSigner, directory: Path) -> None:
        super().__init__(store)
        self.signer, self.directory, self.origin = signer, directory, signer.name
        self._locks: dict[str, IO[bytes]] = {}
        with store.reading() as connection:
            self._rotations = log.count_of(connection, STREAM)

    @classmethod
    def open(cls, directory: Path, origin: str = ORIGIN, signer: str = "file") -> "Ledger":
        """The ledger in a directory, created if it is not there yet.

        Args:
            directory: where it is.
            origin: the name of its log.
            signer: the key that signs: `file`, `file:PATH`, `awskms:...` or `azurekeyvault:...`.

        Raises:
            LedgerError: if the directory, the database or the key cannot be used, or the key is not the one that this log is signed with.

        """
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            (directory / "runs").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"{directory}: {error.strerror}: set CONTROLMON_STATE_DIR to a directory that this user can write") from error
        store = Store.open(directory / DATABASE)
        with store.reading() as connection:
            begun = connection.scalar(sa.select(sa.func.count()).select_from(schema.checkpoint)) or 0
        finish_rotation(store, directory)
        ledger = cls(store, open_signer(signer, origin, directory, create=not begun), directory)
        ledger._agree_on_key()
        return ledger

    @property
    def verifier_key(self) -> str:
        """The public key, as an auditor gets it."""
        return str(self.signer.verifier_key)

    def begin(
        self, run: str, scheduled: str | None, started: str, entries: Sequence[tuple[str, log.Entry]], contents: Sequence[bytes] = ()
    ) -> None:
        """Say that a run begins, and hold its lock: a run whose lock is free and that has not finished has died."""
        self._lock(run)
        with self.store.writing() as connection:
            self.state.keep(connection, contents)
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
        """Keeps the pieces of lists, and other content."""
        return PieceKeeper(self.store, self.state)

    def seen_writer(self, keeper: PieceKeeper) -> SeenWriter:
        """Writes what a run saw besides the state."""
        return SeenWriter(keeper)

    def conclude(self, run: str, state: str, at: str, entries: Sequence[tuple[str, log.Entry]]) -> Checkpoint:
        """End a run: its entries take their places, its staged facts are let go, and the head is signed, all or nothing.

        Args:
            run: its id.
            state: `finished` or `interrupted`.
            at: the time (UTC, RFC 3339).
            entries: what is to be recorded, each with its stream.

        """
        with self.store.writing() as connection:
            forget(connection, run)
            connection.execute(schema.run.update().where(schema.run.c.id == run).values(state=state, finished=at))
            signed = self._sequence(connection, at, run, entries)
            self.state.train(connection)
        self._unlock(run)
        return signed

    def append(self, run: str, at: str, entries: Sequence[tuple[str, log.Entry]], contents: Sequence[bytes] = ()) -> Checkpoint:
        """Record entries that belong to no run of checks, and contents that they name."""
        with self.store.writing() as connection:
            self.state.keep(connection, contents)
            return self._sequence(connection, at, run, entries)

    def rotate(self, new: KeyedSigner, at: str, reason: str) -> Checkpoint:
        """Change the key: an entry signed by both, and a checkpoint signed by both. From then on the new key signs.

        Raises:
            LedgerError: if the new key has another name, is the one in force, or does not sign.

        """
        old = self.signer
        if new.name != old.name or new.verifier_key == old.verifier_key:
            raise LedgerError(f"{new.verifier_key}: a new key of the name {old.name} is needed, and this is not one")
        said = statement(old.verifier_key, new.verifier_key, at)
        entry = rotation_entry(old.verifier_key, new.verifier_key, at, reason, old.sign(said), new.sign(said))
        with self.store.writing() as connection:
            signed = log.sequence(connection, self.state, self.origin, [old, new], at, "keys", [(STREAM, entry)])
        self.signer = new
        self._rotations += 1
        return signed

    def prune(self, before: str, at: str, *, only_tell: bool = False) -> retention.Prunable:
        """Drop what is past retention, and record that; or only tell what would be dropped. See `ledger.retention`.

        Args:
            before: what a checkpoint signed before this time (UTC, RFC 3339).
            at: our clock.
            only_tell: change nothing.

        Raises:
            LedgerError: if a run is under way.

        """
        with self.store.writing() as connection:
            found = retention.prunable(connection, self.state, before)
            if only_tell or not found.entries:
                connection.rollback()
                return found
            entries = [(retention.STREAM, retention.entry(found, before, at))]
            self._sequence(connection, at, "retention", entries)
        self.store.compact()
        return found

    def dead_runs(self) -> list[tuple[str, str | None, str]]:
        """Runs that began, have not ended, and that no process holds any more: id, scheduled, started."""
        chosen = sa.select(schema.run).where(schema.run.c.state == "running").order_by(schema.run.c.started)
        with self.store.reading() as connection:
            rows = connection.execute(chosen).all()
        return [(row.id, row.scheduled, row.started) for row in rows if row.id not in self._locks and self._is_free(row.id)]

    def verify(self, trusted: VerifierKey | None = None) -> Verified:
        """Whether all of it holds, under the log's own key or the one that is trusted."""
        return verify(self.store, self.state, self.origin, trusted or self.signer.verifier_key, verifier_of)

    def _sequence(self, connection: sa.Connection, at: str, run: str, entries: Sequence[log.Named]) -> Checkpoint:
        if log.count_of(connection, STREAM) != self._rotations:
            raise LedgerError(f"{self.directory}: the log changed its key while this was at work: start it again, with the new key")
        return log.sequence(connection, self.state, self.origin, [self.signer], at, run, entries)

    def _agree_on_key(self) -> None:
        """Refuse a key that did not sign the last checkpoint: what it signed would look like a forgery."""
        last = next(iter(self._last_heads()), None)
        if last is None:
            return
        key = self.signer.verifier_key
        changed = list(self.stream(STREAM))[-1:]  # the checkpoint after a change is signed by the old key too, which is out of force
        try:
            open_note(last.note, [verifier_of(key)] if all(entry["new"] == str(key) for entry in changed) else [])
        except NoteError as error:
            raise LedgerError(
                f"{self.directory}: the key {self.signer.key_id.hex()} did not sign this log ({error}): restore the key that did, "
                "name it as `signer` in the configuration, or change keys with `controlmon ledger rotate`"
            ) from error

    def _last_heads(self) -> list[Head]:
        c = schema.checkpoint.c
        with self.store.reading() as connection:
            rows = connection.execute(sa.select(c.size, c.at, c.note).order_by(c.size.desc()).limit(1)).all()
        return [Head(row.size, row.at, bytes(row.note)) for row in rows]

    def learn(self, news: Mapping[str, str]) -> None:
        """Remember what has been recorded, so that only a change is recorded again."""
        with self.store.writing() as connection:
            for what, digest in news.items():
                connection.execute(insert_or_replace(schema.meta), {"key": f"known:{what}", "value": digest})

    def close(self) -> None:
        """Let go of the database and of every lock."""
        for run in list(self._locks):
            self._unlock(run)
        super().close()

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

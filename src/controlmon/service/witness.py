"""A witness (C2SP tlog-witness): it follows logs, remembers the largest tree that it saw of each, and cosigns only what continues it."""

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from controlmon.core.cosign import SIZE_TYPE, AddCheckpoint, encode_signatures, parse_add_checkpoint
from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.merkle import EMPTY_ROOT, ProofError, verify_consistency
from controlmon.core.note import Checkpoint, Note, NoteError, Verifier, VerifierKey, open_note, parse_checkpoint, parse_note
from controlmon.core.times import stamp
from controlmon.ledger.cosigner import Cosigner
from controlmon.ledger.keys import verifier_of

log = logging.getLogger(__name__)

DATABASE, KEY = "witness.db", "witness.key"
BUSY_SECONDS = 30
"""How long to wait for another process that answers for the same witness."""

_TABLE = """
create table if not exists head (
  origin text primary key, size integer not null, root blob not null, note blob not null, at text not null
)"""
_REMEMBER = (
    "insert into head values (?, ?, ?, ?, ?) "
    "on conflict (origin) do update set size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at"
)


class Answer(Struct, frozen=True):
    """What is answered to a request: an HTTP status, a body, and its content type."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"


class Refused(Exception):
    """A request that is not cosigned, with the answer that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.answer = Answer(status, f"{reason}\n".encode())


class Conflict(Refused):
    """A request that does not begin where the witness remembers the log to end: the answer is that size."""

    def __init__(self, size: int) -> None:
        super().__init__(409, f"{size} entries were seen")
        self.answer = Answer(409, b"%d\n" % size, SIZE_TYPE)


class Memory:
    """The largest tree that was seen of each log, in one file that any number of processes may share."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self.writing() as database:
            database.execute(_TABLE)
            (self.begun,) = database.execute("select exists (select 1 from head)").fetchone()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the only pen from its beginning, and is durable when it ends. Raises `LedgerError`."""
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)) as database:
                database.execute("pragma synchronous = extra")  # the directory too: a witness that forgets would cosign a second history
                # At once: reading first and taking the pen later would let two requests continue the same tree.
                database.execute("begin immediate")
                yield database
                database.execute("commit")  # else closing takes it all back
        except sqlite3.Error as error:
            mend = "Let the user that runs the witness write there, and make room; if it is damaged, restore it from a backup"
            raise LedgerError(f"{self.path}: {error}. {mend}") from error

    def head(self, database: sqlite3.Connection, origin: str) -> tuple[int, bytes]:
        """Size and root of the largest tree that was seen of a log: nothing, if none was."""
        row = database.execute("select size, root from head where origin = ?", (origin,)).fetchone()
        return (0, EMPTY_ROOT) if row is None else row


class Witness:
    """What a witness answers. Open it with `open_witness`.

    Args:
        cosigner: signs for it.
        memory: what it saw.
        logs: the public keys of the logs that it follows, each under the log's origin; several of one origin after a change of keys.
        clock: tells the time.

    Raises:
        LedgerError: if a key cannot verify anything.

    """

    def __init__(self, cosigner: Cosigner, memory: Memory, logs: Sequence[VerifierKey], clock: Callable[[], datetime]) -> None:
        self.key = cosigner.verifier_key
        self.logs: dict[str, list[Verifier]] = {}
        for key in logs:
            self.logs.setdefault(key.name, []).append(verifier_of(key))
        self._cosigner, self._memory, self._clock = cosigner, memory, clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one request (tlog-witness, "add-checkpoint"). What is cosigned is on the disk before this returns.

        Raises:
            LedgerError: if the memory cannot be read or written: nothing is cosigned then.

        """
        try:
            request, head, note = self._read(body)
            with self._memory.writing() as database:
                size, root = self._memory.head(database, head.origin)
                _require_continued(request, head, note, size, root)
                now = self._clock()
                cosigned = self._cosigner.cosign(note.text, int(now.timestamp()))
                database.execute(_REMEMBER, (head.origin, head.size, head.root, note.encode(), stamp(now)))
        except Refused as refused:
            log.info("refused with %d: %s", refused.answer.status, refused)
            return refused.answer
        log.info("cosigned %s at %d", head.origin, head.size)
        return Answer(200, encode_signatures([cosigned]))

    def _read(self, body: bytes) -> tuple[AddCheckpoint, Checkpoint, Note]:
        """The request, its checkpoint, and the note with the signatures that are believed."""
        try:
            request = parse_add_checkpoint(body)
            head = parse_checkpoint(parse_note(request.note).text)
        except NoteError as error:
            raise Refused(400, str(error)) from error
        if head.origin not in self.logs:
            raise Refused(404, "no log of this name is followed here")
        try:
            note = open_note(request.note, self.logs[head.origin])
        except NoteError as error:
            raise Refused(403, str(error)) from error
        if request.old_size > head.size:
            raise Refused(400, f"the old size is {request.old_size}, and the checkpoint's is {head.size}")
        return request, head, note


def open_witness(directory: Path, name: str, logs: Sequence[VerifierKey], clock: Callable[[], datetime]) -> Witness:
    """The witness of a directory. Directory, memory and key are made on first use; a key that is lost later is not replaced.

    Args:
        directory: where it keeps its key and its memory.
        name: of the witness: by custom a URL without scheme, such as `witness.example/w1`.
        logs: see `Witness`.
        clock: tells the time.

    Raises:
        UsageError: if the directory cannot be made.
        LedgerError: if the memory or a key cannot be used, or the key there is of another name.

    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}: give a directory that this user can write") from error
    memory = Memory(directory / DATABASE)
    return Witness(Cosigner.open(directory / KEY, name, create=not memory.begun), memory, logs, clock)


def _require_continued(request: AddCheckpoint, head: Checkpoint, note: Note, size: int, root: bytes) -> None:
    """Refuse a checkpoint that does not continue the tree (size, root) that was seen; tell the operator if that proves misbehaviour."""
    if request.old_size != size:
        if head.size < size:
            log.warning(
                "%s shows %d entries, and %d were seen before: an old checkpoint, or a log that was cut", head.origin, head.size, size
            )
        raise Conflict(size)
    if head.size == size and head.root != root:
        _alarm(logging.CRITICAL, "SPLIT VIEW", head, note, size, root)
        raise Conflict(size)
    if size in (0, head.size):
        if request.proof:
            raise Refused(422, f"from {size} to {head.size} there is nothing to prove, and the proof is not empty")
        return
    try:
        verify_consistency(size, head.size, request.proof, root, head.root)
    except ProofError as error:
        _alarm(logging.ERROR, "NOT CONTINUED", head, note, size, root)
        raise Refused(422, str(error)) from error


def _alarm(level: int, what: str, head: Checkpoint, note: Note, size: int, root: bytes) -> None:
    # With the signed note: whoever holds both checkpoints can show that the log signed two histories.
    log.log(
        level, "%s: %s was seen with %d entries and root %s, and now signs %r, which was not shown to continue that",
        what, head.origin, size, root.hex(), note.encode().decode(),
    )  # fmt: skip

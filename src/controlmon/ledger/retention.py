"""Retention: bodies and state past it are dropped, hashes stay, so that every proof still holds; and the log says so itself.

Only what judged and what ran is dropped. Keys, changes, schedules, anchors, responses and exports stay, and so does the last entry of every
stream: the status of a control and the numbering of a stream rest on them.
"""

from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from controlmon.core.errors import LedgerError
from controlmon.core.refs import Ref, Role, below, references
from controlmon.ledger import schema
from controlmon.ledger.history import decoded_bytes
from controlmon.ledger.state import State

STREAM = "retention"
BATCH = 5000


class Prunable(Struct, frozen=True):
    """What is past retention: entries up to and with the position `through` (-1: none), how many bodies, how many pieces of state."""

    through: int
    entries: int
    state: int


def prunable(connection: sa.Connection, state: State, before: str) -> Prunable:
    """Drop what is past retention, in a transaction that the caller ends: rolled back, it only tells what would be dropped.

    Args:
        connection: a writing transaction.
        state: reads what is kept.
        before: entries that a checkpoint signed before this time (UTC, RFC 3339) are past retention.

    Raises:
        LedgerError: if a run is under way, whose pieces nothing names yet, or if the state cannot be read.

    """
    running = connection.scalar(sa.select(sa.func.count()).select_from(schema.run).where(schema.run.c.state == "running"))
    if running:
        raise LedgerError("a run is under way, or has died and was not told of yet: try again when it has ended, or run a check first")
    size = connection.scalar(sa.select(sa.func.max(schema.checkpoint.c.size)).where(schema.checkpoint.c.at < before)) or 0
    dropped = connection.execute(_forgettable(size)).rowcount
    if not dropped:
        return Prunable(-1, 0, 0)
    return Prunable(size - 1, dropped, _sweep(connection, _named(connection, state)))


def entry(found: Prunable, before: str, at: str) -> dict[str, Any]:
    """The entry that tells of it."""
    said = {"type": "ledger.pruned", "before": before, "through": found.through, "at": at}
    return {**said, "entries": found.entries, "state": found.state}


def _forgettable(size: int) -> sa.Update:
    e, s = schema.entry.c, schema.stream.c
    last = sa.select(s.seq).where(s.name == e.stream).scalar_subquery()
    kinds = sa.or_(e.stream.startswith("check:"), e.stream.startswith("schedule:"), e.stream == "runs")
    return schema.entry.update().where(e.position < size, e.body.is_not(None), kinds, e.seq < last).values(body=None)


def _named(connection: sa.Connection, state: State) -> set[bytes]:
    """Every digest that an entry still names, itself or through what it names."""
    e, done = schema.entry.c, set[bytes]()
    todo: list[Ref] = []
    position = -1
    while rows := connection.execute(
        sa.select(e.position, e.dictionary, e.body).where(e.position > position, e.body.is_not(None)).order_by(e.position).limit(BATCH)
    ).all():
        position = rows[-1].position
        for row in rows:
            todo += references(decoded_bytes(row.position, state.unpack_entry(row.dictionary, row.body)))
        _walk(connection, state, todo, done)
    return done


def _walk(connection: sa.Connection, state: State, todo: list[Ref], done: set[bytes]) -> None:
    while todo:
        ref = todo.pop()
        digest = bytes.fromhex(ref.digest.removeprefix("sha256:"))
        if digest in done:
            continue
        done.add(digest)
        if ref.role is not Role.BLOB:
            todo += below(ref.role, state.raw(connection, digest))


def _sweep(connection: sa.Connection, named: set[bytes]) -> int:
    """Drop the state that nothing names any more. Gives how many pieces."""
    b, dropped, after = schema.blob.c, 0, b""
    while some := connection.scalars(sa.select(b.digest).where(b.digest > after).order_by(b.digest).limit(BATCH)).all():
        after = some[-1]
        unnamed = [digest for digest in some if digest not in named]
        for start in range(0, len(unnamed), 500):
            connection.execute(schema.blob.delete().where(b.digest.in_(unnamed[start : start + 500])))
        dropped += len(unnamed)
    return dropped

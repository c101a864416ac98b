"""The log: entries are staged by anyone, and given their places, hashed and signed by one sequencer at a time, in one transaction.

A crash before that transaction ends leaves the entries staged, and the next sequencer takes them up; a crash after it leaves them in place.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from controlmon.core.canonical import entry_bytes
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import HASH_SIZE, Frontier, leaf_hash
from controlmon.core.note import Checkpoint, Signer, sign_note
from controlmon.ledger.schema import checkpoint, entry, staged, stream
from controlmon.ledger.store import Store, insert_or_replace

Entry = Mapping[str, Any]


def stage(connection: sa.Connection, run: str, entries: Sequence[tuple[str, Entry]]) -> None:
    """Put entries, each with the name of its stream, in line for the sequencer. They are durable when the transaction ends."""
    rows = [{"run": run, "stream": name, "body": json.dumps(body)} for name, body in entries]
    if rows:
        connection.execute(staged.insert(), rows)


def sequence(connection: sa.Connection, origin: str, signer: Signer, at: str) -> Checkpoint:
    """Give every staged entry its place in the log and in its stream, and sign the new head.

    Args:
        connection: a writing transaction, which makes its holder the only sequencer.
        origin: the name of the log.
        signer: signs the checkpoint.
        at: our clock (UTC, RFC 3339), kept beside the checkpoint.

    Raises:
        LedgerError: if an entry cannot be written as one, or the last checkpoint is not of this log.

    """
    frontier = head(connection)
    before = frontier.size
    for row in connection.execute(sa.select(staged).order_by(staged.c.id)).all():
        last = connection.scalar(sa.select(stream.c.seq).where(stream.c.name == row.stream))
        seq = 0 if last is None else last + 1
        try:
            body = entry_bytes({**json.loads(row.body), "stream": row.stream, "seq": seq, "run": row.run})
        except (TypeError, ValueError) as error:
            raise LedgerError(f"an entry of {row.stream} cannot be recorded: {error}") from error
        leaf = leaf_hash(body)
        place = {"position": frontier.size, "stream": row.stream, "seq": seq, "run": row.run, "leaf": leaf, "body": body}
        connection.execute(entry.insert(), place)
        connection.execute(insert_or_replace(stream), {"name": row.stream, "seq": seq, "position": frontier.size})
        frontier.append(leaf)
    connection.execute(staged.delete())
    signed = Checkpoint(origin, frontier.size, frontier.root())
    if frontier.size > before or frontier.size == 0:
        note = sign_note(signed.text(), [signer]).encode()
        row_of = {"size": signed.size, "root": signed.root, "frontier": b"".join(frontier.hashes), "note": note, "at": at}
        connection.execute(insert_or_replace(checkpoint), row_of)
    return signed


def head(connection: sa.Connection) -> Frontier:
    """The tree as of the last checkpoint. Raises `LedgerError` if the entries do not reach exactly as far."""
    last = connection.execute(sa.select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)).one_or_none()
    top = connection.scalar(sa.select(sa.func.max(entry.c.position)))
    count = 0 if top is None else top + 1
    if last is None:
        if count:
            raise LedgerError(f"the log has {count} entries and no checkpoint: restore the ledger from a backup")
        return Frontier()
    if count != last.size:
        raise LedgerError(f"the log has {count} entries where its last checkpoint signs {last.size}: restore the ledger from a backup")
    frontier = Frontier(last.size, [last.frontier[i : i + HASH_SIZE] for i in range(0, len(last.frontier), HASH_SIZE)])
    if frontier.root() != last.root:
        raise LedgerError("the last checkpoint does not agree with its own tree: restore the ledger from a backup")
    return frontier


def latest(store: Store, prefix: str) -> Iterator[dict[str, Any]]:
    """The last entry of every stream whose name starts with `prefix`."""
    chosen = (
        sa.select(entry.c.body)
        .join(stream, (stream.c.name == entry.c.stream) & (stream.c.seq == entry.c.seq))
        .where(stream.c.name.startswith(prefix, autoescape=True))
        .order_by(stream.c.name)
    )
    with store.reading() as connection:
        for body in connection.scalars(chosen).all():
            yield json.loads(body)


def entries_of(store: Store, run: str) -> Iterator[dict[str, Any]]:
    """The entries of one run, in the order of the log."""
    with store.reading() as connection:
        for body in connection.scalars(sa.select(entry.c.body).where(entry.c.run == run).order_by(entry.c.position)).all():
            yield json.loads(body)

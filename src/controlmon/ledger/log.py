"""The log: entries are staged by anyone, and given their places, hashed and signed by one sequencer at a time, in one transaction.

A crash before that transaction ends leaves the entries staged, and the next sequencer takes them up; a crash after it leaves them in place.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from controlmon.core.canonical import entry_bytes
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import HASH_SIZE, Frontier, leaf_hash
from controlmon.core.note import Checkpoint, Signer, sign_note
from controlmon.ledger.schema import checkpoint, entry, staged, stream
from controlmon.ledger.state import State
from controlmon.ledger.store import Store, insert_or_replace, insert_rows

Entry = Mapping[str, Any]
Named = tuple[str, Entry]
"""An entry with the name of its stream."""
ASKED = 500
"""Names in one question to the database."""
# Built once: what stands in the way of every batch is paid by each of its entries.
_WAITING = sa.select(staged).order_by(staged.c.id)
_TAKEN = staged.delete()
_HEAD = sa.select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)
_TOP = sa.select(sa.func.max(entry.c.position))
_LAST = sa.select(stream.c.name, stream.c.seq).where(stream.c.name.in_(sa.bindparam("names", expanding=True)))
_COUNT = sa.select(stream.c.seq).where(stream.c.name == sa.bindparam("name"))


def stage(connection: sa.Connection, run: str, entries: Sequence[Named]) -> None:
    """Put entries in line for the sequencer. They are durable when the transaction ends."""
    rows = [{"run": run, "stream": name, "body": json.dumps(body)} for name, body in entries]
    if rows:
        connection.execute(staged.insert(), rows)


def sequence(
    connection: sa.Connection, state: State, origin: str, signers: Sequence[Signer], at: str, run: str = "", entries: Sequence[Named] = ()
) -> Checkpoint:
    """Give every staged entry, then those given here, its place in the log and in its stream, and sign the new head.

    Args:
        connection: a writing transaction, which makes its holder the only sequencer.
        state: compresses what is kept.
        origin: the name of the log.
        signers: each signs the checkpoint.
        at: our clock (UTC, RFC 3339), kept beside the checkpoint.
        run: what the entries given here belong to.
        entries: what was not staged.

    Raises:
        LedgerError: if an entry cannot be written as one, or the last checkpoint is not of this log.

    """
    frontier = head(connection)
    before = frontier.size
    waiting = [(row.run, row.stream, json.loads(row.body)) for row in connection.execute(_WAITING)]
    waiting += [(run, name, body) for name, body in entries]
    if waiting:
        _place(connection, state, frontier, waiting)
        connection.execute(_TAKEN)
    signed = Checkpoint(origin, frontier.size, frontier.root())
    if frontier.size > before or frontier.size == 0:
        note = sign_note(signed.text(), signers).encode()
        row_of = {"size": signed.size, "root": signed.root, "frontier": b"".join(frontier.hashes), "note": note, "at": at}
        connection.execute(insert_or_replace(checkpoint), row_of)
    return signed


def _place(connection: sa.Connection, state: State, frontier: Frontier, waiting: Sequence[tuple[str, str, Entry]]) -> None:
    last = _last_of(connection, {name for _, name, _ in waiting})
    rows, heads = list[tuple[Any, ...]](), dict[str, tuple[Any, ...]]()
    for run, name, body in waiting:
        last[name] = seq = last.get(name, -1) + 1
        try:
            data = entry_bytes({**body, "stream": name, "seq": seq, "run": run})
        except (TypeError, ValueError) as error:
            raise LedgerError(f"an entry of {name} cannot be recorded: {error}") from error
        leaf, (number, packed) = leaf_hash(data), state.pack_entry(data)
        place = frontier.size
        rows.append((place, name, seq, run, leaf, number, packed))
        heads[name] = (name, seq, place)
        frontier.append(leaf)
    insert_rows(connection, entry, rows)
    insert_rows(connection, stream, list(heads.values()), replace=True)


def _last_of(connection: sa.Connection, names: Iterable[str]) -> dict[str, int]:
    wanted, found = sorted(names), dict[str, int]()
    for start in range(0, len(wanted), ASKED):
        rows = connection.execute(_LAST, {"names": wanted[start : start + ASKED]})
        found |= {row.name: row.seq for row in rows}
    return found


def head(connection: sa.Connection) -> Frontier:
    """The tree as of the last checkpoint. Raises `LedgerError` if the entries do not reach exactly as far."""
    last = connection.execute(_HEAD).one_or_none()
    top = connection.scalar(_TOP)
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


def count_of(connection: sa.Connection, name: str) -> int:
    """How many entries a stream has."""
    last = connection.scalar(_COUNT, {"name": name})
    return 0 if last is None else last + 1


def latest(store: Store, state: State, prefix: str) -> Iterator[dict[str, Any]]:
    """The last entry of every stream whose name starts with `prefix`."""
    chosen = (
        sa.select(entry.c.dictionary, entry.c.body)
        .join(stream, (stream.c.name == entry.c.stream) & (stream.c.seq == entry.c.seq))
        .where(stream.c.name.startswith(prefix, autoescape=True))
        .order_by(stream.c.name)
    )
    return _decoded(store, state, chosen)


def entries_of(store: Store, state: State, run: str) -> Iterator[dict[str, Any]]:
    """The entries of one run, in the order of the log."""
    return _decoded(store, state, sa.select(entry.c.dictionary, entry.c.body).where(entry.c.run == run).order_by(entry.c.position))


def stream_of(store: Store, state: State, name: str) -> Iterator[dict[str, Any]]:
    """The entries of one stream, in order."""
    return _decoded(store, state, sa.select(entry.c.dictionary, entry.c.body).where(entry.c.stream == name).order_by(entry.c.seq))


def _decoded(store: Store, state: State, chosen: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    with store.reading() as connection:
        rows = connection.execute(chosen).all()
    return (json.loads(state.unpack_entry(row.dictionary, row.body)) for row in rows if row.body is not None)

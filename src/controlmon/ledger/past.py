"""Questions about the past that need a part of a ledger: a stream from a time on, or backwards from its end."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from controlmon.ledger.reader import Reader
from controlmon.ledger.schema import checkpoint, entry

BATCH = 50
"""Entries read at once, backwards: most often the first few decide."""


def position_at(reader: Reader, at: str) -> int:
    """The first position that no checkpoint before a time (UTC, RFC 3339) signs."""
    with reader.store.reading() as connection:
        return connection.scalar(sa.select(sa.func.max(checkpoint.c.size)).where(checkpoint.c.at < at)) or 0


def stream_from(reader: Reader, name: str, position: int) -> Iterator[dict[str, Any]]:
    """The entries of one stream from a position on, in order. Those that were pruned are left out."""
    e = entry.c
    chosen = sa.select(e.dictionary, e.body).where(e.stream == name, e.position >= position, e.body.is_not(None)).order_by(e.seq)
    with reader.store.reading() as connection:
        for row in connection.execution_options(yield_per=1000).execute(chosen):
            yield json.loads(reader.state.unpack_entry(row.dictionary, row.body))


def backwards(reader: Reader, name: str) -> Iterator[dict[str, Any]]:
    """The entries of one stream, the last one first, no more of them read than are asked for."""
    e, before = entry.c, None
    while True:
        chosen = sa.select(e.seq, e.dictionary, e.body).where(e.stream == name, e.body.is_not(None))
        chosen = chosen if before is None else chosen.where(e.seq < before)
        with reader.store.reading() as connection:
            rows = connection.execute(chosen.order_by(e.seq.desc()).limit(BATCH)).all()
        if not rows:
            return
        for row in rows:
            yield json.loads(reader.state.unpack_entry(row.dictionary, row.body))
        before = rows[-1].seq


def first_of(reader: Reader, name: str) -> dict[str, Any] | None:
    """The first entry of a stream that is still there."""
    e = entry.c
    chosen = sa.select(e.dictionary, e.body).where(e.stream == name, e.body.is_not(None)).order_by(e.seq).limit(1)
    with reader.store.reading() as connection:
        row = connection.execute(chosen).one_or_none()
    return None if row is None else json.loads(reader.state.unpack_entry(row.dictionary, row.body))

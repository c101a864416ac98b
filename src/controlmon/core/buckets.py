"""Long lists as trees of small content-addressed pieces, so that a list that did not change costs one reference.

Rows are cut into buckets of 64 on average, at places that the rows' own keys choose: a row that comes or goes changes one bucket and the
pieces above it, not every bucket after it. A piece is canonical JSON, `{"level": 0, "rows": [...]}` or `{"level": n, "pieces": [...]}`; its
name is its digest, and the name of the topmost piece names the list: whoever has that digest can check every row.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from controlmon.core.canonical import canonical

MEAN = 64
"""Rows in a bucket, on average; eight times as many at most."""


class ListRef(Struct, frozen=True):
    """A list by its digest (`sha256:...`) and its number of rows."""

    root: str
    count: int


class ListWriter:
    """Writes one list, row by row, holding no more than a bucket a level.

    Args:
        keep: stores the bytes of a piece and gives its digest.
        mean: rows in a bucket, on average.

    """

    def __init__(self, keep: Callable[[bytes], str], mean: int = MEAN) -> None:
        self._keep, self._mean = keep, mean
        self._levels: list[list[Any]] = [[]]
        self._count = 0

    def add(self, key: str, row: object) -> None:
        """Add a row; rows come in the order of their keys."""
        self._count += 1
        self._put(0, row, hashlib.sha256(key.encode()).digest())

    def close(self) -> ListRef:
        """The finished list. An empty one is one empty bucket."""
        if self._levels[0] or not self._count:
            self._flush(0)
        level = 1
        while level < len(self._levels) - 1 or len(self._levels[level]) > 1:
            if self._levels[level]:
                self._flush(level)
            level += 1
        return ListRef(self._levels[level][0], self._count)

    def _put(self, level: int, item: object, chosen: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
        self._levels[level].append(item)
        full = len(self._levels[level]) >= 8 * self._mean
        if full or int.from_bytes(chosen[:4], "big") % self._mean == 0:
            self._flush(level)

    def _flush(self, level: int) -> None:
        items, self._levels[level] = self._levels[level], []
        piece = {"level": 0, "rows": items} if level == 0 else {"level": level, "pieces": items}
        digest = self._keep(canonical(piece))
        self._put(level + 1, digest, bytes.fromhex(digest.removeprefix("sha256:"))[::-1])


def read_list(root: str, fetch: Callable[[str], Any]) -> Iterator[Any]:
    """The rows of a list, in order.

    Args:
        root: its digest.
        fetch: the decoded piece of a digest; it checks the bytes against the digest.

    """
    piece = fetch(root)
    if piece["level"] == 0:
        yield from piece["rows"]
    else:
        for below in piece["pieces"]:
            yield from read_list(below, fetch)

"""Proofs about a log, made from its leaves: that an entry is in it, and that a larger tree continues a smaller one (RFC 6962, 2.1)."""

from collections.abc import Callable, Iterable
from typing import Protocol

from controlmon.core.errors import LedgerError
from controlmon.core.merkle import HASH_SIZE, Frontier, consistency_proof, inclusion_proof, node_hash
from controlmon.ledger.history import History


def inclusion(history: History, position: int, size: int, known: Frontier | None = None) -> tuple[bytes, ...]:
    """The audit path of the entry at `position` in the tree of the first `size` entries (RFC 6962, 2.1.1).

    Args:
        history: the log. Each leaf is read at most once, and none is held.
        position: of the entry.
        size: of the tree.
        known: the tree of some first entries, which need not be read then, and need not be in `history`.

    Raises:
        LedgerError: if the history does not reach back or on far enough, or an entry of it is missing.
        ProofError: also a `LedgerError`, if there is no such entry in the tree.

    """
    _require_size(history, size)
    return tuple(inclusion_proof(_Nodes(history, known), position, size))


def inclusions(history: History, positions: Iterable[int], size: int, known: Frontier | None = None) -> dict[int, tuple[bytes, ...]]:
    """The audit paths of many entries in the tree of the first `size` entries, in one pass over the leaves.

    Args:
        history: the log. Each leaf is read once; held are the hashes that the paths need.
        positions: of the entries.
        size: of the tree.
        known: the tree of some first entries, which need not be read then, and need not be in `history`.

    Raises:
        LedgerError: if the history does not reach back or on far enough, or an entry of it is missing.
        ProofError: also a `LedgerError`, if there is no such entry in the tree.

    """
    _require_size(history, size)
    wanted, several = set[tuple[int, int]](), sorted(set(positions))

    def note(level: int, index: int) -> bytes:
        wanted.add((level, index))
        return bytes(HASH_SIZE)

    for position in several:
        inclusion_proof(note, position, size)
    useful = known is not None and all(position >= known.size for position in several)
    found = _collect(history, size, known if known and useful else Frontier(), wanted)
    return {position: tuple(inclusion_proof(lambda level, index: found[level, index], position, size)) for position in several}


def _collect(history: History, size: int, known: Frontier, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The wanted hashes of complete subtrees, by level and index."""
    found, stack, start = dict[tuple[int, int], bytes](), list[tuple[int, int, bytes]](), 0

    def put(level: int, index: int, value: bytes) -> None:
        while True:
            if (level, index) in wanted:
                found[level, index] = value
            if not (index & 1 and stack and stack[-1][:2] == (level, index - 1)):
                stack.append((level, index, value))
                return
            level, index, value = level + 1, index >> 1, node_hash(stack.pop()[2], value)

    for hash_, level in zip(known.hashes, (n for n in reversed(range(known.size.bit_length())) if known.size >> n & 1), strict=True):
        put(level, start >> level, hash_)
        start += 1 << level
    if start < history.start and wanted:
        raise LedgerError(f"{history.origin}: the record here begins at entry {history.start}: make the proof from the whole ledger")
    for placed in history.entries(start, size):
        if placed.position != start:
            break
        put(0, start, placed.leaf)
        start += 1
    if start < size:
        raise LedgerError(f"{history.origin}: entry {start} is missing: restore the ledger from a backup")
    return found


def consistency(history: History, old: int, new: int, known: Frontier | None = None) -> tuple[bytes, ...]:
    """That the tree of the first `new` entries continues that of the first `old` (RFC 6962, 2.1.2). Of 0 there is nothing to prove.

    With the tree of `old` itself as `known` (`Ledger.frontier(old)`), only the entries from `old` on are read.

    Args:
        history: the log. Each leaf is read at most once, and none is held.
        old: the size of the smaller tree.
        new: the size of the larger tree.
        known: the tree of some first entries, which need not be read then, and need not be in `history`.

    Raises:
        LedgerError: if the history does not reach back or on far enough, or an entry of it is missing.
        ProofError: also a `LedgerError`, if `old` is larger than `new`.

    """
    _require_size(history, new)
    return tuple(consistency_proof(_Nodes(history, known), old, new)) if old else ()


class Kept(History, Protocol):
    """A history that keeps the tree of each of its checkpoints: a ledger."""

    def frontier(self, size: int) -> Frontier:
        """The tree as of a checkpoint. Raises `LedgerError` if there is none of this size."""


def prover(ledger: Kept) -> Callable[[int, int], tuple[bytes, ...]]:
    """What makes the proofs that a witness asks for: `consistency`, reading only what came after the checkpoint that it saw."""

    def prove(old: int, new: int) -> tuple[bytes, ...]:
        try:
            known = ledger.frontier(old)
        except LedgerError:
            known = None  # the witness saw what is no checkpoint of ours: a proof from the leaves lets it say so
        return consistency(ledger, old, new, known)

    return prove


class _Nodes:
    """The hashes of complete subtrees, as `merkle.Leaves` asks for them: from what is known, else from the leaves, one at a time."""

    def __init__(self, history: History, known: Frontier | None) -> None:
        self._history = history
        self._known = known or Frontier()

    def __call__(self, level: int, index: int) -> bytes:
        start, end = index << level, (index + 1) << level
        have = self._known.size
        if have & (1 << level) and have >> (level + 1) << (level + 1) == start:  # what is known has it, whole
            return self._known.hashes[(have >> (level + 1)).bit_count()]
        # `start` is a multiple of the subtree's length: what is known beyond it are the complete subtrees of the lower bits.
        inside = have - start if start < have < end else 0
        tree = Frontier(inside, self._known.hashes[-inside.bit_count() :] if inside else ())
        if start + inside < self._history.start:
            reaches = f"the record here begins at entry {self._history.start}, and the proof needs entry {start + inside}"
            raise LedgerError(f"{self._history.origin}: {reaches}: make the proof from the whole ledger")
        for placed in self._history.entries(start + inside, end):
            if placed.position != start + tree.size:
                break
            tree.append(placed.leaf)
        if tree.size != end - start:
            raise LedgerError(f"{self._history.origin}: entry {start + tree.size} is missing: restore the ledger from a backup")
        return tree.root()


def _require_size(history: History, size: int) -> None:
    if size > history.size:
        raise LedgerError(f"{history.origin}: the record here has {history.size} entries, and a proof about {size} was asked for")

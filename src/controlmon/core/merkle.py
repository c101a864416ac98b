"""Merkle trees as in RFC 6962 (section 2.1), their proofs, and their tiles (C2SP tlog-tiles).

One walk serves every proof. A *subtree* [start, end) of a tree (draft-ietf-plants-merkle-tree-certs, "Subtrees") is a run of
leaves that starts at a multiple of its length, rounded up to a power of two; its consistency proof shows that the tree contains
it. An RFC 6962 consistency proof is that of the subtree [0, old), and an inclusion proof that of [index, index + 1).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from typing import Literal, NamedTuple, TypeAlias

from controlmon.core.errors import LedgerError

HASH_SIZE = 32
"""Bytes in a hash."""
TILE_WIDTH = 256
"""Hashes in a full tile, and entries in a full bundle (tlog-tiles, "Merkle Tree")."""
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of no leaves (RFC 6962, section 2.1)."""

Leaves: TypeAlias = Sequence[bytes] | Callable[[int, int], bytes]
"""Where proofs find hashes: the leaf hashes in order, or `node(level, index)`, the hash of the `index`-th complete subtree of
2**level leaves. The sequence costs O(n) hashes a proof; the function O(log n) calls, e.g. to a table of nodes or to tiles."""

_MAX_SIZE = 2**63  # what a store's integer holds; it also bounds a proof to 63 hashes


class ProofError(LedgerError):
    """A proof, a tree or a tile that does not hold, or that cannot exist."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry's bytes as a leaf (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of these leaves (RFC 6962, section 2.1), level by level: the last of an odd number waits for its pair."""
    level = list(leaf_hashes)
    while len(level) > 1:
        above = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = above + level[2 * len(above) :]
    return level[0] if level else EMPTY_ROOT


class Frontier:
    """A tree that only grows, kept as the roots of its complete subtrees, largest first: one for each set bit of `size`.

    `Frontier(size, hashes)` continues from stored values; it raises `ProofError` if they do not belong together.
    """

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self._size = size
        self._hashes = list(hashes)
        if not 0 <= size < _MAX_SIZE or size.bit_count() != len(self._hashes):
            raise ProofError(f"a tree of {size} leaves has no frontier of {len(self._hashes)} hashes")
        for subtree in self._hashes:
            _require_hash(subtree, "a frontier's hash")

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """What to store, next to `size`."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash: O(log n) hashes at worst, one on average."""
        _require_hash(leaf, "the leaf hash")
        carry = self._size
        while carry & 1:  # each set bit is a complete subtree of that size: merge as in binary addition
            leaf = node_hash(self._hashes.pop(), leaf)
            carry >>= 1
        self._hashes.append(leaf)
        self._size += 1

    def root(self) -> bytes:
        """The root of all leaves appended so far."""
        return _fold(self._hashes)


def inclusion_proof(leaves: Leaves, index: int, size: int) -> list[bytes]:
    """The audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962, section 2.1.1). Raises `ProofError`."""
    return subtree_consistency_proof(leaves, range(index, index + 1), size)


def consistency_proof(leaves: Leaves, old: int, new: int) -> list[bytes]:
    """That the tree of the first `old` leaves, at least one, begins that of `new` (RFC 6962, section 2.1.2). Raises `ProofError`."""
    return subtree_consistency_proof(leaves, range(old), new)


def subtree_consistency_proof(leaves: Leaves, subtree: range, size: int) -> list[bytes]:
    """That the tree of the first `size` leaves contains this subtree. Raises `ProofError` if it cannot."""
    return [_range_root(leaves, step.start, step.end) for step in _walk(subtree, size)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> None:
    """Leaf hash `leaf` is number `index` of the tree (size, tree_root), by RFC 6962, section 2.1.1; else raises `ProofError`."""
    _require_hash(leaf, "the leaf hash")
    _verify(_walk(range(index, index + 1), size), proof, leaf, tree_root)


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """The tree (new, new_root) begins with (old, old_root), by RFC 6962, section 2.1.2; else raises `ProofError`.

    An `old` of 0 is refused: every tree begins with nothing, so such a proof would say nothing.
    """
    _verify(_walk(range(old), new), proof, old_root, new_root)


def verify_subtree_inclusion(leaf: bytes, index: int, subtree: range, proof: Sequence[bytes], subtree_root: bytes) -> None:
    """Leaf hash `leaf` is number `index` of the tree, within this subtree of it; else raises `ProofError`."""
    _require_subtree(subtree, subtree.stop)
    verify_inclusion(leaf, index - subtree.start, subtree.stop - subtree.start, proof, subtree_root)


def verify_subtree_consistency(subtree: range, size: int, proof: Sequence[bytes], subtree_root: bytes, tree_root: bytes) -> None:
    """The tree (size, tree_root) contains this subtree, of root `subtree_root`; else raises `ProofError`.

    The empty subtree is part of every tree: its root is `EMPTY_ROOT`, its proof is empty, and it proves nothing about `tree_root`.
    """
    if 0 <= subtree.start == subtree.stop <= size < _MAX_SIZE:
        _verify([], proof, subtree_root, EMPTY_ROOT)
    else:
        _verify(_walk(subtree, size), proof, subtree_root, tree_root)


def tile_path(level: int | Literal["entries"], index: int, width: int = TILE_WIDTH) -> str:
    """Where tlog-tiles puts the tile, or with level "entries" the bundle: `tile/0/x001/x234/067`, `tile/0/000.p/112` if partial."""
    *groups, last = f"{index:,}".split(",")
    name = "".join(f"x{group:0>3}/" for group in groups) + last.zfill(3)
    return f"tile/{level}/{name}" + (f".p/{width}" if width < TILE_WIDTH else "")


def tiles(leaf_hashes: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every tile of the tree of these leaves: at each level, the roots of the full tiles of the level below."""
    level, hashes = 0, leaf_hashes
    while hashes:
        rows = [hashes[i : i + TILE_WIDTH] for i in range(0, len(hashes), TILE_WIDTH)]
        for index, row in enumerate(rows):
            yield tile_path(level, index, len(row)), b"".join(row)
        level, hashes = level + 1, [root(row) for row in rows if len(row) == TILE_WIDTH]


def parse_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile, 1 to 256. Raises `ProofError` for another length."""
    width, rest = divmod(len(data), HASH_SIZE)
    if rest or not 1 <= width <= TILE_WIDTH:
        raise ProofError(f"a tile of {len(data)} bytes does not hold 1 to {TILE_WIDTH} hashes of {HASH_SIZE}")
    return [data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE)]


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each after its length in 16 bits, big-endian (tlog-tiles, "Log entries"). Raises `ProofError` if one is too long."""
    if not 1 <= len(entries) <= TILE_WIDTH or any(len(entry) > 0xFFFF for entry in entries):
        raise ProofError(f"a bundle holds 1 to {TILE_WIDTH} entries of at most {0xFFFF} bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle, 1 to 256. Raises `ProofError` if it is cut short, empty or too long."""
    entries, position = [], 0
    while position < len(data):
        start = position + 2
        position = start + int.from_bytes(data[position:start], "big")
        entries.append(data[start:position])
    if position != len(data) or not 1 <= len(entries) <= TILE_WIDTH:
        raise ProofError(f"a bundle of {len(data)} bytes does not hold 1 to {TILE_WIDTH} whole entries")
    return entries


class _Step(NamedTuple):
    """One hash of a proof: the root of leaves [start, end), and where it stands towards what is known so far."""

    start: int
    end: int
    side: Literal["seed", "inside", "left", "right"]
    """`seed`: the first hash, when the subtree's own root is not on the way; `inside`: left of it, and in the subtree as well."""


def _walk(subtree: range, size: int) -> list[_Step]:
    """The hashes that lead from the subtree up to the root, in the order of the proof (SUBPROOF of RFC 6962, 2.1.2)."""
    _require_subtree(subtree, size)
    start, end = subtree.start, subtree.stop
    steps, low, high, split = [], 0, size, False
    while (low, high) != (start, end):
        middle = low + (1 << (high - low - 1).bit_length() - 1)  # the largest power of two below the width
        if end <= middle:
            steps.append(_Step(middle, high, "right"))
            high = middle
        elif start >= middle:
            steps.append(_Step(low, middle, "left"))
            low = middle
        else:  # the subtree covers the left half and ends in the right one: prove what is left of it
            steps.append(_Step(low, middle, "inside"))
            start, low, split = middle, middle, True
    if split:
        steps.append(_Step(low, high, "seed"))
    return steps[::-1]


def _verify(steps: Sequence[_Step], proof: Sequence[bytes], subtree_root: bytes, tree_root: bytes) -> None:
    """Rebuild both roots from the proof, and compare."""
    if len(proof) != len(steps):
        raise ProofError(f"the proof has {len(proof)} hashes; {len(steps)} are needed")
    small = large = subtree_root
    for step, given in zip(steps, proof, strict=True):
        _require_hash(given, "a hash of the proof")
        match step.side:
            case "seed":
                small = large = given
            case "right":
                large = node_hash(large, given)
            case "left":
                large = node_hash(given, large)
            case "inside":
                small, large = node_hash(given, small), node_hash(given, large)
    if small != subtree_root:
        raise ProofError("the proof leads to another root of the older or smaller tree")
    if large != tree_root:
        raise ProofError("the proof leads to another root of the tree")


def _range_root(leaves: Leaves, start: int, end: int) -> bytes:
    if not callable(leaves):
        if end > len(leaves):
            raise ProofError(f"leaf {end - 1} is needed and only {len(leaves)} are given")
        return root(leaves[start:end])
    hashes = []
    while start < end:
        level = (end - start).bit_length() - 1
        hashes.append(leaves(level, start >> level))
        start += 1 << level
    return _fold(hashes)


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees, largest first."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY_ROOT


def _require_subtree(subtree: range, size: int) -> None:
    start, end = subtree.start, subtree.stop
    if not 0 <= start < end <= size < _MAX_SIZE:
        raise ProofError(f"leaves [{start}, {end}) are no part of a tree of {size}")
    if start % (1 << (end - start - 1).bit_length()):
        raise ProofError(f"leaves [{start}, {end}) are no subtree: {start} is not a multiple of their number, rounded up")


def _require_hash(value: bytes, what: str) -> None:
    if len(value) != HASH_SIZE:
        raise ProofError(f"{what} has {len(value)} bytes, not {HASH_SIZE}")

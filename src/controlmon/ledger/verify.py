"""Does the ledger hold? Every step is numbered here and at its line.

(1) each checkpoint is signed by the key that was in force
(2) each entry is the leaf that the tree has at its place, and the bytes are canonical
(3) each checkpoint's root is the root of the tree of that size
(4) each stream counts up without a hole
(5) each entry's outcome counts balance with its findings
(6) each piece of state that an entry names is there, and is what its digest says
(7) an entry without a body is one that the log says was pruned
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from controlmon.core.canonical import entry_bytes
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import Frontier, leaf_hash
from controlmon.core.note import NoteError, Verifier, VerifierKey, open_note, parse_checkpoint
from controlmon.core.refs import Ref, below, references
from controlmon.core.rotation import STREAM, KeyChain, Rotation, read_rotation
from controlmon.ledger.schema import checkpoint, entry, staged
from controlmon.ledger.state import State
from controlmon.ledger.store import Store

MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
"""What Python raises for an entry or a piece that does not have the shape of one."""


class Problem(Struct, frozen=True):
    """What does not hold: the step, the place, the reason."""

    step: int
    place: str
    reason: str

    def __str__(self) -> str:
        return f"({self.step}) {self.place}: {self.reason}"


class Verified(Struct, frozen=True):
    """What was looked at, and what does not hold. `pruned` counts entries whose body was dropped after retention."""

    entries: int
    checkpoints: int
    pieces: int
    staged: int
    pruned: int
    root: str
    problems: tuple[Problem, ...]


def verify(store: Store, state: State, origin: str, trusted: VerifierKey, verifier_of: Callable[[VerifierKey], Verifier]) -> Verified:
    """Go through the whole ledger once, in the order of the log, holding no more than one entry at a time."""
    problems: list[Problem] = []
    with store.reading() as connection:
        state.load(connection)
        chain = _chain(connection, state, trusted, verifier_of, problems)
        heads, signed = _checkpoints(connection, origin, chain, verifier_of, problems)
        walk = _Walk(connection, state, heads, problems)
        for row in connection.execution_options(yield_per=1000).execute(sa.select(entry).order_by(entry.c.position)):
            if not walk.take(row):
                break
        walk.end(signed)
        waiting = connection.scalar(sa.select(sa.func.count()).select_from(staged)) or 0
        seen = _pieces(connection, state, walk.named, problems)  # (6)
    tree = walk.frontier
    return Verified(tree.size, signed, seen, waiting, walk.pruned, tree.root().hex(), tuple(problems))


class _Walk:
    """The entries, in the order of the log."""

    def __init__(self, connection: sa.Connection, state: State, heads: dict[int, bytes], problems: list[Problem]) -> None:
        self._state, self._heads, self._problems = state, heads, problems
        self.frontier, self.named, self.pruned = Frontier(), set[Ref](), 0
        self._seqs: dict[str, int] = {}
        self._through = _pruned_through(connection, state)
        self._compare()

    def take(self, row: Any) -> bool:  # noqa: ANN401 - a row of the database
        """Look at one entry. False if the ones after it cannot be placed."""
        place = f"entry {row.position}"
        if row.position != self.frontier.size:
            self._problems.append(Problem(2, place, f"entry {self.frontier.size} is missing"))
            return False
        if row.body is None:
            self._without_body(row, place)
            return True
        data = _unpacked(self._state, row, place, self._problems)
        body = _decoded(data)
        self._problems += _entry(data, body, row.leaf, place)  # (2) (5)
        self.frontier.append(leaf_hash(data))
        self._compare()  # (3)
        stream, seq = str(body.get("stream")), body.get("seq")
        if seq != self._seqs.get(stream, -1) + 1 or (stream, seq) != (row.stream, row.seq):  # (4)
            self._problems.append(Problem(4, place, f"{stream} jumps from {self._seqs.get(stream, -1)} to {seq}"))
        self._seqs[stream] = seq if isinstance(seq, int) else -1
        try:
            self.named |= set(references(body))
        except MALFORMED:
            self._problems.append(Problem(2, place, "what it names cannot be read"))
        return True

    def _without_body(self, row: Any, place: str) -> None:  # noqa: ANN401
        self.pruned += 1
        if row.position > self._through:  # (7)
            self._problems.append(Problem(7, place, "its body is gone, and no entry says that it was pruned"))
        self.frontier.append(row.leaf if isinstance(row.leaf, bytes) and len(row.leaf) == 32 else b"\0" * 32)
        self._compare()  # (3)
        self._seqs[row.stream] = row.seq  # what cannot be read can only be counted

    def end(self, signed: int) -> None:
        """What the checkpoints say of the end."""
        size = self.frontier.size
        self._problems += [Problem(3, f"checkpoint {n}", f"there are only {size} entries") for n in self._heads if n > size]
        if size not in self._heads and (size or signed):
            self._problems.append(Problem(3, f"entry {size - 1}", "no checkpoint signs the last entries"))

    def _compare(self) -> None:
        size = self.frontier.size
        if size in self._heads and self._heads[size] != self.frontier.root():
            self._problems.append(Problem(3, f"checkpoint {size}", "the entries give another root than the one that was signed"))


def _chain(
    connection: sa.Connection,
    state: State,
    trusted: VerifierKey,
    verifier_of: Callable[[VerifierKey], Verifier],
    problems: list[Problem],
) -> KeyChain:
    """The keys of the log, as its changes of keys tell."""
    rotations: list[Rotation] = []
    for row in connection.execute(sa.select(entry).where(entry.c.stream == STREAM).order_by(entry.c.position)):
        try:
            rotations.append(read_rotation(row.position, _decoded(state.unpack_entry(row.dictionary, row.body)), verifier_of))
        except LedgerError as error:
            problems.append(Problem(1, f"entry {row.position}", str(error)))
    try:
        return KeyChain(trusted, rotations)
    except NoteError as error:
        problems.append(Problem(1, "keys", str(error)))
        return KeyChain(trusted, ())


def _checkpoints(
    connection: sa.Connection, origin: str, chain: KeyChain, verifier_of: Callable[[VerifierKey], Verifier], problems: list[Problem]
) -> tuple[dict[int, bytes], int]:
    """The roots that are signed, by size; and how many checkpoints there are."""
    roots: dict[int, bytes] = {}
    verifiers = {key: verifier_of(key) for key in chain.keys}
    count = 0
    for row in connection.execute(sa.select(checkpoint).order_by(checkpoint.c.size)):
        count += 1
        place = f"checkpoint {row.size}"
        try:
            said = parse_checkpoint(open_note(_bytes(row.note), [verifiers[chain.at(row.size)]]).text)  # (1)
        except NoteError as error:
            problems.append(Problem(1, place, str(error)))
            continue
        if (said.origin, said.size, said.root) != (origin, row.size, row.root):
            problems.append(Problem(1, place, "the signed text speaks of another log, size or root"))
            continue
        roots[said.size] = said.root
    return roots, count


def _pruned_through(connection: sa.Connection, state: State) -> int:
    """The last position of which an entry says that bodies up to it were dropped."""
    rows = connection.execute(sa.select(entry).where(entry.c.stream == "retention", entry.c.body.is_not(None)))
    said = (_decoded(state.unpack_entry(row.dictionary, row.body)).get("through") for row in rows)
    return max((through for through in said if isinstance(through, int)), default=-1)


def _unpacked(state: State, row: Any, place: str, problems: list[Problem]) -> bytes:  # noqa: ANN401
    try:
        return state.unpack_entry(row.dictionary, _bytes(row.body))
    except LedgerError as error:
        problems.append(Problem(2, place, str(error)))
        return b""


def _entry(data: bytes, body: dict[str, Any], leaf: bytes, place: str) -> Iterator[Problem]:
    if leaf_hash(data) != leaf:
        yield Problem(2, place, "its bytes are not the leaf that was logged")
    try:
        canonical = bool(body) and entry_bytes(body) == data
    except (TypeError, ValueError):
        canonical = False
    if not canonical:
        yield Problem(2, place, "its bytes are not canonical JSON")
    try:
        if body.get("type") == "check" and sum(body["outcomes"].values()) != body["findings"]["count"]:
            yield Problem(5, place, "its outcomes do not add up to its findings")
    except MALFORMED:
        yield Problem(5, place, "its outcomes cannot be read")


def _bytes(stored: object) -> bytes:
    """What stands in the place of bytes: whoever edits a database may leave text there."""
    return stored if isinstance(stored, bytes) else str(stored).encode()


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _pieces(connection: sa.Connection, state: State, named: set[Ref], problems: list[Problem]) -> int:
    """Walk from what the entries name to every piece and every state under it."""
    todo, done = list(named), set[str]()
    while todo:
        ref = todo.pop()
        if ref.digest in done:
            continue
        done.add(ref.digest)
        try:
            content = state.bytes_of(connection, bytes.fromhex(ref.digest.removeprefix("sha256:")))
            todo += [] if ref.role == "blob" else below(ref.role, _decoded(content))
        except LedgerError as error:
            problems.append(Problem(6, ref.digest, str(error)))
        except MALFORMED:
            problems.append(Problem(6, ref.digest, "it cannot be read as what names it says it is"))
    return len(done)

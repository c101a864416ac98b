"""Does the ledger hold? Every step is numbered here and at its line.

(1) each checkpoint is signed by the log's key
(2) each entry is the leaf that the tree has at its place, and the bytes are canonical
(3) each checkpoint's root is the root of the tree of that size
(4) each stream counts up without a hole
(5) each entry's outcome counts balance with its findings
(6) each piece of state that an entry names is there, and is what its digest says
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from msgspec import Struct

from controlmon.core.canonical import entry_bytes
from controlmon.core.errors import LedgerError
from controlmon.core.merkle import Frontier, leaf_hash
from controlmon.core.note import NoteError, Verifier, open_note, parse_checkpoint
from controlmon.ledger.schema import checkpoint, entry, staged
from controlmon.ledger.state import State
from controlmon.ledger.store import Store


class Problem(Struct, frozen=True):
    """What does not hold: the step, the place, the reason."""

    step: int
    place: str
    reason: str

    def __str__(self) -> str:
        return f"({self.step}) {self.place}: {self.reason}"


class Verified(Struct, frozen=True):
    """What was looked at, and what does not hold."""

    entries: int
    checkpoints: int
    pieces: int
    staged: int
    root: str
    problems: tuple[Problem, ...]


def verify(store: Store, state: State, origin: str, verifier: Verifier) -> Verified:
    """Go through the whole ledger once, in the order of the log, holding no more than one entry at a time."""
    problems: list[Problem] = []
    with store.reading() as connection:
        heads, signed = _checkpoints(connection, origin, verifier, problems)
        frontier, seqs, pieces = Frontier(), dict[str, int](), set[str]()
        _compare(frontier, heads, problems)
        for row in connection.execution_options(yield_per=1000).execute(sa.select(entry).order_by(entry.c.position)):
            place = f"entry {row.position}"
            if row.position != frontier.size:
                problems.append(Problem(2, place, f"entry {frontier.size} is missing"))
                break
            problems += _entry(row, place)  # (2) (5)
            frontier.append(leaf_hash(_bytes(row.body)))
            _compare(frontier, heads, problems)  # (3)
            body = _decoded(_bytes(row.body))
            stream, seq = str(body.get("stream")), body.get("seq")
            if seq != seqs.get(stream, -1) + 1 or (stream, seq) != (row.stream, row.seq):  # (4)
                problems.append(Problem(4, place, f"{stream} jumps from {seqs.get(stream, -1)} to {seq}"))
            seqs[stream] = seq if isinstance(seq, int) else -1
            pieces |= set(_named(body))
        problems += [Problem(3, f"checkpoint {size}", f"there are only {frontier.size} entries") for size in heads if size > frontier.size]
        if frontier.size not in heads and (frontier.size or signed):
            problems.append(Problem(3, f"entry {frontier.size - 1}", "no checkpoint signs the last entries"))
        waiting = connection.scalar(sa.select(sa.func.count()).select_from(staged)) or 0
        seen = _pieces(connection, state, pieces, problems)  # (6)
    return Verified(frontier.size, signed, seen, waiting, frontier.root().hex(), tuple(problems))


def _checkpoints(connection: sa.Connection, origin: str, verifier: Verifier, problems: list[Problem]) -> tuple[dict[int, bytes], int]:
    """The roots that are signed, by size; and how many checkpoints there are."""
    roots: dict[int, bytes] = {}
    count = 0
    for row in connection.execute(sa.select(checkpoint).order_by(checkpoint.c.size)):
        count += 1
        place = f"checkpoint {row.size}"
        try:
            said = parse_checkpoint(open_note(_bytes(row.note), [verifier]).text)  # (1)
        except NoteError as error:
            problems.append(Problem(1, place, str(error)))
            continue
        if (said.origin, said.size, said.root) != (origin, row.size, row.root):
            problems.append(Problem(1, place, "the signed text speaks of another log, size or root"))
            continue
        roots[said.size] = said.root
    return roots, count


def _compare(frontier: Frontier, heads: dict[int, bytes], problems: list[Problem]) -> None:
    if frontier.size in heads and heads[frontier.size] != frontier.root():
        problems.append(Problem(3, f"checkpoint {frontier.size}", "the entries give another root than the one that was signed"))


def _entry(row: Any, place: str) -> Iterator[Problem]:  # noqa: ANN401 - a row of the database
    body = _decoded(_bytes(row.body))
    if leaf_hash(_bytes(row.body)) != row.leaf:
        yield Problem(2, place, "its bytes are not the leaf that was logged")
    try:
        canonical = bool(body) and entry_bytes(body) == _bytes(row.body)
    except (TypeError, ValueError):
        canonical = False
    if not canonical:
        yield Problem(2, place, "its bytes are not canonical JSON")
    if body.get("type") == "check" and sum(body["outcomes"].values()) != body["findings"]["count"]:
        yield Problem(5, place, "its outcomes do not add up to its findings")


def _bytes(stored: object) -> bytes:
    """What stands in the place of bytes: whoever edits a database may leave text there."""
    return stored if isinstance(stored, bytes) else str(stored).encode()


def _decoded(data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _named(value: object) -> Iterator[str]:
    """The roots of the lists that an entry names."""
    if isinstance(value, dict):
        for key, below in value.items():
            if key == "root" and isinstance(below, str):
                yield below
            else:
                yield from _named(below)
    elif isinstance(value, list):
        for below in value:
            yield from _named(below)


def _pieces(connection: sa.Connection, state: State, roots: set[str], problems: list[Problem]) -> int:
    """Walk from the roots to every piece and every state that they name."""
    todo, done = list(roots), set[str]()
    while todo:
        digest = todo.pop()
        if digest in done:
            continue
        done.add(digest)
        try:
            content = state.bytes_of(connection, bytes.fromhex(digest.removeprefix("sha256:")))
        except LedgerError as error:
            problems.append(Problem(6, digest, str(error)))
            continue
        todo += _below(_decoded(content))
    return len(done)


def _below(piece: dict[str, Any]) -> list[str]:
    if "pieces" in piece and "level" in piece:
        return list(piece["pieces"])
    if "rows" in piece and "level" in piece:
        answers = [a for row in piece["rows"] if isinstance(row, dict) for a in row.get("aspects", {}).values()]
        return [a["state"] for a in answers if "state" in a]
    return []

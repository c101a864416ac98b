"""The sample of a bundle, control by control: what was drawn, the evidence of each item, and the proof that it is in the log."""

import json
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from controlmon.core.errors import UsageError
from controlmon.core.merkle import Frontier
from controlmon.core.note import VerifierKey, open_note, parse_checkpoint
from controlmon.engine.catalog import Role
from controlmon.engine.dossier import ControlPeriod, Dossier
from controlmon.engine.sample import SIZES, Frame, Item, Sheet, risk_of, size_of
from controlmon.ledger.history import History, Placed, rows
from controlmon.ledger.keys import verifier_of
from controlmon.ledger.proofs import inclusions

PERFORMANCES, SUBJECTS = "performances", "subjects"


def source_of_checkpoint(path: Path, key: VerifierKey, history: History) -> str:
    """The seed's source from a checkpoint that is later than the bundle, and signed by the log.

    Raises:
        UsageError: if it cannot be read, is of another log, or is not later: then whoever made the bundle could have known it.
        NoteError: also a `LedgerError`, if it is not signed by the key.

    """
    try:
        note = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}: give a checkpoint, as `controlmon ledger checkpoint` prints it") from error
    head = parse_checkpoint(open_note(note, [verifier_of(key)]).text)
    if head.origin != history.origin:
        raise UsageError(f"{path}: a checkpoint of {head.origin}, and the bundle is of {history.origin}")
    if head.size <= history.size:
        raise UsageError(
            f"{path}: it signs {head.size} entries, and the bundle ends at {history.size}: take one that was signed after it was made"
        )
    return f"checkpoint {head.origin} {head.size} {head.root.hex()}"


def source_of_text(seed: str) -> str:
    """The seed's source from what the auditor chose."""
    return f"auditor {seed}"


def sheets(
    history: History,
    dossier: Dossier,
    known: Frontier,
    source: str,
    *,
    what: str = PERFORMANCES,
    size: int | None = None,
    risk: str | None = None,
) -> Iterator[Sheet]:
    """Draw the sample of each control that was tested.

    Args:
        history: the bundle.
        dossier: of it; the controls in it are sampled.
        known: the tree before the bundle's first entry.
        source: of the seed.
        what: the items: `performances` (an entry: one check, one scope, one run) or `subjects` (as last judged in the period).
        size: items for each control, instead of the usual.
        risk: instead of what the severities of the checks say.

    """
    judged = _judged(history, dossier)
    for one in dossier.controls:
        checks = [check for check, role, _ in one.checks if role != Role.SUPPORTING.value and check in judged]
        lines = _lines(history, one, dossier, {check: judged[check] for check in checks}, what)
        if not lines:
            continue
        frame, frequency = Frame(lines), _frequency(checks, dossier)
        counted = risk or risk_of(dossier.checks[check].severity for check in checks)
        wanted = size or size_of(frequency, counted)
        seed = frame.seed(one.control.id, source)
        drawn = frame.draw(seed, wanted)
        yield Sheet(
            control=one.control.id, promise=one.control.promise, checks=tuple(checks), frequency=frequency, risk=counted,
            population=len(frame.lines), digest=frame.digest, seed=seed.hex(), source=source, size=wanted,
            items=tuple(_items(history, known, drawn, lines)),
        )  # fmt: skip


def _frequency(checks: Sequence[str], dossier: Dossier) -> str:
    """The highest of the checks' frequencies: it asks for the most items."""
    known = [frequency for check in checks if (frequency := dossier.checks[check].frequency) in SIZES]
    return max(known, key=list(SIZES).index, default="hourly")


def _judged(history: History, dossier: Dossier) -> dict[str, list[int]]:
    """Where in the log each check judged in the period, asked for by the schedule or by a person; not with parameters of its own."""
    found: dict[str, list[int]] = {}
    for placed in history.entries():
        body = placed.decoded()
        if body is None or body["type"] != "check" or body["stream"].endswith("~adhoc"):
            continue
        if dossier.begin <= body["clock"] < dossier.end:
            found.setdefault(body["check"]["id"], []).append(placed.position)
    return found


def _lines(history: History, one: ControlPeriod, dossier: Dossier, judged: dict[str, list[int]], what: str) -> dict[str, tuple[int, str]]:
    """The population: each line, with the entry that is its evidence and the subject that it is about (empty: all of it)."""
    globs = {check: glob for check, _, glob in one.checks}
    if what == PERFORMANCES:
        return {f"{position}": (position, "") for several in judged.values() for position in several}
    found = {}
    for check in judged:
        for end in dossier.checks[check].ends:
            for row in rows(history, end.findings):
                if row["kind"] != "scope" and fnmatchcase(row["subject"], globs[check]):
                    found[f"{check}|{end.scope}|{row['kind']}|{row['subject']}"] = (end.position, row["subject"])
    return found


def _items(history: History, known: Frontier, drawn: Sequence[tuple[str, str]], lines: dict[str, tuple[int, str]]) -> Iterator[Item]:
    positions = {lines[line][0] for _, line in drawn}
    proofs = inclusions(history, positions, history.size, known)
    placed = _placed(history, positions)
    for rank, line in drawn:
        position, subject = lines[line]
        entry = placed[position]
        body: dict[str, Any] = entry.decoded() or {}
        chosen = tuple(row for row in rows(history, body["findings"]["root"]) if _shown(row, subject))
        facts = [fact for row in chosen for fact in row["facts"]] if subject else []
        yield Item(
            line=line, rank=rank, position=position, leaf=entry.leaf.hex(), proof=tuple(one.hex() for one in proofs[position]),
            entry=(entry.body or b"").decode(), rows=chosen, state={fact: json.loads(history.blob(fact)) for fact in facts},
        )  # fmt: skip


def _shown(row: dict[str, Any], subject: str) -> bool:
    return bool(row["subject"] == subject) if subject else bool(row["outcome"] != "pass")


def _placed(history: History, positions: set[int]) -> dict[int, Placed]:
    found, last = {}, max(positions, default=-1)
    for placed in history.entries(min(positions, default=0), last + 1):
        if placed.position in positions:
            found[placed.position] = placed
    return found

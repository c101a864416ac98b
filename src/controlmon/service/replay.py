"""Every judgement of a log made again, from what was recorded, as of that time: the same bytes must come out.

It is the same `evaluate` that judged, fed from a bundle. An hour that saw what the hour before it saw is judged once.
"""

import tempfile
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, convert
from msgspec.structs import asdict

from controlmon.check import Check
from controlmon.core.buckets import ListRef
from controlmon.core.canonical import digest
from controlmon.core.errors import ConfigError, LedgerError
from controlmon.ledger.history import History
from controlmon.service.checks import ID, Registry, load_check
from controlmon.service.evidence import Pieces, Seen
from controlmon.service.judgement import Judged, Judgement, joined, parameters_of
from controlmon.service.software import agent_digest

Progress = Callable[[int], None]
MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError)


class Difference(Struct, frozen=True):
    """A finding that came out otherwise: what was recorded, what came out, the first entry in which it did, and in how many."""

    check: str
    scope: str
    subject: str
    recorded: str
    performed: str
    entry: int
    entries: int = 1


class NotPerformed(Struct, frozen=True):
    """Judgements that could not be made again, and why."""

    check: str
    reason: str
    entry: int
    entries: int = 1


class Replayed(Struct, frozen=True):
    """What came of it: judgements (entries), those that came out the same, the findings in them, and the others.

    `withheld` are entries of which there is the hash alone; `elsewhere` judgements that another version of controlmon had made.
    """

    judgements: int
    identical: int
    findings: int
    withheld: int
    elsewhere: int
    differences: tuple[Difference, ...]
    not_performed: tuple[NotPerformed, ...]

    @property
    def exit_code(self) -> int:
        """1 if anything came out otherwise, else 3 if anything could not be made again, else 0."""
        return 1 if self.differences else 3 if self.not_performed else 0


class Sources:
    """The checks to judge with: the installed one if it is the one that judged, else the log's own source, if that may be executed."""

    def __init__(self, registry: Registry, history: History, *, bundled: bool) -> None:
        self._registry, self._history, self._bundled = registry, history, bundled
        self._known: dict[tuple[str, str], Check | str] = {}

    def get(self, check_id: str, wanted: str) -> Check | str:
        """The check of that id and digest, or why there is none."""
        if (check_id, wanted) not in self._known:
            self._known[check_id, wanted] = self._find(check_id, wanted)
        return self._known[check_id, wanted]

    def _find(self, check_id: str, wanted: str) -> Check | str:
        installed = self._registry.get(check_id).digest if check_id in self._registry else None
        if installed == wanted:
            return self._registry.get(check_id)
        if self._bundled:
            return self._load(check_id, wanted)
        return (
            f"the installed check differs: {installed}, and {wanted} judged"
            if installed
            else f"no such check is installed; {wanted} judged"
        )

    def _load(self, check_id: str, wanted: str) -> Check | str:
        if not ID.fullmatch(check_id):
            return "its id is not that of a check"
        source = self._history.blob(wanted)
        if digest(source) != wanted:  # before it is executed
            raise LedgerError(f"the source of {check_id} is not {wanted}: get the bundle again")
        with tempfile.TemporaryDirectory(prefix="controlmon-") as folder:
            path = Path(folder) / f"{check_id}.py"
            path.write_bytes(source)
            try:
                return load_check(path, check_id)
            except ConfigError as error:
                return f"its source does not run with this version of controlmon: {str(error).replace(folder, 'checks')}"


def replay(
    history: History, checks: Sources, only: Callable[[str], bool] = lambda _id: True, progress: Progress = lambda _n: None
) -> Replayed:
    """Make every judgement again.

    Args:
        history: a bundle, or a ledger.
        checks: the checks to judge with.
        only: which checks, by id.
        progress: told of each entry that was read.

    Raises:
        LedgerError: if something that an entry names is missing, altered, or not what it should be.

    """
    return _Replay(history, checks, only, progress).all()


class _Replay:
    def __init__(self, history: History, checks: Sources, only: Callable[[str], bool], progress: Progress) -> None:
        self._history, self._checks, self._only, self._progress = history, checks, only, progress
        self._pieces = Pieces(history)
        self._judged: dict[str, Judged] = {}  # the last of each stream
        self._differences: dict[tuple[str, str, str, str, str], tuple[int, int]] = {}
        self._not: dict[tuple[str, str], tuple[int, int]] = {}
        self._count = dict.fromkeys(("judgements", "identical", "findings", "withheld", "elsewhere"), 0)

    def all(self) -> Replayed:
        waiting: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for placed in self._history.entries():
            self._progress(1)
            entry = placed.decoded()
            if entry is None:
                self._count["withheld"] += 1
                continue
            try:
                if entry["type"] == "check" and self._only(entry["check"]["id"]):
                    waiting.setdefault(entry["run"], []).append((placed.position, entry))
                elif entry["type"] == "run.finished" and entry["run"] in waiting:
                    self._run(waiting.pop(entry["run"]), entry)
            except MALFORMED as error:
                raise LedgerError(f"entry {placed.position}: it cannot be read ({error!r}): verify what it came from") from error
        for position, entry in chain.from_iterable(waiting.values()):
            self._count["judgements"] += 1
            self._cannot(position, entry["check"]["id"], "the end of its run is not here, which says how it was seen")
        told = tuple(Difference(*what, *where) for what, where in self._differences.items())
        return Replayed(
            **self._count, differences=told, not_performed=tuple(NotPerformed(*what, *where) for what, where in self._not.items())
        )

    def _run(self, several: list[tuple[int, dict[str, Any]]], ended: dict[str, Any]) -> None:
        seen = Seen(self._pieces, ended["seen"])
        for position, entry in several:
            self._count["judgements"] += 1
            self._count["elsewhere"] += entry["agent"]["digest"] != agent_digest()
            check = self._checks.get(entry["check"]["id"], entry["check"]["digest"])
            if isinstance(check, str):
                self._cannot(position, entry["check"]["id"], check)
                continue
            try:
                parameters = parameters_of(check, entry["check"]["parameters"])
            except (KeyError, msgspec.ValidationError) as error:
                self._cannot(position, check.id, f"its recorded parameters do not fit: {error}")
                continue
            if self._entry(position, entry, Judgement(check, parameters, entry, self._pieces, seen)):
                self._count["identical"] += 1
            self._count["findings"] += entry["findings"]["count"]

    def _entry(self, position: int, entry: dict[str, Any], judgement: Judgement) -> bool:
        """Whether one entry comes out the same."""
        stream, key = entry["stream"], judgement.key()
        judged = self._judged.get(stream)
        if judged is None or judged.key != key:
            judged = self._judged[stream] = judgement.made(key)
        same = judged.found == convert(entry["findings"], ListRef)
        if same and list(judgement.times(judged)) == list(joined(judgement.seen.observed(stream))):
            return True
        told = 0
        for subject, recorded, performed in judgement.compared():
            what = (judgement.check.id, judgement.where, subject, recorded, performed)
            first, count = self._differences.get(what, (position, 0))
            self._differences[what] = (first, count + 1)
            told += 1
        if not told:  # the rows agree, and the list that is named is another way of writing them
            recorded, performed = (f"{one['count']} findings, {one['root']}" for one in (entry["findings"], asdict(judged.found)))
            self._differences[judgement.check.id, judgement.where, "", recorded, performed] = (position, 1)
        return False

    def _cannot(self, position: int, check_id: str, reason: str) -> None:
        first, count = self._not.get((check_id, reason), (position, 0))
        self._not[check_id, reason] = (first, count + 1)

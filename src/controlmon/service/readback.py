"""What the record says of a run, read back from its entries: the findings, the populations, the gaps."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import chain, repeat
from typing import Any

from msgspec import convert
from msgspec.json import decode
from msgspec.structs import asdict

from controlmon.core.buckets import read_list
from controlmon.core.fact import Gap, Population, Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.status import Counts, Observation
from controlmon.facts.controlmon.exceptions import Exemption
from controlmon.ledger.history import History, rows
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.reader import Reader

EVERY = "*"


def check_entries(ledger: Ledger, run: str) -> Iterator[dict[str, Any]]:
    """The entries of a run that hold findings."""
    return (entry for entry in ledger.entries_of(run) if entry["type"] == "check")


def findings_in(history: History, entry: dict[str, Any], times: Iterator[str] | None = None) -> Iterator[Finding]:
    """The findings of one entry, in the order of their subjects; when their facts were seen comes from the run, if given."""
    scope = convert(entry["scope"], Scope)
    seen = times or repeat("")
    for row in rows(history, entry["findings"]["root"]):
        observed_at = next(seen, "")
        subject = Subject(row["kind"], row["subject"], row["name"], scope, row["region"])
        outcome, severity = Outcome(row["outcome"]), Severity(row["severity"])
        yield Finding(entry["check"]["id"], subject, outcome, severity, row["reason"], tuple(row["facts"]), observed_at, row.get("due", ""))


class Times:
    """When the facts behind the findings of one run were seen, entry by entry, in the order in which they were judged."""

    def __init__(self, history: History, root: str) -> None:
        self._rows = rows(history, root)
        self._next = next(self._rows, None)

    def of(self, stream: str) -> Iterator[str]:
        """Those of one entry; entries are asked for in the order of the log."""
        runs: list[tuple[str, int]] = []
        while self._next is not None and self._next[0] == stream:
            runs += self._next[1]
            self._next = next(self._rows, None)
        return chain.from_iterable(repeat(at, count) for at, count in runs)


def findings_of(ledger: Ledger, run: str) -> Iterator[Finding]:
    """Every finding of a run, check by check and scope by scope, one at a time."""
    ended = next((entry for entry in ledger.entries_of(run) if entry["type"] == "run.finished"), None)
    times = Times(ledger, ended["seen"]["observed"]["root"]) if ended else None
    for entry in check_entries(ledger, run):
        yield from findings_in(ledger, entry, times.of(entry["stream"]) if times else None)


def statements_in(history: History, entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What an entry says of populations: those near to it, and those that only judgements of whole populations look at."""
    others = rows(history, entry["others"]["root"]) if "others" in entry else ()
    return chain(entry.get("populations", ()), others)


def population_of(said: dict[str, Any]) -> Population:
    """The population that a statement speaks of. The first operation defines it."""
    gap = next((one["gap"] for one in said["operations"][:1] if "gap" in one), None)
    return Population(said["kind"], convert(said["scope"], Scope), said["count"], said["complete"], convert(gap, Gap) if gap else None)


def populations_of(ledger: Ledger, run: str) -> list[Population]:
    """Every population that the judgements of a run looked at, once."""
    found = {(said["kind"], str(said["scope"])): said for said in _statements(ledger, run)}
    return sorted((population_of(said) for said in found.values()), key=lambda p: (p.kind, p.scope))


def gaps_of(ledger: Ledger, run: str) -> Iterator[tuple[str, str, Gap]]:
    """What was not seen: of which subject or scope, which aspect of it (empty for a listing), and why."""
    told: set[tuple[str, str]] = set()
    for said in _statements(ledger, run):
        where = str(convert(said["scope"], Scope))
        if (said["kind"], where) in told:
            continue
        told.add((said["kind"], where))
        listed = dict.fromkeys(convert(one["gap"], Gap) for one in said["operations"] if "gap" in one)
        yield from ((where, said["kind"], gap) for gap in listed)
        for row in rows(ledger, said["root"]):
            for aspect, answer in row["aspects"].items():
                if "gap" in answer:
                    yield row["id"], f"{said['kind']}.{aspect}", convert(answer["gap"], Gap)


def observations(ledger: Reader, catalog: Catalog, exceptions: Exceptions, now: datetime) -> list[Observation]:
    """The last that each check saw in each scope: what the status of a control rests on.

    Where the catalog counts only some subjects of a check, those are counted apart; failures that an exception covers are told as excepted.
    """
    globs: dict[str, set[str]] = {}
    promises: list[Control | Commitment] = [*catalog.controls, *catalog.commitments]
    for one in promises:
        for ref in one.checks:
            if ref.subjects != EVERY:
                globs.setdefault(ref.check, set()).add(ref.subjects)
    found = []
    for entry in ledger.latest("check:"):
        if not entry["stream"].endswith("~adhoc"):
            check, scope = entry["check"]["id"], str(convert(entry["scope"], Scope))
            whole = Counts(entry["outcomes"], entry["failing"], entry.get("due", 0))
            wanted = {*globs.get(check, ()), *([EVERY] if exceptions.of(check, now) else [])}
            if wanted:
                pieces = read_list(entry["findings"]["root"], lambda digest: decode(ledger.blob(digest)))
                some = counted(pieces, wanted, lambda row, check=check: exceptions.excuse(check, row, now))  # type: ignore[misc]
                whole = some.pop(EVERY, whole)
            else:
                some = {}
            found.append(Observation(check, scope, entry["finished"], **asdict(whole), some=some))
    return found


Excuse = Callable[[Mapping[str, Any]], Exemption | None]


def counted(findings: Iterable[Mapping[str, Any]], globs: Collection[str], excuse: Excuse) -> dict[str, Counts]:
    """The counts of only the subjects that each glob covers. What is said of the scope as a whole counts in each."""
    told = {glob: (Counter[str](), Counter[str](), [0], dict[str, None]()) for glob in globs}
    for row in findings:
        excused = excuse(row)
        for glob, (outcomes, failing, waiting, excepted) in told.items():
            if row["kind"] != "scope" and not fnmatchcase(row["subject"], glob):
                continue
            waiting[0] += "due" in row
            if excused is not None:
                outcomes["excepted"] += 1
                excepted.setdefault(excused.id)
                continue
            outcomes[row["outcome"]] += 1
            failing[row["severity"]] += row["outcome"] == Outcome.FAIL
    return {glob: Counts(outcomes, failing, waiting[0], tuple(excepted)) for glob, (outcomes, failing, waiting, excepted) in told.items()}


def _statements(ledger: Ledger, run: str) -> Iterator[dict[str, Any]]:
    for entry in check_entries(ledger, run):
        yield from statements_in(ledger, entry)

"""What the record says of a run, read back from its entries: the findings, the populations, the gaps."""

from collections.abc import Iterator
from typing import Any

from msgspec import convert

from controlmon.core.fact import Gap, Population, Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.engine.status import Observation
from controlmon.ledger.ledger import Ledger


def check_entries(ledger: Ledger, run: str) -> Iterator[dict[str, Any]]:
    """The entries of a run that hold findings."""
    return (entry for entry in ledger.entries_of(run) if entry["type"] == "check")


def findings_in(ledger: Ledger, entry: dict[str, Any]) -> Iterator[Finding]:
    """The findings of one entry, in the order of their subjects."""
    scope = convert(entry["scope"], Scope)
    rows = ledger.rows(entry["findings"]["root"])
    times = ledger.rows(entry["findings"]["observed"]["root"])
    for row, observed_at in zip(rows, times, strict=True):
        subject = Subject(row["kind"], row["subject"], row["name"], scope, row["region"])
        outcome, severity = Outcome(row["outcome"]), Severity(row["severity"])
        yield Finding(entry["check"]["id"], subject, outcome, severity, row["reason"], tuple(row["facts"]), observed_at)


def findings_of(ledger: Ledger, run: str) -> Iterator[Finding]:
    """Every finding of a run, check by check and scope by scope, one at a time."""
    for entry in check_entries(ledger, run):
        yield from findings_in(ledger, entry)


def populations_of(ledger: Ledger, run: str) -> list[Population]:
    """Every population that the judgements of a run looked at, once."""
    found: dict[tuple[str, Scope], Population] = {}
    for entry in check_entries(ledger, run):
        for said in entry["populations"]:
            scope = convert(said["scope"], Scope)
            gap = convert(said["gaps"][0], Gap) if said["gaps"] else None
            found[said["kind"], scope] = Population(said["kind"], scope, said["count"], said["complete"], gap)
    return [found[key] for key in sorted(found)]


def gaps_of(ledger: Ledger, run: str) -> Iterator[tuple[str, str, Gap]]:
    """What was not seen: of which subject or scope, which aspect of it (empty for a listing), and why."""
    told: set[tuple[str, str]] = set()
    for entry in check_entries(ledger, run):
        for said in entry["populations"]:
            where = str(convert(said["scope"], Scope))
            if (said["kind"], where) in told:
                continue
            told.add((said["kind"], where))
            yield from ((where, said["kind"], convert(gap, Gap)) for gap in said["gaps"])
            for row in ledger.rows(said["root"]):
                for aspect, answer in row["aspects"].items():
                    if "gap" in answer:
                        yield row["id"], f"{said['kind']}.{aspect}", convert(answer["gap"], Gap)


def observations(ledger: Ledger) -> list[Observation]:
    """The last that each check saw in each scope: what the status of a control rests on."""
    found = []
    for entry in ledger.latest("check:"):
        if not entry["stream"].endswith("~adhoc"):
            scope = str(convert(entry["scope"], Scope))
            found.append(Observation(entry["check"]["id"], scope, entry["finished"], entry["outcomes"], entry["failing"]))
    return found

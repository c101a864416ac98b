"""Reading the board from the record: statuses, what each rests on, and the days before."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import convert

from controlmon.core.buckets import read_list
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Scope
from controlmon.core.times import stamp
from controlmon.engine.board import Board, Found, Line, Test
from controlmon.engine.catalog import Catalog, CheckRef, Commitment, Control
from controlmon.engine.dossier import Day
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.status import Observation, status_of
from controlmon.ledger.ledger import Ledger
from controlmon.service import flow
from controlmon.service.checks import Registry
from controlmon.service.config import Config
from controlmon.service.dossier import dossier_of
from controlmon.service.exceptions import load_exceptions
from controlmon.service.readback import observations

DAYS = 30
SHOWN = 25
"""Findings of one check that are written out; the rest are counted."""
ORDER = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def board_of(config: Config, ledger: Ledger, catalog: Catalog, only: Iterable[str] = (), days: int = DAYS) -> Board:
    """The board as of now.

    Args:
        config: names the checks, the exceptions and the company.
        ledger: the record.
        catalog: what is promised.
        only: ids of controls and commitments; none for all.
        days: how many days of history to read; 0 for none.

    """
    now, registry, wanted = flow.utc_now(), flow.open_registry(config), frozenset(only)
    exceptions = load_exceptions(config, now)
    seen = observations(ledger, catalog, exceptions, now)
    installed = flow.installed(config, registry, {one.check for one in seen})
    promises: list[Control | Commitment] = [*catalog.controls, *catalog.commitments]
    chosen = [one for one in promises if not wanted or one.id in wanted]
    named = {ref.check for one in chosen for ref in one.checks}
    found = _found(ledger, named, exceptions, now)
    history = _history(ledger, registry, [one.id for one in chosen] if wanted else [], now, days)
    reading = _Reading(registry, installed, seen, found)
    lines = [
        Line(one, status_of(one, seen, installed, now), tuple(reading.test(ref) for ref in one.checks), history.get(one.id, ()))
        for one in chosen
    ]
    size = ledger.size
    return Board(
        company=config.settings.registers.company,
        made_at=stamp(now),
        origin=ledger.origin,
        size=size,
        root=ledger.frontier(size).root().hex() if size else "",
        controls=tuple(line for line in lines if isinstance(line.subject, Control)),
        commitments=tuple(line for line in lines if isinstance(line.subject, Commitment)),
        exceptions=tuple(one for one in exceptions.every if one.holds(now)),
        frameworks=catalog.frameworks,
        failing=sum(one.outcome == "fail" and not one.excepted for several in found.values() for _, one in several),
    )


class _Reading:
    def __init__(
        self,
        registry: Registry,
        installed: Mapping[str, str],
        seen: Iterable[Observation],
        found: Mapping[str, list[tuple[str, Found]]],
    ) -> None:
        self._registry, self._installed, self._found = registry, installed, found
        self._seen: dict[str, list[Observation]] = {}
        for one in seen:
            self._seen.setdefault(one.check, []).append(one)

    def test(self, ref: CheckRef) -> Test:
        """One check of a control, as it stands."""
        there = [narrowed for one in self._seen.get(ref.check, ()) if (narrowed := one.narrowed(ref.subjects)) is not None]
        outcomes: dict[str, int] = {}
        for one in there:
            for name, count in one.outcomes.items():
                outcomes[name] = outcomes.get(name, 0) + count
        several = [one for subject, one in self._found.get(ref.check, ()) if not subject or ref.covers(subject)]
        several.sort(key=lambda one: (one.outcome != "fail", ORDER.get(one.severity, 9), bool(one.excepted), one.where, one.name))
        check = self._registry.get(ref.check) if ref.check in self._registry else None
        return Test(
            ref=ref,
            title=check.title if check else "",
            severity=check.severity.value if check else "",
            remediation=check.remediation if check else "",
            proves=check.proves if check else "",
            installed=ref.check in self._installed,
            finished=min((one.finished for one in there), default=""),
            outcomes=outcomes,
            found=tuple(several[:SHOWN]),
            more=max(0, len(several) - SHOWN),
        )


def _found(ledger: Ledger, named: set[str], exceptions: Exceptions, now: datetime) -> dict[str, list[tuple[str, Found]]]:
    """What does not pass of the last of each check and scope, with the id of its subject (empty for a scope)."""
    told: dict[str, list[tuple[str, Found]]] = {}
    for entry in ledger.latest("check:"):
        check, outcomes = entry["check"]["id"], entry["outcomes"]
        if check not in named or entry["stream"].endswith("~adhoc") or not (outcomes["fail"] or outcomes["unknown"]):
            continue
        where = str(convert(entry["scope"], Scope))
        for row in read_list(entry["findings"]["root"], lambda name: msgspec.json.decode(ledger.blob(name))):
            if row["outcome"] in ("fail", "unknown"):
                told.setdefault(check, []).append(_row(row, where, check, exceptions, now))
    return told


def _row(row: Mapping[str, Any], where: str, check: str, exceptions: Exceptions, now: datetime) -> tuple[str, Found]:
    excused = exceptions.excuse(check, row, now)
    found = Found(row["name"], where, row["outcome"], row["severity"], row["reason"], excused.id if excused else "")
    return "" if row["kind"] == "scope" else row["subject"], found


def _history(ledger: Ledger, registry: Registry, only: list[str], now: datetime, days: int) -> dict[str, tuple[Day, ...]]:
    """The days of each control up to now; nothing where nothing was recorded."""
    if not days:
        return {}
    try:
        dossier = dossier_of(ledger, now - timedelta(days=days), now, now, registry, controls=only)
    except LedgerError:
        return {}
    dates = [f"{now - timedelta(days=before):%Y-%m-%d}" for before in reversed(range(days))]
    told = {}
    for one in dossier.controls:
        known = {day.date: day for day in one.coverage.days}
        told[one.control.id] = tuple(known.get(date, Day(date)) for date in dates)
    return told

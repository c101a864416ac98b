"""What is, for those who are told of changes: read from the last judgement of each check and scope."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import convert

from controlmon.core.fact import Scope
from controlmon.core.outcome import Outcome
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Look, Noted, Snapshot
from controlmon.engine.status import Status, status_of
from controlmon.ledger.reader import Reader
from controlmon.service.readback import observations


def statuses(ledger: Reader, catalog: Catalog, installed: Mapping[str, str], exceptions: Exceptions, now: datetime) -> list[Status]:
    """The status of each control and commitment."""
    seen = observations(ledger, catalog, exceptions, now)
    promises: list[Control | Commitment] = [*catalog.controls, *catalog.commitments]
    return [status_of(one, seen, installed, now) for one in promises]


def look(ledger: Reader, catalog: Catalog, of: Iterable[Status], exceptions: Exceptions, told: Mapping[str, Noted], now: datetime) -> Look:
    """The states, each failing finding that no exception covers, and what became of those that somebody was told of (`told`, by key)."""
    found: dict[str, Noted] = {}
    mended, excepted = set[str](), set[str]()
    asked: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for key, one in told.items():
        asked.setdefault((one.check, one.where), {})[one.kind, one.subject] = key
    for entry in ledger.latest("check:"):
        check, where = entry["check"]["id"], str(convert(entry["scope"], Scope))
        here = asked.get((check, where), {})
        if entry["stream"].endswith("~adhoc") or not (here or entry["outcomes"].get("fail")):
            continue
        gone = dict(here)
        for row in ledger.rows(entry["findings"]["root"]):
            key = gone.pop((row["kind"], row["subject"]), "")
            if row["outcome"] == Outcome.FAIL:
                noted = Noted(check, where, row["name"], row["severity"], catalog.controls_of(check), row["kind"], row["subject"])
                if exceptions.excuse(check, row, now) is None:
                    found[noted.key] = noted
                else:
                    excepted.add(noted.key)
            elif key and row["outcome"] != Outcome.UNKNOWN:
                mended.add(key)
        whole = {said["kind"] for said in entry.get("populations", ()) if said["complete"] and said["scope"] == entry["scope"]}
        mended |= {key for (kind, _), key in gone.items() if kind in whole or kind == "scope"}
    return Look(Snapshot({status.id: status.state.value for status in of}, found), frozenset(mended), frozenset(excepted))

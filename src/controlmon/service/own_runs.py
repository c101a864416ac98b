"""When checks ran, how long nobody ran them, and what they could not see."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from controlmon.core.fact import Gap, GapKind, Raw
from controlmon.core.outcome import Outcome
from controlmon.core.times import moment, stamp
from controlmon.engine.plan import following, slot
from controlmon.ledger.past import backwards
from controlmon.ledger.reader import Reader
from controlmon.service.config import Config
from controlmon.service.own_past import Judged, Past, Ran, reading

LATE = timedelta(hours=1)
"""From how long after it was due on a run is told as late."""
LOOKED = timedelta(days=8)
"""How far back the beginning of an error is looked for."""
SAYS = {kind.value: str(Gap(kind, "")) for kind in GapKind}
"""How a reason tells of each kind of gap."""


def checks(config: Config, past: Past) -> Raw:
    """Each check that is expected to run by itself. Raises `LedgerError` if the record cannot be read."""
    with reading(config) as reader:
        return {"checks": [_check(reader, past, check_id) for check_id in sorted(past.expected)]}


def _check(reader: Reader | None, past: Past, check_id: str) -> dict[str, Any]:
    several = past.of(check_id)
    last = max((one.finished for one in several), default=None)
    said = {"frequency": past.frequencies[check_id], "since": stamp(past.since[check_id]), "last": stamp(last) if last else None}
    return {"id": check_id, "runs": said, "errors": _errors(reader, several, past.now)}


def _errors(reader: Reader | None, several: Iterable[Judged], now: datetime) -> dict[str, Any]:
    kinds, left_open, judged = Counter[str](), 0, 0
    said, since, longer = "", None, False
    for one in several:
        judged += sum(one.outcomes.values())
        if reader is None or not one.outcomes.get("unknown"):
            continue
        found = Counter[str]()
        for row in reader.rows(one.findings):
            if row["outcome"] == Outcome.UNKNOWN:
                found[kind := kind_of(row["reason"])] += 1
                said = said or (row["reason"] if kind else "")
        left_open += found.pop("", 0)
        kinds += found
        if found:
            begun, whole = _begun(reader, one.stream, now)
            since, longer = min(since or begun, begun), longer or not whole
    return {
        "judged": judged,
        "kinds": dict(sorted(kinds.items())),
        "left_open": left_open,
        "since": stamp(since) if since else None,
        "longer": longer,
        "said": said,
    }


def kind_of(reason: str) -> str:
    """What a finding of unknown rests on: a kind of gap, `broken` for a check that broke, or nothing if it was only left open."""
    found = next((kind for kind, words in SAYS.items() if words in reason), "")
    return found or ("broken" if " broke: " in reason else "")


def _begun(reader: Reader, stream: str, now: datetime) -> tuple[datetime, bool]:
    """When the errors began that lasted until now in one scope; and whether that is the beginning, or only how far was looked."""
    begun = now
    for entry in backwards(reader, stream):
        if not entry["outcomes"].get("unknown"):
            return begun, True
        begun = moment(entry["finished"])
        if now - begun > LOOKED:
            return begun, False
    return begun, True


def schedules(past: Past) -> Raw:
    """Each frequency at which something is due."""
    told = []
    for frequency in sorted(set(past.frequencies.values())):
        since = min(past.since[check_id] for check_id, often in past.frequencies.items() if often == frequency)
        served = [run for run in past.runs if frequency in run.frequencies]
        told.append({"id": frequency, "beats": _beats(frequency, since, served)})
    return {"schedules": told}


def _beats(frequency: str, since: datetime, served: list[Ran]) -> dict[str, Any]:
    def after(at: datetime) -> datetime:
        return following(frequency, slot(frequency, at))

    last = served[-1] if served else None
    back = max(((before.at - run.at).total_seconds() for before, run in pairwise(served)), default=0)
    return {
        "since": stamp(since),
        "last": stamp(last.at) if last else None,
        "due": stamp(after(last.at)) if last else None,
        "skew": last.skew if last else 0,
        "back": max(0, int(back)),
        "silences": [
            {"due": stamp(after(before.at)), "until": stamp(run.at)} for before, run in pairwise(served) if run.at - after(before.at) > LATE
        ],
    }

"""What the record tells of the runs before this one, read once for all that the agent asks about itself."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median_low

from msgspec import MsgspecError, Struct, convert
from msgspec.json import decode

from controlmon.check import Check
from controlmon.core.errors import LedgerError
from controlmon.core.fact import Gap, GapKind, Login, Scope
from controlmon.core.times import moment
from controlmon.facts.controlmon.runs import WINDOWS
from controlmon.ledger.past import first_of, position_at, stream_from
from controlmon.ledger.reader import Reader
from controlmon.service import flow
from controlmon.service.checks import Registry, check_directories, load_checks
from controlmon.service.config import Config

PERIOD = timedelta(days=366)
"""How far back runs are looked at: the longest period that is usually reported on."""
MALFORMED = (AttributeError, KeyError, TypeError, ValueError, MsgspecError)
"""What Python raises for an entry that does not have the shape of one."""
OWN = ("controlmon", "document")
"""Providers whose clock is ours."""


class Judged(Struct, frozen=True):
    """The last judgement of a check in one scope. `holes` are the listings that did not come to their end."""

    stream: str
    check: str
    scope: Scope
    finished: datetime
    outcomes: Mapping[str, int]
    findings: str
    count: int
    holes: tuple[Gap, ...]


class Ran(Struct, frozen=True):
    """A run that came to its end. `at` is when it began by the providers' clocks, `skew` how far those are from ours (seconds)."""

    run: str
    at: datetime
    skew: int
    frequencies: tuple[str, ...]
    logins: tuple[Login, ...]
    calls: str


class Past(Struct, frozen=True):
    """The past, as of a run that asks.

    Attributes:
        now: the clock of that run.
        expected: the checks that run by themselves, by id.
        frequencies: how often each is due.
        since: when each was first expected.
        begun: when the first run began; None if none did.
        judged: the last judgement of each expected check in each scope that it was judged in lately, by check.
        runs: those of the last year that were not made with parameters of their own, in the order of the log.

    """

    now: datetime
    expected: Mapping[str, Check]
    frequencies: Mapping[str, str]
    since: Mapping[str, datetime]
    begun: datetime | None
    judged: Mapping[str, tuple[Judged, ...]]
    runs: tuple[Ran, ...]

    def of(self, check: str) -> tuple[Judged, ...]:
        """The last judgements of a check."""
        return self.judged.get(check, ())


def past_of(config: Config, now: datetime) -> Past:
    """Read the past. Raises `ControlmonError` if the record or the checks cannot be read."""
    checks = {check.id: check for check in flow.scheduled_checks(config, _registry(tuple(config.check_directories)), tell=False)}
    frequencies = {check_id: config.frequency_of(check) for check_id, check in checks.items()}
    with reading(config) as reader:
        if reader is None:
            return Past(now, checks, frequencies, dict.fromkeys(checks, now), None, {}, ())
        first = first_of(reader, "runs")
        begun = moment(first["started"]) if first else None
        scheduled = _scheduled(reader)
        without = now if scheduled else begun or now  # a schedule that does not name it: it is expected from now on
        since = {check_id: scheduled.get(check_id, without) for check_id in checks}
        judged = _lately(_judged(reader, checks), frequencies)
        return Past(now, checks, frequencies, since, begun, judged, tuple(_runs(reader, now)))


@cache
def _registry(directories: tuple[Path, ...]) -> Registry:
    """The checks, read once: a process judges with those that it has loaded."""
    return load_checks(check_directories(list(directories)))


@contextmanager
def reading(config: Config) -> Iterator[Reader | None]:
    """The record, to read; None if there is none yet. Raises `LedgerError` if what it says is not as it should be."""
    reader = Reader.of(config.state_directory)
    try:
        yield reader
    except MALFORMED as error:
        raise LedgerError(f"{config.state_directory}: an entry is not as the record has it ({error!r}): verify the record") from error
    finally:
        if reader is not None:
            reader.close()


def _scheduled(reader: Reader) -> dict[str, datetime]:
    """When each check was first named by a schedule."""
    found: dict[str, datetime] = {}
    for entry in reader.stream("schedule"):
        for checks in decode(reader.blob(entry["content"]))["frequencies"].values():
            for check_id in checks:
                found.setdefault(check_id, moment(entry["at"]))
    return found


def _lately(judged: Iterable[Judged], frequencies: Mapping[str, str]) -> dict[str, tuple[Judged, ...]]:
    """By check. A scope is left out once its check has gone on elsewhere for a whole window: nobody asks there any more."""
    found: dict[str, list[Judged]] = {}
    for one in judged:
        found.setdefault(one.check, []).append(one)
    newest = {check_id: max(one.finished for one in several) for check_id, several in found.items()}
    return {
        check_id: tuple(one for one in several if newest[check_id] - one.finished <= WINDOWS[frequencies[check_id]])
        for check_id, several in found.items()
    }


def _judged(reader: Reader, checks: Mapping[str, Check]) -> Iterator[Judged]:
    """The last judgement of each check in each scope."""
    for entry in reader.latest("check:"):
        check = checks.get(entry["check"]["id"])
        if check is None or entry["stream"].endswith("~adhoc"):
            continue
        kinds = {kind.kind for kind in check.kinds}
        gaps = (one["gap"] for said in entry["populations"] for one in said["operations"] if "gap" in one)
        yield Judged(
            entry["stream"],
            check.id,
            convert(entry["scope"], Scope),
            moment(entry["finished"]),
            entry["outcomes"],
            entry["findings"]["root"],
            sum(said["count"] for said in entry["populations"] if said["kind"] in kinds),
            tuple(dict.fromkeys(convert(gap, Gap) for gap in gaps)),
        )


def _runs(reader: Reader, now: datetime) -> Iterator[Ran]:
    begin = position_at(reader, (now - PERIOD).isoformat())
    began: dict[str, tuple[str, ...]] = {}
    for entry in stream_from(reader, "runs", begin):
        if entry["type"] == "run.started" and not entry["adhoc"]:
            began[entry["run"]] = tuple(entry["frequencies"])
        elif (frequencies := began.pop(entry["run"], None)) is not None and entry["type"] == "run.finished":
            logins = tuple(convert(one, Login) for one in entry["logins"])
            skew = _skew(logins)
            at = moment(entry["started"]) + timedelta(seconds=skew)
            yield Ran(entry["run"], at, skew, frequencies, logins, entry["seen"]["calls"]["root"])


def _skew(logins: tuple[Login, ...]) -> int:
    """How far the providers' clocks are from ours: what most of them say."""
    told = [one.skew for one in logins if one.gap is None and one.provider not in OWN]
    return median_low(told) if told else 0


def is_hole(gap: Gap) -> bool:
    """Whether something should have been seen. A region that is disabled has nothing to be seen."""
    return gap.kind is not GapKind.REGION_DISABLED

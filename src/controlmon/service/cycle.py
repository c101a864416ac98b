"""The whole flow, on one page: collect, append facts, judge what was recorded, append findings, sign.

Facts are in the ledger before anyone judges them, and judging reads nothing else.
"""

import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.structs import asdict

from controlmon import __version__
from controlmon.collect.base import Service
from controlmon.collect.gather import Budget, Target, gather
from controlmon.collect.plan import itinerary
from controlmon.core.buckets import ListWriter
from controlmon.core.canonical import canonical, digest
from controlmon.core.fact import Fact, Login, Scope
from controlmon.core.outcome import Outcome, Severity
from controlmon.core.times import stamp, text_numbers, to_milliseconds
from controlmon.engine.evaluate import evaluate
from controlmon.engine.plan import Selected, needs
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.record import PieceKeeper, Recorded, SeenWriter
from controlmon.service.changes import Known, changes, contents_of, resting_on
from controlmon.service.software import agent_digest, volatile_members
from controlmon.service.statements import Statements

Clock = Callable[[], datetime]
Progress = Callable[[str, int], None]
RUNS = "runs"
"""The stream of what happened to runs."""


class Request(Struct, frozen=True):
    """What is to be run, where, and why.

    Attributes:
        selected: checks with their parameters.
        targets: what to log in to.
        scheduled: the scheduled time that this run serves (UTC, RFC 3339), or None for one that a person asked for.
        frequencies: the schedules that it serves.
        adhoc: True if parameters were given for this run alone: it is recorded, and no control rests on it.
        known: what decides the outcome besides the clouds and the checks (configuration, catalog), recorded when it changes.

    """

    selected: Sequence[Selected]
    targets: Sequence[Target]
    scheduled: str | None = None
    frequencies: tuple[str, ...] = ()
    adhoc: bool = False
    known: Mapping[str, Known] = {}


class Done(Struct, frozen=True):
    """A run that came to its end."""

    run: str
    started: str
    finished: str
    outcomes: dict[str, int]
    failing: dict[str, int]
    logins: tuple[Login, ...]
    size: int
    root: str


def cycle(
    ledger: Ledger, request: Request, services: Sequence[Service], budget: Budget, clock: Clock, progress: Progress = lambda _what, _n: None
) -> Done:
    """Run the flow once.

    Raises:
        LedgerError: if the ledger cannot take what was seen. What it has taken is safe, and the next run tells of this one.

    """
    now = to_milliseconds(clock())
    run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    needed = needs(request.selected)
    way = itinerary(needed, services)
    ways = [(target, itinerary(needed, [s for s in services if s.provider == target.provider])) for target in request.targets]
    rests_on = resting_on(request.selected, request.known, adhoc=request.adhoc)
    told = changes(rests_on, ledger.known, stamp(now))
    ledger.begin(run, request.scheduled, stamp(now), [(RUNS, _started(request, now)), *told], contents_of(told, rests_on))

    logins: list[Login] = []
    recorder = ledger.recorder(run, volatile_members(way, services))
    for seen in gather(ways, budget, now):
        if isinstance(seen, Login):
            logins.append(seen)
            continue
        recorder.add(seen)
        if isinstance(seen, Fact):
            progress("collect", 1)
    recorder.flush()

    keeper = ledger.keeper()
    judged = _Judge(request, ledger.recorded(run), keeper, ledger.seen_writer(keeper), now, clock)
    entries = [entry for one in request.selected for entry in judged.everywhere(one, logins, progress)]
    witnessed = judged.seen.close()
    keeper.flush()

    finished = clock()
    entries.append((RUNS, _finished(request, judged, logins, now, finished, witnessed)))
    signed = ledger.conclude(run, "finished", stamp(finished), entries)
    ledger.learn({what: one.digest for what, one in rests_on.items()})
    if request.scheduled:
        ledger.learn({f"schedule:{frequency}": request.scheduled for frequency in request.frequencies})
    return Done(run, stamp(now), stamp(finished), judged.outcomes, judged.failing, tuple(logins), signed.size, signed.root.hex())


def recover(ledger: Ledger, clock: Clock) -> list[str]:
    """Tell of runs that began and died: what they had seen is sealed, and an entry says that they were interrupted. Gives their ids."""
    told = []
    for run, scheduled, started in ledger.dead_runs():
        keeper = ledger.keeper()
        seen = ledger.seen_writer(keeper)
        populations = Statements(ledger.recorded(run), keeper, seen).every()
        sealed = {"others": asdict(populations), "seen": seen.close()}
        keeper.flush()
        at = stamp(clock())
        entry = {"type": "run.interrupted", "scheduled": scheduled, "started": started, "noticed": at, **sealed}
        ledger.conclude(run, "interrupted", at, [(RUNS, entry)])
        told.append(run)
    return told


class _Judge:
    """Judges the recorded facts of one run, check by check and scope by scope, and makes the entries."""

    def __init__(self, request: Request, evidence: Recorded, keeper: PieceKeeper, seen: SeenWriter, now: datetime, clock: Clock) -> None:
        self._request, self._evidence, self._keeper = request, evidence, keeper
        self._now, self._clock, self.seen = now, clock, seen
        self._statements = Statements(evidence, keeper, seen)
        self.outcomes = {outcome.value: 0 for outcome in Outcome}
        self.failing = {severity.value: 0 for severity in Severity}

    def everywhere(self, one: Selected, logins: Sequence[Login], progress: Progress) -> list[tuple[str, dict[str, Any]]]:
        """The entries of one check: one for each scope that has its subjects, or should have."""
        kinds = {kind.kind for kind in one.check.kinds}
        scopes = sorted({p.scope for p in self._evidence.every_population() if p.kind in kinds})
        entries = [self._in_scope(one, scope, logins) for scope in scopes]
        progress("judge", 1)
        return entries

    def _in_scope(self, one: Selected, scope: Scope, logins: Sequence[Login]) -> tuple[str, dict[str, Any]]:
        began = self._clock()
        stream = f"check:{one.check.id}@{scope}{'~adhoc' if self._request.adhoc else ''}"
        rows, times = ListWriter(self._keeper), self.seen.times_of(stream)
        outcomes = {outcome.value: 0 for outcome in Outcome}
        failing = {severity.value: 0 for severity in Severity}
        waiting = 0
        for finding in evaluate(one.check, one.parameters, scope, self._evidence, self._now):
            rows.add(f"{finding.subject.kind}|{finding.subject.id}", finding.row())
            times.add(finding.observed_at)
            outcomes[finding.outcome.value] += 1
            waiting += bool(finding.due)
            if finding.outcome is Outcome.FAIL:
                failing[finding.severity.value] += 1
        for counts, own in ((self.outcomes, outcomes), (self.failing, failing)):
            for name, count in own.items():
                counts[name] += count
        times.close()
        found = rows.close()
        # A subscription is a scope of its own, and is logged in to with its tenant.
        here = (x for x in logins if x.provider == scope.provider and (x.target == scope.target or scope.target in x.regions))
        login = next(here, None)
        populations, others = self._statements.for_check(one.check, scope)
        body: dict[str, Any] = {
            "type": "check",
            "check": {"id": one.check.id, "digest": one.check.digest, "parameters": text_numbers(one.parameters)},
            "scope": to_builtins(scope),
            "scheduled": self._request.scheduled,
            "clock": stamp(self._now),
            "started": stamp(began),
            "finished": stamp(self._clock()),
            "host": platform.node(),
            "agent": {"version": __version__, "digest": agent_digest()},
            "identity": login.identity if login else "",
            "skew": login.skew if login else 0,
            "populations": populations,
            "outcomes": outcomes,
            "failing": failing,
            "findings": asdict(found),
            **({"due": waiting} if waiting else {}),
        }
        return stream, body if others is None else {**body, "others": asdict(others)}


def _started(request: Request, now: datetime) -> dict[str, Any]:
    return {
        "type": "run.started",
        "scheduled": request.scheduled,
        "started": stamp(now),
        "host": platform.node(),
        "agent": {"version": __version__, "digest": agent_digest()},
        "frequencies": list(request.frequencies),
        "adhoc": request.adhoc,
        "targets": [f"{target.provider}:{target.name}" for target in request.targets],
        "checks": digest(canonical({one.check.id: one.check.digest for one in request.selected})),
        "count": len(request.selected),
    }


def _finished(
    request: Request, judged: _Judge, logins: Sequence[Login], started: datetime, finished: datetime, seen: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "run.finished",
        "scheduled": request.scheduled,
        "started": stamp(started),
        "finished": stamp(finished),
        "logins": [to_builtins(login) for login in logins],
        "outcomes": judged.outcomes,
        "failing": judged.failing,
        "seen": dict(seen),
    }

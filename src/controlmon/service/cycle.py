"""The whole flow, on one page: collect, append facts, judge what was recorded, append findings, sign.

Facts are in the ledger before anyone judges them, and judging reads nothing else.
"""

import platform
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, to_builtins

from controlmon import __version__
from controlmon.collect.base import Service
from controlmon.collect.gather import Budget, Target, gather
from controlmon.collect.plan import Itinerary, itinerary
from controlmon.core.buckets import ListWriter
from controlmon.core.canonical import canonical, digest
from controlmon.core.fact import Fact, Gap, Login, Scope
from controlmon.core.outcome import Outcome, Severity
from controlmon.engine.evaluate import evaluate
from controlmon.engine.plan import Selected, needs
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.record import SEEN_MEAN, PieceKeeper, Recorded
from controlmon.service.software import agent_digest, volatile_members

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
        known: digests of what decides the outcome besides the clouds (software, configuration, catalog), recorded when they change.

    """

    selected: Sequence[Selected]
    targets: Sequence[Target]
    scheduled: str | None = None
    frequencies: tuple[str, ...] = ()
    adhoc: bool = False
    known: Mapping[str, str] = {}


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
    now = clock()
    run = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
    way = itinerary(needs(request.selected), services)
    ledger.begin(run, request.scheduled, stamp(now), [(RUNS, _started(request, now)), *_changes(ledger, request)])

    logins: list[Login] = []
    recorder = ledger.recorder(run, volatile_members(way, services))
    for seen in gather([(target, way) for target in request.targets], budget, now):
        if isinstance(seen, Login):
            logins.append(seen)
            continue
        recorder.add(seen)
        if isinstance(seen, Fact):
            progress("collect", 1)
    recorder.flush()

    evidence, keeper = ledger.recorded(run), ledger.keeper()
    judged = _Judge(request, way, evidence, keeper, now, clock)
    entries = [entry for one in request.selected for entry in judged.everywhere(one, logins, progress)]
    keeper.flush()

    finished = clock()
    entries.append((RUNS, _finished(request, judged, logins, now, finished)))
    signed = ledger.conclude(run, "finished", stamp(finished), entries)
    ledger.learn(_news(request))
    if request.scheduled:
        ledger.learn({f"schedule:{frequency}": request.scheduled for frequency in request.frequencies})
    return Done(run, stamp(now), stamp(finished), judged.outcomes, judged.failing, tuple(logins), signed.size, signed.root.hex())


def recover(ledger: Ledger, clock: Clock) -> list[str]:
    """Tell of runs that began and died: what they had seen is sealed, and an entry says that they were interrupted. Gives their ids."""
    told = []
    for run, scheduled, started in ledger.dead_runs():
        evidence, keeper = ledger.recorded(run), ledger.keeper()
        populations = [_population(evidence, keeper, p.kind, p.scope) for p in evidence.every_population()]
        keeper.flush()
        at = stamp(clock())
        entry = {"type": "run.interrupted", "scheduled": scheduled, "started": started, "noticed": at, "populations": populations}
        ledger.conclude(run, "interrupted", at, [(RUNS, entry)])
        told.append(run)
    return told


class _Judge:
    """Judges the recorded facts of one run, check by check and scope by scope, and makes the entries."""

    def __init__(self, request: Request, way: Itinerary, evidence: Recorded, keeper: PieceKeeper, now: datetime, clock: Clock) -> None:
        self._request, self._way, self._evidence, self._keeper = request, way, evidence, keeper
        self._now, self._clock = now, clock
        self._sealed: dict[tuple[str, Scope], dict[str, Any]] = {}
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
        rows, times = ListWriter(self._keeper), ListWriter(self._keeper, SEEN_MEAN)
        outcomes = {outcome.value: 0 for outcome in Outcome}
        failing = {severity.value: 0 for severity in Severity}
        for finding in evaluate(one.check, one.parameters, scope, self._evidence, self._now):
            rows.add(f"{finding.subject.kind}|{finding.subject.id}", finding.row())
            times.add(finding.subject.id, finding.observed_at)
            outcomes[finding.outcome.value] += 1
            if finding.outcome is Outcome.FAIL:
                failing[finding.severity.value] += 1
        for counts, own in ((self.outcomes, outcomes), (self.failing, failing)):
            for name, count in own.items():
                counts[name] += count
        found, observed = rows.close(), times.close()
        login = next((x for x in logins if (x.provider, x.target) == (scope.provider, scope.target)), None)
        read = {kind.kind for kind in one.check.kinds} | {argument.kind.kind for argument in one.check.arguments}
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
            "populations": [
                self._seal(p.kind, p.scope) for p in self._evidence.every_population() if p.kind in read and _near(p.scope, scope)
            ],
            "outcomes": outcomes,
            "failing": failing,
            "findings": {"root": found.root, "count": found.count, "observed": {"root": observed.root}},
        }
        suffix = "~adhoc" if self._request.adhoc else ""
        return f"check:{one.check.id}@{scope}{suffix}", body

    def _seal(self, kind: str, scope: Scope) -> dict[str, Any]:
        key = (kind, scope)
        if key not in self._sealed:
            self._sealed[key] = _population(self._evidence, self._keeper, kind, scope)
        return self._sealed[key]


def _near(population: Scope, scope: Scope) -> bool:
    """Whether a judgement in `scope` looks at it: a region looks at itself and at what is account-wide, an account at all of itself."""
    return population.wide() == scope.wide() and population.region in (scope.region, "" if scope.region else population.region)


def _population(evidence: Recorded, keeper: PieceKeeper, kind: str, scope: Scope) -> dict[str, Any]:
    """What an entry says of a population: how it was listed, how many there are, whether that is all, and the roots of its lists."""
    rows, seen = evidence.seal(kind, scope, keeper)
    listings = evidence.listings(kind, scope)
    return {
        "kind": kind,
        "scope": to_builtins(scope),
        "root": rows.root,
        "count": rows.count,
        "complete": bool(listings) and listings[0].complete,
        "gaps": [to_builtins(gap) for gap in _distinct([one.gap for one in listings])],
        "operations": [{"operation": one.operation, "pages": one.pages, "count": one.count} for one in listings],
        "seen": {"root": seen.root},
    }


def _distinct(gaps: Sequence[Gap | None]) -> list[Gap]:
    return list(dict.fromkeys(gap for gap in gaps if gap is not None))


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


def _finished(request: Request, judged: _Judge, logins: Sequence[Login], started: datetime, finished: datetime) -> dict[str, Any]:
    return {
        "type": "run.finished",
        "scheduled": request.scheduled,
        "started": stamp(started),
        "finished": stamp(finished),
        "logins": [to_builtins(login) for login in logins],
        "outcomes": judged.outcomes,
        "failing": judged.failing,
    }


def _news(request: Request) -> dict[str, str]:
    """Digests of what a run rests on: the software, the configuration, the catalog, each check and its parameters."""
    checks = {f"check {one.check.id}": one.check.digest for one in request.selected}
    tuned = {f"parameters {one.check.id}": digest(canonical(to_builtins(one.parameters))) for one in request.selected if not request.adhoc}
    return {"software": agent_digest(), **request.known, **checks, **tuned}


def _changes(ledger: Ledger, request: Request) -> list[tuple[str, dict[str, Any]]]:
    """An entry for each of those that is not what it was when it was last recorded."""
    changes = []
    for what, now in _news(request).items():
        before = ledger.known(what)
        if before != now:
            changes.append(("changes", {"type": "change", "what": what, "from": before or None, "to": now}))
    return changes


def text_numbers(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Parameters as an entry may hold them: a fraction is written as text, for entries hold no floats."""

    def safe(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, float):
            return repr(value)
        if isinstance(value, dict):
            return {str(k): safe(v) for k, v in value.items()}
        return [safe(v) for v in value] if isinstance(value, list) else value

    return safe(to_builtins(dict(parameters)))


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

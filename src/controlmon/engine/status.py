"""The status of controls and commitments: always derived, never stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from controlmon.engine.catalog import CheckRef, Commitment, Control, Role

FRESH_FOR = {"weekly": timedelta(days=8), "monthly": timedelta(days=32), "quarterly": timedelta(days=93), "annual": timedelta(days=367)}
COMMITMENT_FRESH_FOR = timedelta(days=2)
"""How long an observation speaks for a commitment, which has no window of its own: a check may be late by a day."""


class State(StrEnum):
    """What a control or commitment is, worst first. `excepted`: all that fails was accepted, for a time, by somebody who may."""

    FAILING = "failing"
    UNKNOWN = "unknown"
    STALE = "stale"
    WAITING = "waiting"
    EXCEPTED = "excepted"
    PASSING = "passing"
    UNMONITORED = "unmonitored"


class Counts(Struct, frozen=True):
    """Findings by outcome, failing ones by severity, those of what is not due yet, and the exceptions that cover some.

    A failure that an exception covers counts under the outcome `excepted`, and under no severity.
    """

    outcomes: Mapping[str, int]
    failing: Mapping[str, int]
    waiting: int = 0
    exceptions: tuple[str, ...] = ()


class Observation(Struct, frozen=True):
    """The last that one check saw in one scope. `finished` is RFC 3339; `outcomes` and `failing` count findings by outcome and severity.

    `some` has the counts of only those subjects that a glob covers, by that glob. What could not be seen of the scope as a whole counts
    as unknown in each of them. The rest is as in `Counts`.
    """

    check: str
    scope: str
    finished: str
    outcomes: Mapping[str, int]
    failing: Mapping[str, int]
    waiting: int = 0
    exceptions: tuple[str, ...] = ()
    some: Mapping[str, Counts] = {}

    def narrowed(self, subjects: str) -> "Observation | None":
        """The observation of only the subjects that a glob covers; None if they were not counted apart."""
        if subjects == "*":
            return self
        counts = self.some.get(subjects)
        if counts is None:
            return None
        return Observation(self.check, self.scope, self.finished, counts.outcomes, counts.failing, counts.waiting, counts.exceptions)

    def failures(self, *severities: str) -> int:
        """Failing findings of these severities; of any, if none is named."""
        return sum(self.failing.get(s, 0) for s in severities) if severities else self.outcomes.get("fail", 0)


class Status(Struct, frozen=True):
    """A state and what it rests on.

    Attributes:
        id: the control's or commitment's.
        state: derived from what was seen last.
        reasons: why it is not better, or what it rests on.
        deviations: failures that do not decide: operating ones below high, and supporting ones.
        tested: how many of the checks that decide are installed.
        named: how many checks the catalog names to decide.
        last_seen: the oldest of the last observations that decide (RFC 3339), or empty.

    """

    id: str
    state: State
    reasons: tuple[str, ...]
    deviations: tuple[str, ...]
    tested: int
    named: int
    last_seen: str


Seen = Mapping[CheckRef, Sequence[Observation]]


def status_of(subject: Control | Commitment, observations: Iterable[Observation], installed: Collection[str], now: datetime) -> Status:
    """The status of a control or a commitment.

    Only primary and operating checks decide. A failing primary check, or an operating one of severity high or above, makes it `failing`;
    what was not seen of either makes it `unknown`; nothing passes that was not seen to pass in a primary check.

    Args:
        subject: a control, or a commitment (all of whose checks are primary).
        observations: the last of every check and scope.
        installed: the ids of the checks that there are; a mapping gives the frequency of each.
        now: the clock (UTC).

    """
    by_check: dict[str, list[Observation]] = {}
    for one in sorted(observations, key=lambda o: (o.check, o.scope)):
        by_check.setdefault(one.check, []).append(one)
    here = [ref for ref in subject.checks if ref.check in installed]
    deciding = [ref for ref in subject.checks if ref.role is not Role.SUPPORTING]
    there = [ref for ref in deciding if ref.check in installed]
    seen = {ref: [n for o in by_check.get(ref.check, ()) if (n := o.narrowed(ref.subjects)) is not None] for ref in here}
    uncounted = [
        f"{ref.check} counts only for {ref.subjects}, which {o.scope} does not tell apart"
        for ref in there
        for o in by_check.get(ref.check, ())
        if o.narrowed(ref.subjects) is None
    ]
    missing = [ref.check for ref in deciding if ref.role is Role.PRIMARY and ref.check not in installed]
    state, reasons = _decide(there, seen, missing, uncounted, {ref: now - _fresh_for(subject, ref, installed) for ref in there})
    last = [o.finished for ref in there for o in seen[ref]]
    deviations = tuple(_deviations(here, seen))
    return Status(subject.id, state, tuple(reasons), deviations, len(there), len(deciding), min(last, default=""))


def _fresh_for(subject: Control | Commitment, ref: CheckRef, installed: Collection[str]) -> timedelta:
    if isinstance(subject, Control):
        return subject.fresh_for
    return FRESH_FOR.get(installed[ref.check], COMMITMENT_FRESH_FOR) if isinstance(installed, Mapping) else COMMITMENT_FRESH_FOR


def _decide(  # noqa: PLR0911 - one return for each state
    there: Sequence[CheckRef], seen: Seen, missing: Sequence[str], uncounted: list[str], oldest: Mapping[CheckRef, datetime]
) -> tuple[State, list[str]]:
    failing = [f"{ref.check} fails for {n} in {where}" for ref, n, where in _failing(there, seen)]
    if failing:
        return State.FAILING, failing
    primary = [ref for ref in there if ref.role is Role.PRIMARY]
    absent = f"not installed: {', '.join(missing)}" if missing else "no check is named to decide it"
    if not primary:
        only = "only checks of its operation are installed, and they cannot replace what decides it; " if there else ""
        return State.UNMONITORED, [only + absent]
    unseen = [f"{o.check} could not see {o.outcomes['unknown']} in {o.scope}" for _, o in _of(there, seen) if o.outcomes.get("unknown")]
    if unseen or uncounted:
        return State.UNKNOWN, unseen + uncounted
    late = [
        f"{o.check} last ran in {o.scope} at {o.finished}" for r, o in _of(there, seen) if datetime.fromisoformat(o.finished) < oldest[r]
    ]
    if late:
        return State.STALE, late
    waiting = [f"{ref.check} has not run yet" for ref in there if not seen[ref]]
    waiting += [f"{o.check} waits in {o.scope} for {o.waiting}, not due yet" for _, o in _of(primary, seen) if o.waiting]
    if waiting:
        return State.WAITING, waiting
    excepted = [f"{o.check}: {n} excepted in {o.scope} ({', '.join(o.exceptions)})" for n, o in _excepted(there, seen)]
    if excepted:
        return State.EXCEPTED, excepted
    passes = sum(o.outcomes.get("pass", 0) for _, o in _of(primary, seen))
    if not passes:
        return State.UNKNOWN, ["there was nothing to judge: nothing shows that it works"]
    return State.PASSING, [f"{passes} passes in {len(primary)} checks", *([absent] if missing else [])]


def _failing(there: Sequence[CheckRef], seen: Seen) -> Iterable[tuple[CheckRef, int, str]]:
    for ref, one in _of(there, seen):
        count = one.failures() if ref.role is Role.PRIMARY else one.failures("critical", "high")
        if count:
            yield ref, count, one.scope


def _excepted(refs: Sequence[CheckRef], seen: Seen) -> Iterable[tuple[int, Observation]]:
    return ((one.outcomes["excepted"], one) for _, one in _of(refs, seen) if one.outcomes.get("excepted"))


def _of(refs: Sequence[CheckRef], seen: Seen) -> list[tuple[CheckRef, Observation]]:
    return [(ref, one) for ref in refs for one in seen[ref]]


def _deviations(refs: Sequence[CheckRef], seen: Seen) -> Iterable[str]:
    for ref, one in _of(refs, seen):
        if ref.role is Role.PRIMARY:
            continue
        count = one.failures("medium", "low") if ref.role is Role.OPERATING else one.failures()
        if count:
            yield f"{ref.check} ({ref.role.value}) fails for {count} in {one.scope}"

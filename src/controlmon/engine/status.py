"""The status of controls and commitments: always derived, never stored."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from controlmon.engine.catalog import CheckRef, Commitment, Control, Role

COMMITMENT_FRESH_FOR = timedelta(days=2)
"""How long an observation speaks for a commitment: a daily check may be late by a day."""


class State(StrEnum):
    """What a control or commitment is, worst first."""

    FAILING = "failing"
    UNKNOWN = "unknown"
    STALE = "stale"
    WAITING = "waiting"
    PASSING = "passing"
    UNMONITORED = "unmonitored"


class Observation(Struct, frozen=True):
    """The last that one check saw in one scope. `finished` is RFC 3339; `outcomes` and `failing` count findings by outcome and severity."""

    check: str
    scope: str
    finished: str
    outcomes: Mapping[str, int]
    failing: Mapping[str, int]

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


def status_of(subject: Control | Commitment, observations: Iterable[Observation], installed: Collection[str], now: datetime) -> Status:
    """The status of a control or a commitment.

    Only primary and operating checks decide. A failing primary check, or an operating one of severity high or above, makes it `failing`;
    what was not seen of either makes it `unknown`; nothing passes that was not seen to pass in a primary check.

    Args:
        subject: a control, or a commitment (all of whose checks are primary).
        observations: the last of every check and scope.
        installed: the ids of the checks that there are.
        now: the clock (UTC).

    """
    fresh_for = subject.fresh_for if isinstance(subject, Control) else COMMITMENT_FRESH_FOR
    seen: dict[str, list[Observation]] = {}
    for one in sorted(observations, key=lambda o: (o.check, o.scope)):
        seen.setdefault(one.check, []).append(one)
    deciding = [ref for ref in subject.checks if ref.role is not Role.SUPPORTING]
    there = [ref for ref in deciding if ref.check in installed]
    primary = [ref for ref in there if ref.role is Role.PRIMARY]
    state, reasons = _decide(primary, there, seen, now - fresh_for)
    last = [o.finished for ref in there for o in seen.get(ref.check, ())]
    deviations = tuple(_deviations(subject.checks, installed, seen))
    return Status(subject.id, state, tuple(reasons), deviations, len(there), len(deciding), min(last, default=""))


def _decide(  # noqa: PLR0911 - one return for each state
    primary: Sequence[CheckRef], there: Sequence[CheckRef], seen: Mapping[str, Sequence[Observation]], oldest: datetime
) -> tuple[State, list[str]]:
    failing = [f"{ref.check} fails for {n} in {where}" for ref, n, where in _failing(there, seen)]
    if failing:
        return State.FAILING, failing
    if not primary:
        why = (
            "the checks that decide it are not installed"
            if not there
            else "only checks of its operation are installed: they cannot replace"
        )
        return State.UNMONITORED, [why if not there else f"{why} what decides it"]
    unseen = [f"{o.check} could not see {o.outcomes['unknown']} in {o.scope}" for o in _of(there, seen) if o.outcomes.get("unknown")]
    if unseen:
        return State.UNKNOWN, unseen
    stale = [f"{o.check} last ran in {o.scope} at {o.finished}" for o in _of(there, seen) if datetime.fromisoformat(o.finished) < oldest]
    if stale:
        return State.STALE, stale
    waiting = [f"{ref.check} has not run yet" for ref in there if ref.check not in seen]
    if waiting:
        return State.WAITING, waiting
    passes = sum(o.outcomes.get("pass", 0) for o in _of(primary, seen))
    if not passes:
        return State.UNKNOWN, ["there was nothing to judge: nothing shows that it works"]
    return State.PASSING, [f"{passes} passes in {len(primary)} checks"]


def _failing(there: Sequence[CheckRef], seen: Mapping[str, Sequence[Observation]]) -> Iterable[tuple[CheckRef, int, str]]:
    for ref in there:
        for one in seen.get(ref.check, ()):
            count = one.failures() if ref.role is Role.PRIMARY else one.failures("critical", "high")
            if count:
                yield ref, count, one.scope


def _of(refs: Sequence[CheckRef], seen: Mapping[str, Sequence[Observation]]) -> list[Observation]:
    return [one for ref in refs for one in seen.get(ref.check, ())]


def _deviations(refs: Sequence[CheckRef], installed: Collection[str], seen: Mapping[str, Sequence[Observation]]) -> Iterable[str]:
    for ref in refs:
        if ref.role is Role.PRIMARY or ref.check not in installed:
            continue
        for one in seen.get(ref.check, ()):
            count = one.failures("medium", "low") if ref.role is Role.OPERATING else one.failures()
            if count:
                yield f"{ref.check} ({ref.role.value}) fails for {count} in {one.scope}"

"""Judging: a pure function of a check, its parameters, the clock and what was seen.

This is the one place that catches everything: a judgement that cannot be made is `unknown`, whatever the cause.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any, Protocol, TypeVar

from controlmon.check import Argument, Check, Verdict
from controlmon.core.errors import ControlmonError
from controlmon.core.fact import Gap, GapKind, Population, Raw, Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome
from controlmon.facts.base import All, Kind, Unseen

K = TypeVar("K", bound=Kind)


class Observed(Protocol):
    """One subject and what was seen of it."""

    @property
    def subject(self) -> Subject:
        """Who it is."""

    def answer(self, aspect: str) -> Raw | Gap:
        """The raw answer, or the gap where there is none."""

    def seen(self, aspect: str) -> tuple[str, str]:
        """The digest of the answer and the time at which it was seen; empty strings if there is none."""


class Evidence(Protocol):
    """What a run has recorded. Judging reads nothing else."""

    def population(self, kind: str, scope: Scope) -> Population | None:
        """The population of `kind` in `scope`, or None if it was not asked for there."""

    def populations(self, kind: str, target: Scope | None) -> list[Population]:
        """Every population of `kind` that belongs to the provider and target of `target`; of all of them, if that is None."""

    def subjects(self, kind: str, scope: Scope) -> Iterator[Observed]:
        """The subjects of one population, in the order of their ids."""


def evaluate(check: Check, parameters: Mapping[str, Any], scope: Scope, evidence: Evidence, now: datetime) -> Iterator[Finding]:
    """Judge every subject of one scope, and say what was not there or not seen.

    Args:
        check: the judgement, as loaded.
        parameters: its keyword arguments, validated.
        scope: where its subjects were found.
        evidence: what was recorded.
        now: the clock of the run (UTC), for judgements about age.
    """
    bench = _Bench(check, parameters, scope, evidence, now)
    present = [p for p in (evidence.population(kind.kind, scope) for kind in check.kinds) if p is not None]
    for kind in check.kinds:
        for observed in evidence.subjects(kind.kind, scope):
            yield bench.judge(kind, observed)
    for population in present:
        if not population.complete:
            why = population.gap or "its listing did not come to its end"
            yield bench.about_scope(Outcome.UNKNOWN, f"not every {population.kind} was seen: {why}")
    if present and all(p.complete and p.count == 0 for p in present):
        yield bench.about_scope(Outcome.NOT_APPLICABLE, f"there is no {' or '.join(p.kind for p in present)} here")


class _Reading:
    """The answers about one subject, which remembers what was read."""

    def __init__(self, observed: Observed, facts: dict[str, str]) -> None:
        self._observed = observed
        self._facts = facts

    def answer(self, aspect: str) -> Raw | Gap:
        digest, at = self._observed.seen(aspect)
        if digest:
            self._facts[digest] = min(at, self._facts.get(digest, at))
        return self._observed.answer(aspect)


class _Bench:
    """One check at work in one scope."""

    def __init__(self, check: Check, parameters: Mapping[str, Any], scope: Scope, evidence: Evidence, now: datetime) -> None:
        self._check, self._parameters, self._scope, self._evidence, self._now = check, dict(parameters), scope, evidence, now
        self._declared = check.read_ids(self._parameters)
        self._whole: dict[str, All[Any]] = {}
        self._single: dict[str, Observed | None] = {}

    def judge(self, kind: type[Kind], observed: Observed) -> Finding:
        facts: dict[str, str] = {}
        severity, due = self._check.severity, ""
        try:
            verdict = self._verdict(kind(observed.subject, _Reading(observed, facts), self._declared), facts)
            outcome, reason, severity = verdict.outcome, verdict.reason, verdict.severity or severity
            due = verdict.due.isoformat() if verdict.due else ""
        except Unseen as unseen:
            outcome, reason = Outcome.UNKNOWN, str(unseen)
        except ControlmonError:
            raise  # the record itself cannot be read: that is no finding
        except Exception as error:  # noqa: BLE001 - the engine's one place: an author's mistake is not an answer
            outcome, reason = Outcome.UNKNOWN, f"{self._check.id} broke: {type(error).__name__}: {error}"
        seen_at = min((at for at in facts.values() if at), default="")
        return Finding(self._check.id, observed.subject, outcome, severity, reason, tuple(facts), seen_at, due)

    def about_scope(self, outcome: Outcome, reason: str) -> Finding:
        subject = Subject("scope", str(self._scope), str(self._scope), self._scope, self._scope.region)
        return Finding(self._check.id, subject, outcome, self._check.severity, reason)

    def _verdict(self, subject: Kind, facts: dict[str, str]) -> Verdict:
        arguments: list[Any] = [self._argument(argument, facts) for argument in self._check.arguments]
        if self._check.takes_now:
            arguments.insert(self._check.now_at, self._now)
        verdict = self._check.judge(subject, *arguments, **self._parameters)
        if not isinstance(verdict, Verdict):
            raise TypeError(f"judge returned {type(verdict).__name__}, not a Verdict")
        if not isinstance(verdict.outcome, Outcome) or not isinstance(verdict.reason, str):
            raise TypeError(f"judge returned a verdict of {verdict.outcome!r} because of {verdict.reason!r}")
        return verdict

    def _argument(self, argument: Argument, facts: dict[str, str]) -> object:
        if argument.everything:
            if argument.name not in self._whole:
                self._whole[argument.name] = self._everything(argument.kind, None if argument.everywhere else self._scope)
            return self._whole[argument.name]
        return self._only(argument.kind, facts)

    def _only(self, kind: type[K], facts: dict[str, str]) -> K:
        """The single subject of a kind in this scope, or in the scope of the whole target."""
        if kind.kind not in self._single:
            places = (self._evidence.subjects(kind.kind, scope) for scope in (self._scope, self._scope.wide()))
            self._single[kind.kind] = next(chain.from_iterable(places), None)
        observed = self._single[kind.kind]
        if observed is None:
            raise Unseen(Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was recorded for {self._scope.target}"))
        return kind(observed.subject, _Reading(observed, facts), self._declared)

    def _everything(self, kind: type[K], target: Scope | None) -> All[K]:
        """Every subject of a kind in this target, or in all (None), each read once whatever the number of judgements."""
        populations = self._evidence.populations(kind.kind, target)
        members = {p.scope: self._members(kind, p.scope) for p in populations}
        unexplained = Gap(GapKind.UNAVAILABLE, kind.kind, "its listing did not come to its end")
        gaps = {p.scope: None if p.complete else p.gap or unexplained for p in populations}
        never = None if populations else Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was asked for in {self._scope.target}")

        def beside(scope: Scope) -> All[K]:
            if scope in members:
                return All(lambda: iter(members[scope]()), gaps[scope])
            # A population that could not be placed (the list of regions was denied) stands in the wide scope, and may have held these.
            missing = Gap(GapKind.UNAVAILABLE, kind.kind, f"no {kind.kind} was asked for in {scope}")
            return All(lambda: iter(()), gaps.get(scope.wide()) or missing)

        def every() -> Iterator[K]:
            for some in members.values():
                yield from some()

        return All(every, next((g for g in gaps.values() if g), never), beside)

    def _members(self, kind: type[K], scope: Scope) -> Callable[[], list[K]]:
        kept: list[K] = []
        read = False

        def members() -> list[K]:
            nonlocal read
            if not read:
                kept.extend(kind(o.subject, o, self._declared) for o in self._evidence.subjects(kind.kind, scope))
                read = True
            return kept

        return members

"""Floor 2, the author's door: all that a check file imports, besides the facts that it reads.

A check is a pure judgement of one subject, in a file of its own whose path is its id. It returns a `Verdict`; reading something
that was not seen ends it as `unknown` without the author's doing.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from datetime import date, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from controlmon.core.outcome import Outcome, Severity
from controlmon.facts.base import All, Aspect, Everywhere, Kind

__all__ = ["All", "Check", "Everywhere", "Example", "Parameter", "Verdict"]
__all__ += ["check", "failed", "not_applicable", "passed", "unknown", "waiting"]

FREQUENCIES = ("hourly", "daily", "weekly", "monthly", "quarterly", "annual")


class Verdict(msgspec.Struct, frozen=True):
    """A check's answer. `reason` finishes the sentence "... because"; `severity`, if given, replaces the check's own for this finding.

    `due` is the day on which the first of what is asked for is due, if that is yet to come.
    """

    outcome: Outcome
    reason: str
    severity: Severity | None = None
    due: date | None = None


def passed(reason: str) -> Verdict:
    """The subject is as it should be."""
    return Verdict(Outcome.PASS, reason)


def failed(reason: str, *, severity: str | None = None) -> Verdict:
    """The subject is not as it should be."""
    return Verdict(Outcome.FAIL, reason, Severity(severity) if severity else None)


def unknown(reason: str) -> Verdict:
    """What was seen does not decide it."""
    return Verdict(Outcome.UNKNOWN, reason)


def not_applicable(reason: str) -> Verdict:
    """The subject is not one that the check speaks of, as was seen."""
    return Verdict(Outcome.NOT_APPLICABLE, reason)


def waiting(reason: str, *, due: date) -> Verdict:
    """The first of what is asked for is not there, and not due before `due`. It shows as not applicable; its control waits."""
    return Verdict(Outcome.NOT_APPLICABLE, f"{reason}: the first is due on {due.isoformat()}", due=due)


class Parameter(msgspec.Struct, frozen=True):
    """A keyword-only default of a judgement: what a company may tune."""

    name: str
    type: Any
    default: Any


class Example(msgspec.Struct, frozen=True):
    """The arguments of one judgement, given as plain values: both a test and a piece of documentation."""

    arguments: tuple[Any, ...]
    parameters: dict[str, Any] = {}


class Argument(msgspec.Struct, frozen=True):
    """A positional argument of a judgement after the subject: a whole population (of the target, or everywhere), or the single subject of a
    kind in the same scope.
    """

    name: str
    kind: type[Kind]
    everything: bool
    everywhere: bool = False


class Check(msgspec.Struct, frozen=True):
    """A check as its author wrote it. `id`, `digest`, `path` and `source` are given when its file is loaded."""

    judge: Callable[..., Verdict]
    title: str
    severity: Severity
    frequency: str
    reads: tuple[Aspect[Any], ...]
    remediation: str
    proves: str
    passes: tuple[Example, ...]
    fails: tuple[Example, ...]
    kinds: tuple[type[Kind], ...]
    arguments: tuple[Argument, ...]
    parameters: tuple[Parameter, ...]
    takes_now: bool
    now_at: int
    doc: str
    id: str = ""
    digest: str = ""
    path: str = ""
    source: bytes = b""

    @property
    def provider(self) -> str:
        """The first word of the id."""
        return self.id.partition(".")[0]

    def read_ids(self, parameters: dict[str, Any]) -> frozenset[str]:
        """The ids of the aspects that the check reads with these parameters."""
        return frozenset(a.id for a in self.reads if a.condition is None or parameters.get(a.condition))

    def tuned(self, overrides: dict[str, Any]) -> dict[str, Any]:
        """The parameters with `overrides`, each validated against its type.

        Raises:
            KeyError: if an override names no parameter.
            msgspec.ValidationError: if a value is not of the parameter's type.
        """
        known = {p.name: p for p in self.parameters}
        values = {p.name: p.default for p in self.parameters}
        for name, value in overrides.items():
            values[name] = msgspec.convert(value, known[name].type)
        # The record sorts the members of a mapping: a judgement that goes through one has to go the same way when it is made again.
        return {name: dict(sorted(value.items())) if isinstance(value, dict) else value for name, value in values.items()}


def check(
    *,
    title: str,
    severity: str,
    reads: Iterable[Aspect[Any]],
    remediation: str,
    proves: str,
    passes: object,
    fails: object,
    frequency: str = "daily",
) -> Callable[[Callable[..., Verdict]], Check]:
    """Make a check of the function `judge`.

    Args:
        title: the thing required, as a sentence that is true when the check passes.
        severity: `critical`, `high`, `medium` or `low`.
        reads: the aspects that the judgement may read; `Aspect.when("parameter")` for one that only a parameter asks for.
        remediation: what to do about a failure.
        proves: what a pass proves, and what it does not.
        passes: an example that passes: a subject, a tuple of arguments, or a list of such.
        fails: an example that fails, in the same form.
        frequency: how often it is due by default: `hourly`, `daily`, `weekly`, `monthly`, `quarterly` or `annual`.

    Raises:
        TypeError: if the function does not have the form of a judgement.
        ValueError: if `severity` or `frequency` is not one of those named.
    """
    if frequency not in FREQUENCIES:
        raise ValueError(f"frequency is {frequency!r}: use one of {', '.join(FREQUENCIES)}")

    wanted = tuple(reads)

    def make(judge: Callable[..., Verdict]) -> Check:
        kinds, arguments, parameters, now_at = _signature(judge)
        _agree(wanted, (*kinds, *(argument.kind for argument in arguments)), parameters)
        return Check(
            judge=judge,
            title=title,
            severity=Severity(severity),
            frequency=frequency,
            reads=wanted,
            remediation=remediation,
            proves=proves,
            passes=_examples(passes),
            fails=_examples(fails),
            kinds=kinds,
            arguments=arguments,
            parameters=parameters,
            takes_now=now_at >= 0,
            now_at=now_at,
            doc=inspect.cleandoc(judge.__globals__.get("__doc__") or ""),
        )

    return make


def _examples(given: object) -> tuple[Example, ...]:
    """One or several examples, each a subject or a tuple of arguments, or an `Example` with parameters."""
    many = given if isinstance(given, list) else [given]
    return tuple(e if isinstance(e, Example) else Example(e if isinstance(e, tuple) else (e,)) for e in many)


def _signature(
    judge: Callable[..., Verdict],
) -> tuple[tuple[type[Kind], ...], tuple[Argument, ...], tuple[Parameter, ...], int]:
    """What a judgement takes, by its annotations: kinds of subject, other arguments, parameters, where the clock stands (-1: nowhere)."""
    hints = get_type_hints(judge)
    kinds: tuple[type[Kind], ...] = ()
    arguments: list[Argument] = []
    parameters: list[Parameter] = []
    now_at = -1
    for name, parameter in inspect.signature(judge).parameters.items():
        hint = hints.get(name)
        if parameter.kind is parameter.KEYWORD_ONLY:
            parameters.append(_parameter(name, hint, parameter.default))
        elif parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            raise TypeError(f"judge takes *{name}: each argument is named and annotated")
        elif not kinds:
            kinds = _kinds(hint, name)
        elif hint is datetime:
            if now_at >= 0:
                raise TypeError(f"{name}: there is one clock, and judge takes it already")
            now_at = len(arguments)
        else:
            arguments.append(_argument(name, hint))
    if not kinds:
        raise TypeError("judge takes no subject: its first argument must be annotated with a Kind")
    return kinds, tuple(arguments), tuple(parameters), now_at


def _parameter(name: str, hint: Any, default: object) -> Parameter:  # noqa: ANN401 - an annotation
    """A parameter, whose default must be of its type. Raises `TypeError` if it has none, or of another."""
    if hint is None or hint is datetime or default is inspect.Parameter.empty:
        raise TypeError(f"{name}: a parameter has a type and a default, and the clock is an argument before the *")
    try:
        msgspec.convert(default, hint)
    except msgspec.ValidationError as error:
        raise TypeError(f"{name}: its default does not fit: {error}") from error
    return Parameter(name, hint, default)


def _agree(reads: tuple[Aspect[Any], ...], kinds: Iterable[type[Kind]], parameters: Iterable[Parameter]) -> None:
    """Refuse an aspect that could not be read, or never would be asked for. Raises `TypeError`."""
    known, names = {kind.kind for kind in kinds}, {parameter.name for parameter in parameters}
    for aspect in reads:
        if aspect.owner.kind not in known:
            raise TypeError(f"reads {aspect!r}, but judge takes no {aspect.owner.__name__}")
        if aspect.condition is not None and aspect.condition not in names:
            raise TypeError(f"reads {aspect!r} when {aspect.condition}, which is no parameter: it has {', '.join(sorted(names)) or 'none'}")


def _kinds(hint: object, name: str) -> tuple[type[Kind], ...]:
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if not all(isinstance(m, type) and issubclass(m, Kind) for m in members):
        raise TypeError(f"{name} is annotated {hint!r}: the subject must be a Kind, or several joined by |")
    return members


def _argument(name: str, hint: object) -> Argument:
    if get_origin(hint) in (All, Everywhere) and isinstance(get_args(hint)[0], type) and issubclass(get_args(hint)[0], Kind):
        return Argument(name, get_args(hint)[0], everything=True, everywhere=get_origin(hint) is Everywhere)
    if isinstance(hint, type) and issubclass(hint, Kind) and hint.singleton:
        return Argument(name, hint, everything=False)
    raise TypeError(
        f"{name} is annotated {hint!r}: use All[Kind], Everywhere[Kind], a singleton Kind such as Account, or datetime for the clock"
    )

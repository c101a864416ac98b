"""What a period says of a control or a commitment: operated, operated with deviations, not concluded, or not tested. Never by default.

The roles are those of `engine.status`: a primary check decides; a failing operating one decides from severity high on, and shows as a
deviation below; a supporting one is context. Worst first: a deviation that was seen is said, whatever else was not seen.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from controlmon.core.outcome import Severity
from controlmon.core.times import stamp
from controlmon.engine.catalog import CheckRef, Commitment, Control, Role
from controlmon.engine.coverage import together
from controlmon.engine.deviations import worst_first
from controlmon.engine.dossier import CheckPeriod, CommitmentPeriod, ControlPeriod, Coverage, Deviation, Rate
from controlmon.engine.rate import rate_of

OPERATED, DEVIATED, NOT_CONCLUDED, NOT_TESTED = "operated", "operated with deviations", "not concluded", "not tested"
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
NEGATION = re.compile(r"\b(not|nor|nothing|never)\b", re.IGNORECASE)


class Part(Struct, frozen=True):
    """One check of a control, of only the subjects that count. `idle` is a part of the period in which no schedule expected it."""

    ref: CheckRef
    coverage: Coverage
    rate: Rate
    deviations: tuple[Deviation, ...]
    performances: int
    passes: int
    idle: tuple[datetime, datetime] | None

    @property
    def decisive(self) -> tuple[Deviation, ...]:
        """Its deviations that decide."""
        if self.ref.role is Role.PRIMARY:
            return self.deviations
        if self.ref.role is Role.OPERATING:
            return tuple(d for d in self.deviations if Severity(d.severity).rank >= Severity.HIGH.rank)
        return ()


def control_period(control: Control, parts: Sequence[Part], checks: Mapping[str, CheckPeriod], *, so_far: bool) -> ControlPeriod:
    """One control over the period. `so_far`: the period is not over."""
    deciding = [part for part in parts if part.ref.role is not Role.SUPPORTING]
    conclusion, why = conclude(parts, so_far=so_far)
    proves, does_not = _shown(deciding, checks)
    return ControlPeriod(
        control=control,
        checks=tuple((part.ref.check, part.ref.role.value, part.ref.subjects) for part in parts),
        not_run=_not_run(parts),
        coverage=together(part.coverage for part in deciding),
        deviations=worst_first(_of(deciding)),
        rate=rate_of(sum(part.rate.deviating for part in deciding), sum(part.rate.of for part in deciding)),
        conclusion=conclusion,
        why=why,
        proves=proves,
        does_not_prove=does_not,
    )


def commitment_period(commitment: Commitment, parts: Sequence[Part], *, so_far: bool) -> CommitmentPeriod:
    """One commitment over the period: all of its checks are primary."""
    conclusion, why = conclude(parts, so_far=so_far)
    named = tuple(dict.fromkeys(part.ref.check for part in parts))
    return CommitmentPeriod(commitment, named, _not_run(parts), worst_first(_of(parts)), conclusion, why)


def conclude(parts: Sequence[Part], *, so_far: bool = False) -> tuple[str, str]:
    """The conclusion, and why."""
    deciding = [part for part in parts if part.ref.role is not Role.SUPPORTING]
    primary = [part for part in deciding if part.ref.role is Role.PRIMARY]
    if not any(part.performances for part in deciding):
        return NOT_TESTED, f"none of its checks ran: {_names(deciding)}" if deciding else "no check is named to decide it"
    missing = list(_missing(primary, deciding))
    if decisive := [d for part in deciding for d in part.decisive]:
        return DEVIATED, _said([_deviated(decisive), *missing], so_far=so_far)
    if missing:
        return NOT_CONCLUDED, _said(missing, so_far=so_far)
    passes = sum(part.passes for part in primary)
    if not passes:
        return NOT_CONCLUDED, _said(["there was nothing to judge: nothing shows that it works"], so_far=so_far)
    whole = together(part.coverage for part in deciding)
    said = [f"{whole.performed:,} of {whole.expected:,} expected runs performed, {passes:,} passes, no deviation that decides"]
    if lesser := _of(deciding):
        said.append(f"{_deviated(lesser)}, below high, in operation")
    if resting := [part for part in deciding if not part.performances]:
        said.append(f"without {_names(resting)}")
    return OPERATED, _said(said, so_far=so_far)


def _missing(primary: Sequence[Part], deciding: Sequence[Part]) -> Iterator[str]:
    """What was expected and not seen, in words."""
    if not primary:
        yield "no primary check is named, and checks of its operation cannot replace what decides it"
    if unrun := [part for part in primary if not part.performances]:
        yield f"{_names(unrun)} did not run"
    for part in primary:
        if part.performances and part.idle is not None:
            yield f"no schedule expected {part.ref.check} from {stamp(part.idle[0])} to {stamp(part.idle[1])}"
    whole = together(part.coverage for part in deciding)
    if absent := whole.expected - whole.performed:
        kinds = [f"{n:,} {name}" for name in ("missed", "interrupted", "silent") if (n := getattr(whole, name))]
        yield f"{absent:,} of {whole.expected:,} expected runs were not performed ({', '.join(kinds)})"
    if whole.unjudged:
        yield f"{whole.unjudged:,} of them were performed without a word of {_names(p for p in deciding if p.coverage.unjudged)}"
    if whole.unknown:
        yield f"in {whole.unknown:,} of {whole.performed:,} something could not be judged"


def _deviated(deviations: Sequence[Deviation]) -> str:
    still = sum(one.ended is None for one in deviations)
    subjects = len({(one.check, one.scope, one.subject) for one in deviations})
    about = f"{len(deviations):,} deviation{'s' * (len(deviations) != 1)} of {subjects:,} subject{'s' * (subjects != 1)}"
    return f"{about}, {still:,} open" if still else f"{about}, all ended"


def _said(several: Iterable[str], *, so_far: bool) -> str:
    return ("so far: " if so_far else "") + "; ".join(several)


def _names(parts: Iterable[Part]) -> str:
    return ", ".join(dict.fromkeys(part.ref.check for part in parts))


def _not_run(parts: Iterable[Part]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.ref.check for part in parts if not part.performances))


def _of(parts: Iterable[Part]) -> list[Deviation]:
    """The deviations of several parts, each once: a check may be named for several sets of subjects."""
    return list({one.id: one for part in parts for one in part.deviations}.values())


def _shown(parts: Iterable[Part], checks: Mapping[str, CheckPeriod]) -> tuple[str, tuple[str, ...]]:
    """What the checks that ran prove, and what they do not, by the words of their authors."""
    proves, does_not = list[str](), list[str]()
    for name in dict.fromkeys(part.ref.check for part in parts if part.performances):
        sentences = SENTENCE.split(checks[name].proves.strip()) if checks[name].proves.strip() else []
        affirmed = [one for one in sentences if not NEGATION.search(one)]
        proves += [f"{name}: {' '.join(affirmed)}"] if affirmed else []
        does_not += [f"{name}: {one}" for one in sentences if NEGATION.search(one)]
    return "\n".join(proves), tuple(does_not)

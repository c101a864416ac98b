"""What there is to tell: the difference between what somebody was told last and what is. Pure.

Nothing is told twice, whatever restarts: what was told is kept, and only the difference to it is news. What could not be delivered is news
until it is.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field

from controlmon.core.outcome import Severity
from controlmon.engine.status import State

WORST = {state.value: rank for rank, state in enumerate(State)}


class Noted(Struct, frozen=True):
    """A failing finding, as people know it."""

    check: str
    where: str
    name: str
    severity: str
    controls: tuple[str, ...] = ()


class Snapshot(Struct, frozen=True):
    """What is, as of one time: the state of each control and commitment, and each failing finding that no exception covers, by its key."""

    controls: dict[str, str] = field(default_factory=dict)
    findings: dict[str, Noted] = field(default_factory=dict)


class Change(Struct, frozen=True):
    """A control or commitment whose state is another. `before` is empty if nothing was told of it yet."""

    id: str
    before: str
    after: str

    @property
    def worse(self) -> bool:
        """Whether it is worse than it was; of one that was never told, whether it is bad."""
        return WORST[self.after] < WORST.get(self.before, WORST[State.WAITING.value])


class News(Struct, frozen=True):
    """What there is to tell, worst first."""

    changes: tuple[Change, ...] = ()
    new: tuple[Noted, ...] = ()
    mended: tuple[Noted, ...] = ()
    reminders: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes or self.new or self.mended or self.reminders)

    @property
    def bad(self) -> bool:
        """Whether any of it is bad news."""
        return bool(self.new) or any(change.worse for change in self.changes)


class Interest(Struct, frozen=True, forbid_unknown_fields=True):
    """What a channel wants to hear of: globs of controls and of checks, and how severe a finding has to be."""

    controls: tuple[str, ...] = ("*",)
    checks: tuple[str, ...] = ("*",)
    severity: Severity = Severity.LOW

    def takes(self, one: Noted) -> bool:
        """Whether a finding is of interest: severe enough, of a check and of a control that are."""
        controls = one.controls or ("",)
        return (
            Severity(one.severity).rank >= self.severity.rank
            and any(fnmatchcase(one.check, glob) for glob in self.checks)
            and any(fnmatchcase(control, glob) for control in controls for glob in self.controls)
        )

    def of(self, whole: Snapshot) -> Snapshot:
        """The part of a snapshot that is of interest."""
        controls = {name: state for name, state in whole.controls.items() if any(fnmatchcase(name, glob) for glob in self.controls)}
        return Snapshot(controls, {key: one for key, one in whole.findings.items() if self.takes(one)})


def news(before: Snapshot | None, now: Snapshot, reminders: Iterable[str] = ()) -> News:
    """What to tell somebody who knows `before`; who knows nothing yet is told what is bad, and nothing of what is well."""
    quiet = {State.PASSING.value, State.UNMONITORED.value, State.WAITING.value}
    known: Mapping[str, str] = before.controls if before else {}
    changes = [Change(name, known.get(name, ""), state) for name, state in now.controls.items() if known.get(name) != state]
    told = [change for change in changes if change.before or change.after not in quiet]
    old = before.findings if before else {}
    return News(
        changes=tuple(sorted(told, key=lambda c: (WORST[c.after], c.id))),
        new=_sorted(one for key, one in now.findings.items() if key not in old),
        mended=_sorted(one for key, one in old.items() if key not in now.findings),
        reminders=tuple(reminders),
    )


def _sorted(several: Iterable[Noted]) -> tuple[Noted, ...]:
    return tuple(sorted(several, key=lambda one: (-Severity(one.severity).rank, one.check, one.where, one.name)))

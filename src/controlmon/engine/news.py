"""What there is to tell: the difference between what somebody was told last and what is. Pure.

Nothing is told twice, whatever restarts: what was told is kept, and only the difference to it is news. What could not be delivered is news
until it is. Nothing is told as mended that was not seen to be.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field

from controlmon.core.canonical import canonical, digest
from controlmon.core.outcome import Severity
from controlmon.engine.status import State

WORST = {state.value: rank for rank, state in enumerate(State)}


class Noted(Struct, frozen=True):
    """A failing finding, as people know it; `kind` and `subject` tell which of the next findings is the same one's."""

    check: str
    where: str
    name: str
    severity: str
    controls: tuple[str, ...] = ()
    kind: str = ""
    subject: str = ""

    @property
    def key(self) -> str:
        """What it is known by: a digest of its check, scope, kind and subject."""
        return digest(canonical([self.check, self.where, self.kind, self.subject]))[7:31]


class Snapshot(Struct, frozen=True):
    """What is, as of one time: the state of each control and commitment, and each failing finding that no exception covers, by its key."""

    controls: dict[str, str] = field(default_factory=dict)
    findings: dict[str, Noted] = field(default_factory=dict)


class Look(Struct, frozen=True):
    """What is, and what became of findings that somebody was told of and that fail no more.

    Attributes:
        snapshot: what is.
        mended: the keys of those that were seen to pass, or to be gone.
        excepted: the keys of those that an exception covers by now.

    """

    snapshot: Snapshot
    mended: frozenset[str] = frozenset()
    excepted: frozenset[str] = frozenset()


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
            and self.takes_check(one.check)
            and any(fnmatchcase(control, glob) for control in controls for glob in self.controls)
        )

    def takes_check(self, check: str) -> bool:
        """Whether a check is of interest."""
        return any(fnmatchcase(check, glob) for glob in self.checks)

    def of(self, whole: Snapshot) -> Snapshot:
        """The part of a snapshot that is of interest."""
        controls = {name: state for name, state in whole.controls.items() if any(fnmatchcase(name, glob) for glob in self.controls)}
        return Snapshot(controls, {key: one for key, one in whole.findings.items() if self.takes(one)})


def news(before: Snapshot | None, now: Look, reminders: Iterable[str] = ()) -> News:
    """What to tell somebody who knows `before`; who knows nothing yet is told what is bad, and nothing of what is well."""
    quiet = {State.PASSING.value, State.UNMONITORED.value, State.WAITING.value}
    known: Mapping[str, str] = before.controls if before else {}
    changes = [Change(name, known.get(name, ""), state) for name, state in now.snapshot.controls.items() if known.get(name) != state]
    told = [change for change in changes if change.before or change.after not in quiet]
    old, new = before.findings if before else {}, now.snapshot.findings
    return News(
        changes=tuple(sorted(told, key=lambda c: (WORST[c.after], c.id))),
        new=_sorted(one for key, one in new.items() if key not in old),
        mended=_sorted(one for key, one in old.items() if key not in new and key in now.mended),
        reminders=tuple(reminders),
    )


def known_after(before: Snapshot | None, now: Look) -> Snapshot:
    """What somebody knows who was told the news: what is, and what failed when it was seen last and cannot be seen now."""
    over = now.mended | now.excepted
    before = before or Snapshot()
    still = {key: one for key, one in before.findings.items() if key not in over}
    return Snapshot({**before.controls, **now.snapshot.controls}, {**still, **now.snapshot.findings})


def _sorted(several: Iterable[Noted]) -> tuple[Noted, ...]:
    return tuple(sorted(several, key=lambda one: (-Severity(one.severity).rank, one.check, one.where, one.name)))

"""What the record tells of checks and schedules: when each ran last, how long nobody ran it, and what could not be seen.

All of it is of before the run that asks: a run does not judge itself.
"""

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, field

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.schema import converted

WINDOWS = {
    "hourly": timedelta(hours=3),
    "daily": timedelta(hours=26),
    "weekly": timedelta(days=8),
    "monthly": timedelta(days=32),
    "quarterly": timedelta(days=95),
    "annual": timedelta(days=395),
}
"""How long the last run of a check speaks for it, by how often it is due."""
Time = Annotated[datetime, Meta(tz=True)]


class Runs(View, frozen=True):
    """When a check ran last (None: never). `since` is when it was first expected, `frequency` how often it is."""

    frequency: str
    since: Time
    last: Time | None = None

    @property
    def window(self) -> timedelta:
        """How long its last run speaks for it."""
        return WINDOWS[self.frequency]

    def waits(self, now: datetime) -> bool:
        """Whether it has not run, and has not been expected for longer than its window."""
        return self.last is None and now - self.since <= self.window


class Errors(View, frozen=True):
    """What the last judgements of a check could not see.

    Attributes:
        judged: findings in all.
        kinds: findings that rest on what was not seen, by what went wrong: `denied` and its like, `broken` for a check that broke.
        left_open: findings that are unknown although all was seen.
        since: when the oldest of the errors that lasted until now began; None if there is none.
        longer: True if it is older than what was looked at.
        said: one of the reasons.

    """

    judged: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    left_open: int = 0
    since: Time | None = None
    longer: bool = False
    said: str = ""

    @property
    def count(self) -> int:
        """Errors in all."""
        return sum(self.kinds.values())


class CheckRun(Kind, name="controlmon.check"):
    """A check that is expected to run by itself."""

    @aspect(volatile=("last",))
    def runs(raw: Raw) -> Runs:
        """How often it is due, and when it ran last."""
        return converted(raw, Runs)

    @aspect(volatile=("since", "judged"))
    def errors(raw: Raw) -> Errors:
        """What it could not see."""
        return converted(raw, Errors)


class Silence(View, frozen=True):
    """Nobody ran what was due at `due` until `until`."""

    due: Time
    until: Time

    @property
    def length(self) -> timedelta:
        """How long."""
        return self.until - self.due


class Beats(View, frozen=True):
    """When a schedule was served. Times are those of the providers' clocks, where a run saw one.

    Attributes:
        since: when it was first expected.
        last: when the last run of it began that came to its end; None if none did.
        due: when the next one was due.
        skew: how far the providers' clocks were from ours in the last run (seconds).
        back: the furthest that time went back from one run to the next (seconds).
        silences: each time that it was served more than an hour late or not at all, in the last year.

    """

    since: Time
    last: Time | None = None
    due: Time | None = None
    skew: int = 0
    back: int = 0
    silences: tuple[Silence, ...] = ()


class Schedule(Kind, name="controlmon.schedule"):
    """What is due at one frequency: `hourly`, `daily` ..."""

    @aspect(volatile=("last", "due", "skew"))
    def beats(raw: Raw) -> Beats:
        """When it was served."""
        return converted(raw, Beats)

"""What was expected by the logged schedule, slot by slot, and what became of it.

A slot counts if its time lies in the period and a schedule was in force that expects it; a schedule counts from the slot in which it began,
because the daemon serves that one at once. Which schedule decides is the one in force when the slot was served; of a slot that nobody
served, each that was in force while it lasted. A slot whose grace has not passed when the dossier is made is not expected yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from controlmon.engine.dossier import Coverage, Day
from controlmon.engine.plan import following, slot

GRACE = timedelta(hours=1)
"""A run is late if it starts later than its slot by more than this, or by more than a tenth of the time between two slots."""
RAN, UNSEEN = 1, 2
Marks = dict[str, bytearray]
"""What a check did in each slot, by frequency: `RAN`, `UNSEEN` (it could not judge something)."""
SUMMED = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown", "unjudged")
Place = tuple[str, int]
"""A slot: its frequency, and its number in the period."""


class Stretch(Struct, frozen=True):
    """A schedule: the checks of each frequency, and from when to when it was in force."""

    at: datetime
    until: datetime
    checks: Mapping[str, frozenset[str]]


class Slot(Struct):
    """One scheduled time, what became of it, and once all is told the checks that it expects and when it could first be served."""

    at: datetime
    next: datetime
    day: str
    performed: datetime | None = None
    interrupted: bool = False
    missed: bool = False
    begun: bool = False
    checks: frozenset[str] = frozenset()
    late: bool = False

    @property
    def word(self) -> str:
        """What the log says of a slot that was not performed. A run that began, and of which no end is told, did not come to one."""
        return "interrupted" if self.interrupted or self.begun else "missed" if self.missed else "silent"


def grace(at: datetime, after: datetime) -> timedelta:
    """How much later than its slot a run may start without being late."""
    return min(GRACE, (after - at) / 10)


class Tally:
    """What one check said of the subjects that count, performance by performance. A performance is a run, whatever its scopes."""

    def __init__(self, begin: datetime) -> None:
        self.findings: Counter[str] = Counter()
        self.performances = self.unscheduled = self.conclusive = self.deviating = 0
        self.days: dict[str, list[int]] = {}
        self.marks: Marks = {}
        self._last, self._gap = begin, timedelta()

    def serve(self, places: Iterable[tuple[Place, int]], outcomes: Mapping[str, int]) -> None:
        """Mark the slots (each with the number of slots of its frequency) that a run served."""
        mark = RAN | (UNSEEN if outcomes.get("unknown") else 0)
        for (frequency, index), size in places:
            self.marks.setdefault(frequency, bytearray(size))[index] |= mark

    def perform(self, at: datetime, outcomes: Mapping[str, int], *, scheduled: bool) -> None:
        """Count a performance in the period.

        Conclusive is one that failed, or that passed and saw everything. Only scheduled ones enter the rate: whoever asks for a run
        chooses when.
        """
        failed, unknown = outcomes.get("fail", 0), outcomes.get("unknown", 0)
        self.performances += 1
        for outcome, count in outcomes.items():
            self.findings[outcome] += count
        if not scheduled:
            self.unscheduled += 1
        elif failed or (outcomes.get("pass") and not unknown):
            self.conclusive += 1
            self.deviating += failed > 0
        day = self.days.setdefault(at.date().isoformat(), [0, 0])
        day[0] += unknown
        day[1] += failed
        self._gap, self._last = self.longest_gap(at), max(self._last, at)

    def longest_gap(self, end: datetime) -> timedelta:
        """The longest time without a performance, up to `end`."""
        return max(self._gap, end - self._last)


class Calendar:
    """The slots of a period. Tell it the schedules and the runs in the order of the log, `close` it, then ask."""

    def __init__(self, begin: datetime, end: datetime, made_at: datetime) -> None:
        self.begin, self.end, self.made_at = begin, end, made_at
        self.over = min(end, made_at)
        self._schedules: list[tuple[datetime, Mapping[str, frozenset[str]]]] = []
        self._slots: dict[str, list[Slot]] = {}
        self._index: dict[str, dict[datetime, int]] = {}
        self.stretches: list[Stretch] = []

    def schedule(self, at: datetime, checks: Mapping[str, Iterable[str]]) -> None:
        """From `at` on these checks are expected, by frequency."""
        said = {frequency: frozenset(ids) for frequency, ids in checks.items() if ids}
        for frequency in said:
            self.slots(frequency)
        self._schedules.append((at, said))

    def slots(self, frequency: str) -> list[Slot]:
        """The slots of a frequency that begin in the period. Raises `ValueError` if there is no such frequency."""
        if frequency not in self._slots:
            found, at = [], slot(frequency, self.begin)
            while at < self.over:
                after = following(frequency, at)
                if at >= self.begin:
                    found.append(Slot(at, after, f"{at:%Y-%m-%d}"))
                at = after
            self._slots[frequency] = found
            self._index[frequency] = {one.at: number for number, one in enumerate(found)}
        return self._slots[frequency]

    def places(self, frequencies: Iterable[str], scheduled: datetime) -> Iterator[tuple[Place, int]]:
        """The slots in the period that a run of this scheduled time serves, each with the number of slots of its frequency."""
        for frequency in frequencies:
            several = self.slots(frequency)
            index = self._index[frequency].get(slot(frequency, scheduled))
            if index is not None:
                yield (frequency, index), len(several)

    def begun(self, places: Iterable[tuple[Place, int]]) -> None:
        """A run began that serves these slots."""
        for (frequency, index), _ in places:
            self._slots[frequency][index].begun = True

    def performed(self, places: Iterable[tuple[Place, int]], started: datetime) -> None:
        """A run that serves these slots came to its end."""
        for (frequency, index), _ in places:
            one = self._slots[frequency][index]
            one.performed = started if one.performed is None else min(started, one.performed)

    def interrupted(self, places: Iterable[tuple[Place, int]]) -> None:
        """A run that serves these slots died."""
        for (frequency, index), _ in places:
            self._slots[frequency][index].interrupted = True

    def missed(self, frequency: str, first: datetime, last: datetime) -> None:
        """Nobody ran the slots from `first` to `last`, both included."""
        for one in self.slots(frequency):
            one.missed |= first <= one.at <= last

    def close(self) -> None:
        """All is told: settle which checks each slot expects."""
        starts = sorted(self._schedules, key=lambda one: one[0])
        ends = [*(at for at, _ in starts[1:]), datetime.max.replace(tzinfo=UTC)]
        self.stretches = [Stretch(at, until, checks) for (at, checks), until in zip(starts, ends, strict=False)]
        for frequency, several in self._slots.items():
            for one in several:
                self._settle(frequency, one)

    def _settle(self, frequency: str, one: Slot) -> None:
        """The schedule in force when the slot was served decides; of one that was not served, each while it lasted."""
        first, last = (one.performed, one.performed) if one.performed else (one.at, one.next - timedelta(milliseconds=1))
        named = [s for s in self.stretches if frequency in s.checks and s.at <= last and first < s.until]
        if not named:
            return
        was = any(frequency in s.checks and s.at <= one.at < s.until for s in self.stretches)
        allowed = (one.at if was else max(one.at, min(s.at for s in named))) + grace(one.at, one.next)
        under_way = one.begun and not one.interrupted and one.next > self.made_at
        if one.performed is None and (under_way or allowed > self.made_at):
            return
        one.late = one.performed is not None and one.performed > allowed
        one.checks = named[0].checks[frequency] if len(named) == 1 else frozenset().union(*(s.checks[frequency] for s in named))

    def frequency_of(self, check: str) -> str:
        """How often a check was expected last, or an empty string if it never was."""
        named = [f for stretch in self.stretches if stretch.at < self.end for f, checks in stretch.checks.items() if check in checks]
        return named[-1] if named else ""

    def expected(self) -> frozenset[str]:
        """Every check that a slot of the period expects."""
        return frozenset().union(*{one.checks for several in self._slots.values() for one in several})

    def not_in_force(self, check: str) -> tuple[datetime, datetime] | None:
        """The first part of the period, as far as it is over, in which no schedule expected a check; None if there is none."""
        reached = self.begin
        for stretch in self.stretches:
            starts = [slot(frequency, stretch.at) for frequency, checks in stretch.checks.items() if check in checks]
            if starts and stretch.until > reached:
                if min(starts) > reached:
                    break
                reached = stretch.until
        else:
            return (reached, self.over) if reached < self.over else None
        return (reached, min(*starts, self.over)) if reached < self.over else None

    def coverage(self, check: str, tally: Tally) -> Coverage:
        """What became of the slots that expect a check. One that was performed without a word of this check is silent."""
        total: Counter[str] = Counter()
        days: dict[str, Counter[str]] = {}
        for frequency, several in self._slots.items():
            marks = tally.marks.get(frequency) or bytes(len(several))
            for one, mark in zip(several, marks, strict=True):
                if check not in one.checks:
                    continue
                day = days.setdefault(one.day, Counter())
                ran = one.performed is not None and mark & RAN
                word = "performed" if ran else "silent" if one.performed else one.word
                day[word] += 1
                day["expected"] += 1
                day["late"] += bool(ran and one.late)
                total["unknown"] += bool(ran and mark & UNSEEN)
                total["unjudged"] += one.performed is not None and not ran
        for counts in days.values():
            total.update(counts)
        for date, (unknown, failing) in tally.days.items():
            days.setdefault(date, Counter()).update(unknown=unknown, failing=failing)
        return Coverage(
            **{name: total[name] for name in SUMMED},
            unscheduled=tally.unscheduled,
            longest_gap=int(tally.longest_gap(self.over).total_seconds()),
            days=tuple(Day(date, **dict(days[date])) for date in sorted(days)),
        )


def together(several: Iterable[Coverage]) -> Coverage:
    """The coverage of several checks, summed; the longest gap is the longest of any."""
    names = [name for name in Coverage.__struct_fields__ if name not in ("longest_gap", "days")]
    parts, days = list(several), dict[str, Counter[str]]()
    for part in parts:
        for day in part.days:
            days.setdefault(day.date, Counter()).update({n: getattr(day, n) for n in Day.__struct_fields__ if n != "date"})
    sums = {name: sum(getattr(part, name) for part in parts) for name in names}
    gap = max((part.longest_gap for part in parts), default=0)
    return Coverage(**sums, longest_gap=gap, days=tuple(Day(date, **dict(days[date])) for date in sorted(days)))

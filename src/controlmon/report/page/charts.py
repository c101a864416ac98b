"""The drawings of the page as numbers: where each day, week and deviation stands."""

from datetime import date, timedelta

from msgspec import Struct

from controlmon.core.times import moment
from controlmon.engine.dossier import Day, Deviation, Dossier
from controlmon.report import words

STATES = {
    "fail": "something failed",
    "none": "no expected run performed",
    "part": "some runs not performed",
    "unknown": "something could not be judged",
    "ok": "performed, nothing failed",
    "idle": "nothing expected",
}
"""What a day was, worst first."""
PITCH, LEFT, TOP = 12, 28, 16
_STRIP = 60  # bars at most


class Cell(Struct, frozen=True):
    """One day of a calendar."""

    x: int
    y: int
    state: str
    title: str


class Calendar(Struct, frozen=True):
    """Days as squares, weeks as columns (Monday on top), with the months above. `counts` says how many days were what."""

    width: int
    height: int
    cells: tuple[Cell, ...]
    months: tuple[tuple[int, str], ...]
    counts: dict[str, int]
    unusual: tuple[Day, ...]
    """Days on which something failed, was unknown, or was not performed as expected."""

    @property
    def summary(self) -> str:
        """The calendar for those who do not see it."""
        return "; ".join(f"{STATES[state]}: {n:,} days" for state, n in self.counts.items()) or "no days"


def state(day: Day) -> str:
    """The worst that can be said of a day, of `STATES`."""
    if day.failing:
        return "fail"
    if day.performed < day.expected:
        return "part" if day.performed else "none"
    if day.unknown:
        return "unknown"
    return "ok" if day.performed else "idle"


def calendar(days: tuple[Day, ...]) -> Calendar:
    """The calendar of these days."""
    if not days:
        return Calendar(LEFT, TOP, (), (), {}, ())
    first = date.fromisoformat(days[0].date)
    monday = first - timedelta(days=first.weekday())
    cells, months = [], []
    counts = dict.fromkeys(STATES, 0)
    for day in days:
        at = date.fromisoformat(day.date)
        x, y = LEFT + (at - monday).days // 7 * PITCH, TOP + at.weekday() * PITCH
        cells.append(Cell(x, y, state(day), words.day(day)))
        counts[cells[-1].state] += 1
        if at.day == 1 or (at == first and (at.day <= 20 or len(days) < 12)):  # later, the next month's name would touch it
            begins = at.weekday() == 0 or at == first
            months.append((x if begins else x + PITCH, f"{at:%b}" + (f" {at.year}" if at.month == 1 or at == first else "")))
    unusual = tuple(day for day in days if state(day) not in ("ok", "idle") or day.late)
    width = max(cells[-1].x + PITCH, (months[-1][0] + 56) if months else 0)
    return Calendar(width, TOP + 7 * PITCH, tuple(cells), tuple(months), {k: n for k, n in counts.items() if n}, unusual)


def strip(days: tuple[Day, ...]) -> tuple[tuple[int, str], ...]:
    """The same in one line: at most 60 bars, each as bad as its worst day; where it stands (in permille), and what it was."""
    each = max(1, -(-len(days) // _STRIP))
    order = list(STATES)
    groups = [days[i : i + each] for i in range(0, len(days), each)]
    return tuple((i * 1000 // len(groups), min((state(day) for day in group), key=order.index)) for i, group in enumerate(groups))


def bar(deviation: Deviation, dossier: Dossier) -> tuple[int, int]:
    """Where a deviation begins in the period, and how long it lasts, in permille of the period. It is never too short to be seen."""
    begin, end = moment(dossier.begin), moment(dossier.end)
    whole = (end - begin).total_seconds() or 1
    start = min(992, max(0, round((moment(deviation.first_seen) - begin).total_seconds() / whole * 1000)))
    stop = moment(deviation.ended) if deviation.ended else end
    return start, max(8, min(1000, round((stop - begin).total_seconds() / whole * 1000)) - start)

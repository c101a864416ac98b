"""What is due at a moment, and what the due checks need to see. Pure: the clock is an argument."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import Struct

from controlmon.check import FREQUENCIES, Check


class Selected(Struct, frozen=True):
    """A check that is to run, with the parameters that it runs with."""

    check: Check
    parameters: Mapping[str, Any]


class Needs(Struct, frozen=True):
    """What a set of checks must see: kinds of subjects, and aspect ids of them. Nothing else is asked for."""

    kinds: frozenset[str]
    aspects: frozenset[str]


def needs(selected: Iterable[Selected]) -> Needs:
    """The kinds and aspects that the selected checks read, and no more."""
    kinds: set[str] = set()
    aspects: set[str] = set()
    for one in selected:
        read = one.check.read_ids(dict(one.parameters))
        aspects |= read
        kinds |= {kind.kind for kind in one.check.kinds}
        kinds |= {argument.kind.kind for argument in one.check.arguments}
    return Needs(frozenset(kinds), frozenset(aspects))


def slot(frequency: str, at: datetime) -> datetime:
    """The scheduled time that `at` belongs to: the start (UTC) of its hour, day, ISO week, month, quarter or year.

    Raises:
        ValueError: if `frequency` is none of these.
    """
    at = at.astimezone(UTC)
    if frequency == "hourly":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    match frequency:
        case "daily":
            return day
        case "weekly":
            return day - timedelta(days=day.weekday())
        case "monthly":
            return day.replace(day=1)
        case "quarterly":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "annual":
            return day.replace(month=1, day=1)
        case _:
            raise ValueError(f"no such frequency: {frequency}")


def following(frequency: str, scheduled: datetime) -> datetime:
    """The scheduled time after `scheduled`, which must be one itself. Raises `ValueError` if there is no such frequency."""
    if frequency not in FREQUENCIES:
        raise ValueError(f"no such frequency: {frequency}")
    longest = {"hourly": 1, "daily": 24, "weekly": 24 * 7, "monthly": 24 * 31, "quarterly": 24 * 92, "annual": 24 * 366}[frequency]
    return slot(frequency, scheduled + timedelta(hours=longest))


def due(frequency: str, last: datetime | None, now: datetime) -> datetime | None:
    """The scheduled time that is to be served now, or None if it has been.

    Args:
        frequency: how often.
        last: the scheduled time that was served last (UTC), or None if none ever was.
        now: the clock (UTC). A clock set back makes nothing due again.
    """
    current = slot(frequency, now)
    return current if last is None or slot(frequency, last) < current else None


def missed(frequency: str, last: datetime | None, now: datetime) -> Iterator[datetime]:
    """The scheduled times between the last one served and the one that is due now: nobody ran them, and nobody can any more."""
    if last is None:
        return
    current = slot(frequency, now)
    at = following(frequency, slot(frequency, last))
    while at < current:
        yield at
        at = following(frequency, at)

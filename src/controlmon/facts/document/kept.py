"""What a register says of itself: that it was reviewed, or approved, lately enough and by somebody who works here."""

from datetime import date, datetime

from controlmon.facts.base import All
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import About, RegisterFile
from controlmon.facts.document.schema import days_between


def worked_here(people: All[Person], who: str | None, day: date | datetime) -> bool:
    """Whether somebody is on the roster and active on a day. Raises `Unseen` if they were not found, and the roster was not all seen."""
    return who is not None and people.some(lambda one: one.id == who and one.row.is_active(day))


def about(files: All[RegisterFile], name: str) -> About:
    """The head of a register; an empty one if it has none. Raises `Unseen` if its file cannot be read."""
    found = files.first(lambda one: one.id == name)
    return found.file.about if found else About()


def unreviewed(files: All[RegisterFile], name: str, people: All[Person], now: datetime, max_age_days: int) -> str:
    """Why a register does not count as reviewed; empty if it does. Raises `Unseen` as `about` does."""
    head = about(files, name)
    return _stale("reviewed", head.reviewed_at, head.reviewed_by, people, now, max_age_days)


def unapproved(files: All[RegisterFile], name: str, people: All[Person], now: datetime, max_age_days: int) -> str:
    """Why a register does not count as approved; empty if it does. Raises `Unseen` as `about` does."""
    head = about(files, name)
    if head.approved_at and head.updated_at and head.updated_at > head.approved_at:
        return f"it was changed on {head.updated_at.isoformat()}, after it was approved on {head.approved_at.isoformat()}"
    return _stale("approved", head.approved_at, head.approved_by, people, now, max_age_days)


def _stale(what: str, at: date | None, by: str | None, people: All[Person], now: datetime, max_age_days: int) -> str:
    if at is None or by is None:
        return f"its head does not say when and by whom it was {what}"
    if (age := days_between(at, now)) > max_age_days:
        return f"it was last {what} on {at.isoformat()}, {age} days ago, and is to be every {max_age_days} days"
    return "" if worked_here(people, by, at) else f"it was {what} by {by}, who did not work here on {at.isoformat()}"

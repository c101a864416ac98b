"""What a row of a register may say, and how its raw form becomes a view.

A row is recorded as `{"row": {...}, "file": ..., "line": ...}`. One that does not fit its schema, names somebody whom nobody knows, tells
of the future, or was changed after it was recorded carries a `problem` too, and then answers nothing: what rests on it is unknown.
"""

from datetime import date, datetime
from typing import Annotated, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from controlmon.core.fact import Raw
from controlmon.facts.base import All, Aspect, Kind

PersonId = Annotated[str, Meta(min_length=1, extra={"register": "personnel"})]
"""The id of somebody in the personnel register."""
VendorId = Annotated[str, Meta(min_length=1, extra={"register": "vendors"})]
CustomerId = Annotated[str, Meta(min_length=1, extra={"register": "customers"})]
DocumentId = Annotated[str, Meta(min_length=1, extra={"register": "documents"})]
Past = Annotated[date, Meta(extra={"past": True})]
"""A day that is over, or today (ISO 8601)."""
Moment = Annotated[datetime, Meta(tz=True, extra={"past": True})]
"""A time that is over, with its offset (RFC 3339)."""
Sha256 = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
"""The digest of a file."""
Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]
"""Words, not blank."""
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$", max_length=200)]
"""What a row is known by, once in its register."""
Number = Annotated[float, Meta(ge=0)]


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A row that is kept up to date: a person, a vendor, a risk."""


class Record(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of what happened or was decided. It is never changed: a correction is a new record that names the old one in `supersedes`."""

    id: Id
    supersedes: str = ""


R = TypeVar("R", bound=Row)
T = TypeVar("T")
K = TypeVar("K", bound=Kind)


def row_of(into: type[R]) -> Aspect[R]:
    """The aspect `row` of a kind whose subjects are the rows of a register."""

    def row(raw: Raw) -> R:
        if problem := raw.get("problem"):
            raise ValueError(problem)
        return converted(raw["row"], into)

    row.__annotations__["return"] = into
    row.__doc__ = (into.__doc__ or "").strip()
    return Aspect(row, None, ("line",))


def in_force(records: All[K]) -> list[K]:
    """The records that no other one supersedes. Raises `Unseen` if any of them was not seen: it may be the correction."""
    several = [(one, cast("Record", one.read(one.aspects["row"]))) for one in records]
    corrected = {row.supersedes for _, row in several}
    return [one for one, row in several if row.id not in corrected]


def converted(raw: Raw, into: type[T]) -> T:
    """Plain values as a view. Raises `ValueError` if they do not fit."""
    try:
        return msgspec.convert(raw, into)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


def days_between(earlier: date | datetime, later: date | datetime) -> int:
    """Whole days from one day to another; the time of day does not count."""
    return (day_of(later) - day_of(earlier)).days


def day_of(at: date | datetime) -> date:
    """The day of a time."""
    return at.date() if isinstance(at, datetime) else at

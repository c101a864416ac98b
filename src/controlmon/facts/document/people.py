"""Who works for the company, and what they read, learned and were told: the roster, and what is joined with it."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, field

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import DocumentId, Id, Past, PersonId, Record, Row, Text, day_of, row_of

Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class Leave(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A long absence; `end` open while nobody knows."""

    start: date
    end: date | None = None


class PersonRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who works or worked for the company.

    Attributes:
        accounts: the names that they go by in each system (`aws`, `entra`, `datadog`, ...), where those are not their e-mail address.
        role_since: since when they have the role, if they had another before.
        access_end: the last day of access, where it is not the last day of work.
        head: True for the one or few who have no manager.
        phi: True for those who may see protected health information.

    """

    id: Id
    name: Text
    email: Email
    type: Literal["employee", "contractor"] = "employee"
    role: Text
    role_since: date | None = None
    manager: PersonId | None = None
    head: bool = False
    start: date
    end: date | None = None
    access_end: date | None = None
    leave: tuple[Leave, ...] = ()
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    engagements: tuple[str, ...] = ()
    phi: bool = False

    @property
    def gone(self) -> date | None:
        """The last day on which they may have access; None while there is none."""
        return self.access_end or self.end

    def is_active(self, now: date | datetime) -> bool:
        """Whether they work for the company and may have access on a day."""
        day = day_of(now)
        return self.start <= day and (self.gone is None or day <= self.gone)

    def is_away(self, now: date | datetime) -> bool:
        """Whether they are on long leave on a day."""
        day = day_of(now)
        return any(one.start <= day and (one.end is None or day <= one.end) for one in self.leave)


class Person(Kind, name="document.person"):
    """Somebody of the personnel register."""

    row = row_of(PersonRow)


class TrainingRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody completed a course."""

    person: PersonId
    course: Id
    version: str = ""
    completed_at: Past


class Training(Kind, name="document.training"):
    """A completed course."""

    row = row_of(TrainingRow)


class AcknowledgementRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody accepted a version of a document."""

    person: PersonId
    document: DocumentId
    version: Text
    accepted_at: Past
    method: str = ""


class Acknowledgement(Kind, name="document.acknowledgement"):
    """An accepted document."""

    row = row_of(AcknowledgementRow)


class PerformanceReviewRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That somebody was reviewed, by whom and when; never what was said."""

    person: PersonId
    reviewer: PersonId
    completed_at: Past


class PerformanceReview(Kind, name="document.performance_review"):
    """A completed performance review."""

    row = row_of(PerformanceReviewRow)

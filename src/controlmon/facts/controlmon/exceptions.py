"""Exceptions: approved departures, each with an owner, an approver, a reason and an end."""

from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Annotated

from msgspec import Meta

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, aspect
from controlmon.facts.document.schema import Id, Past, Row, Text, converted, day_of

WARNED = 14
"""Days before its end from which an exception is told of."""


class Exemption(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exception, as `exceptions.yaml` has it.

    Attributes:
        check: the check whose failures it accepts.
        subjects: the ids (or names) of the subjects, or globs of them.
        owner: who will mend it.
        approver: who accepts the risk until then: somebody else.
        expires: the last day on which it holds.
        revoked_at: the day from which it holds no more, if somebody took it back.

    """

    id: Id
    check: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){2,}$")]
    subjects: Annotated[tuple[Text, ...], Meta(min_length=1)]
    owner: Text
    approver: Text
    reason: Annotated[str, Meta(min_length=10)]
    approved_at: Past
    expires: date
    ticket: str = ""
    revoked_at: Past | None = None

    def holds(self, at: date | datetime) -> bool:
        """Whether it is in force on a day."""
        day = day_of(at)
        return self.approved_at <= day <= self.expires and (self.revoked_at is None or day < self.revoked_at)

    def is_ending(self, at: date | datetime) -> bool:
        """Whether it is in force, and for no more than `WARNED` days."""
        return self.holds(at) and (self.expires - day_of(at)).days <= WARNED

    def covers(self, subject: str, name: str = "") -> bool:
        """Whether a subject is one of those that it speaks of. What could not be seen of a scope is never excepted."""
        known = [one for one in (subject, name) if one]
        return any(one in known or any(fnmatchcase(what, one) for what in known) for one in self.subjects)


class Exception_(Kind, name="controlmon.exception"):  # noqa: N801 - the word of the field, which Python has taken
    """An exception."""

    @aspect()
    def terms(raw: Raw) -> Exemption:
        """What was accepted, by whom, until when."""
        return converted(raw, Exemption)

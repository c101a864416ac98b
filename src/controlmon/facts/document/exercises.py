"""Exercises of plans, and notices to those outside."""

from datetime import date
from typing import Literal

from controlmon.facts.base import Kind
from controlmon.facts.document.governance import Action
from controlmon.facts.document.schema import Id, Number, Past, PersonId, Record, Row, Sha256, Text, row_of


class Measured(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a system took to come back, and how much of its data was lost (hours)."""

    system: Id
    rto_hours: Number
    rpo_hours: Number


class ExerciseRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan that was tried.

    Attributes:
        type: `incident_response`, `continuity` ...
        real: True for a real incident with a full review that stands for an exercise.
        timeline: what happened when, a line each.
        findings: what was learned; say so if it was nothing.
        report: where the report is kept; `sha256` its digest.

    """

    type: Id
    held_at: Past
    real: bool = False
    scenario: str = ""
    participants: tuple[PersonId, ...] = ()
    timeline: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    measured: tuple[Measured, ...] = ()
    report: str = ""
    sha256: Sha256 | None = None


class Exercise(Kind, name="document.exercise"):
    """An exercise."""

    row = row_of(ExerciseRow)


class NoticeRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An event that somebody outside had to be told of, and the notice. One that is yet to be sent has no `sent_at`.

    Attributes:
        event: the incident, maintenance or change, by its id elsewhere.
        known_at: when the company knew, from which law counts.
        due_at: the last day for the notice, by law or contract.
        sha256: the digest of the text that was sent.

    """

    event: Id
    type: Literal["incident", "maintenance", "terms_change", "subprocessor_change"]
    known_at: Past
    due_at: date
    audience: Text
    sent_at: Past | None = None
    sha256: Sha256 | None = None


class Notice(Kind, name="document.notice"):
    """A notice to those outside."""

    row = row_of(NoticeRow)

"""What people sign and where they meet: attestations and meetings, and what makes one of them count."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated

from msgspec import Meta, field

from controlmon.facts.base import All, Kind
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import Role, holders
from controlmon.facts.document.schema import Id, Past, PersonId, Record, Row, Sha256, Text, day_of, days_between, in_force, row_of

Count = Annotated[int, Meta(ge=0)]


class Action(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that somebody is to do. What became of it is told in a record that supersedes the one it stands in."""

    what: Text
    owner: PersonId
    due: date
    closed_at: Past | None = None


class AttestationRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody signed.

    Attributes:
        topic: what it is about: `program_review`, `incidents`, `log_review` ...
        version: of what is attested (a release), or of the wording.
        role: in which role they signed.
        basis: the evidence that it rests on, by id or address.
        file: the signed original; `sha256` its digest.
        period_start: the first day that it speaks of; `period_end` the last.
        facts: named values; `counts`, `days` and `outcomes` are those that are numbers, days and results.

    """

    topic: Id
    statement: Text
    version: str = ""
    signer: PersonId
    role: Text
    signed_at: Past
    valid_until: date | None = None
    basis: tuple[str, ...] = ()
    file: str = ""
    sha256: Sha256 | None = None
    period_start: date | None = None
    period_end: date | None = None
    facts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, Count] = field(default_factory=dict)
    days: dict[str, Past] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)


class Attestation(Kind, name="document.attestation"):
    """A signed statement."""

    row = row_of(AttestationRow)


class MeetingRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A meeting that was held. `minutes` is where its minutes are kept, `sha256` their digest; `guests` are those of no register."""

    type: Id
    held_at: Past
    attendees: tuple[PersonId, ...]
    guests: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    minutes: str = ""
    sha256: Sha256 | None = None
    actions: tuple[Action, ...] = ()


class Meeting(Kind, name="document.meeting"):
    """A meeting."""

    row = row_of(MeetingRow)


def about(attestations: All[Attestation], topic: str) -> list[AttestationRow]:
    """The statements about a topic that no other one corrects, the newest first."""
    return sorted((a.row for a in in_force(attestations) if a.row.topic == topic), key=lambda row: (row.signed_at, row.id), reverse=True)


def unsigned(row: AttestationRow, people: All[Person], roles: All[Role], accepted: Iterable[str], now: datetime) -> str:
    """Why a statement does not count as signed; empty if it does.

    Args:
        row: the statement.
        people: who may have signed it: somebody who worked here on that day.
        roles: what they held.
        accepted: the roles of which the signer held one on that day; empty if anybody may sign.
        now: the clock (UTC).

    """
    signer = people.first(lambda person: person.id == row.signer)
    wanted = tuple(accepted)
    if signer is None or not signer.row.is_active(row.signed_at):
        return f"{row.signer} signed it, and did not work here on {row.signed_at}"
    if wanted and row.signer not in holders(roles, wanted, row.signed_at):
        return f"{row.signer} signed it, and held none of {', '.join(wanted)} on {row.signed_at}"
    if row.valid_until is not None and row.valid_until < day_of(now):
        return f"it was valid until {row.valid_until}"
    return ""


def late(actions: Iterable[Action], held_at: date, now: datetime, closing_days: int) -> list[str]:
    """What is still open past its day, or `closing_days` after it was decided."""
    return [
        f"{a.what} ({a.owner}, due {a.due})"
        for a in actions
        if a.closed_at is None and (a.due < day_of(now) or days_between(held_at, now) > closing_days)
    ]


def quarter_before(now: date | datetime) -> tuple[date, date]:
    """The first and last day of the calendar quarter that ended last."""
    day = day_of(now)
    end = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1) - timedelta(days=1)
    return date(end.year, end.month - 2, 1), end


def of_quarter(rows: Iterable[AttestationRow], now: datetime, grace_days: int) -> tuple[AttestationRow | None, str, str]:
    """The statement about the quarter that ended last; in the days of grace after it, the one about the quarter before does.

    Returns:
        The newest statement about the whole quarter that was signed after it was over, if there is one; the quarter; and, in the days of
        grace, what is still to come.

    """
    several = list(rows)
    start, end = last = quarter_before(now)
    row, soon = _of_period(several, start, end), ""
    if row is None and days_between(end, now) <= grace_days:
        start, end = quarter_before(start)
        row, soon = _of_period(several, start, end), f"; that of {last[0]} to {last[1]} has {grace_days} days"
    return row, f"{start} to {end}", soon


def _of_period(rows: Iterable[AttestationRow], start: date, end: date) -> AttestationRow | None:
    whole = (r for r in rows if r.period_start and r.period_end and r.period_start <= start and end <= r.period_end < r.signed_at)
    return next(whole, None)


def listed(text: str) -> list[str]:
    """The parts of a value that holds several: `aws | azure`."""
    return [part.strip() for part in text.split("|") if part.strip()]

"""The lists that people bring from systems whose accounts no API shows, as grants."""

from datetime import UTC, date, datetime, time

from controlmon.facts.access.grant import Grant
from controlmon.facts.base import All
from controlmon.facts.document.access import Access


def grants_of_uploads(listed: All[Access], system: str) -> list[Grant]:
    """The rows of one system. Raises `Unseen` if the register, or any row of it, was not seen."""
    rows = [one.row for one in listed]
    return [
        Grant(
            system=system, scope=row.scope, principal=row.account, name=row.account, kind=row.kind, role=row.role, admin=row.admin,
            person=row.person or "", owner=row.owner or "", since=_moment(row.since), used=_moment(row.last_used),
            known=_moment(row.listed_at) if row.last_used else None,
        )
        for row in rows
        if row.system == system
    ]  # fmt: skip


def listed_at(listed: All[Access], system: str) -> date | None:
    """The day of the oldest row of a system's list; None if it has no list. Raises `Unseen`."""
    return min((row.listed_at for row in [one.row for one in listed] if row.system == system), default=None)


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)

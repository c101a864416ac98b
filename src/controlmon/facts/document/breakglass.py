"""Uses of break-glass: why each was made, who allowed it, when it raised an alert, and who reviewed it."""

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import Moment, PersonId, Record, Text, row_of


class BreakGlassUseRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One use of a break-glass principal: what its ticket says.

    Attributes:
        principal: the role or user (an ARN), or the account (its object id or login in Entra), that was used.
        person: who used it.
        started: from when to when (`ended`) it was used.
        approver: who allowed it, and when; `ticket` is where that is kept.
        alerted_at: when the alert reached somebody; `reviewed_at` is when `reviewer` had looked at what was done.

    """

    principal: Text
    person: PersonId
    started: Moment
    ended: Moment
    reason: str = ""
    approver: PersonId | None = None
    ticket: str = ""
    alerted_at: Moment | None = None
    reviewed_at: Moment | None = None
    reviewer: PersonId | None = None


class BreakGlassUse(Kind, name="document.breakglass_use"):
    """A use of break-glass as its ticket tells it."""

    row = row_of(BreakGlassUseRow)

"""Which engineers work for which customer, in which accounts, and what was promised to them."""

from datetime import date, datetime

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import CustomerId, Id, Number, Past, PersonId, Row, day_of, row_of


class EngagementRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The people of one customer.

    Attributes:
        accounts: AWS accounts, Azure subscriptions and other targets of the customer.
        people: the engineers who may enter there; nobody else may.
        rto_hours: how fast the service has to be back; `rpo_hours` how much of the data may be lost.
        baa: True if a business associate agreement holds.

    """

    id: Id
    customer: CustomerId
    title: str = ""
    accounts: tuple[str, ...] = ()
    people: tuple[PersonId, ...] = ()
    start: date
    end: date | None = None
    approver: PersonId | None = None
    approved_at: Past | None = None
    rto_hours: Number | None = None
    rpo_hours: Number | None = None
    baa: bool = False
    data_class: str = ""

    def is_current(self, at: date | datetime) -> bool:
        """Whether it holds on a day."""
        day = day_of(at)
        return self.start <= day and (self.end is None or day <= self.end)


class Engagement(Kind, name="document.engagement"):
    """The people of one customer, and the accounts that they may enter."""

    row = row_of(EngagementRow)

"""The risk register."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import Id, Past, PersonId, Row, Text, row_of

Grade = Annotated[int, Meta(ge=1, le=5)]


class RiskRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A risk.

    Attributes:
        likelihood, impact: from 1 (low) to 5.
        due: the day by which it is treated, or, where it is accepted, looked at again.
        updated_at: the day on which somebody last wrote of it.
        controls: the controls of the catalog that treat it.
        about: the controls that failed and the exceptions that were accepted because of which it stands here, by id.

    """

    id: Id
    title: Text
    status: Literal["open", "closed"] = "open"
    owner: PersonId | None = None
    likelihood: Grade | None = None
    impact: Grade | None = None
    treatment: Literal["mitigate", "accept", "transfer", "avoid"] | None = None
    due: date | None = None
    updated_at: Past | None = None
    controls: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


class Risk(Kind, name="document.risk"):
    """A risk of the register."""

    row = row_of(RiskRow)

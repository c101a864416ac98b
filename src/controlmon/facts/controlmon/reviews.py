"""Access reviews as the record has them: what was frozen, who decided what about each row, who signed, and what became of revocations."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Literal

from controlmon.core.fact import Raw
from controlmon.facts.access.grant import Grant
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.document.schema import converted, day_of

SYSTEMS = (
    *("aws_iam", "aws_identity_center", "azure_rbac", "entra_roles", "datadog", "github", "azuredevops", "jira"),
    *("auth0_dashboard", "auth0_users", "databases", "kubernetes"),
)
"""The systems whose access is reviewed, unless the company declares others."""
EXPLAINED = frozenset({"admin", "guest", "inactive", "leaver", "not yet here", "unknown person", "no owner", "no ticket"})
"""Flags of a row that is not kept, revoked or modified without a reason."""
GONE = "it is gone"
"""How the reason begins of a revocation that was seen to have happened: later runs look for it."""


class SheetRow(View, frozen=True, kw_only=True):
    """A row as it was frozen: the grant, who it is about, what is suggested and why, and who decides."""

    id: str
    grant: Grant
    person: str = ""
    title: str = ""
    manager: str = ""
    suggested: Literal["keep", "revoke", "modify"] = "keep"
    why: str = ""
    reviewer: str = ""

    @property
    def needs_reason(self) -> bool:
        """Whether a decision about it takes a reason."""
        return bool(EXPLAINED & set(self.grant.flags))


class Decision(View, frozen=True, kw_only=True):
    """What was decided of a row: by whom (ids of the roster), when, why; `change_to` is the role that a modified one is to be."""

    row: str
    decision: Literal["keep", "revoke", "modify"]
    reason: str = ""
    change_to: str = ""
    by: str
    at: datetime


class Exported(View, frozen=True, kw_only=True):
    """A sheet that was made for a reviewer: its rows of this system, and the digest of the snapshot that it is bound to."""

    reviewer: str
    rows: int
    snapshot: str
    at: datetime


class Signed(View, frozen=True, kw_only=True):
    """A signature: who, in what meaning, when, over which decisions (a digest)."""

    by: str
    name: str
    meaning: str
    decisions: str
    at: datetime


class Campaign(View, frozen=True, kw_only=True):
    """One campaign, as far as one system is concerned.

    Attributes:
        taken_at: the clock of the run that saw the population (`run`); `opened_at` is when it was frozen.
        snapshot: the digest that all sheets and signatures are bound to; `root` names the rows of this system, `rows` says how many.
        reviewers: who decides about rows of this system.
        signatures: of those reviewers; `signed_at` is when the last one signed, None until all have.
        seconds: the least time between a sheet's export and the import of its decisions; `spread` that between its first and last decision.

    """

    id: str
    taken_at: datetime
    opened_at: datetime
    run: str = ""
    snapshot: str
    root: str = ""
    rows: int
    reviewers: tuple[str, ...] = ()
    exported: tuple[Exported, ...] = ()
    signatures: tuple[Signed, ...] = ()
    signed_at: datetime | None = None
    seconds: int | None = None
    spread: int | None = None


class Standing(View, frozen=True, kw_only=True):
    """How the reviews of a system stand: the newest campaign, and the last that was signed whole. `since` is when the record began."""

    since: datetime | None = None
    newest: Campaign | None = None
    signed: Campaign | None = None


class Reviewed(View, frozen=True, kw_only=True):
    """The rows and decisions of the last campaign that was signed whole, or of the newest where none was."""

    campaign: str = ""
    signed: bool = False
    rows: tuple[SheetRow, ...] = ()
    decisions: tuple[Decision, ...] = ()


class Look(View, frozen=True, kw_only=True):
    """What an earlier run found of a revocation, from then on: whether the access was gone."""

    at: datetime
    gone: bool


class Review(Kind, name="controlmon.review"):
    """A system whose access is reviewed. Its id is the system's name."""

    @aspect()
    def standing(raw: Raw) -> Standing:
        """Its campaigns."""
        return converted(raw, Standing)

    @aspect()
    def reviewed(raw: Raw) -> Reviewed:
        """What was decided about it."""
        return converted(raw, Reviewed)


class Ordered(View, frozen=True, kw_only=True):
    """A row that is to be revoked or modified, by the last signed review, and what runs found of it since."""

    campaign: str
    row: SheetRow
    decision: Decision
    signed_at: datetime
    looks: tuple[Look, ...] = ()


class Revocation(Kind, name="controlmon.revocation"):
    """Access that a review took away."""

    @aspect()
    def ordered(raw: Raw) -> Ordered:
        """What was decided, and what was seen of it since."""
        return converted(raw, Ordered)


def quarter(at: date | datetime) -> str:
    """The calendar quarter of a day, such as `2026-Q4`."""
    day = day_of(at)
    return f"{day.year}-Q{(day.month + 2) // 3}"


def quarter_end(at: date | datetime) -> date:
    """The last day of the calendar quarter of a day."""
    day = day_of(at)
    month = (day.month + 2) // 3 * 3
    return date(day.year, month, monthrange(day.year, month)[1])


def due(standing: Standing, now: datetime, cadence: str, max_age_days: int) -> date:
    """The day by which the next review has to be signed off: a first one a quarter, or so many days, after the record began."""
    last = standing.signed.signed_at if standing.signed else None
    if last is None:
        began = standing.since or now
        return quarter_end(began) if cadence == "calendar_quarter" else day_of(began + timedelta(days=max_age_days))
    return (
        quarter_end(quarter_end(last) + timedelta(days=1)) if cadence == "calendar_quarter" else day_of(last + timedelta(days=max_age_days))
    )

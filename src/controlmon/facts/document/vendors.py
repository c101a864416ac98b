"""Vendors: what each does and sees, how it was assessed, its reports, and the terms of those that run models."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from msgspec import field

from controlmon.facts.base import Kind
from controlmon.facts.document.agreements import Agreement
from controlmon.facts.document.schema import Id, Past, PersonId, Record, Row, Sha256, Text, VendorId, day_of, row_of

PUBLISHED = ("AWS", "Azure", "GitHub", "Azure DevOps", "Auth0", "Office 365", "Anthropic", "Datadog", "Jira")
"""The subprocessors that the trust center publishes."""
Tier = Literal["critical", "high", "medium", "low"]


class Assessment(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A risk assessment of a vendor."""

    at: Past
    by: PersonId
    conclusion: Literal["accepted", "accepted with conditions", "rejected"]
    location: str = ""


class VendorRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A vendor: a company whose service is used.

    Attributes:
        aliases: other names that it, or a part of it, goes by: `Microsoft 365` for `Office 365`.
        services: what of it is used, in the words of its agreements.
        plan: the plan that is bought.
        customer_data: whether it sees customer data; `phi` whether it sees protected health information.
        region: where it keeps what it is given.
        first_use: the day of its first use: the first invoice, consent or integration.
        ended: the day on which its use ended.
        assessments: every assessment, the first one too.
        report: the place of its assurance report, or why there is none.

    """

    id: Id
    name: Text
    aliases: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    plan: str = ""
    tier: Tier | None = None
    customer_data: bool | None = None
    phi: bool | None = None
    region: str = ""
    owner: PersonId | None = None
    first_use: date | None = None
    ended: date | None = None
    contract: Agreement = Agreement()
    dpa: Agreement = Agreement()
    baa: Agreement = Agreement()
    assessments: tuple[Assessment, ...] = ()
    report: str = ""

    def is_used(self, now: date | datetime) -> bool:
        """Whether it is in use on a day. Without a first day it is."""
        day = day_of(now)
        return (self.first_use is None or self.first_use <= day) and (self.ended is None or day <= self.ended)

    def goes_by(self, names: Iterable[str]) -> bool:
        """Whether its id, its name or an alias is one of some names, in any case."""
        ours = {one.casefold() for one in (self.id, self.name, *self.aliases)}
        return any(name.casefold() in ours for name in names)


class Vendor(Kind, name="document.vendor"):
    """A vendor."""

    row = row_of(VendorRow)


class Noted(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An exception that an auditor noted, and what it means for us."""

    finding: Text
    assessment: str = ""


class VendorReportRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An assurance report of a vendor, as it was reviewed.

    Attributes:
        period_end: the end of the period that it covers; of a certificate, the day of the last audit.
        valid_until: of a certificate, the day on which it ends.
        bridge_until: the day to which a bridge letter reaches; `bridge_sha256` is the letter.
        exceptions: those that the auditor noted.
        cuecs: each complementary user entity control, and the control of ours that meets it; `{}` if the report asks for none.
        method: how organisations that the service rests on are covered.
        subservices: each of them, with the id of its own report here, or why none is needed.

    """

    vendor: VendorId
    type: Literal["soc2_type2", "soc2_type1", "soc3", "iso27001", "hitrust", "fedramp", "pci_dss", "other"]
    period_end: Past
    valid_until: date | None = None
    bridge_until: date | None = None
    bridge_sha256: Sha256 | None = None
    opinion: Literal["unqualified", "qualified", "adverse", "disclaimer"] | None = None
    exceptions: tuple[Noted, ...] = ()
    cuecs: dict[str, str] | None = None
    method: Literal["inclusive", "carve-out", "none"] | None = None
    subservices: dict[str, str] = field(default_factory=dict)
    reviewer: PersonId | None = None
    reviewed_at: Past | None = None
    sha256: Sha256 | None = None


class VendorReport(Kind, name="document.vendor_report"):
    """An assurance report of a vendor."""

    row = row_of(VendorReportRow)


class VendorTermsRow(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clause of a provider's terms that holds for models on one route, as it stood on a day.

    Attributes:
        provider: the vendor through which the model is reached.
        route: the way to the model, such as `bedrock`: the same word as in the register of AI use cases.
        models: which models, as patterns (`anthropic.claude-*`).
        operator: who runs the model, and whose terms these are.
        sha256: the digest of the terms as retrieved.
        excludes_training, retention, boundary: what the clause says of training, of how long prompts are kept, and of where they go.
        still_true: whether the reviewer found that what we publish is still true of it.

    """

    provider: VendorId
    service: Text
    route: Text
    models: tuple[str, ...] = ("*",)
    operator: Text
    clause: Text
    source: str = ""
    retrieved_at: Past
    sha256: Sha256
    excludes_training: bool
    retention: Text
    boundary: Text
    reviewer: PersonId | None = None
    reviewed_at: Past | None = None
    still_true: bool | None = None


class VendorTerms(Kind, name="document.vendor_terms"):
    """The terms of a model provider for one route."""

    row = row_of(VendorTermsRow)

"""Customers: their contracts, where they are hosted, what was retained after they left, and the deployments in their own clouds."""

from datetime import date, datetime
from typing import Literal

from msgspec import field

from controlmon.facts.base import Kind
from controlmon.facts.document.agreements import Agreement
from controlmon.facts.document.schema import CustomerId, Id, Number, Past, PersonId, Row, Sha256, Text, day_of, row_of


class Proof(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The output of a job that shows what is left of a customer in a store: the rows or objects that it counted."""

    at: Past
    left: Number
    sha256: Sha256


class CustomerRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A customer.

    Attributes:
        tenant: the value of the tag by which its resources are known; its id if blank.
        phi: whether protected health information flows.
        clauses: each clause that its contract has, and the section that has it.
        disposal, residency: the terms of disposal, and where its data may be.
        end: the day on which its contract ended; `disposal_requested` the day on which it asked for disposal.
        disposed: for stores of the isolation model that clouds do not show by tenant, what a job found there after the end.

    """

    id: Id
    name: Text
    tenant: str = ""
    hosting: Literal["hosted", "byoc"] = "hosted"
    start: date
    end: date | None = None
    disposal_requested: date | None = None
    phi: bool | None = None
    terms: Agreement = Agreement()
    dpa: Agreement = Agreement()
    baa: Agreement = Agreement()
    clauses: dict[str, str] = field(default_factory=dict)
    disposal: str = ""
    residency: str = ""
    disposed: dict[str, Proof] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        """The value of the tag by which its resources are known."""
        return self.tenant or self.id

    @property
    def over(self) -> date | None:
        """The day from which its data has to go: the end of the contract, or its request if that came first."""
        return min((day for day in (self.end, self.disposal_requested) if day), default=None)

    def is_active(self, now: date | datetime) -> bool:
        """Whether its contract runs on a day."""
        day = day_of(now)
        return self.start <= day and (self.end is None or day <= self.end)


class Customer(Kind, name="document.customer"):
    """A customer."""

    row = row_of(CustomerRow)


class RetentionExceptionRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something of a customer that was kept after the end.

    Attributes:
        basis: on what ground; `reference` is the law, the clause or the matter.
        data_class: its class, as the policy calls it.
        until: the day to which it is kept; `deleted_at` the day on which it was deleted.
        resources: the ids of resources that hold it, as patterns.

    """

    id: Id
    customer: CustomerId
    item: Text
    data_class: str = ""
    basis: Literal["law", "contract", "legal hold"] | None = None
    reference: str = ""
    until: date | None = None
    approver: PersonId | None = None
    approved_at: Past | None = None
    deleted_at: Past | None = None
    resources: tuple[str, ...] = ()


class RetentionException(Kind, name="document.retention_exception"):
    """Something that was kept after a customer left."""

    row = row_of(RetentionExceptionRow)


class Confirmation(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the customer confirmed: when, who, and the digest of what they wrote."""

    at: Past | None = None
    by: str = ""
    sha256: Sha256 | None = None


class ByocDeploymentRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deployment in a customer's own cloud.

    Attributes:
        tenant: the customer's Entra tenant, or the id of its AWS organization.
        accounts: its accounts or subscriptions.
        keys: the keys that encrypt it: ARNs of AWS KMS, or URLs of vaults or keys.
        access_paths: each way in that we have: roles, delegations, jump hosts.
        access_revoked_at: the day on which the last of them was taken away.

    """

    id: Id
    customer: CustomerId
    cloud: Literal["aws", "azure"]
    tenant: str = ""
    accounts: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    access_paths: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    access_revoked_at: Past | None = None
    confirmed_start: Confirmation = Confirmation()
    confirmed_end: Confirmation = Confirmation()


class ByocDeployment(Kind, name="document.byoc_deployment"):
    """A deployment in a customer's own cloud."""

    row = row_of(ByocDeploymentRow)

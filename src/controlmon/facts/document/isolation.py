"""Environments and isolation: where each account belongs, and what of each store a tenant has for itself."""

from typing import Annotated, Literal

from msgspec import Meta

from controlmon.facts.base import Kind
from controlmon.facts.document.schema import Id, Past, Row, Sha256, Text, row_of


class EnvironmentRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where something belongs. `id` is that of an account or subscription, or any other key of `environments.map` in the configuration."""

    id: Text
    environment: Text
    cloud: Literal["aws", "azure"] | None = None
    note: str = ""


class EnvironmentEntry(Kind, name="document.environment"):
    """Where an account, a subscription or another thing belongs."""

    row = row_of(EnvironmentRow)


class StoreRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A store, a key or an identity of the product, and how it keeps tenants apart.

    Attributes:
        type: of what sort its resources are: `rds:cluster`, `s3:bucket`, `kms:key` ..., or a type of Azure in lower case. Blank where no
            cloud shows it by tenant (an Auth0 organisation, an index within a service).
        isolation: `tenant` if each tenant has its own, `row` if tenants share it and the application keeps them apart, `shared` if it holds
            nothing of a tenant.
        count: how many of it each tenant has.
        tested_at, test_sha256, test_passed: the product's own tests that rows are kept apart.

    """

    id: Id
    name: Text
    what: Literal["store", "key", "identity"] = "store"
    type: str = ""
    isolation: Literal["tenant", "row", "shared"]
    count: Annotated[int, Meta(ge=0)] = 1
    tested_at: Past | None = None
    test_sha256: Sha256 | None = None
    test_passed: bool | None = None

    @property
    def visible(self) -> bool:
        """Whether clouds show what of it belongs to a tenant."""
        return self.isolation == "tenant" and bool(self.type)


class Store(Kind, name="document.store"):
    """A store, key or identity of the isolation model."""

    row = row_of(StoreRow)

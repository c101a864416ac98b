"""What the company has: systems and how their access is logged, endpoints, published pages, assets."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, field

from controlmon.facts.base import Aspect, Kind
from controlmon.facts.document.schema import Id, Past, PersonId, Row, Sha256, Text, row_of
from controlmon.facts.document.tls import Handshakes, Web, handshakes_of, web_of
from controlmon.facts.document.web import contact_of, fetched_of

ASSETS = ("cloud", "saas", "repository", "domain", "device", "model", "dataset")
"""The sorts of assets."""


class Logged(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one kind of access to a system is logged: its source in Datadog, or a gap that somebody owns until a day."""

    source: str = ""
    query: str = ""
    gap: str = ""
    gap_owner: PersonId | None = None
    gap_until: date | None = None


class SystemRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A system.

    Attributes:
        access: each kind of access that there is (`console`, `api`, `database`, `session`, `kubernetes`, `vault`, `admin`), and its log.
        in_review: whether its users are part of access reviews.

    """

    id: Id
    name: Text
    production: bool = True
    in_review: bool = True
    owner: PersonId | None = None
    access: dict[str, Logged] = field(default_factory=dict)


class System(Kind, name="document.system"):
    """A system of the company."""

    row = row_of(SystemRow)


class EndpointRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name on the Internet.

    Attributes:
        third_party: whether another company answers it.
        hsts: whether browsers come there, so that it has to send that header.
        http_port: the port that answers in the clear: 80 beside 443, unless another is named; 0 for none.

    """

    id: Id
    host: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max_length=253)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 443
    third_party: bool = False
    hsts: bool = True
    http_port: Annotated[int, Meta(ge=0, le=65535)] | None = None
    owner: PersonId | None = None

    @property
    def clear(self) -> int:
        """The port that may answer in the clear; 0 for none."""
        return self.http_port if self.http_port is not None else 80 * (self.port == 443)


class Endpoint(Kind, name="document.endpoint"):
    """An endpoint of the company on the Internet."""

    row = row_of(EndpointRow)
    handshakes = Aspect(handshakes_of, Handshakes(), ("addresses",))
    web = Aspect(web_of, Web(), ())


class PageRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published page.

    Attributes:
        markers: words that it has to show.
        kind: `security` is what is promised of security, `status` a page in JSON that tells the status of controls.
        approved: the digest of the version that was approved, as the check of pages tells it.

    """

    id: Id
    name: Text
    kind: Literal["privacy", "terms", "subprocessors", "reporting", "security", "status", "other"]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s@]+$")]
    markers: tuple[str, ...] = ()
    approved: Sha256 | None = None
    approved_at: Past | None = None
    approved_by: PersonId | None = None


class Page(Kind, name="document.page"):
    """A published page."""

    row = row_of(PageRow)
    fetched = Aspect(fetched_of, None, ("bytes",))
    contact = Aspect(contact_of, None, ())


class AssetRow(Row, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that the company has.

    Attributes:
        resource: of a cloud asset, its ARN or id, or a pattern for several (`arn:aws:s3:::logs-*`).

    """

    id: Id
    name: Text
    kind: Literal["cloud", "saas", "repository", "domain", "device", "model", "dataset"]
    owner: PersonId | None = None
    resource: str = ""


class Asset(Kind, name="document.asset"):
    """An asset of the register."""

    row = row_of(AssetRow)

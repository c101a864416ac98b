"""Logging in to an AWS account: credentials, identity, regions, and clients that are built once."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import UnknownServiceError
from botocore.loaders import create_loader
from msgspec import Struct

from controlmon.collect.ask import Once, skew
from controlmon.collect.aws.ask import AwsAsk, Paging
from controlmon.collect.aws.errors import UnreadableBody
from controlmon.collect.base import Operation, Place
from controlmon.core.fact import Gap, Login, Raw, Scope, Seen

HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""The region that answers for the global services of each partition."""
HOST_PREFIXED = {"s3control"}
"""Services whose SDK puts the account id before the host: 123456789012.127.0.0.1 is no name that anybody resolves."""

_BUILDING = threading.Lock()
"""One client is built at a time, in all accounts together: what they are built from is shared."""


class Terms(Struct, frozen=True):
    """How to talk to AWS: attempts per call, seconds to connect and to read, connections, endpoints by service (`*` for all), the clock."""

    attempts: int = 5
    connect: float = 10
    read: float = 60
    connections: int = 16
    endpoints: dict[str, str] = {}
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def endpoint(self, service: str) -> str | None:
        """The endpoint that the configuration gives a service, or None for the SDK's own choice (which honours AWS_ENDPOINT_URL)."""
        return self.endpoints.get(service) or self.endpoints.get("*")


class Identity(Struct, frozen=True):
    """Who we are to AWS: what GetCallerIdentity answered, and the region that was logged in to."""

    account: str
    arn: str
    region: str
    raw: Raw
    seen: Seen

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]


class AwsSession:
    """An account that was logged in to. Thread-safe; each client is built once, when first needed."""

    def __init__(self, boto: boto3.Session, identity: Identity, terms: Terms, now: datetime) -> None:
        self._boto, self.identity, self._terms, self.now = boto, identity, terms, now
        self.region, self.partition, self.clock = identity.region, identity.partition, terms.clock
        self._clients: dict[tuple[str, str], Any] = {}
        self._paging: dict[str, Paging] = {}
        self._lock = threading.Lock()
        self.once = Once()
        self.regions: list[str] = []
        self.unplaced: Gap | None = None
        self.known_regions: dict[str, str] = {}

    def scopes(self, place: Place) -> list[Scope]:
        """The account, or each of its regions in scope."""
        if place is not Place.REGION:
            return [Scope("aws", self.identity.account)]
        return [Scope("aws", self.identity.account, region) for region in self.regions]

    def login(self, name: str) -> Login:
        """Who we are, as GetCallerIdentity answered, and how far the clock of AWS was from ours."""
        return Login("aws", self.identity.account, name, self.identity.arn, self.known_regions, skew(self.identity.seen))

    def ask(self, operation: Operation, scope: Scope) -> AwsAsk:
        """One operation in one scope; a scope without a region is asked in the session's own."""
        return AwsAsk(self, operation, scope, scope.region or self.region)

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """The client of a service in a region."""
        key = (service, region)
        if key not in self._clients:
            with self._lock:  # boto3 sessions are not thread-safe while they build a client
                if key not in self._clients:
                    self._clients[key] = self._build(service, region)
        return self._clients[key]

    def paging(self, operation: Operation) -> Paging:
        """How an operation pages."""
        if operation.id not in self._paging:
            with self._lock:
                self._paging[operation.id] = Paging(self._pagination(operation.service).get(operation.name))
        return self._paging[operation.id]

    def _pagination(self, service: str) -> dict[str, Any]:
        try:
            model = self._boto._session.get_component("data_loader").load_service_model(service, "paginators-1")  # noqa: SLF001 - the loader of the session's own models
        except UnknownServiceError:
            return {}
        pages: dict[str, Any] = model["pagination"]
        return pages

    def _build(self, service: str, region: str) -> Any:  # noqa: ANN401
        client = build_client(self._boto, service, region, self._terms)
        model = client.meta.service_model
        event = f"before-parse.{model.service_id.hyphenize()}"
        client.meta.events.register(event, partial(refuse_pages, protocol=model.resolved_protocol))
        return client


@cache
def _models() -> Any:  # noqa: ANN401 - botocore's own
    """The models of AWS's services. They are large and slow to read, and the same for every account: all sessions share them."""
    return create_loader(botocore.session.get_session().get_config_variable("data_path"))


def sharing(session: boto3.Session) -> boto3.Session:
    """The session, with the models that all share."""
    session._session.register_component("data_loader", _models())  # noqa: SLF001 - boto3 hides the session that it rests on
    return session


def build_client(session: boto3.Session, service: str, region: str, terms: Terms) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """A client on our terms."""
    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": terms.attempts},
        connect_timeout=terms.connect,
        read_timeout=terms.read,
        max_pool_connections=terms.connections,
        user_agent_extra="controlmon",
    )
    with _BUILDING:
        client = session.client(service, region_name=region, endpoint_url=terms.endpoint(service), config=config)
    if service in HOST_PREFIXED and _is_stand_in(client.meta.endpoint_url):
        client.meta.events.register_first(f"request-created.{client.meta.service_model.service_id.hyphenize()}", _without_account)
    return client


def _without_account(request: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own
    """Take the account id from before the host, ahead of signing."""
    request.url = re.sub(r"^(https?://)\d{12}\.", r"\1", request.url)


def _is_stand_in(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    return host == "localhost" or ":" in host or re.fullmatch(r"[\d.]+", host) is not None


ROOT = re.compile(rb"<\s*([A-Za-z_][\w:.-]*)")
XML = {"query", "ec2", "rest-xml"}


def refuse_pages(response_dict: dict[str, Any], protocol: str, **_: object) -> None:
    """Refuse a successful answer whose body is not of AWS's protocols: a proxy's sign-in page is no empty list of buckets.

    botocore reads such a page, and JSON that is cut short, as an answer without members. The elements of AWS's XML begin with a capital.

    Raises:
        UnreadableBody: for a web page, or JSON that is cut short.

    """
    body = response_dict["body"]
    if response_dict["status_code"] >= 300 or not isinstance(body, bytes) or not body.strip():
        return
    if body.lstrip().startswith(b"<"):
        root = ROOT.search(body[:2048])
        if protocol not in XML or root is None or not root.group(1)[:1].isupper() or root.group(1).lower() == b"html":
            raise UnreadableBody(reason="a web page")
    elif protocol not in XML and not (body.lstrip().startswith((b"{", b"[")) and body.rstrip().endswith((b"}", b"]"))):
        raise UnreadableBody(reason="JSON that is cut short, or no JSON at all")


def assumed(base: boto3.Session, role: str, external_id: str | None, terms: Terms) -> boto3.Session:
    """A session with the credentials of an assumed role, which renew themselves (sts:AssumeRole)."""

    def create_client(service: str, **settings: Any) -> Any:  # noqa: ANN401 - botocore's own signature
        with _BUILDING:
            return base.client(service, endpoint_url=terms.endpoint("sts"), **settings)

    arguments = {"RoleSessionName": "controlmon"} | ({"ExternalId": external_id} if external_id else {})
    fetcher = AssumeRoleCredentialFetcher(create_client, base.get_credentials(), role, extra_args=arguments)
    core: Any = botocore.session.Session()
    core._credentials = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")  # noqa: SLF001 - botocore offers no other way
    return sharing(boto3.Session(botocore_session=core, region_name=base.region_name))

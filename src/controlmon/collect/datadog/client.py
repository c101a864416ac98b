"""A client on our terms: endpoint, proxy and certificates from the environment, time-outs, retries that a rate limit cannot stretch."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.rest import ClientRetry, RESTClientObject
from msgspec import Struct
from urllib3.util import make_headers

LONGEST_WAIT = 60
"""Seconds that a rate limit may make one call wait; some of Datadog's limits reset after an hour, which is a gap and not a wait."""


class Terms(Struct, frozen=True):
    """How to talk to Datadog: attempts per call, seconds to connect and to read, connections, endpoint (None: the site's), clock."""

    attempts: int = 5
    connect: float = 10
    read: float = 60
    connections: int = 16
    endpoint: str | None = None
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Client(ApiClient):
    """datadog-api-client's, with as many connections as there are threads."""

    def __init__(self, configuration: Configuration, connections: int) -> None:
        self._connections = connections
        super().__init__(configuration)
        self.user_agent = f"controlmon {self.user_agent}"

    def _build_rest_client(self) -> Any:  # noqa: ANN401 - datadog-api-client's own
        return RESTClientObject(self.configuration, maxsize=self._connections)  # type: ignore[no-untyped-call]


def build_client(site: str, api_key: str, app_key: str, terms: Terms) -> Client:
    """A client for one organization. Raises `OSError` if the certificates that the environment names cannot be read."""
    host = terms.endpoint or f"https://api.{site}"
    settings = Configuration(  # type: ignore[no-untyped-call]
        host=host.rstrip("/"),
        api_key={"apiKeyAuth": api_key, "appKeyAuth": app_key},
        preload_content=False,
        request_timeout=(terms.connect, terms.read),
        ssl_ca_cert=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or None,
        retry_policy=ClientRetry(
            total=terms.attempts - 1,
            redirect=False,  # the keys are headers that urllib3 would send on to wherever a redirect leads
            backoff_factor=0.5,
            backoff_max=30,
            retry_after_max=LONGEST_WAIT,
        ),
    )
    settings.proxy, settings.proxy_headers = proxy_for(host)
    return Client(settings, terms.connections)


def proxy_for(url: str) -> tuple[str | None, dict[str, str] | None]:
    """The proxy that the environment names for a URL, and the headers that log in to it: the client looks at neither by itself."""
    parts = urlsplit(url)
    proxies = getproxies_environment()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc, proxies):
        return None, None
    where = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    bare = f"{where.scheme}://{where.netloc.rpartition('@')[2]}"
    if where.username is None:
        return bare, None
    return bare, make_headers(proxy_basic_auth=f"{unquote(where.username)}:{unquote(where.password or '')}")

"""Logging in to Microsoft's clouds, and a pipeline to one of their APIs: what Azure and Entra ID share.

azure-identity and azure-core, unmodified. HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and SSL_CERT_FILE are honoured; no redirect is
followed, since the token would go with it.
"""

import base64
import binascii
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from azure.core import PipelineClient
from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import PipelineResponse
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse
from msgspec import Struct

from controlmon.core.fact import GapKind, Raw

CALL_ERRORS = (AzureError, OSError, ValueError)
"""What azure-core, azure-identity and what they rest on raise when a call fails."""
DROPPED = "[dropped: it may hold a secret]"


class Cloud(Struct, frozen=True):
    """Where one of Microsoft's clouds answers: its logins, Azure Resource Manager, Microsoft Graph."""

    authority: str
    arm: str
    graph: str


CLOUDS = {
    "public": Cloud("https://login.microsoftonline.com", "https://management.azure.com", "https://graph.microsoft.com"),
    "usgov": Cloud("https://login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://graph.microsoft.us"),
    "china": Cloud("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
}
"""By the names of the configuration."""


class Terms(Struct, frozen=True):
    """How to talk to Microsoft: attempts per call, seconds to connect, to read, and to wait at most if told to; the clock."""

    attempts: int = 5
    connect: float = 10
    read: float = 60
    patience: float = 120
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Login(Struct, frozen=True):
    """How to log in: azure-identity's own chain, or one way of it, in a tenant. `authority` takes the place of the cloud's."""

    way: str = "default"
    tenant: str | None = None
    client_id: str | None = None
    cloud: str = "public"
    authority: str | None = None


class Credential:
    """A credential of azure-identity that asks for tokens of one tenant, whatever tenant its own environment names."""

    def __init__(self, login: Login, terms: Terms) -> None:
        self._inner = _build(login, terms)
        self._tenant = login.tenant
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's own protocol
        """An access token. Raises `ClientAuthenticationError` if there is none."""
        with self._lock:  # several threads need the first token at once: one asks for it
            token: AccessToken = self._inner.get_token(*scopes, **self._with_tenant(options))
            return token

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """The same, as azure-core's policy asks."""
        told: dict[str, Any] = {k: v for k, v in dict(options or {}).items() if k in ("claims", "tenant_id", "enable_cae")}
        token = self.get_token(*scopes, **told)
        return AccessTokenInfo(token.token, token.expires_on)

    def _with_tenant(self, options: dict[str, Any]) -> dict[str, Any]:
        return {**options, "tenant_id": self._tenant} if self._tenant else options


def _build(login: Login, terms: Terms) -> Any:  # noqa: ANN401 - azure-identity's credentials share no type
    from azure import identity  # noqa: PLC0415 - it is heavy

    authority = login.authority or os.environ.get("AZURE_AUTHORITY_HOST") or CLOUDS[login.cloud].authority
    known = authority.removeprefix("https://").rstrip("/") in {cloud.authority.removeprefix("https://") for cloud in CLOUDS.values()}
    common: dict[str, Any] = {
        "authority": authority,
        "disable_instance_discovery": not known,  # of a private cloud Microsoft knows nothing
        "additionally_allowed_tenants": [login.tenant] if login.tenant else [],
        "retry_total": terms.attempts - 1,
        "connection_timeout": terms.connect,
        "read_timeout": terms.read,
        **_trust(),
    }
    match login.way:
        case "environment":
            return identity.EnvironmentCredential(**common)
        case "workload":
            return identity.WorkloadIdentityCredential(**_named(login), **common)
        case "managed":
            return identity.ManagedIdentityCredential(client_id=login.client_id, **_trust())
        case "cli":
            allowed = common["additionally_allowed_tenants"]
            return identity.AzureCliCredential(tenant_id=login.tenant or "", additionally_allowed_tenants=allowed)
        case _:
            own = {"managed_identity_client_id": login.client_id, "workload_identity_client_id": login.client_id} if login.client_id else {}
            return identity.DefaultAzureCredential(**own, **common)


def _named(login: Login) -> dict[str, str]:
    named = {"tenant_id": login.tenant, "client_id": login.client_id}
    return {name: value for name, value in named.items() if value}


def _trust() -> dict[str, Any]:
    """The authorities that the environment says to trust. `requests` reads all but SSL_CERT_FILE by itself."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    return {"connection_verify": bundle} if bundle else {}


class Patience(RetryPolicy[HttpRequest, HttpResponse]):
    """Waits as long as the service asks (Retry-After, RFC 9110 section 10.2.3), but not longer than `most` seconds."""

    def __init__(self, attempts: int, most: float) -> None:
        tries = attempts - 1
        super().__init__(retry_total=tries, retry_connect=tries, retry_read=tries, retry_status=tries, retry_backoff_max=most)
        self._most = most

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """How long it asks to wait, in seconds; None if it does not say, or says something else."""
        try:
            return super().get_retry_after(response)
        except (ValueError, TypeError):
            return None

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to ask again."""
        return (self.get_retry_after(response) or 0) <= self._most and super().is_retry(settings, response)


def pipeline(base: str, resource: str, credential: Credential, terms: Terms) -> PipelineClient[HttpRequest, HttpResponse]:
    """A client of the API at `base` (https), with tokens for `resource`. Send with `retry_on_methods` for a POST that only reads."""
    policies = [
        UserAgentPolicy("controlmon"),
        Patience(terms.attempts, terms.patience),
        BearerTokenCredentialPolicy[HttpRequest, HttpResponse](credential, f"{resource}/.default"),
    ]
    return PipelineClient(base, policies=policies, connection_timeout=terms.connect, read_timeout=terms.read, **_trust())


def kind_of_failure(error: Exception) -> GapKind:
    """Which gap a call leaves that got no answer at all."""
    if isinstance(error, ClientAuthenticationError):
        return GapKind.DENIED
    if isinstance(error, ServiceRequestTimeoutError | ServiceResponseTimeoutError | TimeoutError):
        return GapKind.TIMEOUT
    return GapKind.UNAVAILABLE


def said_of(error: Exception) -> str:
    """What to tell of it, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says of its bearer; {} if it is not one that can be read. Microsoft does not promise that it can."""
    try:
        body = token.split(".")[1]
        read = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, binascii.Error):
        return {}
    return read if isinstance(read, dict) else {}


def read_json(response: HttpResponse) -> Raw:
    """The body as JSON. Fractions and integers that JSON's own numbers cannot hold (RFC 8785, section 3.2.2.3) are kept as text.

    Raises:
        ValueError: if it is not JSON: a proxy's sign-in page is no empty list.

    """
    return json.loads(response.text(), parse_float=str, parse_int=lambda text: int(text) if abs(int(text)) < 2**53 else text)


def without(value: Raw, drops: tuple[str, ...]) -> Raw:
    """An answer without the members that may hold a secret, which says so in their place."""
    if not drops:
        return value
    if isinstance(value, dict):
        return {k: DROPPED if k in drops and v is not None else without(v, drops) for k, v in value.items()}
    return [without(v, drops) for v in value] if isinstance(value, list) else value


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""Logging in to Microsoft's clouds: what Azure and Entra ID share. azure-identity, unmodified."""

import base64
import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions
from azure.core.exceptions import AzureError, ClientAuthenticationError
from msgspec import Struct

CALL_ERRORS = (AzureError, OSError, ValueError)
"""What azure-core, azure-identity and what they rest on raise when a call fails: ValueError for settings that cannot be used."""
Way = Literal["default", "environment", "workload", "managed", "cli"]


class Cloud(Struct, frozen=True):
    """One of Microsoft's clouds: where one logs in, where its Resource Manager and its Microsoft Graph are."""

    name: str
    authority: str
    arm: str
    graph: str

    @property
    def audience(self) -> str:
        """The scope of a token for Resource Manager: the cloud's own, whatever endpoint stands in for it."""
        return f"{CLOUDS[self.name].arm}/.default"

    @property
    def directory(self) -> str:
        """The scope of a token for Microsoft Graph."""
        return f"{CLOUDS[self.name].graph}/.default"


CLOUDS = {
    "public": Cloud("public", "https://login.microsoftonline.com", "https://management.azure.com", "https://graph.microsoft.com"),
    "usgov": Cloud("usgov", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://graph.microsoft.us"),
    "china": Cloud(
        "china", "https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"
    ),
}
"""By the names of the configuration."""


def cloud(name: str, authority: str | None = None, arm: str | None = None, graph: str | None = None) -> Cloud:
    """A cloud, with the endpoints that the configuration or AZURE_AUTHORITY_HOST puts in the place of its own.

    AZURE_AUTHORITY_HOST stands in for the public cloud's login alone: who names another cloud does not mean that one.
    """
    usual = CLOUDS[name]
    login = authority or (os.environ.get("AZURE_AUTHORITY_HOST") if name == "public" else None) or usual.authority
    login = login if "://" in login else f"https://{login}"
    return Cloud(name, login.rstrip("/"), (arm or usual.arm).rstrip("/"), (graph or usual.graph).rstrip("/"))


class Terms(Struct, frozen=True):
    """How to talk to Microsoft: attempts per call, seconds to connect, to read, and to wait at most if told to; connections; the clock."""

    attempts: int = 5
    connect: float = 10
    read: float = 60
    patience: float = 120
    connections: int = 16
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Login(Struct, frozen=True):
    """How to log in: azure-identity's own chain, or one way of it, in a tenant. `authority` takes the place of the cloud's."""

    way: Way = "default"
    tenant: str | None = None
    client_id: str | None = None
    cloud: str = "public"
    authority: str | None = None


class Credential:
    """A credential of azure-identity that asks for tokens of one tenant, whatever tenant its own environment names. Thread-safe.

    Raises:
        ValueError, ClientAuthenticationError: for settings that azure-identity cannot use.

    """

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

    where = cloud(login.cloud, login.authority)
    others = [login.tenant] if login.tenant else []
    common: dict[str, Any] = {
        "authority": where.authority,
        "disable_instance_discovery": where.authority not in {one.authority for one in CLOUDS.values()},  # Microsoft knows no private cloud
        "additionally_allowed_tenants": others,
        "retry_total": terms.attempts - 1,
        "connection_timeout": terms.connect,
        "read_timeout": terms.read,
        **trust(),
    }
    match login.way:
        case "environment":
            return identity.EnvironmentCredential(**common)
        case "workload":
            named = {"tenant_id": login.tenant, "client_id": login.client_id}
            return identity.WorkloadIdentityCredential(**{name: value for name, value in named.items() if value}, **common)
        case "managed":  # it has a tenant of its own, and no authority to choose
            return identity.ManagedIdentityCredential(client_id=login.client_id, **trust())
        case "cli":
            return identity.AzureCliCredential(tenant_id=login.tenant or "", additionally_allowed_tenants=others)
        case "default":
            own = {"managed_identity_client_id": login.client_id, "workload_identity_client_id": login.client_id} if login.client_id else {}
            return identity.DefaultAzureCredential(**own, **common)


def trust() -> dict[str, Any]:
    """The authorities that the environment says to trust. `requests` reads all but SSL_CERT_FILE by itself."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or os.environ.get("CURL_CA_BUNDLE")
    return {"connection_verify": bundle} if bundle else {}


def claims_of(token: str, tenant: str | None = None) -> dict[str, Any]:
    """What an access token says of its bearer (RFC 7519, section 3); {} if it cannot be read, which Microsoft does not promise.

    It is Microsoft that verifies it; here it only tells who asks.

    Raises:
        ClientAuthenticationError: if the token is of another tenant than the one that was meant.

    """
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        claims = {}
    claims = claims if isinstance(claims, dict) else {}
    own = str(claims.get("tid", ""))
    if tenant and own and own.lower() != tenant.lower() and "." not in tenant:  # a tenant may be named by its domain
        raise ClientAuthenticationError(f"the credential belongs to tenant {own}, not to {tenant}")
    return claims

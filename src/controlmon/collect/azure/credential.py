"""Logging in to Entra for Azure: azure-identity's chain, or the one way of it that the configuration names."""

import base64
import os
from typing import Any, Literal

import msgspec
from azure.core.credentials import AccessToken, TokenCredential
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    DefaultAzureCredential,
    EnvironmentCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from msgspec import Struct

Way = Literal["default", "environment", "workload", "managed", "cli"]


class Cloud(Struct, frozen=True):
    """One of Microsoft's clouds: where one logs in, where its Resource Manager and its Microsoft Graph are, and for whom tokens are."""

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

    @property
    def private(self) -> bool:
        """True if one logs in somewhere that Microsoft's instance discovery does not know."""
        return self.authority not in {cloud.authority for cloud in CLOUDS.values()}


CLOUDS = {
    "public": Cloud("public", "https://login.microsoftonline.com", "https://management.azure.com", "https://graph.microsoft.com"),
    "usgov": Cloud("usgov", "https://login.microsoftonline.us", "https://management.usgovcloudapi.net", "https://graph.microsoft.us"),
    "china": Cloud(
        "china", "https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"
    ),
}


def cloud(name: str, authority: str | None = None, arm: str | None = None) -> Cloud:
    """A cloud, with the endpoints that the configuration or AZURE_AUTHORITY_HOST puts in the place of its own."""
    usual = CLOUDS[name]
    login = authority or (os.environ.get("AZURE_AUTHORITY_HOST") if name == "public" else None) or usual.authority
    login = login if "://" in login else f"https://{login}"
    return Cloud(name, login.rstrip("/"), (arm or usual.arm).rstrip("/"), usual.graph)


def trust() -> dict[str, str]:
    """What azure-core has to be told of SSL_CERT_FILE, which requests does not look at; REQUESTS_CA_BUNDLE comes before it."""
    named = os.environ.get("SSL_CERT_FILE")
    return {"connection_verify": named} if named and not os.environ.get("REQUESTS_CA_BUNDLE") else {}


def credential_of(way: Way, tenant: str | None, client_id: str | None, where: Cloud) -> TokenCredential:
    """The credential. Raises `ValueError` or `ClientAuthenticationError` for settings that azure-identity cannot use."""
    login: dict[str, Any] = {"authority": where.authority, "disable_instance_discovery": where.private, **trust()}
    other = [tenant] if tenant else []
    match way:
        case "environment":
            chosen: TokenCredential = EnvironmentCredential(additionally_allowed_tenants=other, **login)
        case "workload":
            chosen = WorkloadIdentityCredential(tenant_id=tenant, client_id=client_id, **login)
        case "managed":
            return ManagedIdentityCredential(client_id=client_id)  # it has a tenant of its own, and no authority to choose
        case "cli":
            chosen = AzureCliCredential(tenant_id=tenant or "")
        case _:
            named = {"managed_identity_client_id": client_id, "workload_identity_client_id": client_id} if client_id else {}
            chosen = DefaultAzureCredential(additionally_allowed_tenants=other, **named, **login)
    return InTenant(chosen, tenant) if tenant and way in ("environment", "default") else chosen


class InTenant:
    """A credential that asks for tokens of one tenant."""

    def __init__(self, credential: TokenCredential, tenant: str) -> None:
        self._credential, self._tenant = credential, tenant

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:  # noqa: ANN401 - azure-core's own signature
        """A token of the tenant."""
        return self._credential.get_token(*scopes, **{**options, "tenant_id": self._tenant})


class Claims(Struct, frozen=True):
    """What a token says of its bearer. It is Azure that verifies it; here it only tells who asked."""

    tid: str = ""
    oid: str = ""
    appid: str = ""
    upn: str = ""
    idtyp: str = ""

    @property
    def identity(self) -> str:
        """The bearer in a few words."""
        who = self.upn or (f"application {self.appid}" if self.appid else "an identity that its token does not name")
        return f"{who}, object {self.oid}" if self.oid else who


def claims_of(token: str, tenant: str | None) -> Claims:
    """The claims of a token (RFC 7519, section 3).

    Raises:
        ClientAuthenticationError: if the token is of another tenant than the one that was meant.

    """
    try:
        part = token.split(".")[1]
        claims = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)), type=Claims)
    except (IndexError, ValueError, msgspec.MsgspecError):
        claims = Claims()  # a token is opaque to those who carry it: that it can be read is a courtesy
    if tenant and claims.tid and claims.tid.lower() != tenant.lower() and "." not in tenant:
        raise ClientAuthenticationError(f"the credential belongs to tenant {claims.tid}, not to {tenant}")
    return claims

"""A key in Azure Key Vault or Managed HSM that signs checkpoints: P-256, over the REST API, each signature verified before it is used."""

import base64
import hashlib
import os
import re
from collections.abc import Mapping
from typing import Any, NoReturn, Self
from urllib.parse import urlsplit
from urllib.request import parse_http_list, parse_keqv_list

from azure.core import PipelineClient
from azure.core.credentials import TokenProvider
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy, UserAgentPolicy
from azure.core.rest import HttpRequest, HttpResponse
from azure.identity import AzureAuthorityHosts, DefaultAzureCredential
from cryptography.hazmat.primitives.asymmetric import ec

from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import ECDSA, VerifierKey
from controlmon.ledger.ecdsa import EcdsaVerifier, encoded, spelled

GET, SIGN = "keys/get", "keys/sign"
"""The permissions that signing needs (data actions `Microsoft.KeyVault/vaults/keys/read` and `.../keys/sign/action`)."""
API = "7.4"
"""The version of the REST API that is asked: one that each cloud has."""
PATIENCE = 30.0
"""Seconds that the vault may ask us to wait: the ledger is locked while its head is being signed."""

_KEY = re.compile(
    r"(?P<vault>https://[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?)/keys/(?P<name>[0-9a-z-]{1,127})(/(?P<version>[0-9a-f]{32}))?",
    re.ASCII | re.IGNORECASE,
)
_AUTHORITIES = {
    ".azure.net": AzureAuthorityHosts.AZURE_PUBLIC_CLOUD,
    ".azure.cn": AzureAuthorityHosts.AZURE_CHINA,
    ".usgovcloudapi.net": AzureAuthorityHosts.AZURE_GOVERNMENT,
}  # by the domain of a vault
_LOG_IN = f"Log in to Azure in the vault's tenant, as an identity that has {GET} and {SIGN} (AZURE_TENANT_ID, AZURE_CLIENT_ID ...)"
_REACH = "Let this host reach the vault and its login (HTTPS_PROXY, REQUESTS_CA_BUNDLE, AZURE_AUTHORITY_HOST)"
_CHECK_THE_WAY = "Find out who answers in the place of the vault (its name, a proxy)"
_MENDS = {
    "ForbiddenByConnection": "Let this host reach the vault: its firewall or private endpoint refused it",
    "ForbiddenByFirewall": "Let this host reach the vault: its firewall refused it",
    "KeyDisabled": "Enable the key",
    "KeyExpired": "Give the key a later expiry, or rotate to a new key",
    "KeyNotYetValid": "Give the key an earlier start",
    "KeyOperationForbidden": "Give a key whose permitted operations have sign",
}  # by the code of the inner error


class KeyVaultSigner:
    """Signs with a P-256 key of Azure Key Vault.

    A URL without a version names the newest: the version that it names as the signer opens is the one that signs.
    """

    def __init__(self, client: "_Vault", verifier_key: VerifierKey) -> None:
        self._client, self.key, self.verifier_key = client, client.key, verifier_key
        self._verifier = EcdsaVerifier(verifier_key)

    @classmethod
    def open(cls, key: str, name: str) -> Self:
        """The signer of a key in a vault, with the credentials of azure-identity's own chain.

        Args:
            key: its URL, with or without a version.
            name: the key's name in notes.

        Raises:
            UsageError: if `key` is no such URL.
            LedgerError: if the vault does not answer with a P-256 key that may sign.

        """
        named = _KEY.fullmatch(key)
        if named is None:
            raise UsageError(
                f"azurekeyvault:{key}: not a key's URL. Give https://VAULT.vault.azure.net/keys/NAME, with /VERSION if you like"
            )
        client = _Vault(named["vault"], key)
        answer = client.ask("GET", "", GET)
        web_key, attributes = _object(answer.get("key")), _object(answer.get("attributes"))
        kind, curve, operations = web_key.get("kty"), web_key.get("crv"), web_key.get("key_ops")
        if kind not in ("EC", "EC-HSM") or curve != "P-256":
            reason = _plain(f"it is a key of type {kind}" + (f" on {curve}" if curve else ""))
            client.refuse(GET, reason, "Give a key of type EC or EC-HSM on the curve P-256")
        if attributes.get("enabled") is False:
            client.refuse(GET, "it is disabled", _MENDS["KeyDisabled"])
        if not isinstance(operations, list) or "sign" not in operations:
            client.refuse(GET, "it may not sign", _MENDS["KeyOperationForbidden"])
        client.pin(str(web_key.get("kid")), named)
        try:
            x, y = (int.from_bytes(_unbase64url(web_key[part])) for part in ("x", "y"))
            public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        except (KeyError, TypeError, ValueError):
            client.refuse(GET, "the answer is not a public key on P-256", _CHECK_THE_WAY)
        return cls(client, VerifierKey(name, ECDSA, encoded(public)))

    @property
    def name(self) -> str:
        """The key's name."""
        return self.verifier_key.name

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys apart."""
        return self.verifier_key.key_id

    def sign(self, message: bytes) -> bytes:
        """The signature that the vault makes of the SHA-256 of `message` (ES256), as DER with the lower s.

        Raises:
            LedgerError: if the vault does not sign it, or if what it answers is not the key's signature.

        """
        digest = base64.urlsafe_b64encode(hashlib.sha256(message).digest()).rstrip(b"=").decode()
        answer = self._client.ask("POST", "/sign", SIGN, {"alg": "ES256", "value": digest})
        try:
            raw = _unbase64url(answer["value"])
            signature = spelled(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        except (KeyError, TypeError, ValueError):
            signature = b""  # which nobody's key verifies
        if not self._verifier.verify(signature, message):
            self._client.refuse(SIGN, "the answer is not a signature of the text by this key, and was not used", _CHECK_THE_WAY)
        return signature


class _Vault:
    """What is asked about one key, and what is said when it is not answered."""

    def __init__(self, vault: str, key: str) -> None:
        self._vault, self.key = vault, key
        self._host = urlsplit(vault).hostname or ""
        try:
            policies = [UserAgentPolicy("controlmon"), _Patience(retry_total=2), _Challenged(_credential(self._host), self)]
            self._pipeline: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(
                vault, policies=policies, connection_timeout=10, read_timeout=20
            )
        except (AzureError, ValueError) as error:
            self.refuse(GET, _plain(f"{type(error).__name__}: {error}"), "Mend AZURE_AUTHORITY_HOST or AZURE_TOKEN_CREDENTIALS", error)

    def pin(self, said: str, named: re.Match[str]) -> None:
        """From now on only the version that `said`, the key's own id, names is asked. It must be of the key that was `named`."""
        found = _KEY.fullmatch(said.lower())  # names are one in either case
        parts = found.groupdict() if found else {}
        if not parts.get("version") or any(value and parts[part] != value.lower() for part, value in named.groupdict().items()):
            self.refuse(GET, f"the answer is about another key, {_plain(said)}", _CHECK_THE_WAY)
        self.key = said

    def ask(self, method: str, path: str, permission: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer, an object. Raises `LedgerError` if there is none."""
        request = HttpRequest(method, f"{self.key}{path}", params={"api-version": API}, json=body)
        try:
            response = self._pipeline.send_request(request, retry_on_methods=("GET", "POST"))  # signing twice does no harm
        except ClientAuthenticationError as error:
            self.refuse(permission, _plain(error.message), _LOG_IN, error)
        except (AzureError, OSError, ValueError) as error:
            self.refuse(permission, _plain(f"{type(error).__name__}: {error}"), _REACH, error)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.status_code != 200 or not isinstance(answer, dict):
            self._refuse_answer(permission, response, _object(_object(answer).get("error")))
        return answer

    def trusts(self, resource: str) -> bool:
        """Whether a token for `resource` is meant for this vault: any other would be handed to a host that may not have it."""
        url = urlsplit(resource)
        return url.scheme == "https" and bool(url.hostname) and self._host.endswith(f".{url.hostname}")

    def refuse(self, permission: str, reason: str, mend: str, cause: Exception | None = None) -> NoReturn:
        """Raise a `LedgerError` that names the key."""
        raise LedgerError(f"azurekeyvault:{self.key}: {permission} failed: {reason}. {mend}") from cause

    def _refuse_answer(self, permission: str, response: HttpResponse, error: Mapping[str, Any]) -> NoReturn:
        """Say what the vault answered, in one sentence, and the mend."""
        status, inner = response.status_code, str(_object(error.get("innererror")).get("code"))
        if status == 401:  # whose message may quote the token
            self.refuse(permission, "the vault does not take our token", _LOG_IN)
        if status < 400:
            self.refuse(permission, f"the answer (status {status}) is not one of Key Vault", _CHECK_THE_WAY)
        mend = _MENDS.get(inner) or {
            403: f"Grant {permission} on the key to the identity that runs controlmon (a role such as Key Vault Crypto User, or a policy)",
            404: "Give the URL of a key, and a version, that is there",
            409: "Recover the key, which is deleted, or give another",
            429: "Try again later, or sign with a vault of its own",
        }.get(status, "Try again later")
        said = _plain(f"{error.get('code', '')}: {error.get('message', '')}") if error else ""
        self.refuse(permission, f"status {status}{said and f', {said}'}", mend)


class _Challenged(BearerTokenCredentialPolicy[HttpRequest, HttpResponse]):
    """Key Vault's protocol: a request without a token is answered with the tenant to log in to and the resource to ask a token for.

    The first request is a GET, so that nothing is told before it is known who asks.
    """

    def __init__(self, credential: TokenProvider, vault: _Vault) -> None:
        super().__init__(credential)
        self._vault = vault
        self._scope, self._tenant = "", ""

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Put the token on, a new one if the last one is about to expire."""
        if self._token is not None and not self._need_new_token:
            self._update_headers(request.http_request.headers, self._token.token)
        elif self._scope:
            self.authorize_request(request, self._scope, tenant_id=self._tenant)

    def on_challenge(self, request: PipelineRequest[HttpRequest], response: PipelineResponse[HttpRequest, HttpResponse]) -> bool:
        """Log in as the vault says."""
        scheme, _, rest = response.http_response.headers.get("WWW-Authenticate", "").partition(" ")
        said = parse_keqv_list([part for part in parse_http_list(rest) if "=" in part])
        resource, tenant = said.get("resource", "").rstrip("/"), urlsplit(said.get("authorization", "")).path.strip("/")
        if scheme.lower() != "bearer" or not tenant or not self._vault.trusts(resource):
            self._vault.refuse(GET, f"it asks for a token for {_plain(resource) or 'nothing'}, which is not its own", _CHECK_THE_WAY)
        self._scope, self._tenant = f"{resource}/.default", tenant
        self.authorize_request(request, self._scope, tenant_id=tenant)
        return True


class _Patience(RetryPolicy[HttpRequest, HttpResponse]):
    """Waits as long as the vault asks, but not for ever."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to ask again."""
        return (self.get_retry_after(response) or 0) <= PATIENCE and super().is_retry(settings, response)


def _credential(host: str) -> DefaultAzureCredential:
    """The chain of azure-identity, logging in where the vault's cloud does, or where AZURE_AUTHORITY_HOST says.

    The vault is not asked where: it could name a host of its own, which would then be sent our secret.
    """
    default = next((authority for domain, authority in _AUTHORITIES.items() if host.endswith(domain)), None)
    authority = os.environ.get("AZURE_AUTHORITY_HOST") or default or AzureAuthorityHosts.AZURE_PUBLIC_CLOUD
    known = authority.removeprefix("https://").rstrip("/") in _AUTHORITIES.values()
    return DefaultAzureCredential(authority=authority, disable_instance_discovery=not known)  # of a private cloud Microsoft knows nothing


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _unbase64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _plain(text: str) -> str:
    return " ".join(text.split())[:300].rstrip(" .")  # a mend follows

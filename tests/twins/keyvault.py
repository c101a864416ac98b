"""A double of Azure Key Vault and of its login, reached by their real names.

It stands behind a tunnel: the client's own code runs whole.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from .tunnel import Reply, Request, Tunnel

__all__ = ["CLIENT", "CLOUDS", "DISCOVERY", "SECRET", "TENANT", "Reply", "VaultTwin", "base64url", "refusal"]

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLIENT, SECRET = "2c4e6a8b-0000-4000-8000-123456789abc", "twin~secret~never~to~be~told"
CLOUDS = {  # the domain of vaults, and where their tenants log in
    "vault.azure.net": "login.microsoftonline.com",
    "vault.azure.cn": "login.chinacloudapi.cn",
    "vault.usgovcloudapi.net": "login.microsoftonline.us",
    "managedhsm.azure.net": "login.microsoftonline.com",
    "vault.private.example": "login.private.example",
}
DISCOVERY = "/common/discovery/instance"
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def refusal(status: int, code: str, message: str, inner: str = "", **headers: str) -> Reply:
    """An error in the words of Key Vault."""
    error: dict[str, Any] = {"code": code, "message": message} | ({"innererror": {"code": inner}} if inner else {})
    return Reply(status, {"error": error}, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Version:
    """One version of a key, as `GET keys/NAME` shows it."""

    key: ec.EllipticCurvePrivateKey
    id: str
    attributes: dict[str, Any]
    web_key: dict[str, Any]

    def raw(self, digest: bytes, *, high: bool) -> bytes:
        """r and s (RFC 7518, section 3.4), with the s of the two that is asked for."""
        r, s = decode_dss_signature(self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))))
        s = max(s, N - s) if high else min(s, N - s)
        return r.to_bytes(32) + s.to_bytes(32)


class VaultTwin:
    """Every vault of every cloud, for as long as the `with` lasts. `environment` is what an unmodified SDK needs to talk to it."""

    def __init__(self, directory: Path) -> None:
        self.calls: list[Request] = []
        self.challenged: Callable[[str], str] = challenge
        self.high = True
        self.lifetime = 3599  # seconds, of a token
        self._keys: dict[str, list[Version]] = {}
        self._tokens: dict[str, str] = {}
        self._faults: list[tuple[str, list[Reply]]] = []
        self._directory = directory

    def __enter__(self) -> Self:
        hosts = tuple({*CLOUDS.values(), *(f"*.{domain}" for domain in CLOUDS)})
        self._tunnel = Tunnel(self._directory, hosts, self._respond)
        self.environment = {
            **self._tunnel.environment,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
            "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._tunnel.close()

    def add(self, url: str, version: str, *, curve: ec.EllipticCurve | None = None, **web_key: Any) -> Version:
        """A new version of the key at `url`, the newest from now on."""
        key = ec.generate_private_key(curve or ec.SECP256R1())
        point, size = key.public_key().public_numbers(), (key.curve.key_size + 7) // 8
        shown = {"kid": f"{url}/{version}", "kty": "EC", "key_ops": ["sign", "verify"], "crv": "P-256"}
        shown |= {"x": base64url(point.x.to_bytes(size)), "y": base64url(point.y.to_bytes(size))}
        made = Version(key, version, {"enabled": True}, {**shown, **web_key})
        self._keys.setdefault(url.lower(), []).append(made)
        return made

    @contextmanager
    def fault(self, method: str, *replies: Reply) -> Iterator[None]:
        """Answers requests of this method that carry a token with these, one after the other, the last one for ever."""
        entry = (method, list(replies))
        self._faults.append(entry)
        try:
            yield
        finally:
            self._faults.remove(entry)

    def logins(self) -> list[str]:
        """The hosts that a secret was sent to."""
        return [call.host for call in self.calls if SECRET in call.body]

    @property
    def secrets(self) -> list[str]:
        """What no message may hold."""
        return [SECRET, *self._tokens]

    def _respond(self, call: Request) -> Reply:
        self.calls.append(call)
        return self._login(call) if call.host.startswith("login.") else self._vault(call)

    def _login(self, call: Request) -> Reply:
        url = urlsplit(call.path)
        home = f"https://{call.host}/{TENANT}"
        if url.path == DISCOVERY:
            known = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]} for host in sorted(set(CLOUDS.values()))]
            return Reply(200, {"tenant_discovery_endpoint": f"{home}/v2.0/.well-known/openid-configuration", "metadata": known})
        if url.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            ends = {"authorization_endpoint": f"{home}/oauth2/v2.0/authorize", "token_endpoint": f"{home}/oauth2/v2.0/token"}
            return Reply(200, {**ends, "issuer": f"{home}/v2.0"})
        if url.path != f"/{TENANT}/oauth2/v2.0/token" or call.method != "POST":
            return Reply(404, b"")
        form = {name: values[0] for name, values in parse_qs(call.body).items()}
        if (form.get("client_id"), form.get("client_secret"), form.get("grant_type")) != (CLIENT, SECRET, "client_credentials"):
            said = "AADSTS7000215: Invalid client secret provided."
            return Reply(401, {"error": "invalid_client", "error_description": said})
        token = f"eyJ0eXAi.token-{len(self._tokens)}.of-the-twin"
        self._tokens[token] = form["scope"].split()[0]
        return Reply(200, {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": token})

    def _vault(self, call: Request) -> Reply:
        domain = call.host.partition(".")[2]
        if self._tokens.get(call.token) != f"https://{domain}/.default":
            refused = refusal(401, "Unauthorized", f"AKV10000: Request is missing a Bearer or PoP token. {call.token}")
            return Reply(401, refused.body, {"WWW-Authenticate": self.challenged(domain)})
        for method, replies in self._faults:
            if method == call.method:
                return replies.pop(0) if len(replies) > 1 else replies[0]
        url = urlsplit(call.path)
        _, name, version, action = [*url.path.split("/")[1:], "", ""][:4]  # keys, NAME, VERSION or nothing, sign or nothing
        versions = self._keys.get(f"https://{call.host}/keys/{name}".lower(), [])
        found = next((one for one in reversed(versions) if version in ("", one.id)), None)
        if "api-version" not in parse_qs(url.query):
            return refusal(400, "BadParameter", "AKV10001: api-version must be specified")
        if found is None:
            return refusal(404, "KeyNotFound", f"A key with (name/id) {name}/{version} was not found in this key vault.")
        return _sign(found, call, high=self.high) if action else Reply(200, {"key": found.web_key, "attributes": found.attributes})


def _sign(version: Version, call: Request, *, high: bool) -> Reply:
    if not version.attributes["enabled"]:
        return refusal(403, "Forbidden", "Operation sign is not allowed on a disabled key.", "KeyDisabled")
    asked = json.loads(call.body)
    digest = base64.urlsafe_b64decode(asked["value"] + "==")
    if call.method != "POST" or asked["alg"] != "ES256" or len(digest) != 32:
        return refusal(400, "BadParameter", "Invalid length of 'value': expected 32 bytes for ES256")
    return Reply(200, {"kid": version.web_key["kid"], "value": base64url(version.raw(digest, high=high))})


def challenge(domain: str) -> str:
    """What a vault of this domain answers to a request without a token."""
    return f'Bearer authorization="https://{CLOUDS[domain]}/{TENANT}", resource="https://{domain}"'


def base64url(data: bytes) -> str:
    """RFC 7515, section 2: without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

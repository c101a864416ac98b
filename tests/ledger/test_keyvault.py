"""Keys of Azure Key Vault over TLS, under their real names: what signs, what is refused, and who is told a secret."""

import hashlib
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from controlmon.core.errors import LedgerError
from controlmon.core.note import ECDSA, open_note
from controlmon.ledger.keys import parse_verifier
from controlmon.ledger.keyvault import KeyVaultSigner
from controlmon.ledger.ledger import Ledger
from tests.twins.keyvault import CLOUDS, DISCOVERY, SECRET, TENANT, Reply, VaultTwin, base64url, refusal

NAME = "log.example/controlmon"
AT = "2026-11-25T12:00:00.000Z"
URL = "https://artemis.vault.azure.net/keys/controlmon-log"
FIRST, SECOND = "1" * 32, "2" * 32
BUSY = refusal(429, "Throttled", "Request was not processed because too many requests were received.", Retry_After="3600")


@pytest.fixture
def twin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VaultTwin]:
    for name in ("https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    with VaultTwin(tmp_path) as twin:
        for name, value in twin.environment.items():
            monkeypatch.setenv(name, value)
        yield twin


def refused(twin: VaultTwin, call: Callable[[], object], permission: str, key: str = URL) -> str:
    """What is said, after the key and the permission that it names; neither the secret nor a token is in it."""
    with pytest.raises(LedgerError) as caught:
        call()
    said = str(caught.value)
    assert re.match(rf"azurekeyvault:{re.escape(key)}(/{FIRST})?: {permission} failed: ", said), said
    assert not [secret for secret in twin.secrets if secret in said]
    return said.partition(" failed: ")[2]


@pytest.mark.parametrize("high", [True, False])
@pytest.mark.parametrize("kind", ["EC", "EC-HSM"])
def test_a_key_of_a_vault_signs_in_one_spelling(twin: VaultTwin, kind: str, high: bool) -> None:
    """Whichever s the vault answers, the strict verifier of the printed key takes the signature, for its own text alone."""
    twin.add(URL, FIRST, kty=kind)
    twin.high = high
    signer = KeyVaultSigner.open(URL, NAME)
    verifier = parse_verifier(str(signer.verifier_key))
    assert (signer.verifier_key.algorithm, signer.name, signer.key_id) == (ECDSA, NAME, verifier.key_id)
    signature = signer.sign(b"text\n" * 10_000)
    assert verifier.verify(signature, b"text\n" * 10_000)
    assert not verifier.verify(signature, b"text\n")


def test_it_is_asked_as_little_as_can_be(twin: VaultTwin) -> None:
    """A challenge, one login and the key; then each signature is one request, whose text leaves the host as a digest."""
    twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    signer.sign(b"a text")
    signer.sign(b"a text")
    asked = [(call.method, call.path.partition("?")[0], bool(call.token)) for call in twin.calls if call.host == "artemis.vault.azure.net"]
    path = "/keys/controlmon-log"
    assert asked == [("GET", path, False), ("GET", path, True), *[("POST", f"{path}/{FIRST}/sign", True)] * 2]
    assert twin.logins() == ["login.microsoftonline.com"]


@pytest.mark.parametrize("domain", [domain for domain in CLOUDS if domain != "vault.private.example"])
def test_each_cloud_has_its_own_login(twin: VaultTwin, domain: str) -> None:
    """The secret goes to the login of the vault's cloud and to no other, and the token is for the resource that the vault names."""
    url = f"https://artemis.{domain}/keys/log"
    twin.add(url, FIRST)
    assert KeyVaultSigner.open(url, NAME).sign(b"x")
    assert twin.logins() == [CLOUDS[domain]]


def test_a_private_cloud_is_not_looked_up_at_microsoft(twin: VaultTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """With AZURE_AUTHORITY_HOST of its own, nobody else is asked about that host."""
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", "https://login.private.example")
    url = "https://artemis.vault.private.example/keys/log"
    twin.add(url, FIRST)
    assert KeyVaultSigner.open(url, NAME).sign(b"x")
    assert {call.host for call in twin.calls} == {"artemis.vault.private.example", "login.private.example"}
    assert not [call for call in twin.calls if call.path.startswith(DISCOVERY)]


@pytest.mark.parametrize(
    "asks",
    [
        f'Bearer authorization="https://login.microsoftonline.com/{TENANT}", resource="https://vault.evil.example"',
        f'Bearer authorization="https://login.microsoftonline.com/{TENANT}", resource="https://ault.azure.net"',
        f'Bearer authorization="https://login.microsoftonline.com/{TENANT}", resource="https://management.azure.com/"',
        f'Bearer authorization="https://login.microsoftonline.com/{TENANT}", resource="http://vault.azure.net"',
        f'Bearer authorization="https://login.microsoftonline.com/{TENANT}"',
        'Bearer authorization="https://login.microsoftonline.com", resource="https://vault.azure.net"',
        'Basic realm="vault"',
        "Bearer",
    ],
)
def test_a_vault_gets_no_token_that_is_not_its_own(twin: VaultTwin, asks: str) -> None:
    """A host that asks for a token of another resource gets none: no secret is sent anywhere."""
    twin.add(URL, FIRST)
    twin.challenged = lambda _: asks
    said = refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get")
    assert "which is not its own. Find out who answers in the place of the vault" in said
    assert twin.logins() == []


def test_the_secret_is_not_sent_where_the_vault_says(twin: VaultTwin) -> None:
    """A challenge names a login of its own: it is not used."""
    twin.add(URL, FIRST)
    twin.challenged = lambda _: f'Bearer authorization="https://login.private.example/{TENANT}", resource="https://vault.azure.net"'
    assert KeyVaultSigner.open(URL, NAME).sign(b"x")
    assert twin.logins() == ["login.microsoftonline.com"]


def test_a_version_is_pinned_as_it_is_opened(twin: VaultTwin) -> None:
    """A newer version changes nothing for the signer that is open, and is what the next one opens; a version that is named stays."""
    old = twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    twin.add(URL, SECOND)
    assert parse_verifier(str(signer.verifier_key)).verify(signer.sign(b"x"), b"x")
    assert KeyVaultSigner.open(URL, NAME).verifier_key != signer.verifier_key
    assert KeyVaultSigner.open(f"{URL}/{FIRST}", NAME).verifier_key == signer.verifier_key
    assert f"{old.key.public_key().public_numbers().x:064x}" in signer.verifier_key.public_key.hex()


@pytest.mark.parametrize(
    "kid",
    [
        f"https://evil.vault.azure.net/keys/controlmon-log/{FIRST}",
        f"https://artemis.vault.azure.net/keys/another/{FIRST}",
        "https://artemis.vault.azure.net/keys/controlmon-log",
        f"{URL}/{SECOND}",
        None,
    ],
)
def test_an_answer_about_another_key_is_refused(twin: VaultTwin, kid: str | None) -> None:
    """What an answer calls itself is believed only if it is the key that was asked for: our token goes nowhere else."""
    twin.add(URL, FIRST, kid=kid)
    key = f"{URL}/{FIRST}"
    assert refused(twin, lambda: KeyVaultSigner.open(key, NAME), "keys/get").startswith("the answer is about another key, ")
    assert {call.host for call in twin.calls} == {"artemis.vault.azure.net", "login.microsoftonline.com"}


def test_a_name_is_one_in_either_case(twin: VaultTwin) -> None:
    """Vaults and keys are found whatever the case they are written in."""
    twin.add(URL, FIRST)
    assert KeyVaultSigner.open(URL.replace("artemis", "Artemis").replace("-log", "-LOG"), NAME).sign(b"x")


@pytest.mark.parametrize(
    ("web_key", "reason"),
    [
        ({"kty": "RSA", "crv": None}, "it is a key of type RSA. Give a key of type EC"),
        ({"kty": "oct-HSM", "crv": None}, "it is a key of type oct-HSM. Give a key of type EC"),
        ({"crv": "P-384"}, "it is a key of type EC on P-384. Give a key of type EC"),
        ({"crv": "P-256K"}, "it is a key of type EC on P-256K. Give a key of type EC"),
        ({"key_ops": ["verify"]}, "it may not sign. Give a key whose permitted operations have sign"),
        ({"key_ops": None}, "it may not sign. Give a key whose permitted operations have sign"),
        ({"x": base64url(b"\1" * 32)}, "the answer is not a public key on P-256. Find out who answers"),
        ({"y": None}, "the answer is not a public key on P-256. Find out who answers"),
        ({"x": "é"}, "the answer is not a public key on P-256. Find out who answers"),
    ],
)
def test_a_key_of_another_kind_is_refused(twin: VaultTwin, web_key: dict[str, object], reason: str) -> None:
    """Only a key on P-256 that may sign is opened."""
    twin.add(URL, FIRST, **web_key)
    assert refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get").startswith(reason)


def test_a_key_that_is_disabled_signs_no_more(twin: VaultTwin) -> None:
    """A key that is disabled after it was opened is told at the next signature, and is not opened again."""
    version = twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    version.attributes["enabled"] = False
    said = refused(twin, lambda: signer.sign(b"x"), "keys/sign")
    assert said == "status 403, Forbidden: Operation sign is not allowed on a disabled key. Enable the key"
    assert refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get") == "it is disabled. Enable the key"


ANSWERS = {
    "denied": (
        refusal(403, "Forbidden", "Caller is not authorized to perform action on resource.", "ForbiddenByRbac"),
        r"status 403, Forbidden: Caller is not .*\. Grant keys/{} on the key to the identity that runs controlmon",
    ),
    "behind a firewall": (
        refusal(403, "Forbidden", "Client address is not authorized.", "ForbiddenByFirewall"),
        r"status 403, .*\. Let this host reach the vault: its firewall",
    ),
    "throttled": (BUSY, r"status 429, Throttled: .*\. Try again later"),
    "gone": (refusal(404, "KeyNotFound", "A key was not found."), r"status 404, .*\. Give the URL of a key, and a version, that is there"),
    "deleted": (refusal(409, "Conflict", "Key is currently deleted."), r"status 409, .*\. Recover the key"),
    "unauthorized": (refusal(401, "Unauthorized", "AKV10032: Invalid issuer."), r"the vault does not take our token\. Log in to Azure"),
    "a proxy's page": (Reply(502, b"<html>Bad gateway</html>", {"Retry-After": "3600"}), r"status 502\. Try again later"),
    "another page": (Reply(200, b"<html>Sign in</html>"), r"the answer \(status 200\) is not one of Key Vault\. Find out who answers"),
    "a list": (Reply(200, []), r"the answer \(status 200\) is not one of Key Vault\. Find out who answers"),
    "cut": (Reply(200, b'{"key": {"kty": "EC"'), r"the answer \(status 200\) is not one of Key Vault\. Find out who answers"),
    "elsewhere": (Reply(302, b"", {"Location": "https://artemis.vault.azure.cn/keys/log"}), r"the answer \(status 302\) is not one of Key"),
    "an odd error": (Reply(400, {"error": ["?"]}), r"status 400\. Try again later"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("kind", ANSWERS)
def test_what_a_vault_refuses_is_told_with_the_mend(twin: VaultTwin, kind: str, method: str) -> None:
    """Whatever it answers instead, opening and signing name the key, the permission and what to do."""
    twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    reply, mend = ANSWERS[kind]
    permission, call = {"GET": ("get", lambda: KeyVaultSigner.open(URL, NAME)), "POST": ("sign", lambda: signer.sign(b"x"))}[method]
    with twin.fault(method, reply):
        said = refused(twin, call, f"keys/{permission}")
    assert re.match(mend.format(permission), said), said
    assert signer.sign(b"x")


def test_a_vault_that_is_busy_is_asked_again(twin: VaultTwin) -> None:
    """A throttled signature is made after the time that the vault asks for; one that would take too long is not waited for."""
    twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    soon = Reply(429, BUSY.body, {"Retry-After": "1"})
    value = Reply(200, {"value": "AAAA"})
    with twin.fault("POST", soon, value):
        assert "was not used" in refused(twin, lambda: signer.sign(b"x"), "keys/sign")
    assert len([call for call in twin.calls if call.method == "POST" and call.path.startswith("/keys")]) == 2
    with twin.fault("POST", BUSY):
        refused(twin, lambda: signer.sign(b"x"), "keys/sign")
    assert len([call for call in twin.calls if call.method == "POST" and call.path.startswith("/keys")]) == 3


def test_a_gateway_that_fails_once_is_asked_again(twin: VaultTwin) -> None:
    """A signature that was lost on the way is made again, which does no harm."""
    version = twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    value = base64url(version.raw(hashlib.sha256(b"x").digest(), high=True))
    with twin.fault("POST", Reply(502, b""), Reply(200, {"value": value})):
        assert parse_verifier(str(signer.verifier_key)).verify(signer.sign(b"x"), b"x")


def test_a_token_that_is_about_to_expire_is_replaced(twin: VaultTwin) -> None:
    """Each signature has a token that lasts: one of a minute is not used again, one of an hour is."""
    twin.add(URL, FIRST)
    twin.lifetime = 60
    signer = KeyVaultSigner.open(URL, NAME)
    twin.lifetime = 3600
    signer.sign(b"x")
    signer.sign(b"x")
    assert [call.token for call in twin.calls if call.method == "POST" and call.token] == twin.secrets[2:] * 2
    assert len(twin.logins()) == 2


@pytest.mark.parametrize("kind", ["another key's", "another text's", "nothing", "no Base64", "a number", "DER", "too long", "zero"])
def test_a_wrong_signature_is_not_used(twin: VaultTwin, kind: str) -> None:
    """What does not verify under the key that was opened is refused, whoever answered it."""
    version = twin.add(URL, FIRST)
    signer = KeyVaultSigner.open(URL, NAME)
    other = twin.add("https://artemis.vault.azure.net/keys/other", FIRST)
    digest = hashlib.sha256(b"x").digest()
    value: object = {
        "another key's": base64url(other.raw(digest, high=False)),
        "another text's": base64url(version.raw(bytes(32), high=False)),
        "no Base64": "é",
        "a number": 7,
        "DER": base64url(signer.sign(b"x")),
        "too long": base64url(version.raw(digest, high=False) + b"\0"),
        "zero": base64url(bytes(64)),
    }.get(kind)
    with twin.fault("POST", Reply(200, {"kid": f"{URL}/{FIRST}", "value": value})):
        said = refused(twin, lambda: signer.sign(b"x"), "keys/sign")
    assert said.startswith("the answer is not a signature of the text by this key, and was not used. Find out who answers")
    with twin.fault("POST", Reply(200, {"value": base64url(version.raw(digest, high=True))})):
        assert signer.sign(b"x")


def test_a_wrong_secret_is_told_without_it(twin: VaultTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """The login refuses: the message says why, and not with what."""
    monkeypatch.setenv("AZURE_CLIENT_SECRET", SECRET[::-1])
    twin.add(URL, FIRST)
    said = refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get")
    assert "AADSTS7000215" in said
    assert SECRET[::-1] not in said
    assert "Log in to Azure in the vault's tenant, as an identity that has keys/get and keys/sign" in said


def test_another_tenant_is_told(twin: VaultTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault of a tenant that we have no identity in gets no secret."""
    twin.add(URL, FIRST)
    monkeypatch.setenv("AZURE_TENANT_ID", "00000000-0000-4000-8000-000000000000")
    assert "Log in to Azure in the vault's tenant" in refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get")
    assert twin.logins() == []


@pytest.mark.parametrize(("name", "value"), [("AZURE_AUTHORITY_HOST", "http://login.example"), ("AZURE_TOKEN_CREDENTIALS", "nobody")])
def test_an_environment_that_means_nothing_is_told(twin: VaultTwin, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """What azure-identity does not take is told before anything is asked."""
    monkeypatch.setenv(name, value)
    assert refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get").endswith(
        "Mend AZURE_AUTHORITY_HOST or AZURE_TOKEN_CREDENTIALS"
    )
    assert twin.calls == []


@pytest.mark.parametrize("what", ["no proxy", "no such host", "an authority that is not trusted", "no file of authorities"])
def test_a_host_without_a_way_is_told(twin: VaultTwin, monkeypatch: pytest.MonkeyPatch, what: str, tmp_path: Path) -> None:
    """Nobody answers, or nobody who can prove who it is: the message says what stands between."""
    url = "https://artemis.vault.nowhere.example/keys/log" if what == "no such host" else URL
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        if what == "no proxy":
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{closed.getsockname()[1]}")
        elif what == "an authority that is not trusted":
            (tmp_path / "other").mkdir()
            with VaultTwin(tmp_path / "other") as other:
                monkeypatch.setenv("REQUESTS_CA_BUNDLE", other.environment["REQUESTS_CA_BUNDLE"])
        elif what == "no file of authorities":
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
        said = refused(twin, lambda: KeyVaultSigner.open(url, NAME), "keys/get", url)
    assert said.endswith("Let this host reach the vault and its login (HTTPS_PROXY, REQUESTS_CA_BUNDLE, AZURE_AUTHORITY_HOST)")
    assert twin.calls == []


def test_a_ledger_is_signed_in_a_vault(twin: VaultTwin, tmp_path: Path) -> None:
    """It is opened, appended to, opened again and verified, and is refused once the vault has another key."""
    twin.add(URL, FIRST)
    directory, signer = tmp_path / "ledger", f"azurekeyvault:{URL}"
    for text in ("one", "two"):
        ledger = Ledger.open(directory, NAME, signer)
        ledger.append(text, AT, [("other", {"type": "note"})])
        assert ledger.verify().problems == ()
        open_note(ledger.checkpoint().encode(), [parse_verifier(ledger.verifier_key)])
        ledger.close()
    twin.add(URL, SECOND)
    with pytest.raises(LedgerError, match="did not sign this log"):
        Ledger.open(directory, NAME, signer)
    ledger = Ledger.open(directory, NAME, f"{signer}/{FIRST}")
    assert (ledger.verify().problems, ledger.size) == ((), 2)
    ledger.close()


def test_a_key_on_another_curve_is_not_taken_for_p256(twin: VaultTwin) -> None:
    """A point of P-384 that says P-256 is no point of P-256."""
    twin.add(URL, FIRST, curve=ec.SECP384R1())
    assert "not a public key on P-256" in refused(twin, lambda: KeyVaultSigner.open(URL, NAME), "keys/get")

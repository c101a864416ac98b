"""The client on our terms: proxies and certificates of the environment."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from controlmon.collect.datadog.client import Terms, build_client, proxy_for
from controlmon.collect.datadog.operation import Read
from controlmon.collect.datadog.session import DatadogSession
from controlmon.core.fact import Gap, GapKind
from controlmon.facts.datadog.users import User
from tests.collect.datadog.conftest import Collect
from tests.twins.datadog import DatadogTwin


def test_a_proxy_of_the_environment_is_used(twin: DatadogTwin, collect: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client looks at no environment by itself; a name and password in the proxy's address log in to it, and are not told."""
    monkeypatch.setenv("HTTP_PROXY", twin.url.replace("http://", "http://agent:s3cret@"))
    monkeypatch.setenv("NO_PROXY", "")
    got = collect(User.profile, endpoint="http://api.datadog.test")
    assert got.listings["datadog.user"].complete
    assert {c.headers.get("Proxy-Authorization", c.headers.get("proxy-authorization")) for c in twin.calls()} == {"Basic YWdlbnQ6czNjcmV0"}
    assert "s3cret" not in str(got)


def test_what_needs_no_proxy_goes_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_PROXY is honoured, and a proxy without a scheme understood."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "datadoghq.eu")
    assert proxy_for("https://api.datadoghq.com") == ("http://proxy.example:3128", None)
    assert proxy_for("https://api.datadoghq.eu") == (None, None)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", ""])
def test_certificates_of_the_environment_are_trusted(
    tmp_path: Path, collect: Collect, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A company that inspects TLS has a certificate of its own; without it nothing is believed."""
    place = tmp_path / "ca.pem"
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    with DatadogTwin(tls(place)) as twin:
        if variable:
            monkeypatch.setenv(variable, str(place))
        got = collect(User.profile, endpoint=twin.url)
    assert got.login is not None
    if variable:
        assert got.listings["datadog.user"].complete
    else:
        assert isinstance(got.login.gap, Gap)
        assert got.login.gap.kind is GapKind.UNAVAILABLE


def tls(place: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for 127.0.0.1 that signs itself, written to `place`."""
    secret, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "twin")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, secret.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(1))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(secret, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = secret.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    place.write_bytes(pem)
    both = place.with_suffix(".both")
    both.write_bytes(plain + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


@pytest.mark.parametrize(
    ("site", "endpoint", "api", "intake"),
    [
        ("datadoghq.com", None, "https://api.datadoghq.com", "https://http-intake.logs.datadoghq.com"),
        ("datadoghq.eu", None, "https://api.datadoghq.eu", "https://http-intake.logs.datadoghq.eu"),
        ("us5.datadoghq.com", None, "https://api.us5.datadoghq.com", "https://http-intake.logs.us5.datadoghq.com"),
        ("ddog-gov.com", None, "https://api.ddog-gov.com", "https://http-intake.logs.ddog-gov.com"),
        ("datadoghq.com", "http://127.0.0.1:1/", "http://127.0.0.1:1", None),
    ],
)
def test_every_site_has_its_hosts(site: str, endpoint: str | None, api: str, intake: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any site, also one that this client does not know; the intake of logs is a host of its own; an endpoint is for all. DD_SITE is not read here."""
    monkeypatch.setenv("DD_SITE", "elsewhere.example")
    terms = Terms(endpoint=endpoint)
    session = DatadogSession(build_client(site, "a", "b", terms), site, ("a", "b"), terms, datetime.now(UTC))
    assert session.endpoint == api
    assert session.host_of(Read("v2.LogsApi", "submit_log", needs=())) == intake
    assert session.host_of(Read("v2.UsersApi", "list_users", needs=())) is None

"""What the small company shows to the Internet, on loopback: its product, an old front door, and the pages that it publishes."""

import ssl
import threading
from collections.abc import Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from controlmon.collect.document.markup import Markup
from controlmon.core.canonical import digest
from controlmon.demo.people import DOMAIN, JANE, OMAR, RAVI, ago, now
from controlmon.facts.document.vendors import PUBLISHED

HOST = "127.0.0.1"
SAFE = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}
PAGES: dict[str, tuple[str, str]] = {  # kind: title, and what stands there
    "privacy": ("Privacy Policy", "What we collect, what we use it for, your rights, and whom to ask about all of this."),
    "terms": (
        "Terms of Service",
        "What we do for you, what you do for us, and how either of us ends it; Artemis keeps no records of yours.",
    ),
    "security": ("Security at Artemis", "Each control of our trust center, by category, and how we know that it holds."),
    "reporting": ("Report a concern", "Write to us or call us. You may report anonymously; nobody is asked who it was."),
    "subprocessors": ("Subprocessors", "Who works for us on data of customers."),
}
"""The published pages."""


class Site:
    """`with Site(directory) as site:` answers until the `with` ends. `authority` is the file of the certificate to trust."""

    def __init__(self, directory: Path) -> None:
        self.authority = directory / "site-authority.pem"
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demo authority")])
        self.authority.write_bytes(_certificate(key, key.public_key(), name, name, 400, x509.BasicConstraints(ca=True, path_length=None)))
        doors: list[_Door] = []
        for number, (days, headers) in enumerate(((300, SAFE), (12, {}))):
            chain = directory / f"site-{number}.pem"
            chain.write_bytes(_chain(key, name, days))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(chain)
            doors.append(_Door(context, _pages(), headers))
        self.url = f"https://{HOST}:{doors[0].server_port}"
        self._doors = (*doors, _Door(None, {}, {"Location": f"{self.url}/"}))
        self._threads = [threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02}) for door in self._doors]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for door, thread in zip(self._doors, self._threads, strict=True):
            door.shutdown()
            thread.join()
            door.server_close()

    def registers(self) -> dict[str, Any]:
        """The registers of endpoints and pages. The old door forgets to tell browsers to stay with TLS, and its certificate soon ends."""
        good, old, clear = (door.server_port for door in self._doors)
        endpoints: list[dict[str, Any]] = [
            {"id": "app", "host": HOST, "port": good, "http_port": clear, "owner": RAVI.login},
            {"id": "old-portal", "host": HOST, "port": old, "owner": RAVI.login},
            {"id": "login", "host": f"login.{DOMAIN}", "third_party": True, "owner": JANE.login},
        ]
        pages = [
            {
                "id": kind,
                "name": title,
                "kind": kind,
                "url": f"{self.url}/{kind}",
                "markers": [title],
                "approved": digest(Markup(_page(kind)).text.encode()),
                "approved_at": ago(80),
                "approved_by": OMAR.login,
            }
            for kind, (title, _) in PAGES.items()
        ]
        return {"endpoints": endpoints, "pages": pages}


def _certificate(
    signer: ec.EllipticCurvePrivateKey,
    public: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    subject: x509.Name,
    days: int,
    *extensions: x509.ExtensionType,
) -> bytes:
    moment = now() - timedelta(minutes=5)
    builder = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number(), moment, moment + timedelta(days=days))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM)


def _chain(authority: ec.EllipticCurvePrivateKey, issuer: x509.Name, days: int) -> bytes:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    made = _certificate(authority, key.public_key(), issuer, subject, days, names)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made


def _pages() -> Mapping[str, tuple[str, bytes]]:
    """What each path shows: the type and the body."""
    contact = f"Contact: mailto:security@{DOMAIN}\nExpires: {(now() + timedelta(days=200)).isoformat(timespec='seconds')}\n"
    several = {f"/{kind}": ("text/html; charset=utf-8", _page(kind).encode()) for kind in PAGES}
    return {**several, "/.well-known/security.txt": ("text/plain; charset=utf-8", contact.encode()), "/": ("text/plain", b"Artemis\n")}


def _page(kind: str) -> str:
    title, text = PAGES[kind]
    table = ""
    if kind == "subprocessors":
        rows = "".join(f"<tr><td>{name}</td><td>EU</td></tr>" for name in PUBLISHED)
        table = f"<table><tr><th>Subprocessor</th><th>Region</th></tr>{rows}</table><a href='/feed.xml'>Subscribe to changes</a>"
    return f"<!doctype html><title>{title}</title><h1>{title}</h1><p>Last updated: {ago(85)}</p><p>{text}</p>{table}"


class _Door(ThreadingHTTPServer):
    """One port: over TLS, or (without a context) in the clear, where it leads to TLS."""

    def __init__(self, context: ssl.SSLContext | None, pages: Mapping[str, tuple[str, bytes]], headers: Mapping[str, str]) -> None:
        super().__init__((HOST, 0), _Visit)
        self.context, self.pages, self.headers = context, pages, headers

    def get_request(self) -> Any:  # noqa: ANN401 - as the base class has it
        """The connection; hands are shaken by the thread that answers it."""
        connection, address = super().get_request()
        if self.context:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, *_: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Who knocks with an old version of TLS and is turned away is no news."""


class _Visit(BaseHTTPRequestHandler):
    server: _Door

    def do_GET(self) -> None:
        """A page, a redirect, or nothing of that name."""
        kind, body = self.server.pages.get(self.path, ("text/plain", b"not here\n"))
        self.send_response(301 if not self.server.context else 200 if self.path in self.server.pages else 404)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **self.server.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - as the base class has it
        """Says nothing."""

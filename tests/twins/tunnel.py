"""A proxy on loopback that ends TLS with a throw-away authority, as those of companies do.

A client's own code runs whole, with its own host names, as long as it honours HTTPS_PROXY and REQUESTS_CA_BUNDLE.

    tunnel = Tunnel(tmp_path, ("login.microsoftonline.com", "*.vault.azure.net"), respond)
    ...                                                                # run the client with tunnel.environment
    tunnel.close()
"""

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Request:
    """One request, as it came out of TLS."""

    host: str
    method: str
    path: str
    token: str
    body: str


@dataclass(frozen=True)
class Reply:
    """An answer: status, what is written as JSON (bytes as they are), headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Request], Reply]


class Tunnel:
    """Every host of some names (`*.` for any one below), until it is closed; all others are not there. `respond` answers for them."""

    def __init__(self, directory: Path, hosts: tuple[str, ...], respond: Respond) -> None:
        self._server = _Server(hosts, respond)
        port = self._server.server_port  # several may share the directory
        authority, chain = directory / f"authority-{port}.pem", directory / f"tunnel-{port}.pem"
        certify(authority, chain, hosts)
        self._server.context.load_cert_chain(chain)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.environment = {"HTTPS_PROXY": f"http://127.0.0.1:{port}", "REQUESTS_CA_BUNDLE": str(authority)}

    def close(self) -> None:
        """Hang up on everyone."""
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()


def certify(authority: Path, chain: Path, hosts: tuple[str, ...]) -> None:
    """Write an authority's certificate, and one that it gave to some hosts, with its key."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name, name = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in ("Twin authority", "twin"))
    now = datetime.now(UTC)

    def made(subject: x509.Name, public: ec.EllipticCurvePublicKey, extension: x509.ExtensionType, *, critical: bool) -> bytes:
        builder = x509.CertificateBuilder(ca_name, subject, public, x509.random_serial_number(), now, now + timedelta(days=1))
        return builder.add_extension(extension, critical=critical).sign(ca_key, hashes.SHA256()).public_bytes(Encoding.PEM)

    authority.write_bytes(made(ca_name, ca_key.public_key(), x509.BasicConstraints(ca=True, path_length=None), critical=True))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    chain.write_bytes(private + made(name, key.public_key(), names, critical=False))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, hosts: tuple[str, ...], respond: Respond) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hosts, self.respond = hosts, respond
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tunnels: set[ssl.SSLSocket] = set()

    def hang_up(self) -> None:
        for tunnel in list(self.tunnels):
            with suppress(OSError):
                tunnel.shutdown(2)

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    host = ""
    tunnel: ssl.SSLSocket | None = None

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def do_CONNECT(self) -> None:
        self.host = self.path.partition(":")[0]
        if not any(fnmatch(self.host, name) for name in self.server.hosts):
            self.send_error(502, "No such host")
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.tunnel = self.server.context.wrap_socket(self.connection, server_side=True)
        self.server.tunnels.add(self.tunnel)
        self.rfile.close()
        self.close_connection = False  # http.client asks for the tunnel in HTTP/1.0
        self.rfile, self.wfile = self.tunnel.makefile("rb"), self.tunnel.makefile("wb")

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        if self.tunnel is not None:
            self.server.tunnels.discard(self.tunnel)
            self.tunnel.close()

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        reply = self.server.respond(Request(self.host, self.command, self.path, self.headers.get("Authorization", "")[7:], body))
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json; charset=utf-8", **reply.headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = answer  # noqa: N815

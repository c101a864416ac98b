"""Doors on loopback: servers that speak TLS in the versions and with the certificates that a test wants, and what they say over HTTP."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from controlmon.collect.base import Met, Operation, Refused
from controlmon.collect.document.session import Registers
from controlmon.collect.document.shelf import Shelf
from controlmon.facts.base import Kind
from controlmon.service.checks import check_files, load_check, packaged_checks
from tests.checks.document.rows import COMPANY
from tests.support import Given, MemoryEvidence, findings

NOW = datetime.now(UTC)
"""The clock of every judgement: the days of the tables are counted from it, whatever midnight passes meanwhile."""

V = ssl.TLSVersion
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"


class Authority:
    """A throw-away authority; its certificate is the file `pem`."""

    def __init__(self, directory: Path) -> None:
        self.directory, self._key = directory, rsa.generate_private_key(65537, 2048)
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Doors")])
        self._count = 0
        self.pem = directory / "authority.pem"
        self.pem.write_bytes(self._made(self._name, self._key, 30, x509.BasicConstraints(ca=True, path_length=None)))

    def chain(self, *names: str, days: int = 30, own: bool = False) -> Path:
        """A certificate for some names that ends in so many days, with its key; `own` if it is signed by itself."""
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        san = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        made = self._made(subject, key, days, san, *((key, subject) if own else ()))
        self._count += 1
        path = self.directory / f"chain-{self._count}.pem"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made)
        return path

    def _made(self, subject, key, days, extension, signer=None, issuer=None) -> bytes:  # noqa: ANN001 - of cryptography
        now = datetime.now(UTC)
        begin, end, number = now - timedelta(days=60), now + timedelta(days=days, minutes=5), x509.random_serial_number()
        builder = x509.CertificateBuilder(issuer or self._name, subject, key.public_key(), number, begin, end)
        critical = isinstance(extension, x509.BasicConstraints)
        return builder.add_extension(extension, critical=critical).sign(signer or self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def secured(chain: Path, lowest: V = V.TLSv1_2, highest: V = V.TLSv1_3) -> ssl.SSLContext:
    """A server's context, which takes old versions if it is asked to."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    context.load_cert_chain(chain)
    return context


def page(body: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    """An answer over HTTP."""
    data = body.encode()
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


def moved(location: str) -> bytes:
    """A redirect."""
    return f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


Reply = bytes | Callable[[str], bytes]
"""What is said to each request: bytes as they are, or made of its path."""


@contextmanager
def door(reply: Reply, context: ssl.SSLContext | None = None, address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A server until the `with` ends; its port. What it says ends the connection."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, port), family=family, backlog=64) as server:
        threading.Thread(target=_serve, args=(server, reply, context), daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def doors(reply: Reply, *each: tuple[str, ssl.SSLContext | None]) -> Iterator[int]:
    """Several addresses with one port."""
    with ExitStack() as stack:
        port = 0
        for address, context in each:
            port = stack.enter_context(door(reply, context, address, port))
        yield port


def _serve(server: socket.socket, reply: Reply, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with suppress(OSError), ExitStack() as stack:
            connection.settimeout(5)
            secure = stack.enter_context(context.wrap_socket(connection, server_side=True) if context else connection)
            asked = b""
            while b"\r\n\r\n" not in asked and (chunk := secure.recv(65536)):
                asked += chunk
            if asked:
                secure.sendall(reply(asked.split()[1].decode()) if callable(reply) else reply)
            secure.shutdown(socket.SHUT_RDWR)
        connection.close()


def asked(of: type[Kind], aspects: dict[str, tuple[Callable[..., Any], Operation]], /, **row: Any) -> Given:
    """A row of a register, and what its collectors make of it: really asked, or the gap that is left."""
    now = datetime.now(UTC)
    session = Registers("company", Shelf(Path("/nonexistent"), now, {}), now)
    raw = {"row": row, "file": "register.yaml", "line": 1}
    answers: dict[str, Any] = {"row": raw}
    for name, (function, operation) in aspects.items():
        try:
            answers[name] = function(session.ask(operation, COMPANY), Met(row["id"], row["id"], "", {"row": raw}))
        except Refused as refused:
            answers[name] = refused.gap
    return Given(of, row["id"], scope=COMPANY, **answers)


def told(check: str, subject: Given, *others: Given, **parameters: Any) -> tuple[str, str]:
    """Outcome and reason for a subject, now. Registers that are not given are empty."""
    loaded = load_check(check_files(packaged_checks())[check], check)
    there = {one.kind for one in (subject, *others)}
    empty = tuple(a.kind for a in loaded.arguments if a.kind not in there)
    evidence = MemoryEvidence(subject, *others, empty=empty, scope=COMPANY)
    found = findings(check, evidence, scope=COMPANY, now=NOW, **parameters)
    finding = next(one for one in found if one.subject == subject.subject)
    return finding.outcome.value, finding.reason

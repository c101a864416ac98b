"""Handshakes with every address of a name: one for each version of TLS, and one by the local library that looks at the certificate.

They go directly, never through a proxy: one that ends TLS would answer in the server's place.
"""

import errno
import hashlib
import os
import socket
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import msgspec

from controlmon.collect.base import Operation, Refused
from controlmon.collect.document.hello import VERSIONS, Said, client_hello, read_answer
from controlmon.collect.document.trust import context, refusal
from controlmon.core.canonical import canonical
from controlmon.core.fact import Gap, GapKind, Raw

SECONDS = 10.0
"""How long one handshake may take."""
FLIGHT = 1 << 20
"""Bytes of a server's first flight."""
INTERNAL_ERROR = 80


def addresses_of(host: str) -> list[str]:
    """Every address of a name, IPv4 and IPv6. Raises `OSError` or `UnicodeError` if it has none."""
    return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})


def probe(operation: Operation, host: str, port: int, seconds: float = SECONDS, resolve: Callable[[str], list[str]] = addresses_of) -> Raw:
    """What each address of a name says: `results`, each once, and in `addresses` which of them each address gave.

    Raises:
        Refused: if the name has no address, or none of them can be reached.

    """
    try:
        found = resolve(host)
    except (OSError, UnicodeError) as error:
        raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, f"{host} cannot be resolved: {error}", operation.needs)) from error
    told = {address: _address(host, address, port, seconds) for address in found}
    failures = [one["unreachable"] for one in told.values() if "unreachable" in one]
    if len(failures) == len(told):
        slow = all(failure == "timed out" for failure in failures)
        detail = f"{', '.join(told)} of {host}, port {port}: {failures[0] if failures else 'no address'}"
        raise Refused(Gap(GapKind.TIMEOUT if slow else GapKind.UNAVAILABLE, operation.id, detail, operation.needs))
    results = sorted({canonical(one): one for one in told.values()}.items())
    place = {text: i for i, (text, _) in enumerate(results)}
    return {"results": [one for _, one in results], "addresses": {address: place[canonical(one)] for address, one in told.items()}}


def _address(host: str, address: str, port: int, seconds: float) -> dict[str, Any]:
    try:
        socket.create_connection((address, port), seconds).close()
    except OSError as error:
        return {"unreachable": _why(error)}
    versions = {}
    for version in VERSIONS:
        said = _shake(version, host, address, port, seconds)
        if said.answer == "closed" or said.alert == INTERNAL_ERROR:
            # A load balancer under load hangs up too: only who does it again meant it.
            said = _shake(version, host, address, port, seconds)
        versions[version] = msgspec.to_builtins(said)
    modern = any(versions[version].get("selected") == version for version in ("TLS 1.2", "TLS 1.3"))
    return {"versions": versions, "chain": _chain(host, address, port, seconds) if modern else {}}


def _shake(version: str, host: str, address: str, port: int, seconds: float) -> Said:
    """What the server says to a ClientHello; `closed` if nothing, `cut` if it stopped in the middle, `timeout` or `unreachable`."""
    until = time.monotonic() + seconds
    data = b""
    try:
        with socket.create_connection((address, port), seconds) as connection:
            connection.sendall(client_hello(version, "" if _is_address(host) else host, os.urandom(64)))
            while len(data) < FLIGHT:
                connection.settimeout(max(0.001, until - time.monotonic()))
                chunk = connection.recv(1 << 16)
                if not chunk:
                    break
                data += chunk
                if said := read_answer(data):
                    return said
    except TimeoutError:
        return Said("timeout")
    except (ConnectionResetError, BrokenPipeError):
        pass
    except OSError:
        return Said("unreachable")
    if len(data) >= FLIGHT:
        return Said("other")
    return Said("cut" if data else "closed")


def _chain(host: str, address: str, port: int, seconds: float) -> dict[str, Any]:
    """The certificate, if it is believed; why not, if it is not; or `unseen`."""
    try:
        with (
            socket.create_connection((address, port), seconds) as connection,
            context().wrap_socket(connection, server_hostname=host) as secure,
        ):
            return _certificate(secure)
    except OSError as error:
        if wrong := refusal(error):
            return {"valid": False, "why": wrong.verify_message}
        return {"unseen": _why(error)}


def _certificate(secure: ssl.SSLSocket) -> dict[str, Any]:
    told: Any = secure.getpeercert() or {}
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told["notAfter"])), UTC)
    issuer = {name: value for part in told.get("issuer", ()) for name, value in part}
    whole = secure.getpeercert(binary_form=True) or b""
    return {
        "valid": True,
        "not_after": ends.isoformat().replace("+00:00", "Z"),
        "names": sorted(f"{sort}:{name}" for sort, name in told.get("subjectAltName", ())),
        "issuer": issuer.get("organizationName") or issuer.get("commonName", ""),
        "sha256": f"sha256:{hashlib.sha256(whole).hexdigest()}",
    }


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return error.strerror or str(error) if error.errno != errno.ENETUNREACH else "no route from here"


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True

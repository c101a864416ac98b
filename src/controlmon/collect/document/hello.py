"""Pure. A TLS ClientHello that offers one version, and what a server says to it: the limits of the local library have no say in either.

RFC 8446 section 4.1.2 (1.3), RFC 5246 section 7.4.1.2 (1.2), RFC 2246 (1.0), RFC 6101 (SSL 3.0), RFC 6066 section 3 (the server's name).
A server that took an old version has sent its whole first flight: what it refuses after its ServerHello was refused.
"""

import struct

from msgspec import Struct

VERSIONS = {"SSL 3.0": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303, "TLS 1.3": 0x0304}
"""Each version, and its number on the wire."""
NAMES = {number: name for name, number in VERSIONS.items()}
SUITES_13 = "1301 1302 1303 1304 1305"
SUITES = (
    "c02b c02f c02c c030 cca9 cca8 c0ac c0ad c09e c09f 009e 009f ccaa c023 c027 c024 c028 c009 c013 c00a c014 0067 006b 0033 0039 "
    "009c 009d c09c c09d 003c 003d 002f 0035 00a2 00a3 0040 006a 0032 0038 0041 0084 0045 0088 0096 009a 0007 "
    "c008 c012 000a 0016 0013 c007 c011 0005 0004 0009 0015 0003 0006 0008 0034 003a c018 c019 0018 001b 0001 0002 003b 00ff"
)
"""Suites that servers of those versions had (IANA, TLS Cipher Suites), bad ones too: the version alone is to decide. 00ff is RFC 5746's."""
GROUPS = (0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0100)
SCHEMES = (0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0202)
ALERT, HANDSHAKE = 21, 22
FATAL, CLOSE_NOTIFY = 2, 0
SERVER_HELLO, DONE = 2, 14
SUPPORTED_VERSIONS = 43
LONGEST = (1 << 14) + 2048
"""Bytes of one record (RFC 5246 section 6.2.3)."""


class Said(Struct, frozen=True, omit_defaults=True):
    """What a server said to a ClientHello.

    `answer` is `hello` (it took `selected` with `suite`), `alert` (it refused, with a fatal alert of that number), or `other` (no TLS).
    """

    answer: str
    selected: str = ""
    suite: str = ""
    alert: int | None = None


def client_hello(version: str, host: str, random: bytes) -> bytes:
    """The record that offers `version` and no other.

    Args:
        version: one of `VERSIONS`.
        host: the server's name; empty for an address, which is not sent (RFC 6066 section 3).
        random: 64 bytes, for the random, and for the session id and the key share of 1.3.

    """
    number = VERSIONS[version]
    modern = number == VERSIONS["TLS 1.3"]
    suites = bytes.fromhex(SUITES_13 if modern else SUITES)
    session = random[32:64] if modern else b""
    body = struct.pack(">H", min(number, 0x0303)) + random[:32] + _vector(1, session) + _vector(2, suites) + _vector(1, b"\0")
    if number > VERSIONS["SSL 3.0"]:
        body += _vector(2, _extensions(number, host, random[32:64]))
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    return struct.pack(">BHH", HANDSHAKE, min(number, 0x0301), len(message)) + message


def _extensions(number: int, host: str, share: bytes) -> bytes:
    found = _extension(0, _vector(2, b"\0" + _vector(2, host.encode("idna")))) if host else b""
    found += _extension(10, _vector(2, struct.pack(f">{len(GROUPS)}H", *GROUPS))) + _extension(11, _vector(1, b"\0"))
    if number >= VERSIONS["TLS 1.2"]:
        found += _extension(13, _vector(2, struct.pack(f">{len(SCHEMES)}H", *SCHEMES)))
    if number == VERSIONS["TLS 1.3"]:
        # Any 32 bytes are a public key of x25519; a server that wants another group asks for it, which is an answer too.
        found += _extension(SUPPORTED_VERSIONS, _vector(1, struct.pack(">H", number)))
        found += _extension(51, _vector(2, struct.pack(">H", GROUPS[0]) + _vector(2, share)))
    return found


def _extension(kind: int, body: bytes) -> bytes:
    return struct.pack(">H", kind) + _vector(2, body)


def _vector(width: int, body: bytes) -> bytes:
    return len(body).to_bytes(width, "big") + body


def read_answer(data: bytes) -> Said | None:
    """What the bytes of a server say so far; None if more has to come.

    A warning is passed over (`unrecognized_name` comes before many a ServerHello). 1.3 is decided by its ServerHello or HelloRetryRequest.
    """
    flight, at = b"", 0
    while at < len(data):
        kind, length = data[at], int.from_bytes(data[at + 3 : at + 5], "big")
        if kind not in (ALERT, HANDSHAKE) or data[at + 1 : at + 2] not in (b"", b"\x03") or length > LONGEST:
            return Said("other")
        body = data[at + 5 : at + 5 + length]
        if len(data) < at + 5 or len(body) < length:
            return None
        if kind == ALERT and (length != 2 or body[0] == FATAL or body[1] == CLOSE_NOTIFY):
            return Said("alert", alert=body[1]) if length == 2 else Said("other")
        if kind == HANDSHAKE:
            flight += body
            if said := _of_flight(flight):
                return said
        at += 5 + length
    return None


def _of_flight(flight: bytes) -> Said | None:
    hello: Said | None = None
    while len(flight) >= 4 and len(flight) >= (end := 4 + int.from_bytes(flight[1:4], "big")):
        kind, body = flight[0], flight[4:end]
        if hello is None:
            if kind != SERVER_HELLO:
                return Said("other")
            hello = _server_hello(body)
            if hello.selected not in NAMES.values() or hello.selected == "TLS 1.3":
                return hello
        elif kind == DONE:
            return hello
        flight = flight[end:]
    return None


def _server_hello(body: bytes) -> Said:
    try:
        (number,) = struct.unpack_from(">H", body)
        at = 35 + body[34]
        (suite,) = struct.unpack_from(">H", body, at)
        at += 5
        while at + 4 <= len(body):
            kind, length = struct.unpack_from(">HH", body, at)
            if kind == SUPPORTED_VERSIONS:
                (number,) = struct.unpack_from(">H", body, at + 4)
            at += 4 + length
    except (struct.error, IndexError):
        return Said("other")
    return Said("hello", NAMES.get(number, f"{number:#06x}"), f"{suite:#06x}")

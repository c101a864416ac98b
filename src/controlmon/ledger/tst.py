"""What a time stamp says (RFC 3161, section 2.4.2), read from its DER with the standard library alone. It verifies no signature."""

import re
from datetime import UTC, datetime
from typing import NamedTuple

SHA256, _TST_INFO = bytes.fromhex("608648016503040201"), bytes.fromhex("2a864886f70d0109100104")  # object identifiers, as DER has them
# The way to each part, by the tags of X.690: "30>" goes into a SEQUENCE, "30." passes over one.
_KIND = "30> 30. 30> 06. a0> 30> 02. 31. 30> 06>"
_INFO = "30> 30. 30> 06. a0> 30> 02. 31. 30> 06. a0> 04> 30> 02. 06."
_MOMENT = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")


class Stamped(NamedTuple):
    """When (UTC), the digest that was stamped and its algorithm (`SHA256`), the authority's serial number, the nonce of the question."""

    at: datetime
    imprint: bytes
    algorithm: bytes
    serial: int
    nonce: int | None


def read_stamp(response: bytes) -> Stamped:
    """The time stamp in a TimeStampResp. Raises `ValueError` if there is none in it, or if these bytes are not the DER of one."""
    if walk(response, "30> 30> 02>") not in (b"\0", b"\1"):  # granted, grantedWithMods
        raise ValueError("it says that no time stamp was granted")
    if walk(response, "30.") or walk(response, _KIND) != _TST_INFO:
        raise ValueError("it is not one TimeStampResp with a TSTInfo in it")
    info = walk(response, _INFO)
    when, rest = walk(info, "30. 02. 18>"), walk(info, "30. 02. 18.")
    for tag in ("30", "01"):  # accuracy and ordering, which may be absent
        rest = walk(rest, f"{tag}.") if rest[:1].hex() == tag else rest
    nonce = int.from_bytes(walk(rest, "02>"), signed=True) if rest[:1] == b"\x02" else None
    serial = int.from_bytes(walk(info, "30. 02>"), signed=True)
    return Stamped(_moment(when), walk(info, "30> 30. 04>"), walk(info, "30> 30> 06>"), serial, nonce)


def walk(data: bytes, way: str) -> bytes:
    """The bytes at the end of a way, which is bound to the caller's steps and never to the data. Raises `ValueError` if it is barred."""
    for step in way.split():
        length, start = data[1] if len(data) > 1 else -1, 2
        if length & 0x80 and length > 0:  # the long form, in the fewest bytes (X.690, 10.1)
            start = 2 + (length & 0x7F)
            length = int.from_bytes(data[2:start]) if 3 <= start <= 6 and data[2:3] > b"\0" else -1
            length = -1 if length < 0x80 else length
        if length < 0 or data[:1].hex() != step[:2] or start + length > len(data):
            raise ValueError(f"it is not the DER of a TimeStampResp (no whole {step[:2]} on the way {way})")
        data = data[start : start + length] if step[2] == ">" else data[start + length :]
    return data


def _moment(text: bytes) -> datetime:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise ValueError("its genTime is not written YYYYMMDDhhmmss[.fraction]Z")
    return datetime.strptime(f"{found[1].decode()}.{(found[2] or b'0').decode()[:6]}Z", "%Y%m%d%H%M%S.%fZ").replace(tzinfo=UTC)

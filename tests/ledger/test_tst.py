"""The small reader of time stamps, against tokens that OpenSSL makes and rfc3161-client reads, and against bytes that are none."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

from controlmon.ledger.tst import SHA256, Stamped, read_stamp
from controlmon.ledger.tsverify import decoded
from tests.twins.tsa import TsaTwin

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag]) + length + content


def response(
    *, when: bytes = b"20261123120000Z", optional: bytes = b"", status: int = 0, kind: str = "0109100104", hashed: bytes = bytes(32)
) -> bytes:
    """A TimeStampResp by hand, without certificates and signatures."""
    imprint = der(0x30, der(0x30, der(0x06, SHA256)), der(0x04, hashed))
    info = der(0x30, der(0x02, b"\x01"), der(0x06, b"\x2a\x03"), imprint, der(0x02, b"\x11"), der(0x18, when), optional)
    content = der(0x30, der(0x06, bytes.fromhex(f"2a864886f70d{kind}")), der(0xA0, der(0x04, info)))
    signed = der(0x30, der(0x02, b"\x03"), der(0x31), content, der(0x31))
    token = der(0x30, der(0x06, bytes.fromhex("2a864886f70d010702")), der(0xA0, signed))
    return der(0x30, der(0x30, der(0x02, bytes([status]))), token)


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> TsaTwin:
    return TsaTwin(tmp_path_factory.mktemp("tsa"))


@pytest.mark.parametrize("left_out", ["", "accuracy = secs:1\n", "tsa_name = yes\n"])
def test_it_reads_what_the_library_reads(tsa: TsaTwin, left_out: str) -> None:
    """Time, imprint, serial number and nonce of a real token are those that rfc3161-client reads, whatever is optional in it."""
    config = tsa.roots.with_name("good.cnf")
    before = config.read_text()
    config.write_text(before.replace(left_out, ""))
    query = TimestampRequestBuilder(b"checkpoint", HashAlgorithm.SHA256).build()
    try:
        answer = tsa.stamp(query.as_bytes())
    finally:
        config.write_text(before)
    theirs = decoded(answer)
    assert theirs is not None
    info = theirs.tst_info
    imprint = info.message_imprint.message
    assert read_stamp(answer) == Stamped(info.gen_time, imprint, SHA256, info.serial_number, query.nonce)
    assert info.nonce == query.nonce


def test_the_order_of_the_certificates_is_mended_for_the_library_alone(tsa: TsaTwin) -> None:
    """OpenSSL writes certificates as they come, which rfc3161-client refuses; put in DER's order, it reads the same token."""
    query = TimestampRequestBuilder(b"checkpoint", HashAlgorithm.SHA256).build().as_bytes()
    answers = [tsa.stamp(query, name) for name in ("good", "stranger") for _ in range(4)]
    refused = []
    for answer in answers:
        theirs = decoded(answer)
        assert theirs is not None
        assert len(theirs.signed_data.certificates) == 2
        try:
            decode_timestamp_response(answer)
        except ValueError as error:
            refused.append(str(error))
    assert all("InvalidSetOrdering" in one for one in refused)


@pytest.mark.parametrize(
    ("when", "at"),
    [
        (b"20261123120000Z", AT),
        (b"20261123120000.5Z", AT.replace(microsecond=500_000)),
        (b"20261123120000.123456789Z", AT.replace(microsecond=123_456)),
    ],
)
def test_a_fraction_of_a_second_is_read(when: bytes, at: datetime) -> None:
    """genTime may have a fraction (RFC 3161, 2.4.2); what is finer than a microsecond is cut off."""
    assert read_stamp(response(when=when)).at == at


@pytest.mark.parametrize(
    ("optional", "nonce"),
    [
        (b"", None),
        (b"\x30\x03\x02\x01\x01", None),
        (b"\x01\x01\xff\x02\x02\x00\x80", 128),
        (b"\x30\x03\x02\x01\x01\x01\x01\xff\x02\x01\x07\xa0\x00", 7),
        (b"\xa0\x03\x02\x01\x07", None),
    ],
)
def test_what_is_optional_may_be_absent(optional: bytes, nonce: int | None) -> None:
    """The nonce is found behind accuracy and ordering, with or without them, and is no number of another element."""
    assert read_stamp(response(optional=optional)).nonce == nonce


GOOD = response()
BAD = {
    "empty": (b"", "not the DER"),
    "html": (b"<html></html>", "not the DER"),
    "followed": (GOOD + b"\0", "not one TimeStampResp"),
    "rejected": (response(status=2), "no time stamp was granted"),
    "no token": (der(0x30, der(0x30, der(0x02, b"\0"))), "not the DER"),
    "other content": (response(kind="0109100101"), "with a TSTInfo"),
    "no zone": (response(when=b"20261123120000"), "genTime"),
    "no such day": (response(when=b"20261131120000Z"), "day is out of range|does not match"),
    "not digits": (response(when="\u0662\u0660\u0662\u06661123120000Z".encode()), "genTime"),
    "indefinite": (b"\x30\x80" + GOOD[2:] + b"\0\0", "not the DER"),
    "length with a zero before it": (b"\x30\x82\x00" + GOOD[1:], "not the DER"),
    "three bytes of length with a zero": (b"\x30\x83\x00" + response(hashed=bytes(200))[2:], "not the DER"),
    "long form of a short length": (b"\x30\x81" + GOOD[1:], "not the DER"),
    "endless": (b"\x30\x84\xff\xff\xff\xff" + GOOD[2:], "not the DER"),
    "length of 127 bytes": (b"\x30\xff" + GOOD, "not the DER"),
    "nested": (b"\x30\x82\xff\xff" * 20_000, "not the DER"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_time_stamp_is_refused(case: str) -> None:
    """Bytes that are not the DER of a granted time stamp raise ValueError, and say why."""
    data, why = BAD[case]
    with pytest.raises(ValueError, match=why):
        read_stamp(data)


@given(st.integers(0, len(GOOD) - 1))
def test_a_token_that_is_cut_short_is_refused(size: int) -> None:
    """No beginning of a response is a response."""
    with pytest.raises(ValueError, match="not the DER"):
        read_stamp(GOOD[:size])


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=3))
def test_altered_bytes_raise_nothing_else(changes: list[tuple[int, int]]) -> None:
    """Altered anywhere, a response is read or refused with ValueError."""
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    try:
        assert isinstance(read_stamp(bytes(data)), Stamped)
    except ValueError:
        assert bytes(data) != GOOD


def test_it_imports_the_standard_library_alone() -> None:
    """The offline verifier copies the reader: it has 60 lines at most, and needs nothing else."""
    source = (Path(__file__).parents[2] / "src/controlmon/ledger/tst.py").read_text()
    assert set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE)) == {"re", "datetime", "typing"}
    assert len(source.splitlines()) <= 60

"""Canonical JSON against the RFC's own samples, cyberphone's vectors and the `rfc8785` package, none of them written here."""

import json
import re
import struct
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.canonical import MAX_ENTRY, canonical, digest, entry_bytes

JCS = Path(__file__).parents[3] / "shared" / "vectors" / "jcs"

SAFE = 2**53 - 1
# Keys that Python's `json` may have made of numbers, that sort otherwise in UTF-16, and strings that look like numbers in a list.
TRICKY = st.sampled_from(["1", "-1.5", "1e+16", "true", "null", "\ufb33", "\U0001f600", "\r", "\x7f", "\u2028", 'a,1.5":2.5', '[{"'])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | TRICKY
SCALARS = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4), max_leaves=12)
ENTRY_KEYS = st.text(st.characters(max_codepoint=127), max_size=5)
ENTRY_SCALARS = st.none() | st.booleans() | st.integers(-SAFE, SAFE) | TEXT
ENTRIES = st.recursive(ENTRY_SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(ENTRY_KEYS, v, max_size=4), max_leaves=12)

# RFC 8785, appendix B: the bits of a double, and its text.
NUMBERS = {
    "0000000000000000": "0",
    "8000000000000000": "0",
    "0000000000000001": "5e-324",
    "8000000000000001": "-5e-324",
    "7fefffffffffffff": "1.7976931348623157e+308",
    "ffefffffffffffff": "-1.7976931348623157e+308",
    "4340000000000000": "9007199254740992",
    "c340000000000000": "-9007199254740992",
    "4430000000000000": "295147905179352830000",
    "44b52d02c7e14af5": "9.999999999999997e+22",
    "44b52d02c7e14af6": "1e+23",
    "44b52d02c7e14af7": "1.0000000000000001e+23",
    "444b1ae4d6e2ef4e": "999999999999999700000",
    "444b1ae4d6e2ef4f": "999999999999999900000",
    "444b1ae4d6e2ef50": "1e+21",
    "3eb0c6f7a0b5ed8c": "9.999999999999997e-7",
    "3eb0c6f7a0b5ed8d": "0.000001",
    "41b3de4355555553": "333333333.3333332",
    "41b3de4355555557": "333333333.33333343",
    "becbf647612f3696": "-0.0000033333333333333333",
    "43143ff3c1cb0959": "1424953923781206.2",
}


class Colour(StrEnum):
    RED = "red"


@given(VALUES)
def test_any_value_has_the_bytes_that_another_implementation_gives_it(value: object) -> None:
    """Our bytes are those of the `rfc8785` package, on the fast path and on the exact one."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=20, max_size=20))
def test_any_double_is_written_as_another_implementation_writes_it(values: list[float]) -> None:
    """Doubles of every magnitude are written as ECMAScript writes them."""
    assert canonical(values) == rfc8785.dumps(values)


@given(ENTRIES)
def test_an_entry_is_canonical_too(value: object) -> None:
    """An entry has the bytes of RFC 8785, and reading them gives the entry back."""
    data = entry_bytes(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert json.loads(data) == value


@pytest.mark.parametrize(("bits", "text"), NUMBERS.items())
def test_the_numbers_of_the_rfc_are_written_as_the_rfc_says(bits: str, text: str) -> None:
    """A double of RFC 8785's appendix B has the text given there, alone and in a list."""
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert (canonical(number), canonical([0, number])) == (text.encode(), f"[0,{text}]".encode())


def test_keys_sort_by_utf_16_units() -> None:
    """The keys of RFC 8785, section 3.2.3, come in the order given there: an emoji before U+FB33, although its code point is higher."""
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    written = json.loads(canonical(dict.fromkeys(keys)))
    assert list(written) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]


def test_strings_escape_what_they_must_and_nothing_else() -> None:
    """Control characters and the two of JSON are escaped as in RFC 8785, section 3.2.2.2; DEL, slash and U+2028 are not."""
    text = '€$\x0f\nA\'B"\\\\"/\x7f\u2028'
    assert canonical([text]) == '["€$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f\u2028"]'.encode()


@pytest.mark.skipif(not JCS.is_dir(), reason="no ../shared/vectors/jcs")
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_published_vectors_come_out_byte_for_byte(name: str) -> None:
    """Input of cyberphone/json-canonicalization gives its output."""
    value = json.loads((JCS / "input" / f"{name}.json").read_bytes())
    assert canonical(value) == (JCS / "output" / f"{name}.json").read_bytes()


@pytest.mark.parametrize("write", [canonical, entry_bytes])
def test_subclasses_of_plain_types_are_written_as_what_they_hold(write: Callable[[object], bytes]) -> None:
    """A tuple is a list and a StrEnum its text, also when the exact path writes them."""
    assert write({"a": (Colour.RED, True), "": "\U0001f600"}) == '{"":"\U0001f600","a":["red",true]}'.encode()


@pytest.mark.parametrize("write", [canonical, entry_bytes])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({"a": [0, {"b": float("nan")}]}, ValueError, r"\$\.a\[1\]\.b: "),
        ([float("-inf")], ValueError, r"\$\[0\]: "),
        (float("inf"), ValueError, r"\$: "),
        ({"a": "x\ud800"}, ValueError, r"\$\.a: a lone surrogate at character 1"),
        ({"\udfff": 1}, ValueError, "surrogate|ASCII"),
        ({"a": {1: "x"}}, TypeError, r"\$\.a: the key 1 is of type int"),
        ({"a": {1: "x", "b": 2}}, TypeError, r"\$\.a: the key 1 is of type int"),
        ({2.5: 0}, TypeError, "key 2.5 is of type float"),
        ({1e300: 0}, TypeError, "is of type float"),
        ({True: 0}, TypeError, "key True is of type bool"),
        ([{None: 0}], TypeError, "key None is of type NoneType"),
        ({"a": b"x"}, TypeError, r"\$\.a: JSON has no bytes"),
        ({"a": {1, 2}}, TypeError, r"\$\.a: JSON has no set"),
        ([2**53], ValueError, r"\$\[0\]: an integer of magnitude"),
        ({"a": {"b": -(2**53)}}, ValueError, r"\$\.a\.b: an integer of magnitude"),
        pytest.param([10**5000], ValueError, r"\$\[0\]: an integer of magnitude", id="huge"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_place(
    write: Callable[[object], bytes], value: object, error: type[Exception], message: str
) -> None:
    """A value that RFC 8785 cannot carry unharmed is refused, and the message leads to it."""
    with pytest.raises(error, match=message):
        write(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    """Circular and bottomless values raise ValueError, not RecursionError."""
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="contains itself"):
        canonical(circle)


def test_the_largest_safe_integer_is_written() -> None:
    """2**53 - 1, which every double carries exactly, is written digit by digit."""
    assert entry_bytes({"n": [SAFE, -SAFE]}) == b'{"n":[9007199254740991,-9007199254740991]}'


@pytest.mark.parametrize("number", [1.0, 0.5, -0.0, 1e16, 1e-7, 1.7976931348623157e308])
@pytest.mark.parametrize("shape", ["[{}]", '{{"a":{}}}', "[0,{}]", "{}"])
def test_no_float_enters_an_entry(number: float, shape: str) -> None:
    """A float is refused wherever it stands in an entry, whole numbers included."""
    with pytest.raises(ValueError, match="no float"):
        entry_bytes(json.loads(shape.format(repr(number))))


def test_a_key_that_is_not_ascii_is_refused_in_an_entry() -> None:
    """An entry's keys are ASCII, so that every language sorts them alike; its values need not be."""
    assert entry_bytes({"name": "é"}) == '{"name":"é"}'.encode()
    with pytest.raises(ValueError, match=re.escape("$.a[3]: the key 'é' is not ASCII")):
        entry_bytes({"a": [0, 1, 2, {"é": 1}]})


def test_an_entry_fits_in_sixteen_bits() -> None:
    """An entry of 65,535 bytes is the longest: one more, and the log could not store its length."""
    assert len(entry_bytes("x" * (MAX_ENTRY - 2))) == MAX_ENTRY
    with pytest.raises(ValueError, match="65,536 bytes"):
        entry_bytes("x" * (MAX_ENTRY - 1))


def test_a_digest_names_its_algorithm() -> None:
    """The digest of the FIPS 180-4 sample "abc" is the published one, after "sha256:"."""
    assert digest(b"abc") == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_subclass_is_written_exactly() -> None:
    """What it holds is looked at all the same: a fraction as RFC 8785 spells it, and none in an entry."""
    from collections import OrderedDict

    assert canonical(OrderedDict(a=1e21)) == b'{"a":1e+21}'
    with pytest.raises(ValueError, match=r"\$\.a: an entry holds no float"):
        entry_bytes(OrderedDict(a=0.5))

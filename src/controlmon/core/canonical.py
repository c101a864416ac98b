"""One value, one sequence of bytes: canonical JSON (RFC 8785, "JCS"), so that a digest speaks of the value and not of its spelling.

A fast writer spells nearly everything as RFC 8785 does. It is used for values in which nothing can differ; otherwise `_exact` writes the
value token by token.
"""

import hashlib
import math
import re
from json.encoder import encode_basestring
from typing import Any

import msgspec

MAX_ENTRY = 65_535
"""Bytes. The longest entry that the 16-bit length prefix of an entry bundle can carry (C2SP tlog-tiles, "Log entries")."""

_SAFE_INTEGER = 2**53
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_PLAIN = frozenset((str, bool, type(None)))
"""Types that are written alike by everyone."""
_KEYS = frozenset((str,))
_NESTED = (dict, list, tuple)
_fast = msgspec.json.Encoder(order="sorted").encode


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of `value`: None, bool, int, float, str, list, tuple, or dict with str keys, nested.

    An integer of magnitude 2**53 or more is refused: RFC 8785 (section 3.2.2.3) would write it as the nearest double, that is,
    as another number. Carry such a number as a string.

    Raises `ValueError` for such an integer, NaN, an infinity, a lone surrogate, and nesting that is circular or too deep;
    `TypeError` for a key that is not a str and for any other type. The message names the place: `$.a[3].b`.
    """
    text = _plain(value)
    if text is None:
        text = _exact(value)
    return text.encode()


def entry_bytes(value: object) -> bytes:
    """The bytes of a ledger entry: as `canonical`, for values that every JSON library reads and writes alike.

    Raises as `canonical` does, and `ValueError` for a float, for a key that is not ASCII and for more than `MAX_ENTRY` bytes.
    """
    text = _plain(value)
    if text is None or not text.isascii():
        text = _exact(value, entry=True)
    data = text.encode()
    if len(data) > MAX_ENTRY:
        raise ValueError(f"$: the entry has {len(data):,} bytes; at most {MAX_ENTRY:,} fit in the log")
    return data


def digest(data: bytes) -> str:
    """The name of some bytes: `sha256:` and 64 hexadecimal digits (FIPS 180-4)."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _plain(value: object) -> str | None:
    """The text that a fast writer gives, if it provably is RFC 8785's; else None, also when there is something to refuse."""
    if type(value) not in _NESTED:  # of a subclass, nobody knows what it does
        return None
    try:
        text = _fast(value).decode()
    except (TypeError, ValueError, RecursionError):
        return None  # `_exact` refuses it too, and says where
    if not _is_plain(value):
        return None  # the writer takes more types than we do, and it ends: nothing contains itself
    # Keys sort by UTF-16 units (RFC 8785, section 3.2.3), which differs from code points only beyond the BMP.
    return None if not text.isascii() and _ASTRAL.search(text) else text


def _is_plain(value: object) -> bool:
    """Whether it is made of nothing but text, booleans, None and safe integers, in lists and objects with keys of text."""
    stack: list[Any] = [value]
    while stack:
        one = stack.pop()
        if type(one) is dict and not _KEYS.issuperset(map(type, one)):
            return False
        for member in one.values() if type(one) is dict else one:
            kind = type(member)
            if kind is dict or kind is list or kind is tuple:
                stack.append(member)
            elif kind is int:
                if not -_SAFE_INTEGER < member < _SAFE_INTEGER:
                    return False
            elif kind not in _PLAIN:
                return False
    return True


def _exact(value: object, *, entry: bool = False) -> str:
    try:
        return _write(value, "$", entry=entry)
    except RecursionError:
        raise ValueError("$: the value is nested too deeply, or contains itself") from None


def _write(value: object, place: str, *, entry: bool) -> str:  # noqa: PLR0911 - one return for each type of JSON
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _string(value, place)
        case int():
            if abs(value) >= _SAFE_INTEGER:
                raise ValueError(f"{place}: an integer of magnitude 2**53 or more loses digits in JSON; carry it as a string")
            return int.__repr__(value)
        case float():
            if entry:
                raise ValueError(f"{place}: an entry holds no float; carry it as an integer of a smaller unit, or as a string")
            return _number(value, place)
        case list() | tuple():
            return "[" + ",".join(_write(item, f"{place}[{i}]", entry=entry) for i, item in enumerate(value)) + "]"
        case dict():
            return _object(value, place, entry=entry)
    raise TypeError(f"{place}: JSON has no {type(value).__name__}")


def _object(value: dict[object, object], place: str, *, entry: bool) -> str:
    keys = {}
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{place}: the key {key!r} is of type {type(key).__name__}; keys are strings")
        if entry and not key.isascii():
            raise ValueError(f"{place}: the key {key!r} is not ASCII")
        keys[key] = _string(key, f"{place}.{key!a}")
    ordered = sorted(keys, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(f"{keys[key]}:{_write(value[key], f'{place}.{key}', entry=entry)}" for key in ordered) + "}"


def _string(value: str, place: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{place}: a lone surrogate at character {error.start} is not Unicode text") from None
    return encode_basestring(value)  # the escapes of RFC 8785, section 3.2.2.2


def _number(value: float, place: str) -> str:
    """ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20, steps named as there), from Python's digits: both are the shortest."""
    if not math.isfinite(value):
        raise ValueError(f"{place}: JSON has no {float.__repr__(value)}")
    if value == 0:
        return "0"  # -0 too
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = float.__repr__(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    n = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))  # value = 0.digits * 10**n
    digits = digits.rstrip("0")
    k = len(digits)
    if k <= n <= 21:
        return sign + digits + "0" * (n - k)
    if 0 < n <= 21:
        return f"{sign}{digits[:n]}.{digits[n:]}"
    if -6 < n <= 0:
        return f"{sign}0.{'0' * -n}{digits}"
    point = "." if k > 1 else ""
    return f"{sign}{digits[0]}{point}{digits[1:]}e{n - 1:+d}"

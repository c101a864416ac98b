"""The part of OData's query options that the twin of Graph understands; it refuses the rest, as Graph refuses what it cannot filter."""

import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]
TOKEN = re.compile(r"\s*(?:(?P<text>'[^']*')|(?P<word>[A-Za-z0-9_./:@+-]+)|(?P<mark>[()]))")


class Refused(ValueError):
    """A filter that is not understood."""


def filtered(items: list[Any], said: str) -> list[Any]:
    """The items that pass. Raises `Refused`."""
    tokens = _tokens(said)
    test = _either(tokens)
    if tokens:
        raise Refused(f"Invalid filter clause: {said}")
    return [item for item in items if test(item)]


def _tokens(said: str) -> list[str]:
    found, at = [], 0
    while at < len(said.rstrip()):
        match = TOKEN.match(said, at)
        if match is None:
            raise Refused(f"Invalid filter clause: {said[at:]}")
        found.append(match.group().strip())
        at = match.end()
    return found


def _either(tokens: list[str], lambda_name: str = "") -> Test:
    tests = [_both(tokens, lambda_name)]
    while tokens and tokens[0] == "or":
        tokens.pop(0)
        tests.append(_both(tokens, lambda_name))
    return lambda item: any(test(item) for test in tests)


def _both(tokens: list[str], lambda_name: str) -> Test:
    tests = [_one(tokens, lambda_name)]
    while tokens and tokens[0] == "and":
        tokens.pop(0)
        tests.append(_one(tokens, lambda_name))
    return lambda item: all(test(item) for test in tests)


def _one(tokens: list[str], lambda_name: str) -> Test:
    if not tokens:
        raise Refused("Invalid filter clause")
    if tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens, lambda_name)
        _expect(tokens, ")")
        return inner
    path = tokens.pop(0)
    if path.endswith("/any"):
        _expect(tokens, "(")
        name = tokens.pop(0).removesuffix(":")
        inner = _either(tokens, name)
        _expect(tokens, ")")
        return lambda item: any(inner({name: one}) for one in _at(item, path.removesuffix("/any")) or [])
    operator, literal = tokens.pop(0), tokens.pop(0)
    value: Any = literal[1:-1] if literal.startswith("'") else {"true": True, "false": False, "null": None}.get(literal, literal)
    value = int(value) if isinstance(value, str) and not literal.startswith("'") and value.isdigit() else value
    if operator == "eq":
        return lambda item: _at(item, path) == value
    if operator in ("ge", "le"):
        return lambda item: (_at(item, path) >= value) == (operator == "ge") or _at(item, path) == value
    raise Refused(f"Invalid filter clause: {operator}")


def _expect(tokens: list[str], mark: str) -> None:
    if not tokens or tokens.pop(0) != mark:
        raise Refused("Invalid filter clause")


def _at(item: Any, path: str) -> Any:
    for part in path.split("/"):
        item = item.get(part) if isinstance(item, dict) else None
    return item

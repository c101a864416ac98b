"""Datadog's search syntax, as far as it can be told whether a query takes everything, nothing or some of what is asked about.

Anything that is not understood takes "some": nobody is told that a log is kept, or dropped, because of a guess.
"""

import re
from collections.abc import Callable
from enum import Enum
from fnmatch import fnmatchcase

TOKEN = re.compile(r'\s*([()]|-(?=\()|[^\s()"]*"(?:[^"\\]|\\.)*"|[^\s()]+)')


class Takes(Enum):
    """What a query takes of the things asked about."""

    ALL = "all"
    NONE = "none"
    SOME = "some"


Term = Callable[[str, str], Takes]
"""What one term takes: its key ("" for free text) and its value."""
OTHER = {Takes.ALL: Takes.NONE, Takes.NONE: Takes.ALL, Takes.SOME: Takes.SOME}


def takes(query: str, term: Term) -> Takes:
    """What a query takes. An empty one, and `*`, take everything."""
    tokens = TOKEN.findall(query)
    if "".join(tokens).replace(" ", "") != re.sub(r"\s", "", query) and '"' not in query:
        return Takes.SOME
    if not tokens:
        return Takes.ALL
    reading = _Reading(tokens, term)
    try:
        found = reading.either("")
    except IndexError:
        return Takes.SOME
    return found if reading.at == len(tokens) else Takes.SOME


def of_source(source: str) -> Term:
    """What a term takes of the logs of one source."""

    def term(key: str, value: str) -> Takes:
        if (key, value) in (("", "*"), ("*", "*")):
            return Takes.ALL
        if key.lower() != "source":
            return Takes.SOME
        return Takes.ALL if fnmatchcase(source.lower(), value.lower()) else Takes.NONE

    return term


class _Reading:
    """A query being read: OR binds less than AND, which is also meant where nothing stands between two terms."""

    def __init__(self, tokens: list[str], term: Term) -> None:
        self._tokens, self._term, self.at = tokens, term, 0

    def either(self, key: str) -> Takes:
        parts = [self._both(key)]
        while self._next() == "OR":
            self.at += 1
            parts.append(self._both(key))
        if Takes.ALL in parts:
            return Takes.ALL
        return Takes.NONE if all(part is Takes.NONE for part in parts) else Takes.SOME

    def _both(self, key: str) -> Takes:
        parts = [self._one(key)]
        while self._next() not in ("", "OR", ")"):
            if self._next() == "AND":
                self.at += 1
            parts.append(self._one(key))
        if Takes.NONE in parts:
            return Takes.NONE
        return Takes.ALL if all(part is Takes.ALL for part in parts) else Takes.SOME

    def _one(self, key: str) -> Takes:
        token = self._tokens[self.at]
        self.at += 1
        if token in ("NOT", "-"):
            return OTHER[self._one(key)]
        if token == "(":  # noqa: S105 - a parenthesis, not a password
            return self._group(key)
        if token.startswith("-") and len(token) > 1:
            return OTHER[self._value(token[1:], key)]
        return self._value(token, key)

    def _value(self, token: str, key: str) -> Takes:
        if token.endswith(":") and self._next() == "(":
            self.at += 1
            return self._group(token[:-1])
        name, colon, value = token.partition(":")
        if not colon or token.startswith('"'):
            name, value = key, token
        return self._term(name, value.strip('"').replace("\\", ""))

    def _group(self, key: str) -> Takes:
        found = self.either(key)
        if self._tokens[self.at] != ")":
            raise IndexError("a parenthesis is not closed")
        self.at += 1
        return found

    def _next(self) -> str:
        return self._tokens[self.at] if self.at < len(self._tokens) else ""

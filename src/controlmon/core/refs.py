"""What an entry names by digest, and what each named thing names in turn: the one walk of verification, export and retention.

Pure: it reads decoded JSON and follows nothing itself.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from msgspec import Struct


class Role(StrEnum):
    """What a digest stands for."""

    POPULATION = "population"
    """A list of subjects, whose aspects name state."""
    STATEMENTS = "statements"
    """A list of statements about populations."""
    FINDINGS = "findings"
    """A list of findings."""
    LIST = "list"
    """A list whose rows name nothing."""
    BLOB = "blob"
    """Bytes: an answer, the source of a check, a raw proof."""


class Ref(Struct, frozen=True):
    """A digest (`sha256:...`) and what it stands for."""

    digest: str
    role: Role


def references(entry: dict[str, Any]) -> Iterator[Ref]:
    """What an entry names."""
    if isinstance(check := entry.get("check"), dict):
        yield from _blob(check.get("digest"))
    for statement in entry.get("populations", ()):
        yield from _statement(statement)
    if "others" in entry:
        yield Ref(entry["others"]["root"], Role.STATEMENTS)
    if "findings" in entry:
        yield Ref(entry["findings"]["root"], Role.FINDINGS)
    for one in entry.get("seen", {}).values():
        yield Ref(one["root"], Role.LIST)
    yield from _blob(entry.get("content"))
    yield from _blob(entry.get("receipt"))


def below(role: Role, piece: dict[str, Any]) -> Iterator[Ref]:
    """What a piece of a list names: the pieces under it, or what its rows speak of."""
    if "pieces" in piece:
        yield from (Ref(digest, role) for digest in piece["pieces"])
    elif role is Role.POPULATION:
        for row in piece["rows"]:
            yield from (Ref(answer["state"], Role.BLOB) for answer in row["aspects"].values() if "state" in answer)
    elif role is Role.STATEMENTS:
        for row in piece["rows"]:
            yield from _statement(row)


def _statement(statement: dict[str, Any]) -> Iterator[Ref]:
    yield Ref(statement["root"], Role.POPULATION)
    yield Ref(statement["how"], Role.LIST)


def _blob(digest: object) -> Iterator[Ref]:
    if isinstance(digest, str):
        yield Ref(digest, Role.BLOB)

"""`exceptions.yaml`: read strictly, added to, and never silently forgotten."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from controlmon.core.canonical import canonical
from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import Document, parse
from controlmon.engine.exceptions import Exceptions
from controlmon.facts.controlmon.exceptions import Exemption
from controlmon.service.changes import Known
from controlmon.service.config import Config
from controlmon.service.yamlfile import read

HEAD = """\
# Exceptions: approved departures. Each has an owner who will mend it, another person who accepts it until then, and an end.
# `controlmon exceptions add` writes one; whatever changes here is recorded.

"""


def load_exceptions(config: Config, now: datetime) -> Exceptions:
    """The exceptions of the file that the configuration names; none if there is no such file.

    Raises:
        ConfigError: one does not fit, was approved by its owner or in the future, or two have one id.

    """
    path = config.exceptions_file
    if not path.is_file():
        return Exceptions()
    document = read(path)
    return Exceptions(checked(document, now))


def checked(document: Document, now: datetime) -> tuple[Exemption, ...]:
    """The exceptions of a file. Raises `ConfigError` as `load_exceptions` does."""
    found = document.convert(tuple[Exemption, ...])
    for i, one in enumerate(found):
        if one.id in (other.id for other in found[:i]):
            raise document.error((i, "id"), f"found the exception `{one.id}` again, expected each id once; rename it")
        if one.owner.strip().lower() == one.approver.strip().lower():
            raise document.error(
                (i, "approver"), f"found that `{one.id}` was approved by its owner, expected another person; name who accepts it"
            )
        if one.approved_at > now.date():
            raise document.error(
                (i, "approved_at"), f"found that `{one.id}` was approved on {one.approved_at}, which is yet to come; correct it"
            )
        if one.expires < one.approved_at:
            raise document.error((i, "expires"), f"found that `{one.id}` ends before it was approved; correct one of the days")
    return found


def known_exceptions(exceptions: Exceptions) -> Known:
    """What the record says of them whenever they change."""
    return Known.of(canonical(msgspec.to_builtins(exceptions.every)))


def add(path: Path, exemption: Exemption, now: datetime) -> None:
    """Add one at the end of the file, which keeps its comments. Raises `ConfigError` if it does not fit; nothing is written then."""
    before = path.read_bytes() if path.is_file() else HEAD.encode()
    text = before.decode("utf-8-sig").rstrip()
    if text.endswith("[]"):
        text = text.removesuffix("[]").rstrip()
    written = f"{text}\n\n{_written(exemption)}".lstrip("\n").encode()
    checked(parse(path, written), now)
    _replace(path, written)


def revoke(path: Path, exemption_id: str, now: datetime) -> None:
    """Take one back from today on: a line is added to it, and nothing is removed. Raises `ConfigError` if there is no such one."""
    document = read(path)
    found = document.convert(tuple[Exemption, ...])
    index = next((i for i, one in enumerate(found) if one.id == exemption_id), None)
    if index is None:
        raise ConfigError(f"{path}:1: there is no exception `{exemption_id}`; `controlmon exceptions list` shows those there are")
    if found[index].revoked_at is not None:
        raise document.error((index,), f"the exception `{exemption_id}` was revoked on {found[index].revoked_at} already")
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    at = document.line((index, "expires")) - 1
    indent = re.match(r"[ -]*", lines[at])
    space = " " * len(indent[0]) if indent else "  "
    lines.insert(at + 1, f"{space}revoked_at: {now.date().isoformat()}\n")
    written = "".join(lines).encode()
    checked(parse(path, written), now)
    _replace(path, written)


def _replace(path: Path, written: bytes) -> None:
    """All of it or nothing."""
    fresh = path.with_suffix(f"{path.suffix}.new")
    try:
        fresh.write_bytes(written)
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path}:1: cannot be written ({error.strerror}); check the path and its mode") from error


def _written(exemption: Exemption) -> str:
    """One exception as YAML."""
    plain: dict[str, Any] = msgspec.to_builtins(exemption)
    days = ("approved_at", "expires", "revoked_at")
    parts = []
    for name, value in plain.items():
        said = value if name in days else msgspec.json.encode(value).decode()
        parts.append(f"{name}: {said}")
    return "- " + "\n  ".join(parts) + "\n"

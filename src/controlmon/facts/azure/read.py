"""Reading members of what Azure answers: each is of its type, or null or missing (which Azure makes no difference of), or refused."""

import re
from datetime import UTC, datetime

from controlmon.core.fact import Raw

TLS = re.compile(r"(?:TLS|TLSv)?_?(\d)[._](\d)", re.IGNORECASE)


def inside(raw: Raw) -> Raw:
    """The `properties` of a resource. Raises `TypeError` if it has none."""
    properties = raw["properties"]
    if not isinstance(properties, dict):
        raise TypeError("properties is no object")
    return properties


def part(raw: Raw, name: str) -> Raw:
    """A member that is an object; empty if it is null or missing."""
    value = raw.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(f"{name} is no object")
    return value


def flag(raw: Raw, name: str) -> bool | None:
    """A member that is true, false, or not set."""
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{name} is not true or false")
    return value


def text(raw: Raw, name: str) -> str:
    """A member that is text; empty if it is not set."""
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value or ""


def named(raw: Raw, name: str) -> str:
    """A member that must be text, and not empty."""
    value = raw[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is not text")
    return value


def number(raw: Raw, name: str) -> int | None:
    """A member that is a whole number, or not set."""
    value = raw.get(name)
    if value is not None and type(value) is not int:
        raise TypeError(f"{name} is not a whole number")
    return value


def moment(raw: Raw, name: str) -> datetime | None:
    """A member that is a time (RFC 3339; in UTC where it does not say), or not set."""
    value = text(raw, name)
    if not value:
        return None
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def many(raw: Raw, name: str) -> list[Raw]:
    """A member that is a list; empty if it is not set."""
    value = raw.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{name} is not a list")
    return value


def listed(raw: Raw, name: str) -> list[Raw]:
    """A member that must be a list."""
    if not isinstance(raw[name], list):
        raise TypeError(f"{name} is not a list")
    return list(raw[name])


def tags(raw: Raw) -> dict[str, str]:
    """The tags. Resource Manager makes no difference of case in their names; in their values it does."""
    return {str(name).lower(): str(value) for name, value in part(raw, "tags").items()}


def tls(value: str) -> tuple[int, int] | None:
    """A version of TLS as a pair that can be compared, from `TLS1_2`, `1.2`, `TLSv1.2` or `Tls12`'s kin; None if it is none."""
    found = TLS.fullmatch(value)
    return (int(found[1]), int(found[2])) if found else None

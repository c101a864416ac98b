"""Reading Graph's JSON: a member that is missing or of another type is no answer."""

from datetime import UTC, datetime

from controlmon.core.fact import Raw


def flag(raw: Raw, name: str) -> bool:
    """A member that is true or false, and nothing else. Raises `KeyError` or `TypeError`."""
    value = raw[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is not true or false")
    return value


def text(raw: Raw, name: str) -> str:
    """A member that is text, or "" if it is null or not there. Raises `TypeError` for anything else."""
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value or ""


def texts(raw: Raw, name: str) -> tuple[str, ...]:
    """A member that lists text; () if it is null or not there. Raises `TypeError`."""
    value = raw.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name} is not a list of text")
    return tuple(value)


def when(raw: Raw, name: str) -> datetime | None:
    """A time (UTC), or None. Raises `ValueError`, `TypeError`."""
    said = text(raw, name)
    return datetime.fromisoformat(said).astimezone(UTC) if said else None


def listed(raw: Raw) -> list[Raw]:
    """The `value` of a collection. Raises `TypeError`."""
    value = raw["value"]
    if not isinstance(value, list):
        raise TypeError("value is not a list")
    return value

"""Members of Datadog's answers, read strictly: what is not of its kind is not guessed at."""

from datetime import UTC, datetime

from controlmon.core.fact import Raw


def flag(raw: Raw, name: str) -> bool:
    """A member that is true or false, and nothing else."""
    value = raw[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is not true or false")
    return value


def text(raw: Raw, name: str) -> str:
    """A member that is text."""
    value = raw[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value


def number(raw: Raw, name: str) -> float:
    """A member that is a number."""
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is not a number")
    return value


def words(raw: Raw, name: str) -> tuple[str, ...]:
    """A member that is a list of text."""
    value = raw[name]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name} is not a list of text")
    return tuple(value)


def moment(value: Raw) -> datetime:
    """A time as Datadog writes it: RFC 3339, or milliseconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value / 1000, UTC)
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no time")
    at = datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)

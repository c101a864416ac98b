"""How an entry writes what JSON has no canonical form for: moments, and fractions among the parameters."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import to_builtins


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote (UTC). Raises `ValueError` if it is none, or has no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return at.astimezone(UTC)


def to_milliseconds(at: datetime) -> datetime:
    """The moment as `stamp` writes it: a judgement is given the clock that the entry records."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def text_numbers(parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Parameters as an entry may hold them: a fraction is written as text, for entries hold no floats."""

    def safe(value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, float):
            return repr(value)
        if isinstance(value, dict):
            return {str(k): safe(v) for k, v in value.items()}
        return [safe(v) for v in value] if isinstance(value, list | tuple) else value

    return safe(to_builtins(dict(parameters)))

"""Moments and periods as people write them on a command line."""

from datetime import UTC, datetime, timedelta

from controlmon.core.errors import UsageError


def day(text: str, option: str) -> datetime:
    """A day (`YYYY-MM-DD`, its first moment in UTC) or a moment (RFC 3339). Raises `UsageError` naming the option."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: write a day as 2026-01-31, or a moment as 2026-01-31T12:00:00Z") from None
    if len(text) == len("2026-01-31"):
        return at.replace(tzinfo=UTC)
    if at.tzinfo is None:
        raise UsageError(f"{option} {text}: a moment needs its zone: write {text}Z")
    return at.astimezone(UTC)


def period(begin: str, end: str) -> tuple[datetime, datetime]:
    """A period from `--from` to `--to`: a day as the end means all of that day.

    Raises:
        UsageError: if either is no day and no moment, or the end does not come after the beginning.

    """
    first, last = day(begin, "--from"), day(end, "--to")
    if len(end) == len("2026-01-31"):
        last += timedelta(days=1)
    if last <= first:
        raise UsageError(f"--from {begin} --to {end}: the period ends before it begins")
    return first, last

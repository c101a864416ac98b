"""How long evidence is kept: six years if nothing is said (45 CFR 164.316(b)(2)(i))."""

from datetime import UTC, datetime

from controlmon.core.errors import UsageError
from controlmon.service.config import Config
from controlmon.service.span import day


def cutoff(config: Config, before: str | None, now: datetime) -> datetime:
    """The moment before which evidence may be dropped.

    Args:
        config: says how many years it is kept.
        before: a day that a person asked for, or None.
        now: the clock.

    Raises:
        UsageError: if that day is within the retention.

    """
    years = config.settings.retention_years
    now = now.astimezone(UTC)
    last_day = 28 if (now.month, now.day) == (2, 29) else now.day
    limit = now.replace(year=now.year - years, day=last_day, hour=0, minute=0, second=0, microsecond=0)
    if before is None:
        return limit
    asked = day(before, "--before")
    if asked > limit:
        raise UsageError(f"--before {before}: evidence is kept for {years} years (`retention_years`): give {limit:%Y-%m-%d} or earlier")
    return asked

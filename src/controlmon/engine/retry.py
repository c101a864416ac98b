"""When what failed may be tried again: after a minute, and twice as long after each further failure, up to an hour. Pure."""

from datetime import datetime, timedelta

FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)


class Retries:
    """What failed, by name, and from when on it is tried again."""

    def __init__(self) -> None:
        self._at: dict[str, tuple[datetime, timedelta]] = {}

    def waits(self, name: str, now: datetime) -> bool:
        """Whether it failed so lately that it is not to be tried now."""
        return name in self._at and self._at[name][0] > now

    def is_due(self, now: datetime) -> bool:
        """Whether anything that failed is to be tried now."""
        return any(at <= now for at, _ in self._at.values())

    def failed(self, name: str, now: datetime) -> datetime:
        """It failed, again: gives when to try it next."""
        wait = min(2 * self._at[name][1], LONGEST) if name in self._at else FIRST
        self._at[name] = (now + wait, wait)
        return now + wait

    def succeeded(self, name: str) -> bool:
        """It is done. Gives whether it had failed before."""
        return self._at.pop(name, None) is not None

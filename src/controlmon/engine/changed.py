"""Changes in mid-period, each with what was found last before and first after it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from controlmon.engine.dossier import ChangeSeen

OF_ONE = ("check", "parameters")
"""What changes for one check, which is named after it."""
SCHEDULE = "schedule"


class _Waiting(Struct):
    place: int
    check: str


class Changes:
    """Follows the changes, and what the runs of the period find.

    The first record of a thing is a change only if runs had been made without it: `ran` says that there were some before what is read.
    """

    def __init__(self, *, ran: bool = False) -> None:
        self.seen: list[ChangeSeen] = []
        self.schedule: str | None = None
        self._last: dict[str, dict[str, int]] = {}
        self._waiting: list[_Waiting] = []
        self._ran = ran

    def told(self, position: int, entry: Mapping[str, Any], within: bool) -> None:  # noqa: FBT001 - said by the caller's clock
        """A change; `within` is whether it lies in the period."""
        what, before = entry["what"], entry["from"]
        if what == SCHEDULE:
            self.schedule = entry["to"]
        if not within or (before is None and not self._ran):
            return
        thing, _, check = what.partition(" ")
        check = check if thing in OF_ONE else ""
        self._waiting.append(_Waiting(len(self.seen), check))
        self.seen.append(ChangeSeen(position, entry["at"], what, before, entry["to"], self._last.get(check, {})))

    def ran(self) -> None:
        """A run came to its end, in the period or not."""
        self._ran = True

    def found(self, by_check: Mapping[str, Mapping[str, int]], outcomes: Mapping[str, int]) -> None:
        """What a run of the period found by check, and in all."""
        self._last[""] = dict(outcomes)
        for check, counts in by_check.items():
            self._last[check] = dict(counts)
        for one in self._waiting:
            if not one.check or one.check in by_check:
                self.seen[one.place] = replace(self.seen[one.place], outcomes_after=self._last[one.check])
        self._waiting = [one for one in self._waiting if one.check and one.check not in by_check]

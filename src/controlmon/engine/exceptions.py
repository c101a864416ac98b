"""What exceptions do to a report: a failure that one covers is told as excepted. The finding itself stays what it is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.core.outcome import Outcome
from controlmon.facts.controlmon.exceptions import Exemption


class Exceptions(Struct, frozen=True):
    """The exceptions of a company."""

    every: tuple[Exemption, ...] = ()

    def of(self, check: str, at: datetime) -> tuple[Exemption, ...]:
        """Those of a check that hold at a time."""
        return tuple(one for one in self.every if one.check == check and one.holds(at))

    def excuse(self, check: str, row: Mapping[str, Any], at: datetime) -> Exemption | None:
        """The exception that covers a finding (its row), the one that ends last of several; None if it did not fail, or none does."""
        if row["outcome"] != Outcome.FAIL or row["kind"] == "scope":
            return None
        covering = [one for one in self.of(check, at) if one.covers(row["subject"], row["name"])]
        return max(covering, key=lambda one: (one.expires, one.id), default=None)

    def ending(self, at: datetime) -> list[Exemption]:
        """Those that hold, and will end soon."""
        return [one for one in self.every if one.is_ending(at)]


NONE = Exceptions()
"""No exceptions."""

"""The grants of several systems at once: what was seen, and of which systems something was not."""

from collections.abc import Callable, Iterable
from datetime import date

from msgspec import Struct

from controlmon.facts.access.grant import Grant
from controlmon.facts.access.live import CONNECTED
from controlmon.facts.access.uploads import listed_at
from controlmon.facts.base import All, Unseen
from controlmon.facts.document.access import Access


class Across(Struct):
    """The grants of the systems that were seen, and why each of the others was not, both by system."""

    grants: dict[str, list[Grant]]
    unseen: dict[str, str]

    @property
    def all(self) -> list[Grant]:
        """All grants that were seen."""
        return [grant for several in self.grants.values() for grant in several]

    @property
    def gap(self) -> str:
        """The first system that was not seen, and why; "" if all were."""
        return next((f"{system} was not seen: {why}" for system, why in self.unseen.items()), "")


def across(of: Callable[[str], list[Grant]], systems: Iterable[str], uploads: All[Access], since: date | None = None) -> Across:
    """What `of` tells of some systems. A list that people bring counts if it is of the day `since`, or later; no list is no empty one."""
    found = Across({}, {})
    for system in systems:
        try:
            day = None if system in CONNECTED else listed_at(uploads, system)
            if system not in CONNECTED and day is None:
                found.unseen[system] = "nothing is connected to it, and the register access_lists has no list of it"
            elif day is not None and since is not None and day < since:
                found.unseen[system] = f"its list is of {day.isoformat()}, and one of {since.isoformat()} or later is needed"
            else:
                found.grants[system] = of(system)
        except Unseen as error:
            found.unseen[system] = str(error)
    return found

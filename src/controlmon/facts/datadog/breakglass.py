"""Uses of break-glass as logs tell them: whatever the source, its pipeline tags the event `breakglass:true`."""

from datetime import date, datetime, timedelta

from controlmon.core.fact import Raw
from controlmon.facts.base import View
from controlmon.facts.datadog.parts import moment, number, text

TAG = "breakglass:true"
DAYS = 14
"""How far back is looked: a day less than indexes keep by default."""


class Logged(View, frozen=True):
    """An event: when, from which source, and who it says it was (`usr.id`, `usr.name` or `usr.email`)."""

    at: datetime
    source: str = ""
    who: str = ""


class UsesLogged(View, frozen=True):
    """The events of the last days, and on which days each source spoke. `cut` says why that may not be all."""

    seen: tuple[Logged, ...] = ()
    spoke: dict[str, tuple[date, ...]] = {}  # noqa: RUF012 - msgspec copies it
    cut: str = ""

    def silent(self, source: str, now: datetime) -> list[date]:
        """The days before today on which a source did not speak: what happened then is not known."""
        days = self.spoke.get(source.lower(), ())
        return [day for n in range(DAYS - 1, 0, -1) if (day := now.date() - timedelta(days=n)) not in days]


def uses_logged(raw: Raw) -> UsesLogged:
    """The answer that `collect.datadog.breakglass` puts together."""
    spoke: dict[str, set[date]] = {}
    for bucket in raw["buckets"]:
        for point in bucket["computes"]["c0"]:
            if number(point, "value") > 0:
                spoke.setdefault(text(bucket["by"], "source").lower(), set()).add(moment(point["time"]).date())
    seen = [Logged(at=moment(one["at"]), source=text(one, "source").lower(), who=text(one, "who")) for one in raw["events"]]
    cut = "" if raw["status"] == "done" else f"Datadog's count ended as {raw['status']}"
    return UsesLogged(seen=tuple(seen), spoke={source: tuple(sorted(days)) for source, days in sorted(spoke.items())}, cut=cut)

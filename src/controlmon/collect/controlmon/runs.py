"""When checks ran, how long nobody ran them, and what they could not see: the record's own account."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.runs import CheckRun, Schedule

runs = Service("controlmon", "runs")


@runs.lists(CheckRun, Operation("internal", "runs", needs=()), at=Place.TENANT, gives=(CheckRun.runs, CheckRun.errors))
def checks(ask: Ask) -> Iterator[Found]:
    """Each check that is expected to run by itself."""
    for raw in ask.items("checks"):
        yield Found(CheckRun, raw["id"], answers={CheckRun.runs: raw["runs"], CheckRun.errors: raw["errors"]})


@runs.lists(Schedule, Operation("internal", "schedules", needs=()), at=Place.TENANT, gives=(Schedule.beats,))
def schedules(ask: Ask) -> Iterator[Found]:
    """Each frequency at which something is due."""
    for raw in ask.items("schedules"):
        yield Found(Schedule, raw["id"], answers={Schedule.beats: raw["beats"]})

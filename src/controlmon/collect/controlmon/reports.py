"""What managers were told, and what they said to it."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.controls import Report

reports = Service("controlmon", "reports")


@reports.lists(Report, Operation("internal", "reports", needs=()), at=Place.TENANT, gives=(Report.deliveries,))
def weekly(ask: Ask) -> Iterator[Found]:
    """The weekly report."""
    raw = ask()
    yield Found(Report, "weekly", answers={Report.deliveries: raw["deliveries"]})

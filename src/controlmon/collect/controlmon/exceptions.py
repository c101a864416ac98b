"""The exceptions of `exceptions.yaml`."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.exceptions import Exception_

exceptions = Service("controlmon", "exceptions")
LIST = Operation("internal", "exceptions", needs=())


@exceptions.lists(Exception_, LIST, at=Place.TENANT, gives=(Exception_.terms,))
def every(ask: Ask) -> Iterator[Found]:
    """Each exception, whether it holds or not."""
    for raw in ask.items("exceptions"):
        yield Found(Exception_, raw["id"], answers={Exception_.terms: raw})

"""The targets that are declared, held against those that were seen."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.targets import Declared

targets = Service("controlmon", "targets")


@targets.lists(Declared, Operation("internal", "targets", needs=()), at=Place.TENANT, gives=(Declared.reached,))
def declared(ask: Ask) -> Iterator[Found]:
    """Each target of the configuration."""
    for raw in ask.items("targets"):
        yield Found(Declared, raw["id"], answers={Declared.reached: raw["reached"]})

"""The controls, as their checks have them."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.controls import Shown

controls = Service("controlmon", "controls")


@controls.lists(Shown, Operation("internal", "controls", needs=()), at=Place.TENANT, gives=(Shown.derived,))
def every(ask: Ask) -> Iterator[Found]:
    """Each control of the catalog."""
    for raw in ask.items("controls"):
        yield Found(Shown, raw["id"], answers={Shown.derived: raw["derived"]})

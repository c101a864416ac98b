"""The journal of calls, and who made them."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.calls import Call, Identity

journal = Service("controlmon", "journal")


@journal.lists(Call, Operation("internal", "calls", needs=()), at=Place.TENANT, gives=(Call.called,))
def calls(ask: Ask) -> Iterator[Found]:
    """Each operation that the last runs called."""
    for raw in ask.items("calls"):
        yield Found(Call, raw["id"], answers={Call.called: raw["called"]})


@journal.lists(Identity, Operation("internal", "identities", needs=()), at=Place.TENANT, gives=(Identity.who,))
def identities(ask: Ask) -> Iterator[Found]:
    """Who the agent was, target by target."""
    for raw in ask.items("identities"):
        yield Found(Identity, raw["id"], answers={Identity.who: raw["who"]})

"""The record: does it hold, who outside has seen it, how long is it kept."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.controlmon.ledger import Record

evidence = Service("controlmon", "evidence")


@evidence.lists(Record, Operation("internal", "evidence", needs=()), at=Place.TENANT)
def records(ask: Ask) -> Iterator[Found]:
    """The one record of this agent."""
    yield Found(Record, ask()["id"])


@evidence.answers(Record.verification, Operation("internal", "verification", needs=()))
def verification(ask: Ask, record: Met) -> Raw:  # noqa: ARG001 - there is one
    """Goes through all of it."""
    return ask()


@evidence.answers(Record.anchored, Operation("internal", "anchors", needs=()))
def anchored(ask: Ask, record: Met) -> Raw:  # noqa: ARG001 - there is one
    """The proofs that lie outside."""
    return ask()


@evidence.answers(Record.kept, Operation("internal", "retention", needs=()))
def kept(ask: Ask, record: Met) -> Raw:  # noqa: ARG001 - there is one
    """How long it is kept."""
    return ask()

"""Access reviews that Entra itself conducts."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.entra.reviews import Review, last_ended

reviews = Service("entra", "reviews")
NEEDS = ("AccessReview.Read.All",)
DEFINITIONS = "GET /v1.0/identityGovernance/accessReviews/definitions"


@reviews.lists(Review, Operation("graph", DEFINITIONS, needs=NEEDS), at=Place.TENANT, gives=[Review.definition])
def definitions(ask: Ask) -> Iterator[Found]:
    """Every review that was set up."""
    for raw in ask.items("value", top=100):
        yield Found(Review, raw["id"], raw["displayName"], answers={Review.definition: raw})


@reviews.answers(Review.instances, Operation("graph", f"{DEFINITIONS}/{{id}}/instances", needs=NEEDS))
def instances(ask: Ask, review: Met) -> Raw:
    """Its rounds."""
    return ask(id=review.id)


@reviews.answers(
    Review.decisions,
    Operation("graph", f"{DEFINITIONS}/{{id}}/instances/{{instance}}/decisions", needs=NEEDS),
    after=[Review.instances],
)
def decisions(ask: Ask, review: Met) -> Raw:
    """The decisions of the last round that has ended."""
    last = last_ended(Review.instances.view(review.answer(Review.instances)))
    return ask(id=review.id, instance=last.id) if last else not_asked("no round has ended")

"""Access reviews: each system that is declared, reviewed or not, and each revocation of its last signed review."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.controlmon.reviews import Review, Revocation

reviews = Service("controlmon", "reviews")


@reviews.lists(Review, Operation("internal", "reviews", needs=()), at=Place.TENANT, gives=(Review.standing, Review.reviewed))
def systems(ask: Ask) -> Iterator[Found]:
    """Each declared system: one that was never reviewed is the finding."""
    for raw in ask.items("systems"):
        yield Found(Review, raw["system"], answers={Review.standing: raw["standing"], Review.reviewed: raw["reviewed"]})


@reviews.lists(Revocation, Operation("internal", "revocations", needs=()), at=Place.TENANT, gives=(Revocation.ordered,))
def revocations(ask: Ask) -> Iterator[Found]:
    """Each row that a signed review took away or changed."""
    for raw in ask.items("revocations"):
        yield Found(Revocation, raw["id"], raw["name"], answers={Revocation.ordered: raw["ordered"]})

"""AWS Resource Access Manager: the shares of each region that the account owns, with whom and of what."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.ram import ResourceShare

ram = Service("aws", "ram")


def _read(name: str) -> Operation:
    return Operation("ram", name, needs=(f"ram:{name}",))


@ram.lists(ResourceShare, _read("GetResourceShares"), gives=[ResourceShare.settings])
def shares(ask: Ask) -> Iterator[Found]:
    """Every share of the account's own, those that were deleted lately too."""
    for share in ask.items("resourceShares", resourceOwner="SELF"):
        yield Found(ResourceShare, share["resourceShareArn"], share["name"], answers={ResourceShare.settings: share})


@ram.answers(ResourceShare.principals, _read("ListPrincipals"))
def principals(ask: Ask, share: Met) -> Raw:
    """Whom one share is with."""
    return {"principals": list(ask.items("principals", resourceOwner="SELF", resourceShareArns=[share.id]))}


@ram.answers(ResourceShare.resources, _read("ListResources"))
def resources(ask: Ask, share: Met) -> Raw:
    """What one share shares."""
    return {"resources": list(ask.items("resources", resourceOwner="SELF", resourceShareArns=[share.id]))}

"""Amazon CloudFront, which is asked once: it has no regions."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Place, Service
from controlmon.facts.aws.cloudfront import Distribution

cloudfront = Service("aws", "cloudfront")


@cloudfront.lists(
    Distribution,
    Operation("cloudfront", "ListDistributions", needs=("cloudfront:ListDistributions",)),
    at=Place.ACCOUNT,
    gives=[Distribution.viewing],
)
def distributions(ask: Ask) -> Iterator[Found]:
    """Every distribution, with all that is asked of it. A page without distributions has no list."""
    for page in ask.whole():
        listed = page["DistributionList"]
        items = listed.get("Items") or []
        if listed["Quantity"] != len(items):
            raise ValueError("a page holds fewer distributions than it says")
        for item in items:
            yield Found(Distribution, item["ARN"], item["DomainName"], answers={Distribution.viewing: item})

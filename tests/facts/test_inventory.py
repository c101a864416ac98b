"""What clouds hold, over providers."""

from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.resource import Resource
from controlmon.facts.base import All
from controlmon.facts.inventory import things

BUCKET = "arn:aws:s3:::documents"


def test_what_two_regions_list_is_one_thing() -> None:
    """A bucket that is told of twice counts once, in whichever account."""
    told = [TaggedResource.example(id=BUCKET, tags={"tenant": "acme"}) for _ in range(2)]
    found, gap = things(All.of(*told), All[Resource].of(), ("aws",), "tenant")
    assert ([one.id for one in found], gap) == ([BUCKET], None)

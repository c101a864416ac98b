"""AWS Resource Groups Tagging API: what has or had tags in each region. A resource that never had one is not listed."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Operation, Service
from controlmon.facts.aws.tagged import TaggedResource

resourcegroupstaggingapi = Service("aws", "resourcegroupstaggingapi")
RESOURCES = Operation("resourcegroupstaggingapi", "GetResources", needs=("tag:GetResources",))


@resourcegroupstaggingapi.lists(TaggedResource, RESOURCES, gives=[TaggedResource.tags])
def tagged(ask: Ask) -> Iterator[Found]:
    """Every resource of the region that has or had a tag; those without a region are listed in the partition's first."""
    for one in ask.items("ResourceTagMappingList", ResourcesPerPage=100):
        arn = one["ResourceARN"]
        yield Found(TaggedResource, arn, arn.split(":", 5)[5], answers={TaggedResource.tags: {"Tags": one["Tags"]}})

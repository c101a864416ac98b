"""Azure resources of every type, by Resource Manager's own list."""

from collections.abc import Iterator

from controlmon.collect.azure.subscription import RESOURCES
from controlmon.collect.base import Ask, Found, Place, Service
from controlmon.facts.azure.resource import Resource

resource = Service("azure", "resource")


@resource.lists(Resource, RESOURCES, at=Place.ACCOUNT, gives=[Resource.listed])
def resources(ask: Ask) -> Iterator[Found]:
    """Every resource: its id, type and tags alone."""
    for row in ask.items("value"):
        kept = {name: row[name] for name in ("id", "type", "tags") if name in row}
        yield Found(Resource, row["id"].lower(), row["name"], row.get("location") or "", answers={Resource.listed: kept})

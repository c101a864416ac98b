"""Azure resources of every type."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect


class Listed(View, frozen=True):
    """What a resource is, in lower case, and its tags, whose names are in lower case."""

    type: str
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it


class Resource(Kind, name="azure.resource"):
    """A resource of whatever type."""

    @aspect()
    def listed(raw: Raw) -> Listed:
        """Its type and tags (Resources_List)."""
        return Listed(type=read.named(raw, "type").lower(), tags=read.tags(raw))

"""The collector of tagged resources over HTTP."""

from collections.abc import Mapping
from typing import Any

import pytest

from controlmon.collect.aws.resourcegroupstaggingapi import resourcegroupstaggingapi
from controlmon.core.fact import GapKind
from controlmon.facts.aws.tagged import TaggedResource
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin, Fault


def listed(*names: str) -> dict[str, object]:
    return {"ResourceTagMappingList": [{"ResourceARN": f"arn:aws:s3:::{n}", "Tags": [{"Key": "tenant", "Value": n}]} for n in names]}


def test_every_page_of_what_has_or_had_tags(twin: AwsTwin, collect: Collect) -> None:
    """All pages, each resource with all of its tags; one whose tags are gone is there without any."""
    gone: dict[str, object] = {"ResourceTagMappingList": [{"ResourceARN": "arn:aws:sqs:us-east-1:123456789012:q", "Tags": []}]}

    def answer(asked: Mapping[str, Any]) -> dict[str, object]:
        return gone if asked.get("PaginationToken") else listed("a", "b") | {"PaginationToken": "more"}

    with twin.answer("resourcegroupstaggingapi", "GetResources", answer):
        found = collect(resourcegroupstaggingapi, TaggedResource.tags)
    assert found.views(TaggedResource.tags) == {"a": {"tenant": "a"}, "b": {"tenant": "b"}, "q": {}}
    assert found.ids(TaggedResource) == {"arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:us-east-1:123456789012:q"}
    assert (found.listings["aws.tagged_resource"].count, found.listings["aws.tagged_resource"].gap) == (3, None)
    assert len(twin.calls("resourcegroupstaggingapi", "GetResources")) == 2


@pytest.mark.parametrize(("fault", "kind"), [(Fault.DENIED, GapKind.DENIED), (Fault.WRONG_SHAPE, GapKind.MALFORMED)])
def test_a_listing_that_failed_is_incomplete(twin: AwsTwin, collect: Collect, fault: Fault, kind: GapKind) -> None:
    """Nothing may then be said to be gone."""
    with (
        twin.answer("resourcegroupstaggingapi", "GetResources", listed("a")),
        twin.fault("resourcegroupstaggingapi", "GetResources", fault),
    ):
        gap = collect(resourcegroupstaggingapi, TaggedResource.tags).listings["aws.tagged_resource"].gap
    assert gap is not None
    assert (gap.kind, gap.needs) == (kind, ("tag:GetResources",))

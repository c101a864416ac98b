"""The collector of CloudFront over HTTP."""

from typing import Any

from controlmon.collect.aws.cloudfront import cloudfront
from controlmon.facts.aws.cloudfront import Distribution
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin


def create(twin: AwsTwin, reference: str) -> None:
    origin: dict[str, Any] = {"Id": "o", "DomainName": "b.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}  # fmt: skip
    config = {"CallerReference": reference, "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": behavior}
    twin.client("cloudfront").create_distribution(DistributionConfig=config | {"Comment": "", "Enabled": True})


def test_every_distribution_is_listed(twin: AwsTwin, collect: Collect) -> None:
    for reference in ("one", "two"):
        create(twin, reference)
    found = collect(cloudfront, Distribution.viewing)
    assert [view.behaviors for view in found.views(Distribution.viewing).values()] == [{"*": "https-only"}] * 2
    assert found.listings[Distribution.kind].complete


def test_no_distribution_is_an_answer_and_a_short_page_is_not(twin: AwsTwin, collect: Collect) -> None:
    page = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": 0}
    for quantity, complete in ((0, True), (1, False)):
        with twin.answer("cloudfront", "ListDistributions", {"DistributionList": page | {"Quantity": quantity}}):
            listing = collect(cloudfront, Distribution).listings[Distribution.kind]
        assert (listing.count, listing.complete) == (0, complete)

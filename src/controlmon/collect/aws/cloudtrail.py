"""AWS CloudTrail: trails, asked about in their home regions by ARN, and the buckets that they deliver to."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.cloudtrail import LogBucket, Trail
from controlmon.facts.base import Aspect

cloudtrail = Service("aws", "cloudtrail")
TRAILS = Operation("cloudtrail", "DescribeTrails", needs=("cloudtrail:DescribeTrails",), shared=True)


@cloudtrail.lists(Trail, TRAILS, at=Place.ACCOUNT, gives=[Trail.settings])
def trails(ask: Ask) -> Iterator[Found]:
    """The trails that reach into the region that we logged in to: all of every region and of the organization, and its own."""
    for trail in ask(includeShadowTrails=True)["trailList"]:
        yield Found(Trail, trail["TrailARN"], trail["Name"], trail["HomeRegion"], answers={Trail.settings: trail})


# By ARN: in other regions, and in member accounts, a trail of the organization is a shadow that its name does not find.
@cloudtrail.answers(Trail.status, Operation("cloudtrail", "GetTrailStatus", needs=("cloudtrail:GetTrailStatus",)))
def status(ask: Ask, trail: Met) -> Raw:
    """Whether it logs and delivers."""
    return ask.at(trail.region)(Name=trail.id)


@cloudtrail.answers(Trail.management_events, Operation("cloudtrail", "GetEventSelectors", needs=("cloudtrail:GetEventSelectors",)))
def management_events(ask: Ask, trail: Met) -> Raw:
    """What it logs."""
    return ask.at(trail.region)(TrailName=trail.id)


@cloudtrail.lists(LogBucket, TRAILS, at=Place.ACCOUNT, gives=[LogBucket.prefixes])
def log_buckets(ask: Ask) -> Iterator[Found]:
    """The buckets of the trails of every region, which are the record: each once, with all the trails that deliver there."""
    by_bucket: dict[str, list[Raw]] = {}
    for trail in ask(includeShadowTrails=True)["trailList"]:
        if trail["IsMultiRegionTrail"]:
            by_bucket.setdefault(trail["S3BucketName"], []).append(trail)
    for name, several in by_bucket.items():
        yield Found(LogBucket, f"arn:{ask.partition}:s3:::{name}", name, answers={LogBucket.prefixes: {"Trails": several}})


def about_bucket(aspect: Aspect[Any], operation: str, permission: str, *absent: str) -> None:
    """Declare a question that S3 answers about a bucket. The bucket is often another account's: then S3 may refuse us."""

    @cloudtrail.answers(aspect, Operation("s3", operation, needs=(permission,), absent=absent))
    def answered(ask: Ask, bucket: Met) -> Raw:
        return ask(Bucket=bucket.name)


about_bucket(LogBucket.policy_public, "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "NoSuchBucketPolicy")
about_bucket(LogBucket.public_access_block, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")
about_bucket(LogBucket.lock, "GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")
about_bucket(LogBucket.versioned, "GetBucketVersioning", "s3:GetBucketVersioning")
about_bucket(LogBucket.expiries, "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "NoSuchLifecycleConfiguration")
about_bucket(LogBucket.deletion_denied, "GetBucketPolicy", "s3:GetBucketPolicy", "NoSuchBucketPolicy")

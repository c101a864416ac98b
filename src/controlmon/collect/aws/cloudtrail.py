"""AWS CloudTrail: trails, asked about in their home regions by ARN, and the buckets that they deliver to."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.aws.s3 import ACL, BLOCK, OWNERSHIP, POLICY_STATUS, acls_off, seen
from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.cloudtrail import Trail
from controlmon.facts.aws.log_bucket import LogBucket
from controlmon.facts.base import Aspect

cloudtrail = Service("aws", "cloudtrail")
TRAILS = Operation("cloudtrail", "DescribeTrails", needs=("cloudtrail:DescribeTrails",), shared=True)


@cloudtrail.lists(Trail, TRAILS, at=Place.ACCOUNT, gives=[Trail.settings])
def trails(ask: Ask) -> Iterator[Found]:
    """The trails that reach into the region that we logged in to: all of every region and of the organization, and its own."""
    for trail in ask(includeShadowTrails=True)["trailList"]:
        yield Found(Trail, trail["TrailARN"], trail["Name"], trail["HomeRegion"], answers={Trail.settings: trail})


def about_trail(aspect: Aspect[Any], operation: Operation, parameter: str) -> None:
    """Declare a question about a trail of every region.

    By ARN: in other regions, and in member accounts, a trail of the organization is a shadow that its name does not find.
    """

    @cloudtrail.answers(aspect, operation, after=[Trail.settings])
    def answered(ask: Ask, trail: Met) -> Raw:
        settings = seen(Trail.settings, trail)
        if settings is not None and not settings.multi_region:
            return not_asked("it is a trail of one region")
        return ask.at(trail.region)(**{parameter: trail.id})


about_trail(Trail.status, Operation("cloudtrail", "GetTrailStatus", needs=("cloudtrail:GetTrailStatus",)), "Name")
about_trail(Trail.management_events, Operation("cloudtrail", "GetEventSelectors", needs=("cloudtrail:GetEventSelectors",)), "TrailName")


@cloudtrail.lists(LogBucket, TRAILS, at=Place.ACCOUNT, gives=[LogBucket.logs])
def log_buckets(ask: Ask) -> Iterator[Found]:
    """The buckets of the trails of every region, which are the record: each once, with all the trails that deliver there."""
    by_bucket: dict[str, list[Raw]] = {}
    for trail in sorted(ask(includeShadowTrails=True)["trailList"], key=lambda trail: str(trail["TrailARN"])):
        if trail["IsMultiRegionTrail"]:
            by_bucket.setdefault(trail["S3BucketName"], []).append(trail)
    for name, several in by_bucket.items():
        yield Found(LogBucket, f"arn:{ask.partition}:s3:::{name}", name, answers={LogBucket.logs: {"Trails": several}})


def about_bucket(aspect: Aspect[Any], operation: Operation) -> None:
    """Declare a question that S3 answers about a bucket.

    The bucket is often another account's: then S3 may refuse us. Where it is in another region, the SDK follows S3's redirect.
    """

    @cloudtrail.answers(aspect, operation)
    def answered(ask: Ask, bucket: Met) -> Raw:
        return ask(Bucket=bucket.name)


def _s3(name: str, permission: str, *absent: str) -> Operation:
    """A question to S3."""
    return Operation("s3", name, needs=(permission,), absent=absent)


about_bucket(LogBucket.policy_public, POLICY_STATUS)
about_bucket(LogBucket.public_access_block, BLOCK)
about_bucket(
    LogBucket.lock, _s3("GetObjectLockConfiguration", "s3:GetBucketObjectLockConfiguration", "ObjectLockConfigurationNotFoundError")
)
about_bucket(LogBucket.versioning, _s3("GetBucketVersioning", "s3:GetBucketVersioning"))
about_bucket(LogBucket.expiries, _s3("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "NoSuchLifecycleConfiguration"))
about_bucket(LogBucket.policy, _s3("GetBucketPolicy", "s3:GetBucketPolicy", "NoSuchBucketPolicy"))


@cloudtrail.answers(LogBucket.ownership, OWNERSHIP, after=[LogBucket.public_access_block])
def ownership(ask: Ask, bucket: Met) -> Raw:
    """Whether ACLs mean anything, unless public ones are ignored anyway."""
    return _acls_ignored(bucket) or ask(Bucket=bucket.name)


@cloudtrail.answers(LogBucket.public_grants, ACL, after=[LogBucket.public_access_block, LogBucket.ownership])
def public_grants(ask: Ask, bucket: Met) -> Raw:
    """The grants, unless they mean nothing."""
    return _acls_ignored(bucket) or acls_off(LogBucket.ownership, bucket) or ask(Bucket=bucket.name)


def _acls_ignored(bucket: Met) -> Raw:
    block = seen(LogBucket.public_access_block, bucket)
    return not_asked("the block of the bucket ignores public ACLs") if block is not None and block.ignore_public_acls else None

"""Amazon S3: buckets and what protects them. Each bucket is asked about in its own region."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.s3 import AccessPoint, Bucket
from controlmon.facts.base import Aspect

s3 = Service("aws", "s3")


@s3.lists(Bucket, Operation("s3", "ListBuckets", needs=("s3:ListAllMyBuckets",)), at=Place.ACCOUNT)
def buckets(ask: Ask) -> Iterator[Found]:
    """Every general purpose bucket of the account. S3 names each one's region only if the request has a parameter."""
    for bucket in ask.items("Buckets", MaxBuckets=10_000):
        name = bucket["Name"]
        yield Found(Bucket, f"arn:{ask.partition}:s3:::{name}", name, bucket.get("BucketRegion", ""))


@s3.answers(
    Bucket.encryption,
    Operation(
        "s3",
        "GetBucketEncryption",
        needs=("s3:GetEncryptionConfiguration",),
        absent=("ServerSideEncryptionConfigurationNotFoundError",),
    ),
)
def encryption(ask: Ask, bucket: Met) -> Raw:
    """The default encryption; S3 says "not found" only for metadata older than its own default."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(
    Bucket.encryption_key,
    Operation("kms", "DescribeKey", needs=("kms:DescribeKey",), shared=True),
    after=[Bucket.encryption],
)
def encryption_key(ask: Ask, bucket: Met) -> Raw:
    """The key that the default encryption names. The AWS managed key aws/s3 is named by no id: it needs no question."""
    view = Bucket.encryption.view(bucket.answer(Bucket.encryption))
    if view.key is None or not view.algorithm.startswith("aws:kms"):
        return not_asked("the default encryption names no KMS key")
    region = view.key.split(":")[3] if view.key.startswith("arn:") else bucket.region
    return ask.at(region)(KeyId=view.key)


def about_bucket(aspect: Aspect[Any], operation: str, permission: str, *absent: str) -> None:
    """Declare a question that S3 answers about a bucket, in the bucket's own region."""

    @s3.answers(aspect, Operation("s3", operation, needs=(permission,), absent=absent))
    def answered(ask: Ask, bucket: Met) -> Raw:
        return ask.at(bucket.region)(Bucket=bucket.name)


about_bucket(Bucket.public_access_block, "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration")
about_bucket(Bucket.policy_public, "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus", "NoSuchBucketPolicy")
about_bucket(Bucket.public_grants, "GetBucketAcl", "s3:GetBucketAcl")
about_bucket(Bucket.ownership, "GetBucketOwnershipControls", "s3:GetBucketOwnershipControls", "OwnershipControlsNotFoundError")


@s3.lists(AccessPoint, Operation("s3control", "ListAccessPoints", needs=("s3:ListAccessPoints",)), at=Place.REGION)
def access_points(ask: Ask) -> Iterator[Found]:
    """Every access point of the region: one question for the region, not one for each bucket."""
    for point in ask.items("AccessPointList", AccountId=ask.scope.target):
        yield Found(AccessPoint, point["AccessPointArn"], point["Name"])


@s3.answers(AccessPoint.settings, Operation("s3control", "GetAccessPoint", needs=("s3:GetAccessPoint",)))
def access_point(ask: Ask, point: Met) -> Raw:
    """Its network and its own public access block."""
    return ask(AccountId=ask.scope.target, Name=point.name)


@s3.answers(
    AccessPoint.policy_public,
    Operation("s3control", "GetAccessPointPolicyStatus", needs=("s3:GetAccessPointPolicyStatus",), absent=("NoSuchAccessPointPolicy",)),
)
def access_point_policy(ask: Ask, point: Met) -> Raw:
    """Whether its policy is public."""
    return ask(AccountId=ask.scope.target, Name=point.name)

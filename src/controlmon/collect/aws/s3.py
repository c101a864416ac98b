"""Amazon S3: buckets and what protects them. Each bucket is asked about in its own region."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.s3 import Bucket

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

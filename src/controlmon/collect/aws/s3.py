"""Amazon S3: buckets, access points, and what protects them. Each bucket is asked about in its own region.

A bucket whose region S3 did not name is asked about in the session's: the SDK follows S3's redirect (PermanentRedirect) by itself.
Directory buckets (S3 Express One Zone) are not listed: most regions have no endpoint to list them at, and there the answer would be a gap.
"""

from collections.abc import Iterator
from typing import TypeVar

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Refused, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import ENFORCED, Bucket, PublicAccessBlock
from controlmon.facts.base import Aspect, Unseen

V = TypeVar("V")
s3 = Service("aws", "s3")

BLOCK = Operation("s3", "GetPublicAccessBlock", needs=("s3:GetBucketPublicAccessBlock",), absent=("NoSuchPublicAccessBlockConfiguration",))
POLICY_STATUS = Operation("s3", "GetBucketPolicyStatus", needs=("s3:GetBucketPolicyStatus",), absent=("NoSuchBucketPolicy",))
OWNERSHIP = Operation(
    "s3", "GetBucketOwnershipControls", needs=("s3:GetBucketOwnershipControls",), absent=("OwnershipControlsNotFoundError",)
)
ACL = Operation("s3", "GetBucketAcl", needs=("s3:GetBucketAcl",))
ACCOUNT_BLOCK = Operation(
    "s3control",
    "GetPublicAccessBlock",
    needs=("s3:GetAccountPublicAccessBlock",),
    absent=("NoSuchPublicAccessBlockConfiguration",),
    shared=True,
)
"""Asked once, to spare every bucket the questions that the account's own block makes needless."""


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


@s3.answers(Bucket.public_access_block, BLOCK)
def bucket_block(ask: Ask, bucket: Met) -> Raw:
    """The bucket's own flags."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(Bucket.policy, Operation("s3", "GetBucketPolicy", needs=("s3:GetBucketPolicy",), absent=("NoSuchBucketPolicy",)))
def policy(ask: Ask, bucket: Met) -> Raw:
    """Its policy."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(Bucket.tags, Operation("s3", "GetBucketTagging", needs=("s3:GetBucketTagging",), absent=("NoSuchTagSet",)))
def tags(ask: Ask, bucket: Met) -> Raw:
    """Its tags."""
    return ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(Bucket.policy_public, POLICY_STATUS, ACCOUNT_BLOCK, after=[Bucket.public_access_block])
def policy_public(ask: Ask, bucket: Met) -> Raw:
    """Whether the policy is public, unless a block restricts it whatever it says."""
    for whose, block in _blocks(ask, bucket):
        if block.restrict_public_buckets:
            return not_asked(f"the block of the {whose} restricts public policies")
    return ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(Bucket.ownership, OWNERSHIP, ACCOUNT_BLOCK, after=[Bucket.public_access_block])
def ownership(ask: Ask, bucket: Met) -> Raw:
    """Whether ACLs mean anything, unless public ones are ignored anyway."""
    return _acls_ignored(ask, bucket) or ask.at(bucket.region)(Bucket=bucket.name)


@s3.answers(Bucket.public_grants, ACL, ACCOUNT_BLOCK, after=[Bucket.public_access_block, Bucket.ownership])
def public_grants(ask: Ask, bucket: Met) -> Raw:
    """The grants, unless they mean nothing."""
    ignored = _acls_ignored(ask, bucket) or acls_off(Bucket.ownership, bucket)
    return ignored or ask.at(bucket.region)(Bucket=bucket.name)


def seen(aspect: Aspect[V], subject: Met) -> V | None:
    """An earlier answer as it reads, or None if it was not seen: what was not seen spares no question."""
    try:
        return aspect.view(subject.answer(aspect))
    except (Refused, Unseen):
        return None


def acls_off(ownership: Aspect[str], bucket: Met) -> Raw:
    """What stands for the grants of a bucket whose ACLs are off; None if they are not, as far as is seen."""
    return not_asked("BucketOwnerEnforced makes ACLs inert") if seen(ownership, bucket) == ENFORCED else None


def _acls_ignored(ask: Ask, bucket: Met) -> Raw:
    for whose, block in _blocks(ask, bucket):
        if block.ignore_public_acls:
            return not_asked(f"the block of the {whose} ignores public ACLs")
    return None


def _blocks(ask: Ask, bucket: Met) -> Iterator[tuple[str, PublicAccessBlock]]:
    """The blocks that hold for a bucket, as far as they are seen: its own, then the account's."""
    if (own := seen(Bucket.public_access_block, bucket)) is not None:
        yield "bucket", own
    try:
        answer = ask.to(ACCOUNT_BLOCK)(AccountId=ask.scope.target)
        account = Account.s3_public_access_block.view(answer)
    except (Refused, Unseen):
        return
    yield "account", account


POINTS = Operation("s3control", "ListAccessPoints", needs=("s3:ListAccessPoints",))
POINT_POLICY = Operation(
    "s3control", "GetAccessPointPolicyStatus", needs=("s3:GetAccessPointPolicyStatus",), absent=("NoSuchAccessPointPolicy",)
)


@s3.lists(AccessPoint, POINTS, at=Place.REGION, gives=[AccessPoint.settings])
def access_points(ask: Ask) -> Iterator[Found]:
    """Every access point of a region that leads to a bucket: one question for the region, not one for each bucket."""
    account, region = ask.scope.target, ask.scope.region
    for point in ask.items("AccessPointList", AccountId=account):
        arn = point.get("AccessPointArn") or f"arn:{ask.partition}:s3:{region}:{account}:accesspoint/{point['Name']}"
        yield Found(AccessPoint, arn, point["Name"], answers={AccessPoint.settings: point})


@s3.answers(AccessPoint.policy_public, POINT_POLICY, after=[AccessPoint.settings])
def access_point_policy(ask: Ask, point: Met) -> Raw:
    """Whether its policy is public. S3 calls no access point public that is reached from a VPC only."""
    settings = seen(AccessPoint.settings, point)
    if settings is not None and settings.vpc_only:
        return not_asked("it is reached from a VPC only")
    return ask(AccountId=ask.scope.target, Name=point.name)


@s3.answers(
    AccessPoint.public_access_block,
    Operation("s3control", "GetAccessPoint", needs=("s3:GetAccessPoint",)),
    after=[AccessPoint.policy_public],
)
def access_point_block(ask: Ask, point: Met) -> Raw:
    """Its own flags, which matter only if its policy is public, or may be."""
    if seen(AccessPoint.policy_public, point) is False:
        return not_asked("its policy is not public")
    return ask(AccountId=ask.scope.target, Name=point.name)

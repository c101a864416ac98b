"""Amazon S3: buckets, access points, and what protects them."""

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect


class Encryption(View, frozen=True):
    """What new objects are encrypted with by default. `key` is as configured: an ARN, an id, an alias, or None for the AWS managed key.

    `assumed` is True when S3 holds no configuration and its documented default is meant.
    """

    algorithm: str
    key: str | None = None
    assumed: bool = False


class EncryptionKey(View, frozen=True):
    """The KMS key behind a default encryption: its state and whether AWS or the customer manages it."""

    arn: str
    state: str
    manager: str
    account: str


class PublicAccessBlock(View, frozen=True):
    """The four flags of a public access block. All False is what "not configured" means."""

    block_public_acls: bool = False
    ignore_public_acls: bool = False
    block_public_policy: bool = False
    restrict_public_buckets: bool = False

    @property
    def full(self) -> bool:
        """True if all four flags are on."""
        return self.block_public_acls and self.ignore_public_acls and self.block_public_policy and self.restrict_public_buckets


def public_access_block(raw: Raw) -> PublicAccessBlock:
    """The flags of GetPublicAccessBlock, of a bucket, an access point or an account."""
    flags = raw["PublicAccessBlockConfiguration"]
    return PublicAccessBlock(
        block_public_acls=_flag(flags, "BlockPublicAcls"),
        ignore_public_acls=_flag(flags, "IgnorePublicAcls"),
        block_public_policy=_flag(flags, "BlockPublicPolicy"),
        restrict_public_buckets=_flag(flags, "RestrictPublicBuckets"),
    )


def _flag(flags: Raw, name: str) -> bool:
    value = flags[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is not true or false")
    return value


class Bucket(Kind, name="aws.s3.bucket"):
    """A general purpose bucket."""

    @aspect(absent=Encryption(algorithm="AES256", assumed=True))
    def encryption(raw: Raw) -> Encryption:
        """The default encryption of new objects (GetBucketEncryption)."""
        default = raw["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
        return Encryption(algorithm=default["SSEAlgorithm"], key=default.get("KMSMasterKeyID"))

    @aspect()
    def encryption_key(raw: Raw) -> EncryptionKey | None:
        """The KMS key that the default encryption names (kms:DescribeKey); None if it names none of ours."""
        key = raw["KeyMetadata"]
        return EncryptionKey(arn=key["Arn"], state=key["KeyState"], manager=key["KeyManager"], account=key["Arn"].split(":")[4])

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


EVERYONE = ("http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")
"""The groups of S3's access control lists that hold everybody, and everybody with an AWS account."""


def policy_is_public(raw: Raw) -> bool:
    """IsPublic of a policy status: whether S3 takes the policy for public."""
    return _flag(raw["PolicyStatus"], "IsPublic")


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

    @aspect(absent=PublicAccessBlock())
    def public_access_block(raw: Raw) -> PublicAccessBlock:
        """The bucket's own public access block (GetPublicAccessBlock)."""
        return public_access_block(raw)

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether S3 takes the bucket's policy for public (GetBucketPolicyStatus); a bucket without a policy has none that is."""
        return policy_is_public(raw)

    @aspect()
    def public_grants(raw: Raw) -> tuple[str, ...]:
        """What the access control list grants to everybody (GetBucketAcl)."""
        raw["Owner"]
        return tuple(g["Permission"] for g in raw["Grants"] if g["Grantee"].get("URI") in EVERYONE)

    @aspect(absent="ObjectWriter")
    def ownership(raw: Raw) -> str:
        """Who owns new objects (GetBucketOwnershipControls); with BucketOwnerEnforced, access control lists say nothing."""
        return str(raw["OwnershipControls"]["Rules"][0]["ObjectOwnership"])


class AccessPoint(Kind, name="aws.s3.access_point"):
    """An access point of a bucket."""

    @aspect()
    def settings(raw: Raw) -> "AccessPointSettings":
        """Its network and its own public access block (s3control:GetAccessPoint)."""
        return AccessPointSettings(
            bucket=raw["Bucket"],
            inside_vpc=raw["NetworkOrigin"] == "VPC",
            block=public_access_block(raw) if raw.get("PublicAccessBlockConfiguration") else PublicAccessBlock(),
        )

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether S3 takes its policy for public (s3control:GetAccessPointPolicyStatus)."""
        return policy_is_public(raw)


class AccessPointSettings(View, frozen=True):
    """The bucket of an access point, whether it can only be reached from inside a VPC, and its own block."""

    bucket: str
    inside_vpc: bool = False
    block: PublicAccessBlock = PublicAccessBlock()

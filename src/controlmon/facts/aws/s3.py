"""Amazon S3: buckets, and what protects them."""

from collections.abc import Callable
from typing import Protocol

from controlmon.core.fact import Raw
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.base import All, Kind, Unseen, View, aspect

EVERYONE = ("http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers")
"""The groups of an ACL that anybody belongs to: "authenticated" is whoever has an AWS account of any company."""
ENFORCED = "BucketOwnerEnforced"
"""The ownership with which ACLs mean nothing."""


def said(*tests: Callable[[], str]) -> list[str]:
    """What each test says, without those that say nothing.

    Raises:
        Unseen: if none says anything, and something was not seen.
    """
    words: list[str] = []
    unseen: Unseen | None = None
    for test in tests:
        try:
            words.append(test())
        except Unseen as error:
            unseen = unseen or error
    if unseen is not None and not any(words):
        raise unseen
    return [word for word in words if word]


def first_said(*tests: Callable[[], str]) -> str:
    """What the first test that says something says, and no test after it is asked; "" if all were seen and none does.

    Raises:
        Unseen: if none says anything, and something was not seen.
    """
    unseen: Unseen | None = None
    for test in tests:
        try:
            if word := test():
                return word
        except Unseen as error:
            unseen = unseen or error
    if unseen is not None:
        raise unseen
    return ""


class Encryption(View, frozen=True):
    """What new objects are encrypted with by default. `key` is as configured: an ARN, an id, an alias, or None for the AWS managed key.

    `assumed` is True when S3 holds no configuration and its documented default is meant. `blocked` are the methods that it refuses.
    """

    algorithm: str
    key: str | None = None
    assumed: bool = False
    blocked: tuple[str, ...] = ()


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
        return not self.off

    @property
    def off(self) -> tuple[str, ...]:
        """The flags that are off, as S3 calls them."""
        return tuple(name for name, field in FLAGS.items() if not getattr(self, field))


FLAGS = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}


def public_access_block(raw: Raw) -> PublicAccessBlock:
    """The flags of GetPublicAccessBlock, of a bucket or an account, or those that GetAccessPoint shows."""
    flags = raw["PublicAccessBlockConfiguration"]
    return PublicAccessBlock(**{field: flag(flags, name) for name, field in FLAGS.items()})


def flag(raw: Raw, name: str) -> bool:
    """A member that is true or false, and nothing else."""
    value = raw[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is not true or false")
    return value


def policy_is_public(raw: Raw) -> bool:
    """What S3 says of a policy (GetBucketPolicyStatus, GetAccessPointPolicyStatus)."""
    return flag(raw["PolicyStatus"], "IsPublic")


def object_ownership(raw: Raw) -> str:
    """Who owns new objects, and with that whether ACLs mean anything (GetBucketOwnershipControls)."""
    ownership = raw["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    if not isinstance(ownership, str):
        raise TypeError("ObjectOwnership is not a word")
    return ownership


def grants_to_everyone(raw: Raw) -> tuple[str, ...]:
    """What an ACL grants to everyone, such as "READ to AllUsers" (GetBucketAcl)."""
    public = [g for g in raw["Grants"] if g["Grantee"]["Type"] == "Group" and g["Grantee"]["URI"] in EVERYONE]
    return tuple(f"{grant['Permission']} to {grant['Grantee']['URI'].rpartition('/')[2]}" for grant in public)


class Acl(View, frozen=True):
    """An ACL, as far as it names canonical users: the owner, and the others that it grants something to."""

    owner: str
    grantees: tuple[str, ...] = ()


class Replica(View, frozen=True):
    """A replication rule that is enabled: the bucket that it copies to, and the account that the rule names, if it does."""

    bucket: str
    account: str = ""


class Guarded(Protocol):
    """A bucket, as far as the questions go that decide whether it is public."""

    @property
    def public_access_block(self) -> PublicAccessBlock:
        """Its own flags."""

    @property
    def policy_public(self) -> bool:
        """Whether its policy is public."""

    @property
    def ownership(self) -> str:
        """Whether ACLs mean anything."""

    @property
    def public_grants(self) -> tuple[str, ...]:
        """What its ACL grants to everyone."""


Block = Callable[[], PublicAccessBlock]
"""A public access block that is read only when it matters."""


def opened(bucket: Guarded, account: Block) -> str:
    """What opens a bucket to everyone; "" if nothing does. What was not seen matters only if it could change the answer.

    A flag counts if the account has it or the bucket has it. Only two of the four speak of what is there already: IgnorePublicAcls makes
    public grants void, RestrictPublicBuckets public policies; the other two refuse new ones.
    """
    return first_said(
        lambda: "" if _policy_shut(bucket, account) else "its policy is public",
        lambda: "" if _acl_shut(bucket, account) else f"its ACL grants {', '.join(bucket.public_grants)}",
    )


def shut(bucket: Guarded, account: Block) -> str:
    """What keeps a bucket from being public; "" if it is."""
    return "" if opened(bucket, account) else f"{_policy_shut(bucket, account)}; {_acl_shut(bucket, account)}"


def _policy_shut(bucket: Guarded, account: Block) -> str:
    return first_said(
        lambda: "the account restricts public policies" if account().restrict_public_buckets else "",
        lambda: "the bucket restricts public policies" if bucket.public_access_block.restrict_public_buckets else "",
        lambda: "" if bucket.policy_public else "its policy is not public",
    )


def _acl_shut(bucket: Guarded, account: Block) -> str:
    return first_said(
        lambda: "the account ignores public ACLs" if account().ignore_public_acls else "",
        lambda: "the bucket ignores public ACLs" if bucket.public_access_block.ignore_public_acls else "",
        lambda: "ACLs are off" if bucket.ownership == ENFORCED else "",
        lambda: "" if bucket.public_grants else "its ACL grants nothing to everyone",
    )


class Bucket(Kind, name="aws.s3.bucket"):
    """A general purpose bucket."""

    @aspect(absent=Encryption(algorithm="AES256", assumed=True))
    def encryption(raw: Raw) -> Encryption:
        """The default encryption of new objects (GetBucketEncryption)."""
        rule = raw["ServerSideEncryptionConfiguration"]["Rules"][0]
        default = rule["ApplyServerSideEncryptionByDefault"]
        return Encryption(
            algorithm=default["SSEAlgorithm"],
            key=default.get("KMSMasterKeyID"),
            blocked=tuple(one for one in rule.get("BlockedEncryptionTypes", {}).get("EncryptionType", []) if one != "NONE"),
        )

    @aspect()
    def encryption_key(raw: Raw) -> EncryptionKey | None:
        """The KMS key that the default encryption names (kms:DescribeKey); None if it names none of ours."""
        key = raw["KeyMetadata"]
        return EncryptionKey(arn=key["Arn"], state=key["KeyState"], manager=key["KeyManager"], account=key["Arn"].split(":")[4])

    @aspect(absent=PublicAccessBlock())
    def public_access_block(raw: Raw) -> PublicAccessBlock:
        """The bucket's own flags, to which the account's are added (GetPublicAccessBlock)."""
        return public_access_block(raw)

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether its policy is public (GetBucketPolicyStatus). Not asked where the block of the account or the bucket restricts it."""
        return policy_is_public(raw)

    @aspect(absent="ObjectWriter")
    def ownership(raw: Raw) -> str:
        """The ownership of new objects (GetBucketOwnershipControls). Not asked where public ACLs are ignored."""
        return object_ownership(raw)

    @aspect(absent=())
    def public_grants(raw: Raw) -> tuple[str, ...]:
        """What its ACL grants to everyone (GetBucketAcl). Not asked where ACLs are off, or public ones ignored."""
        return grants_to_everyone(raw)

    @aspect(absent=())
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (GetBucketPolicy); none if it has none."""
        return statements(raw["Policy"])

    @aspect(absent={})
    def tags(raw: Raw) -> dict[str, str]:
        """Its tags (GetBucketTagging)."""
        return {str(tag["Key"]): str(tag["Value"]) for tag in raw["TagSet"]}

    @aspect()
    def acl(raw: Raw) -> Acl:
        """The canonical users that its ACL names (GetBucketAcl); where ACLs are off, it names none but the owner."""
        owner = raw["Owner"]["ID"]
        named = (grant["Grantee"]["ID"] for grant in raw["Grants"] if grant["Grantee"]["Type"] == "CanonicalUser")
        return Acl(owner=owner, grantees=tuple(dict.fromkeys(user for user in named if user != owner)))

    @aspect(absent=())
    def replicas(raw: Raw) -> tuple[Replica, ...]:
        """Where enabled rules replicate it to (GetBucketReplication); nowhere if it has none."""
        rules = [rule for rule in raw["ReplicationConfiguration"]["Rules"] if rule["Status"] == "Enabled"]
        places = [rule["Destination"] for rule in rules]
        return tuple(Replica(bucket=one["Bucket"].rpartition(":")[2], account=one.get("Account") or "") for one in places)

    def shut(self, account: Block, _: All["Bucket"]) -> str:
        """What keeps it from being public; "" if it is."""
        return shut(self, account)

    def opened(self, account: Block) -> str:
        """What makes it public; "" if nothing does."""
        return opened(self, account)

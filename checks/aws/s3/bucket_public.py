"""No bucket or access point is public, unless it was declared to be.

What is blocked is what the account blocks or the bucket blocks, flag by flag: looking at the bucket alone finds what is not there, and at
the account alone misses what is. Where the owner is enforced, access control lists say nothing.
"""

from fnmatch import fnmatchcase

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import AccessPoint, Bucket, PublicAccessBlock

OPEN: dict[str, bool] = {}
SHUT = {"ignore_public_acls": True, "restrict_public_buckets": True}
ACCOUNT = Account.example(s3_public_access_block=OPEN)


def bucket(block: dict[str, bool], *grants: str, public: bool = False, ownership: str = "ObjectWriter") -> Bucket:
    return Bucket.example(id="b", public_access_block=block, policy_public=public, public_grants=grants, ownership=ownership)


@check(
    title="No bucket or access point is public unless it is declared",
    severity="critical",
    reads=[
        Account.s3_public_access_block, Bucket.public_access_block, Bucket.policy_public, Bucket.public_grants, Bucket.ownership,
        AccessPoint.settings, AccessPoint.policy_public,
    ],
    remediation="Block public access for the account, and serve what has to be public through CloudFront with origin access control.",
    proves="That neither policy nor access control list opens it to everybody. Not with which other accounts it is shared.",
    passes=[
        (bucket(SHUT, "READ", public=True), ACCOUNT),
        (bucket(OPEN), ACCOUNT),
        (bucket(OPEN, "READ", ownership="BucketOwnerEnforced"), ACCOUNT),
        (bucket(OPEN, "READ", public=True), Account.example(s3_public_access_block=SHUT)),
        Example((bucket(OPEN, public=True), ACCOUNT), {"allowed_public": ["b"]}),
    ],
    fails=[
        (bucket(OPEN, public=True), ACCOUNT),
        (bucket({"restrict_public_buckets": True}, "READ"), ACCOUNT),
        (bucket({"ignore_public_acls": True}, public=True), ACCOUNT),
    ],
)  # fmt: skip
def judge(place: Bucket | AccessPoint, account: Account, *, allowed_public: tuple[str, ...] = ()) -> Verdict:
    if any(fnmatchcase(place.name, glob) for glob in allowed_public):
        return passed("it is declared public")
    wide = account.s3_public_access_block
    if wide.ignore_public_acls and wide.restrict_public_buckets:
        return passed("the account blocks public lists and policies")
    return _bucket(place, wide) if isinstance(place, Bucket) else _access_point(place, wide)


def _bucket(bucket: Bucket, account: PublicAccessBlock) -> Verdict:
    own = bucket.public_access_block
    if not (account.restrict_public_buckets or own.restrict_public_buckets) and bucket.policy_public:
        return failed("its policy is public, and neither the bucket nor the account restricts that")
    if account.ignore_public_acls or own.ignore_public_acls:
        return passed("its policy is not public or is restricted, and its access control list is ignored")
    grants = bucket.public_grants
    if not grants:
        return passed("its policy is not public or is restricted, and its access control list grants nothing to everybody")
    if bucket.ownership == "BucketOwnerEnforced":
        return passed("its policy is not public or is restricted, and its owner is enforced, so that its list says nothing")
    return failed(f"its access control list grants {', '.join(sorted(set(grants)))} to everybody")


def _access_point(point: AccessPoint, account: PublicAccessBlock) -> Verdict:
    settings = point.settings
    if settings.inside_vpc:
        return not_applicable("it can only be reached from inside a VPC")
    if account.restrict_public_buckets or settings.block.restrict_public_buckets:
        return passed("public policies are restricted")
    if point.policy_public:
        return failed(f"its policy is public, and opens {settings.bucket}")
    return passed("its policy is not public")

"""Nobody but those meant to can reach a bucket, by a policy, an ACL or an access point.

Three settings interlock: the block of the account, the block of the bucket (a flag counts if either has it), and the ownership that turns
ACLs off. Looking at one of them alone gives a wrong answer in both directions. An access point has a policy and a block of its own, and
the strictest of its own, its bucket's and the account's holds.
"""

from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import Bucket, PublicAccessBlock, first_said

OPEN = Account.example(s3_public_access_block={})
STRICT = {"ignore_public_acls": True, "restrict_public_buckets": True}
GRANT = "READ to AllUsers"


def bucket(*grants: str, public: bool = False, ownership: str = "ObjectWriter") -> Bucket:
    return Bucket.example(public_access_block={}, policy_public=public, ownership=ownership, public_grants=grants)


def point(*, public: bool) -> AccessPoint:
    return AccessPoint.example(settings={"bucket": "b"}, policy_public=public, public_access_block={})


@check(
    title="No bucket or access point is public unless it is declared to be",
    severity="critical",
    reads=[
        Account.s3_public_access_block,
        Bucket.public_access_block,
        Bucket.policy_public,
        Bucket.ownership,
        Bucket.public_grants,
        AccessPoint.settings,
        AccessPoint.policy_public,
        AccessPoint.public_access_block,
    ],
    remediation="Turn on the public access block, and serve what is meant for everyone through CloudFront with origin access control.",
    proves="That neither policy nor bucket ACL is public, as S3 judges policies. Not: shares with named accounts, ACLs of single objects, "
    "presigned URLs, directory buckets, Multi-Region and Object Lambda access points, or what CloudFront serves.",
    passes=[
        (bucket(), OPEN, All.of()),
        (bucket(GRANT, public=True), Account.example(s3_public_access_block=STRICT), All.of()),
        (bucket(GRANT, ownership="BucketOwnerEnforced"), OPEN, All.of()),
        (point(public=False), OPEN, All.of()),
        Example((bucket(public=True), OPEN, All.of()), {"allowed_public": ["exam*"]}),
    ],
    fails=[
        (bucket(public=True), OPEN, All.of()),
        (bucket(GRANT), OPEN, All.of()),
        (point(public=True), OPEN, All.of(Bucket.example(id="b", public_access_block={}))),
    ],
)
def judge(place: Bucket | AccessPoint, account: Account, buckets: All[Bucket], *, allowed_public: tuple[str, ...] = ()) -> Verdict:
    def block() -> PublicAccessBlock:
        return account.s3_public_access_block

    pattern = next((p for p in allowed_public if fnmatchcase(place.name, p)), "")
    fine = first_said(lambda: place.shut(block, buckets), lambda: f"it is declared public: {pattern}" if pattern else "")
    return passed(fine) if fine else failed(place.opened(block))

"""Access points of Amazon S3: other doors to its buckets."""

from controlmon.core.fact import Gap, GapKind, Raw
from controlmon.facts.aws.policy import Statement, statements
from controlmon.facts.aws.s3 import Block, Bucket, PublicAccessBlock, first_said, policy_is_public, public_access_block
from controlmon.facts.base import All, Kind, Unseen, View, aspect


class AccessPointSettings(View, frozen=True):
    """What an access point leads to, and from where it can be reached. `bucket_account` is empty if S3 does not say."""

    bucket: str
    bucket_account: str = ""
    vpc_only: bool = False


class AccessPoint(Kind, name="aws.s3.access_point"):
    """An access point: another door to a bucket, with a policy and a public access block of its own."""

    @aspect()
    def settings(raw: Raw) -> AccessPointSettings:
        """Its bucket and its network (s3control:ListAccessPoints)."""
        origin = raw["NetworkOrigin"]
        if origin not in ("Internet", "VPC"):
            raise ValueError(f"NetworkOrigin is {origin!r}")
        return AccessPointSettings(bucket=raw["Bucket"], bucket_account=raw.get("BucketAccountId", ""), vpc_only=origin == "VPC")

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether its policy is public (s3control:GetAccessPointPolicyStatus). Not asked if it is reached from a VPC only."""
        return policy_is_public(raw)

    @aspect(absent=PublicAccessBlock())
    def public_access_block(raw: Raw) -> PublicAccessBlock:
        """Its own flags (s3control:GetAccessPoint). Not asked if its policy is not public."""
        return public_access_block(raw)

    @aspect(absent=())
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (s3control:GetAccessPointPolicy); none if it has none."""
        return statements(raw["Policy"])

    def shut(self, account: Block, buckets: All[Bucket]) -> str:
        """What keeps it from being public; "" if nothing does. The strictest of its own block, its bucket's and the account's holds."""
        return first_said(
            lambda: "it is reached from a VPC only" if self.settings.vpc_only else "",
            lambda: "the account restricts public policies" if account().restrict_public_buckets else "",
            lambda: "" if self.policy_public else "its policy is not public",
            lambda: "the access point restricts public policies" if self.public_access_block.restrict_public_buckets else "",
            lambda: "its bucket restricts public policies" if self._bucket_block(buckets).restrict_public_buckets else "",
        )

    def opened(self, _: Block) -> str:
        """What makes it public, if nothing keeps it from being so."""
        return f"its policy is public, and no block restricts it on the way to {self.settings.bucket}"

    def _bucket_block(self, buckets: All[Bucket]) -> PublicAccessBlock:
        """The block of its bucket, which cannot be seen from here if that is another account's."""
        bucket = buckets.first(lambda b: b.name == self.settings.bucket)
        if bucket is None:
            owner = f"account {self.settings.bucket_account}" if self.settings.bucket_account else "another account"
            raise Unseen(Gap(GapKind.UNAVAILABLE, "s3:GetPublicAccessBlock", f"its bucket {self.settings.bucket} belongs to {owner}"))
        return bucket.public_access_block

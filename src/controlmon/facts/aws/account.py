"""An AWS account and its regions, as far as every service shares them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.s3 import PublicAccessBlock, public_access_block
from controlmon.facts.base import Kind, View, aspect


class Standing(View, frozen=True):
    """Whether the account can be worked in. `status` is None for one that answered us, else what AWS Organizations says of it."""

    status: str | None = None

    @property
    def closed(self) -> bool:
        """True for a suspended account, or one that is being closed: nothing in it can be called."""
        return self.status in ("SUSPENDED", "PENDING_CLOSURE")


class Account(Kind, name="aws.account", singleton=True):
    """An AWS account."""

    @aspect()
    def standing(raw: Raw) -> Standing:
        """Whether it answers (sts:GetCallerIdentity), or else what its organization says of it (organizations:DescribeAccount)."""
        return Standing(status=raw["Account"]["Status"]) if isinstance(raw["Account"], dict) else Standing()

    @aspect(absent=PublicAccessBlock())
    def s3_public_access_block(raw: Raw) -> PublicAccessBlock:
        """The account's own S3 public access block (s3control:GetPublicAccessBlock)."""
        return public_access_block(raw)


class Region(Kind, name="aws.region", singleton=True):
    """An enabled region of an account."""

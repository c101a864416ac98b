"""Amazon CloudFront: distributions, and what they demand of viewers."""

import re

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
from controlmon.facts.base import Kind, View, aspect

POLICY = re.compile(r"(SSLv3|TLSv1(?:\.(\d+))?)(?:_\d+)?")


class Viewing(View, frozen=True):
    """What viewers meet: the least TLS (of CloudFront's own certificate it is always TLSv1), and how each behavior treats HTTP.

    `behaviors` maps a path pattern (`*` is the default) to `https-only`, `redirect-to-https` or `allow-all`. `tenants` is True for the
    template of a multi-tenant distribution, whose tenants may bring certificates of their own.
    """

    enabled: bool
    minimum: str
    own: bool
    behaviors: dict[str, str]
    tenants: bool = False

    @property
    def version(self) -> tuple[int, int] | None:
        """The rank of the least TLS: (1, 2) for TLSv1.2_2021; None for one that is not known."""
        if not self.own:
            return 1, 0
        found = POLICY.fullmatch(self.minimum)
        return None if found is None else (0, 0) if found[1] == "SSLv3" else (1, int(found[2] or 0))


class Distribution(Kind, name="aws.cloudfront.distribution"):
    """A CloudFront distribution."""

    @aspect()
    def viewing(raw: Raw) -> Viewing:
        """What it demands of viewers (ListDistributions)."""
        certificate = raw["ViewerCertificate"]
        others = raw["CacheBehaviors"].get("Items") or []
        if raw["CacheBehaviors"]["Quantity"] != len(others):
            raise ValueError("not every cache behavior is told")
        behaviors = {"*": text(raw["DefaultCacheBehavior"], "ViewerProtocolPolicy")}
        return Viewing(
            enabled=flag(raw, "Enabled"),
            minimum=optional(certificate, "MinimumProtocolVersion"),
            own=not ("CloudFrontDefaultCertificate" in certificate and flag(certificate, "CloudFrontDefaultCertificate")),
            behaviors=behaviors | {text(one, "PathPattern"): text(one, "ViewerProtocolPolicy") for one in others},
            tenants=optional(raw, "ConnectionMode") == "tenant-only",
        )

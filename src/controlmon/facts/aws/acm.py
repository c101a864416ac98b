"""AWS Certificate Manager, and the older store of certificates in IAM."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect


def moment(raw: Raw, name: str) -> datetime | None:
    """A time; None if it is missing. Raises `ValueError` for one without a time zone."""
    if raw.get(name) is None:
        return None
    at = datetime.fromisoformat(text(raw, name))
    if at.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return at


class CertificateSettings(View, frozen=True):
    """A certificate: where it comes from, how many use it, until when it holds, and how its renewal fares (None: none was tried)."""

    type: str
    status: str
    used_by: int
    until: datetime | None = None
    eligible: bool = False
    renewal: str | None = None


class Certificate(Kind, name="aws.acm.certificate"):
    """A certificate of ACM."""

    @aspect()
    def settings(raw: Raw) -> CertificateSettings:
        """What DescribeCertificate says of it."""
        it = raw["Certificate"]
        return CertificateSettings(
            type=text(it, "Type"),
            status=text(it, "Status"),
            used_by=len(it["InUseBy"]),
            until=moment(it, "NotAfter"),
            eligible=optional(it, "RenewalEligibility") == "ELIGIBLE",
            renewal=text(it["RenewalSummary"], "RenewalStatus") if it.get("RenewalSummary") else None,
        )


class ServerCertificate(Kind, name="aws.iam.server_certificate"):
    """A certificate that was uploaded to IAM. IAM does not say who uses it."""

    @aspect()
    def until(raw: Raw) -> datetime | None:
        """Until when it holds (ListServerCertificates)."""
        return moment(raw, "Expiration")

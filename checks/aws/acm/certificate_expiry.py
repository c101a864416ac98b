"""A certificate that is in use renews in time.

One that was imported never renews by itself, and one whose renewal waits for a validation that nobody gives does not either. IAM keeps
certificates too, and does not say who uses them: one of those that is about to expire is looked into by a person.
"""

from datetime import datetime, timedelta

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.acm import Certificate, CertificateSettings, ServerCertificate

ISSUED = {"type": "AMAZON_ISSUED", "status": "ISSUED", "used_by": 1, "until": "9999-01-01T00:00:00Z", "eligible": True}
SOON = "2026-11-30T00:00:00Z"


@check(
    title="Certificates in use renew in time",
    severity="high",
    reads=[Certificate.settings, ServerCertificate.until],
    remediation="Mend the DNS records of the validation, or import a new certificate.",
    proves="The dates that AWS holds, in the regions that are looked at: CloudFront's certificates are those of us-east-1. Not what "
    "servers of one's own present.",
    passes=[
        Certificate.example(settings=ISSUED),
        Certificate.example(settings=ISSUED | {"until": "9999-01-01T00:00:00Z", "renewal": "SUCCESS"}),
        ServerCertificate.example(until="9999-01-01T00:00:00Z"),
    ],
    fails=[
        Certificate.example(settings=ISSUED | {"type": "IMPORTED", "eligible": False, "until": "2020-01-01T00:00:00Z"}),
        Certificate.example(settings=ISSUED | {"renewal": "PENDING_VALIDATION"}),
        Certificate.example(settings=ISSUED | {"until": SOON, "renewal": "PENDING_AUTO_RENEWAL"}),
    ],
)
def judge(certificate: Certificate | ServerCertificate, now: datetime, *, min_days: int = 30) -> Verdict:
    if isinstance(certificate, Certificate):
        return _issued(certificate.settings, now, min_days)
    until = certificate.until
    if until is None:
        return unknown("IAM does not say until when it holds")
    if until - now > timedelta(days=min_days):
        return passed(f"it holds until {until:%Y-%m-%d}")
    return unknown(f"it holds until {until:%Y-%m-%d}; {min_days} days required of one in use, and IAM does not say whether it is")


def _issued(it: CertificateSettings, now: datetime, min_days: int) -> Verdict:
    if not it.used_by:
        return not_applicable(f"nothing uses it ({it.status})")
    if it.until is None:
        return unknown(f"ACM does not say until when it holds ({it.status})")
    left = (it.until - now) // timedelta(days=1)
    said = f"it holds for {left} days, until {it.until:%Y-%m-%d}" if left >= 0 else f"it expired on {it.until:%Y-%m-%d}"
    if it.status != "ISSUED":
        return failed(f"{said}, and is {it.status}")
    if it.renewal in ("FAILED", "PENDING_VALIDATION"):
        return failed(f"{said}, and its renewal is {it.renewal}")
    if left >= 0 and (it.until - now > timedelta(days=min_days) or (it.eligible and it.renewal == "SUCCESS")):
        return passed(said + (f", and its renewal is {it.renewal}" if it.renewal else ""))
    how = "it was imported, and never renews by itself" if it.type == "IMPORTED" else f"its renewal is {it.renewal or 'not begun'}"
    return failed(f"{said}; {min_days} required, and {how}")

"""Runs to report on."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind, Population, Scope, Subject
from controlmon.core.finding import Finding
from controlmon.core.outcome import Outcome, Severity
from controlmon.report.model import RunReport, Told

WIDE = Scope("aws", "123456789012")
REGION = Scope("aws", "123456789012", "eu-west-1")
ENCRYPTION, TRAILS = "aws.s3.bucket_encryption", "aws.cloudtrail.multi_region_logging"
CHECKS = {
    ENCRYPTION: Told("Buckets are encrypted", "Set the bucket's default encryption to SSE-KMS.", ("encryption-policy", "keys")),
    TRAILS: Told("A trail logs everywhere", "Make the trail a multi-region trail.", ()),
}
DENIED = Gap(GapKind.DENIED, "s3:GetBucketEncryption", "AccessDenied", ("s3:GetEncryptionConfiguration",))


def finding(check: str, outcome: str, severity: str, name: str, reason: str, **of: Any) -> Finding:
    subject = Subject("aws.s3.bucket", of.pop("id", f"arn:aws:s3:::{name}"), name, of.pop("scope", REGION), of.pop("region", ""))
    return Finding(check, subject, Outcome(outcome), Severity(severity), reason, ("sha256:" + "a" * 64,), "2026-11-23T12:00:00.000Z")


@pytest.fixture
def few() -> list[Finding]:
    """One of each outcome, in the order of the record: not that of the report."""
    return [
        finding(ENCRYPTION, "pass", "high", "good", "new objects use aws:kms"),
        finding(ENCRYPTION, "fail", "high", "bad", "new objects use AES256; aws:kms required"),
        finding(ENCRYPTION, "unknown", "high", "shy", str(DENIED)),
        finding(TRAILS, "fail", "critical", "trail", "it logs in one region", scope=WIDE, region="us-east-1"),
        Finding(TRAILS, Subject("scope", str(WIDE), str(WIDE), WIDE), Outcome.NOT_APPLICABLE, Severity.CRITICAL, "there is no trail here"),
    ]


def report_of(findings: list[Finding] | Callable[[], Iterator[Finding]], **more: Any) -> RunReport:
    each = findings if callable(findings) else lambda: iter(findings)
    outcomes = dict.fromkeys([o.value for o in Outcome], 0) | Counter(f.outcome.value for f in each())
    values: dict[str, Any] = {
        "run": "20261123T120000Z-0a1b2c3d",
        "started": "2026-11-23T12:00:00.000Z",
        "finished": "2026-11-23T12:00:02.500Z",
        "version": "0.1.0",
        "outcomes": outcomes,
        "findings": each,
        "populations": (Population("aws.s3.bucket", WIDE, 3, complete=True),),
        "gaps": lambda: iter([("arn:aws:s3:::shy", "aws.s3.bucket.encryption", DENIED)]),
        "checks": CHECKS,
    }
    return RunReport(**(values | more))


@pytest.fixture
def many() -> Callable[[], Iterator[Finding]]:
    """Twenty thousand findings, made as they are read."""

    def each() -> Iterator[Finding]:
        for i in range(20_000):
            outcome = ("pass", "fail", "unknown")[i % 3]
            yield finding(ENCRYPTION, outcome, "high", f"bucket-{i}", "new objects use AES256")

    return each


class Sink:
    """A file that keeps only how much was written to it."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, text: str) -> int:
        self.size += len(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is held."""

    def isatty(self) -> bool:
        return False


@pytest.fixture
def sink() -> Sink:
    return Sink()

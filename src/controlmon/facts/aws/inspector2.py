"""Amazon Inspector: what it scans, and what it found."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.acm import moment
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect


class Coverage(View, frozen=True):
    """A resource that Inspector knows: whether it scans it, and why not. `in_use` counts what runs an image; None if that is not told."""

    type: str
    resource: str
    scan: str
    active: bool
    reason: str = ""
    in_use: int | None = None


class Covered(Kind, name="aws.inspector2.coverage"):
    """One kind of scan of one resource."""

    @aspect(volatile=("lastScannedAt",))
    def coverage(raw: Raw) -> Coverage:
        """What ListCoverage says of it."""
        status = raw["scanStatus"]
        code = text(status, "statusCode")
        if code not in ("ACTIVE", "INACTIVE"):
            raise ValueError(f"statusCode is {code}")
        image = (raw.get("resourceMetadata") or {}).get("ecrImage") or {}
        return Coverage(
            type=text(raw, "resourceType"),
            resource=text(raw, "resourceId"),
            scan=text(raw, "scanType"),
            active=code == "ACTIVE",
            reason=optional(status, "reason"),
            in_use=image.get("inUseCount"),
        )


def enabled_types(raw: Raw) -> dict[str, str]:
    """The status of each type of resource in the one account that was asked for (BatchGetAccountStatus)."""
    [one] = raw["accounts"]
    return {name: text(state, "status") for name, state in one["resourceState"].items()}


class Finding(View, frozen=True):
    """One finding of a vulnerability in one resource."""

    severity: str
    status: str
    first: datetime
    fix: str = ""
    resource: str = ""


class Vulnerability(Kind, name="aws.inspector2.vulnerability"):
    """One vulnerability in one workload, with all the findings of it: each image of a repository has a finding of its own."""

    @aspect()
    def findings(raw: Raw) -> tuple[Finding, ...]:
        """Its findings (ListFindings)."""
        if not raw["Findings"]:
            raise ValueError("there is no finding")
        return tuple(_finding(one) for one in raw["Findings"])


def _finding(raw: Raw) -> Finding:
    first = moment(raw, "firstObservedAt")
    if first is None:
        raise ValueError("firstObservedAt is missing")
    return Finding(
        severity=text(raw, "severity"),
        status=text(raw, "status"),
        first=first,
        fix=optional(raw, "fixAvailable"),
        resource=optional(raw["resources"][0], "id"),
    )

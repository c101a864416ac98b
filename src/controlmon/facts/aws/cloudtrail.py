"""AWS CloudTrail: trails, whether they deliver, and the buckets that they deliver to."""

import json
from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.aws.s3 import PublicAccessBlock, policy_is_public, public_access_block
from controlmon.facts.base import Kind, View, aspect

LATEST = (
    "LatestDeliveryTime", "LatestNotificationTime", "LatestCloudWatchLogsDeliveryTime", "LatestDigestDeliveryTime",
    "LatestDeliveryAttemptTime", "LatestNotificationAttemptTime", "LatestNotificationAttemptSucceeded", "LatestDeliveryAttemptSucceeded",
)  # fmt: skip


class TrailSettings(View, frozen=True):
    """What a trail is."""

    multi_region: bool
    validated: bool
    home: str = ""
    bucket: str = ""
    prefix: str = ""


class TrailStatus(View, frozen=True):
    """Whether a trail logs and delivers. `error` stays filled after a recovery; `attempt_failed` says whether the last attempt failed."""

    logging: bool
    delivered: datetime | None = None
    started: datetime | None = None
    error: str = ""
    attempt_failed: bool | None = None


class Trail(Kind, name="aws.cloudtrail.trail"):
    """A trail: of every region, of an organization, or of one region."""

    @aspect()
    def settings(raw: Raw) -> TrailSettings:
        """What DescribeTrails says of it."""
        return TrailSettings(
            multi_region=_flag(raw["IsMultiRegionTrail"]),
            validated=_flag(raw["LogFileValidationEnabled"]),
            home=raw["HomeRegion"],
            bucket=raw["S3BucketName"],
            prefix=raw.get("S3KeyPrefix") or "",
        )

    @aspect(volatile=LATEST)
    def status(raw: Raw) -> TrailStatus:
        """What GetTrailStatus says of it."""
        attempt, succeeded = _moment(raw.get("LatestDeliveryAttemptTime")), _moment(raw.get("LatestDeliveryAttemptSucceeded"))
        return TrailStatus(
            logging=_flag(raw["IsLogging"]),
            delivered=_moment(raw.get("LatestDeliveryTime")),
            started=_moment(raw.get("StartLoggingTime")),
            error=raw.get("LatestDeliveryError") or "",
            attempt_failed=None if attempt is None or succeeded is None else succeeded < attempt,
        )

    @aspect()
    def management_events(raw: Raw) -> tuple[str, ...]:
        """Which management events it logs, out of "Read" and "Write", leaving out none of their sources (GetEventSelectors)."""
        if raw.get("AdvancedEventSelectors"):
            return _advanced(raw["AdvancedEventSelectors"])
        kinds: set[str] = set()
        for selector in raw["EventSelectors"]:
            if _flag(selector["IncludeManagementEvents"]) and not selector.get("ExcludeManagementEventSources"):
                kinds |= {"All": {"Read", "Write"}, "ReadOnly": {"Read"}, "WriteOnly": {"Write"}}[selector["ReadWriteType"]]
        return tuple(sorted(kinds))


def _advanced(selectors: Raw) -> tuple[str, ...]:
    """Of advanced selectors, those of the category Management; one that filters by more than readOnly logs a part, and does not count."""
    kinds: set[str] = set()
    for selector in selectors:
        fields = {f["Field"]: f for f in selector["FieldSelectors"]}
        category = fields.pop("eventCategory", {})
        if category.get("Equals") != ["Management"]:
            continue
        read_only = fields.pop("readOnly", None)
        if fields:
            continue
        if read_only is None:
            kinds |= {"Read", "Write"}
        elif read_only.get("Equals") == ["true"]:
            kinds.add("Read")
        elif read_only.get("Equals") == ["false"]:
            kinds.add("Write")
    return tuple(sorted(kinds))


class Expiry(View, frozen=True):
    """A lifecycle rule that removes objects: after how many days (None: at a date), and under which prefix. `old` if only old versions."""

    days: int | None
    prefix: str
    old: bool = False


class Lock(View, frozen=True):
    """The default retention of an object lock: its mode (`COMPLIANCE`, `GOVERNANCE`, or None if it retains nothing) and its days."""

    mode: str | None = None
    days: int = 0


class LogBucket(Kind, name="aws.cloudtrail.log_bucket"):
    """A bucket that a trail of every region delivers to."""

    @aspect()
    def prefixes(raw: Raw) -> tuple[str, ...]:
        """Where in it the logs of its trails are (DescribeTrails)."""
        prefixes = [trail.get("S3KeyPrefix") for trail in raw["Trails"]]
        return tuple(f"{prefix}/AWSLogs/" if prefix else "AWSLogs/" for prefix in prefixes)

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether its policy is public (s3:GetBucketPolicyStatus)."""
        return policy_is_public(raw)

    @aspect(absent=PublicAccessBlock())
    def public_access_block(raw: Raw) -> PublicAccessBlock:
        """Its own public access block (s3:GetPublicAccessBlock)."""
        return public_access_block(raw)

    @aspect(absent=Lock())
    def lock(raw: Raw) -> Lock:
        """Its object lock (s3:GetObjectLockConfiguration). One without a default retention locks nothing."""
        configuration = raw["ObjectLockConfiguration"]
        retention = (configuration.get("Rule") or {}).get("DefaultRetention")
        if configuration["ObjectLockEnabled"] != "Enabled" or not retention:
            return Lock()
        return Lock(mode=retention["Mode"], days=retention.get("Days") or 365 * retention.get("Years", 0))

    @aspect()
    def versioned(raw: Raw) -> bool:
        """Whether versioning is on (s3:GetBucketVersioning); S3 says nothing of a bucket where it never was."""
        return bool(raw.get("Status") == "Enabled")

    @aspect(absent=())
    def expiries(raw: Raw) -> tuple[Expiry, ...]:
        """The enabled lifecycle rules that remove objects (s3:GetBucketLifecycleConfiguration)."""
        found = []
        for rule in raw["Rules"]:
            if rule["Status"] != "Enabled":
                continue
            prefix = _prefix(rule)
            if "Days" in (expiration := rule.get("Expiration") or {}) or "Date" in expiration:
                found.append(Expiry(days=expiration.get("Days"), prefix=prefix))
            if old := rule.get("NoncurrentVersionExpiration"):
                found.append(Expiry(days=old.get("NoncurrentDays"), prefix=prefix, old=True))
        return tuple(found)

    @aspect(absent=False)
    def deletion_denied(raw: Raw) -> bool:
        """Whether its policy denies everybody, without a condition, to delete objects and their versions (s3:GetBucketPolicy)."""
        statements = json.loads(raw["Policy"])["Statement"]
        denied: set[str] = set()
        for statement in statements if isinstance(statements, list) else [statements]:
            everybody = statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
            if statement["Effect"] == "Deny" and everybody and not statement.get("Condition"):
                actions = statement.get("Action", [])
                denied |= {a.lower() for a in ([actions] if isinstance(actions, str) else actions)}
        covers = [{"s3:deleteobject", "s3:deleteobjectversion"}, {"s3:deleteobject*"}, {"s3:delete*"}, {"s3:*"}, {"*"}]
        return any(needed <= denied for needed in covers)


def _prefix(rule: Raw) -> str:
    """The prefix that a lifecycle rule is limited to. One limited by a tag or a size is taken for the whole bucket: that is its worst."""
    chosen = rule.get("Filter") or {}
    return str(rule.get("Prefix") or chosen.get("Prefix") or (chosen.get("And") or {}).get("Prefix") or "")


def _flag(value: Raw) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is not true or false")
    return value


def _moment(value: Raw) -> datetime | None:
    """A time; some members are texts that may be empty."""
    return datetime.fromisoformat(value) if value else None

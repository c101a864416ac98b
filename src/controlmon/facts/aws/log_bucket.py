"""The buckets of the audit log: where in them the logs are, and what keeps logs from being read, changed or removed."""

from collections.abc import Iterable, Mapping

from controlmon.core.fact import Raw
from controlmon.facts.aws.policy import Statement, covers, statements
from controlmon.facts.aws.s3 import PublicAccessBlock, flag, grants_to_everyone, object_ownership, policy_is_public, public_access_block
from controlmon.facts.base import Kind, View, aspect

DELETES = ("s3:deleteobject", "s3:deleteobjectversion")


class Expiry(View, frozen=True):
    """A lifecycle rule that removes objects: after how many days (None: at a date), and under which prefix.

    `old` if it removes old versions, `tagged` if it is limited to objects that somebody has tagged.
    """

    days: int | None
    prefix: str
    old: bool = False
    tagged: bool = False


class Lock(View, frozen=True):
    """The default retention of an object lock: its mode (`COMPLIANCE`, `GOVERNANCE`, or None if it retains nothing) and its days."""

    mode: str | None = None
    days: int = 0


class LogBucket(Kind, name="aws.cloudtrail.log_bucket"):
    """A bucket that a trail of every region delivers to."""

    @aspect()
    def logs(raw: Raw) -> tuple[str, ...]:
        """Where in it the logs of its trails are, as prefixes with `*` for a part that may vary (cloudtrail:DescribeTrails)."""
        return tuple(prefix for trail in raw["Trails"] for prefix in _prefixes(trail))

    @aspect(absent=False)
    def policy_public(raw: Raw) -> bool:
        """Whether its policy is public (s3:GetBucketPolicyStatus)."""
        return policy_is_public(raw)

    @aspect(absent=PublicAccessBlock())
    def public_access_block(raw: Raw) -> PublicAccessBlock:
        """Its own public access block (s3:GetPublicAccessBlock)."""
        return public_access_block(raw)

    @aspect(absent="ObjectWriter")
    def ownership(raw: Raw) -> str:
        """The ownership of new objects (s3:GetBucketOwnershipControls). Not asked if it ignores public ACLs."""
        return object_ownership(raw)

    @aspect(absent=())
    def public_grants(raw: Raw) -> tuple[str, ...]:
        """What its ACL grants to everyone (s3:GetBucketAcl). Not asked if it ignores public ACLs, or has none."""
        return grants_to_everyone(raw)

    @aspect(absent=Lock())
    def lock(raw: Raw) -> Lock:
        """Its object lock (s3:GetObjectLockConfiguration). One without a default retention locks nothing."""
        configuration = raw["ObjectLockConfiguration"]
        retention = (configuration.get("Rule") or {}).get("DefaultRetention")
        if configuration["ObjectLockEnabled"] != "Enabled" or not retention:
            return Lock()
        if retention["Mode"] not in ("COMPLIANCE", "GOVERNANCE"):
            raise ValueError(f"there is no mode {retention['Mode']}")
        periods = [unit * _days(retention, name) for name, unit in (("Days", 1), ("Years", 365)) if name in retention]
        return Lock(mode=retention["Mode"], days=max(periods))

    @aspect()
    def versioning(raw: Raw) -> str:
        """Enabled, Suspended, or "" where it never was (s3:GetBucketVersioning)."""
        return str(raw.get("Status", ""))

    @aspect(absent=())
    def expiries(raw: Raw) -> tuple[Expiry, ...]:
        """The enabled lifecycle rules that remove objects (s3:GetBucketLifecycleConfiguration)."""
        return tuple(expiry for rule in raw["Rules"] if rule["Status"] == "Enabled" for expiry in _expiries(rule))

    @aspect(absent=())
    def policy(raw: Raw) -> tuple[Statement, ...]:
        """Its policy (s3:GetBucketPolicy)."""
        return statements(raw["Policy"])

    @property
    def deletion_denied(self) -> bool | None:
        """Whether its policy denies everybody to delete logs and versions of logs; None if it spares somebody."""
        # Without principals it is a NotPrincipal: everybody but some.
        denies = [s for s in self.policy if not s.allow and (not s.principals or "*" in s.principals.get("AWS", ()))]
        answers = [_denied(denies, action, f"{self.id}/{log}") for action in DELETES for log in self.logs]
        return False if False in answers else None if None in answers else True

    def locked(self, days: int) -> str:
        """How its lock holds logs for so many days; "" if it does not."""
        bypass = ", which holders of s3:BypassGovernanceRetention can bypass" if self.lock.mode == "GOVERNANCE" else ""
        held = self.lock.mode is not None and self.lock.days >= days
        return f"objects are locked for {self.lock.days} days in {self.lock.mode} mode{bypass}" if held else ""

    def lack(self, days: int) -> str:
        """What its lock lacks to hold logs for so many days."""
        if self.lock.mode is None:
            return "nothing is locked: there is no object lock with a default retention"
        return f"objects are locked for {self.lock.days} days; {days} required"

    def expiring(self, days: int, *, tagged: bool) -> str:
        """What removes logs before so many days; "" if nothing does. What is locked is no old version that can be removed."""
        for expiry in sorted(self.expiries, key=lambda one: one.old):
            early = expiry.days is None or expiry.days < days
            if early and expiry.tagged is tagged and any(_touches(expiry.prefix, log) for log in self.logs):
                if expiry.old and self.lock.days >= days:
                    continue
                what, when = "old versions" if expiry.old else "logs", "at a date" if expiry.days is None else f"after {expiry.days} days"
                return f"a lifecycle rule removes {what} {when}; {days} days required"
        return ""


def _prefixes(trail: Raw) -> Iterable[str]:
    """Where a trail writes: `[prefix/]AWSLogs/[organization/]account/CloudTrail...`, of an organization for each of its accounts."""
    before, account = (f"{trail['S3KeyPrefix']}/" if trail.get("S3KeyPrefix") else ""), trail["TrailARN"].split(":")[4]
    yield f"{before}AWSLogs/{account}/CloudTrail*"
    if flag(trail, "IsOrganizationTrail"):
        yield f"{before}AWSLogs/o-*/*/CloudTrail*"


def _touches(prefix: str, log: str) -> bool:
    """Whether any object under `prefix` may be one under `log`, part by part."""
    *parts, last = prefix.split("/")
    logs = log.split("/")
    for part, wanted in zip(parts, logs, strict=False):
        if not _alike(part, wanted):
            return False
    if len(parts) >= len(logs):
        return True
    stem, star, _ = logs[len(parts)].partition("*")
    return stem.startswith(last) or bool(star and last.startswith(stem))


def _alike(part: str, wanted: str) -> bool:
    return part.startswith(wanted[:-1]) if wanted.endswith("*") else part == wanted


def _denied(denies: Iterable[Statement], action: str, log: str) -> bool | None:
    """Whether one action is denied on all that is under `log`; None if to everybody but those that a condition or exemption spares."""
    answer: bool | None = False
    for statement in denies:
        named = any(covers(a.lower(), action) for a in statement.actions) or bool(statement.not_actions)
        # A name with a sign that no rule would spell stands for all: only a wildcard covers it.
        there = any(covers(r, log.replace("*", "~") + "~") for r in statement.resources) or bool(statement.not_resources)
        spares = not statement.principals or bool(statement.not_actions or statement.not_resources)
        if not named or not there or not all(_of_whom(key) for _, key, _ in statement.conditions):
            continue
        if not spares and not statement.conditions:
            return True
        answer = None
    return answer


def _of_whom(key: str) -> bool:
    """Whether a condition may spare just a few people. One about the connection, the request or whole accounts spares too many."""
    return key.lower().startswith(("aws:principalarn", "aws:principaltag", "aws:userid", "aws:username"))


def _expiries(rule: Raw) -> Iterable[Expiry]:
    chosen = rule.get("Filter") or {}
    both = chosen.get("And") or {}
    prefix = rule.get("Prefix") or chosen.get("Prefix") or both.get("Prefix") or ""
    tagged = bool(chosen.get("Tag") or both.get("Tags"))
    expiration, old = rule.get("Expiration") or {}, rule.get("NoncurrentVersionExpiration")
    if "Days" in expiration or "Date" in expiration:  # else it removes delete markers only
        yield Expiry(days=_days(expiration, "Days") if "Days" in expiration else None, prefix=prefix, tagged=tagged)
    if old:
        yield Expiry(days=_days(old, "NoncurrentDays"), prefix=prefix, old=True, tagged=tagged)


def _days(raw: Mapping[str, Raw], name: str) -> int:
    value = raw[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is not a number")
    return value

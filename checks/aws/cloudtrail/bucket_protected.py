"""The bucket of the audit log cannot be read by everybody, changed or emptied.

An object lock without a default retention locks nothing, and one of a month protects a month. Without a lock, a policy that denies deletion
protects only if the bucket is in another account: in this one, whoever may delete may change the policy first.
"""

from typing import Any

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.log_bucket import LogBucket
from controlmon.facts.aws.s3 import Bucket, PublicAccessBlock, first_said, opened, said, shut

ACCOUNT, OWN = Account.example(s3_public_access_block={}), All[Bucket].of()
SPARED = "its policy denies deletion to all but some, and who they are is not judged here"
NOBODY_DELETES = {
    "allow": False,
    "principals": {"AWS": ["*"]},
    "actions": ["s3:deleteobject*"],
    "resources": ["arn:aws:s3:::logs/*"],
    **dict.fromkeys(("not_actions", "not_resources", "conditions"), ()),
}


def bucket(**change: Any) -> LogBucket:  # noqa: ANN401 - plain values of any aspect
    good: dict[str, Any] = {
        "logs": ["AWSLogs/123456789012/CloudTrail*"],
        "policy_public": False,
        "public_access_block": {"ignore_public_acls": True},
        "lock": {"mode": "COMPLIANCE", "days": 365},
        "versioning": "Enabled",
        "expiries": [],
        "policy": [],
    }
    return LogBucket.example(id="arn:aws:s3:::logs", **{**good, **change})


@check(
    title="The audit log's bucket is private, versioned, locked and kept long enough",
    severity="critical",
    reads=[
        LogBucket.logs,
        LogBucket.policy_public,
        LogBucket.public_access_block,
        LogBucket.ownership,
        LogBucket.public_grants,
        LogBucket.lock,
        LogBucket.versioning,
        LogBucket.expiries,
        LogBucket.policy,
        Account.s3_public_access_block,
    ],
    remediation="Move the log to a bucket of a log archive account, with versioning and object lock in compliance mode.",
    proves="That new logs cannot be read by everybody or removed early. In governance mode, holders of s3:BypassGovernanceRetention still "
    "can remove them. Not that old logs, written before the lock, are locked.",
    passes=[(bucket(), ACCOUNT, OWN), (bucket(lock={}, policy=[NOBODY_DELETES]), ACCOUNT, OWN)],
    fails=[
        (bucket(policy_public=True), ACCOUNT, OWN),
        (bucket(versioning="Suspended"), ACCOUNT, OWN),
        (bucket(lock={}), ACCOUNT, OWN),
        (bucket(lock={}, policy=[NOBODY_DELETES]), ACCOUNT, All.of(Bucket.example(id="arn:aws:s3:::logs"))),
        (bucket(lock={"mode": "COMPLIANCE", "days": 30}), ACCOUNT, OWN),
        (bucket(expiries=[{"days": 90, "prefix": ""}]), ACCOUNT, OWN),
    ],
)
def judge(bucket: LogBucket, account: Account, own: All[Bucket], *, min_retention_days: int = 365) -> Verdict:
    def ours() -> bool:
        return own.some(lambda one: one.id == bucket.id)

    def block() -> PublicAccessBlock:
        """The account's own block speaks of the account's own buckets only."""
        return account.s3_public_access_block if ours() else PublicAccessBlock()

    def held() -> str:
        return first_said(
            lambda: bucket.locked(min_retention_days),
            lambda: "its policy, of another account, denies deletion to everybody" if bucket.deletion_denied and not ours() else "",
            lambda: SPARED if bucket.deletion_denied is None and not ours() else "",
        )

    wrong = said(
        lambda: opened(bucket, block),
        lambda: "" if bucket.versioning == "Enabled" else f"versioning is {bucket.versioning.lower() or 'off'}",
        lambda: "" if held() else f"{bucket.lack(min_retention_days)}, and no policy of another account denies deletion",
        lambda: bucket.expiring(min_retention_days, tagged=False),
    )
    if wrong:
        return failed("; ".join(wrong))
    if held() == SPARED:
        return unknown(SPARED)
    if tagged := bucket.expiring(min_retention_days, tagged=True):
        return unknown(f"{tagged} for objects with a tag, which CloudTrail gives none, but others may")
    return passed(f"{held()}; it is versioned, and nothing expires before {min_retention_days} days; {shut(bucket, block)}")

"""The bucket of the audit log cannot be read by everybody, changed or emptied.

An object lock without a default retention locks nothing. Without a lock, a policy that denies deletion protects only if the bucket is in
another account: in this one, whoever may delete may change the policy first.
"""

from typing import Any

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import LogBucket
from controlmon.facts.aws.s3 import Bucket

ACCOUNT, OWN = Account.example(s3_public_access_block={}), All[Bucket].of()


def bucket(**change: Any) -> LogBucket:  # noqa: ANN401 - plain values of any aspect
    good: dict[str, Any] = {
        "id": "arn:aws:s3:::logs",
        "prefixes": ("AWSLogs/",), "policy_public": False, "public_access_block": {}, "lock": {"mode": "COMPLIANCE", "days": 365},
        "versioned": True, "expiries": (), "deletion_denied": False,
    }  # fmt: skip
    return LogBucket.example(**{**good, **change})


@check(
    title="The audit log's bucket is private, versioned, locked and kept long enough",
    severity="critical",
    reads=[
        LogBucket.prefixes, LogBucket.policy_public, LogBucket.public_access_block, LogBucket.lock, LogBucket.versioned, LogBucket.expiries,
        LogBucket.deletion_denied, Account.s3_public_access_block,
    ],
    remediation="Move the log to a bucket of a log archive account, with versioning and object lock in compliance mode.",
    proves="That the log cannot be read by everybody or removed early. In governance mode, s3:BypassGovernanceRetention still can.",
    passes=[(bucket(), ACCOUNT, OWN), (bucket(lock={}, deletion_denied=True), ACCOUNT, OWN)],
    fails=[
        (bucket(policy_public=True), ACCOUNT, OWN),
        (bucket(versioned=False), ACCOUNT, OWN),
        (bucket(lock={}), ACCOUNT, OWN),
        (bucket(lock={}, deletion_denied=True), ACCOUNT, All.of(Bucket.example(id="arn:aws:s3:::logs"))),
        (bucket(lock={"mode": "COMPLIANCE", "days": 30}), ACCOUNT, OWN),
        (bucket(expiries=({"days": 90, "prefix": ""},)), ACCOUNT, OWN),
    ],
)  # fmt: skip
def judge(bucket: LogBucket, account: Account, own: All[Bucket], *, min_retention_days: int = 365) -> Verdict:
    here = own.first(lambda one: one.id == bucket.id) is not None
    # The account's own block speaks of the account's own buckets only.
    public = bucket.policy_public and not bucket.public_access_block.restrict_public_buckets
    if public and not (here and account.s3_public_access_block.restrict_public_buckets):
        return failed("its policy is public")
    if not bucket.versioned:
        return failed("versioning is off: what is overwritten is lost")
    for expiry in bucket.expiries:
        touches = any(prefix.startswith(expiry.prefix) or expiry.prefix.startswith(prefix) for prefix in bucket.prefixes)
        if touches and (expiry.days is None or expiry.days < min_retention_days):
            what = "old versions" if expiry.old else "logs"
            when = "at a fixed date" if expiry.days is None else f"after {expiry.days} days"
            return failed(f"a lifecycle rule removes {what} {when}; {min_retention_days} days required")
    lock = bucket.lock
    if lock.mode is not None:
        if lock.days < min_retention_days:
            return failed(f"objects are locked for {lock.days} days; {min_retention_days} required")
        bypass = ", which holders of s3:BypassGovernanceRetention can bypass" if lock.mode == "GOVERNANCE" else ""
        return passed(f"objects are locked for {lock.days} days in {lock.mode} mode{bypass}")
    if here or not bucket.deletion_denied:
        return failed(
            "nothing is locked"
            + (", and a policy of this account can be changed by this account" if here else ", and deletion is not denied")
        )
    return passed("the bucket is another account's, and its policy denies deletion to everybody")

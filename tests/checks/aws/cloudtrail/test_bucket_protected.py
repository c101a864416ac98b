"""aws.cloudtrail.bucket_protected on raw answers of CloudTrail and S3."""

import json
from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.log_bucket import LogBucket
from controlmon.facts.aws.s3 import Bucket
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.cloudtrail.bucket_protected"
ARN = "arn:aws:s3:::logs"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def block(*on: str) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {flag: flag in on for flag in FLAGS}}


def trails(*more: dict[str, Any]) -> dict[str, Any]:
    own = {"TrailARN": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main", "IsOrganizationTrail": False}
    return {"Trails": [own | one for one in more or ({},)]}


def lock(mode: object = "COMPLIANCE", **period: object) -> dict[str, Any]:
    retention = {"Mode": mode, **(period or {"Days": 365})}
    return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}}


def lifecycle(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {}} | rule for rule in rules]}


def policy(*changes: dict[str, Any]) -> dict[str, Any]:
    """A policy whose statements deny everybody all deletion of objects, each changed; a member that is None is left out."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"], "Resource": f"{ARN}/*"}
    statements = [{k: v for k, v in (deny | change).items() if v is not None} for change in changes]
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": statements})}


NO_LOCK, NO_POLICY = absent("ObjectLockConfigurationNotFoundError"), absent("NoSuchBucketPolicy")
INERT = not_asked("the block of the bucket ignores public ACLs")
GOOD = {
    "logs": trails(),
    "policy_public": {"PolicyStatus": {"IsPublic": False}},
    "public_access_block": block(*FLAGS),
    "ownership": INERT,
    "public_grants": INERT,
    "lock": lock(),
    "versioning": {"Status": "Enabled"},
    "expiries": absent("NoSuchLifecycleConfiguration"),
    "policy": NO_POLICY,
}
BARE = {"public_access_block": block(), "ownership": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}}}
PUBLIC = {"policy_public": {"PolicyStatus": {"IsPublic": True}}}
GRANTS = {
    "public_grants": {
        "Owner": {},
        "Grants": [{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}],
    }
}
NO_GRANTS = {"public_grants": {"Owner": {}, "Grants": []}}


def judged(
    *, ours: bool = False, account: Any = None, gaps: Any = None, parameters: dict[str, Any] | None = None, **change: Any
) -> Finding:
    others = [Given(Account, ACCOUNT, s3_public_access_block=account or block()), Given(Bucket, "arn:aws:s3:::other", name="other")]
    others += [Given(Bucket, ARN, name="logs")] if ours else []
    return verdict(CHECK, Given(LogBucket, ARN, name="logs", **{**GOOD, **change}), *others, gaps=gaps, **(parameters or {}))


def assert_said(found: Finding, outcome: str, because: str) -> None:
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("change", "outcome", "because"),
    [
        pytest.param({}, "pass", "365 days in COMPLIANCE mode", id="private, versioned, locked, kept"),
        pytest.param(PUBLIC, "pass", "bucket restricts public policies", id="a public policy that its block restricts"),
        pytest.param({**BARE, **NO_GRANTS}, "pass", "policy is not public; its ACL grants nothing", id="nothing public, and no block"),
        pytest.param({**BARE, **NO_GRANTS, **PUBLIC}, "fail", "its policy is public", id="a public policy"),
        pytest.param({**BARE, **GRANTS}, "fail", "READ to AllUsers", id="a public ACL"),
        pytest.param({**BARE, **NO_GRANTS, "policy_public": absent("NoSuchBucketPolicy")}, "pass", "", id="no policy is not public"),
        pytest.param(
            {**BARE, **GRANTS, "ownership": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}}},
            "pass",
            "ACLs are off",
            id="an ACL that is inert",
        ),
        pytest.param({"versioning": {}}, "fail", "versioning is off", id="never versioned"),
        pytest.param({"versioning": {"Status": "Suspended"}}, "fail", "versioning is suspended", id="no longer versioned"),
        pytest.param(
            {"versioning": {"Status": "Suspended"}, "lock": NO_LOCK}, "fail", "suspended; nothing is locked", id="all that is wrong"
        ),
        pytest.param({"lock": NO_LOCK}, "fail", "nothing is locked", id="no lock, and nothing else"),
        pytest.param(
            {"lock": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}}, "fail", "default retention", id="a lock of nothing"
        ),
        pytest.param({"lock": lock(Days=364)}, "fail", "locked for 364 days; 365 required", id="a lock that ends too early"),
        pytest.param({"lock": lock(Years=1)}, "pass", "365 days", id="a year"),
        pytest.param(
            {"lock": lock("GOVERNANCE")}, "pass", "s3:BypassGovernanceRetention can bypass", id="governance, which can be bypassed"
        ),
        pytest.param({"lock": lock("SOMETIMES")}, "unknown", "SOMETIMES", id="a mode that nobody knows"),
        pytest.param({"lock": lock(Days="365")}, "unknown", "not a number", id="a word is no number of days"),
        pytest.param({"lock": lock(None)}, "unknown", "shape", id="a retention without a mode"),
        pytest.param(
            {"lock": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE"}}}}},
            "unknown",
            "shape",
            id="a retention without a period",
        ),
        pytest.param(
            {"lock": {"ObjectLockConfiguration": {}}}, "unknown", "ObjectLockEnabled", id="a lock that does not say whether it is on"
        ),
        pytest.param({"lock": {}}, "unknown", "ObjectLockConfiguration", id="an answer without the lock"),
        pytest.param({"versioning": None}, "unknown", "shape", id="an answer that is none"),
        *(
            pytest.param({name: DENIED}, "unknown", "grant svc:Permission", id=f"{name} denied, as another account's bucket is")
            for name in ("versioning", "lock", "expiries")
        ),
        pytest.param({**BARE, **NO_GRANTS, "policy_public": DENIED}, "unknown", "grant", id="policy_public denied, and no block"),
        pytest.param({"policy_public": DENIED}, "pass", "restricts public policies", id="policy_public denied, and a block"),
        pytest.param({**BARE, "public_grants": DENIED}, "unknown", "grant", id="public_grants denied"),
        pytest.param({**BARE, **GRANTS, "ownership": DENIED}, "unknown", "grant", id="ownership denied, where it would decide"),
        pytest.param({**GRANTS, **PUBLIC, "public_access_block": DENIED}, "unknown", "grant", id="public_access_block denied, the same"),
        pytest.param({"policy": DENIED}, "pass", "COMPLIANCE", id="policy denied, where a lock decides"),
        pytest.param({"lock": NO_LOCK, "policy": DENIED}, "unknown", "grant", id="policy denied, where it would decide"),
        pytest.param({"logs": DENIED}, "pass", "COMPLIANCE", id="where the logs are matters only if a rule or a policy does"),
        pytest.param({"lock": DENIED, "versioning": {}}, "fail", "versioning is off", id="what is certain fails, whatever was denied"),
        pytest.param(
            {"policy_public": DENIED, "lock": NO_LOCK, "public_access_block": DENIED}, "fail", "nothing is locked", id="in any order"
        ),
    ],
)
def test_bucket(change: dict[str, Any], outcome: str, because: str) -> None:
    assert_said(judged(**change), outcome, because)


def test_the_accounts_block_speaks_of_its_own_buckets() -> None:
    """Another account's bucket is not blocked by ours."""
    bare: dict[str, Any] = {**BARE, **PUBLIC, **GRANTS}
    assert_said(judged(ours=True, account=block(*FLAGS), **bare), "pass", "the account restricts public policies; the account ignores")
    assert_said(judged(ours=False, account=block(*FLAGS), **bare), "fail", "policy is public")
    assert_said(judged(gaps={Bucket: DENIED}, account=block(*FLAGS), **bare), "unknown", "grant")
    assert_said(judged(ours=True, account=DENIED, **bare), "unknown", "grant")
    assert_said(judged(ours=True, account=DENIED), "pass", "the bucket restricts")


LOGS = f"AWSLogs/{ACCOUNT}/CloudTrail"


@pytest.mark.parametrize(
    ("rule", "outcome", "because"),
    [
        pytest.param({"Expiration": {"Days": 365}}, "pass", "nothing expires before 365 days", id="at the end"),
        pytest.param({"Expiration": {"Days": 364}}, "fail", "removes logs after 364 days; 365 days required", id="a day early"),
        pytest.param({"Expiration": {"Days": 1}, "Status": "Disabled"}, "pass", "", id="a rule that is off"),
        pytest.param({"Expiration": {"Date": "2027-01-01T00:00:00Z"}}, "fail", "removes logs at a date", id="whatever their age"),
        pytest.param({"Expiration": {"ExpiredObjectDeleteMarker": True}}, "pass", "", id="markers only"),
        pytest.param({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}, "pass", "", id="uploads that never ended"),
        pytest.param({"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}, "pass", "", id="moved is not removed"),
        pytest.param({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}, "pass", "", id="old versions that are locked stay"),
        pytest.param({"Expiration": {"Days": True}}, "unknown", "not a number", id="true is no number"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": "other/"}}, "pass", "", id="elsewhere"),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"Prefix": f"AWSLogs/{ACCOUNT}/elasticload"}}, "pass", "", id="logs of another kind"
        ),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": "AWSLogs/999999999999/"}}, "pass", "", id="logs of another account"),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"Prefix": "AWSLogs/o-abc/"}}, "pass", "", id="of an organization, where there is none"
        ),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": "AWSLo"}}, "fail", "after 1 days", id="above the logs"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": "AWSLogs/"}}, "fail", "after 1 days", id="above them by a folder"),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"Prefix": f"{LOGS}/eu-west-1/2020"}}, "fail", "after 1 days", id="some of them"
        ),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": f"{LOGS}-Digest/"}}, "fail", "after 1 days", id="their digests"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Prefix": f"{LOGS}-Dig"}}, "fail", "after 1 days", id="by a part of the name"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": None, "Prefix": "other/"}, "pass", "", id="elsewhere, in the old form"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": None, "Prefix": "AWSLogs/"}, "fail", "after 1 days", id="here, in the old form"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"And": {"Prefix": "o/", "Tags": []}}}, "pass", "", id="elsewhere, with more"),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"And": {"Prefix": "AWSLogs", "ObjectSizeGreaterThan": 9}}},
            "fail",
            "after",
            id="big ones",
        ),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"ObjectSizeLessThan": 9}}, "fail", "after", id="small ones"),
        pytest.param({"Expiration": {"Days": 1}, "Filter": {"Tag": {"Key": "k", "Value": "v"}}}, "unknown", "with a tag", id="with a tag"),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"And": {"Prefix": "AWSLogs", "Tags": [{"Key": "k", "Value": "v"}]}}},
            "unknown",
            "tag",
            id="tags",
        ),
        pytest.param(
            {"Expiration": {"Days": 1}, "Filter": {"And": {"Prefix": "other", "Tags": [{"Key": "k", "Value": "v"}]}}},
            "pass",
            "",
            id="elsewhere too",
        ),
    ],
)
def test_lifecycle(rule: dict[str, Any], outcome: str, because: str) -> None:
    assert_said(judged(expiries=lifecycle(rule)), outcome, because)


def test_every_rule_counts() -> None:
    good, bad = {"Expiration": {"Days": 400}}, {"Expiration": {"Days": 30}}
    assert_said(judged(expiries=lifecycle(good, bad)), "fail", "after 30 days")
    assert_said(judged(expiries={"Rules": [{"Expiration": {"Days": 30}}]}), "unknown", "Status")


def test_what_is_certain_of_a_rule_fails_without_the_lock() -> None:
    """Whether old versions are locked is asked last."""
    rules = lifecycle({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}, {"Expiration": {"Days": 30}})
    assert_said(judged(expiries=rules, lock=DENIED), "fail", "removes logs after 30 days")
    assert_said(judged(expiries=lifecycle({"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}), lock=DENIED), "unknown", "grant")


@pytest.mark.parametrize(
    ("trail", "prefix", "outcome"),
    [
        pytest.param({"S3KeyPrefix": "a/b"}, "a/", "fail", id="above a prefix"),
        pytest.param({"S3KeyPrefix": "a/b"}, f"a/b/{LOGS}/", "fail", id="under a prefix"),
        pytest.param({"S3KeyPrefix": "a/b"}, f"{LOGS}/", "pass", id="beside a prefix"),
        pytest.param({"S3KeyPrefix": ""}, f"{LOGS}/", "fail", id="an empty prefix is none"),
        pytest.param({"IsOrganizationTrail": True}, "AWSLogs/o-abc/999999999999/CloudTrail/", "fail", id="any account of the organization"),
        pytest.param({"IsOrganizationTrail": True}, "AWSLogs/o-abc/999999999999/Config/", "pass", id="but no other logs of it"),
        pytest.param({"IsOrganizationTrail": True}, "AWSLogs/o", "fail", id="above the organization"),
        pytest.param({"IsOrganizationTrail": True}, "AWSLogs/o-abc/9", "fail", id="above some of its accounts"),
        pytest.param({"IsOrganizationTrail": True}, f"{LOGS}/", "fail", id="what was logged before it was an organization's"),
        pytest.param({"IsOrganizationTrail": None}, "other/", "unknown", id="one that does not say"),
    ],
)
def test_where_the_logs_are(trail: dict[str, Any], prefix: str, outcome: str) -> None:
    rule = {"Expiration": {"Days": 1}, "Filter": {"Prefix": prefix}}
    assert judged(logs=trails(trail), expiries=lifecycle(rule)).outcome == outcome


def test_the_logs_of_every_trail_count() -> None:
    rule = {"Expiration": {"Days": 1}, "Filter": {"Prefix": "two/"}}
    assert judged(logs=trails({"S3KeyPrefix": "one"}, {"S3KeyPrefix": "two"}), expiries=lifecycle(rule)).outcome == "fail"


def test_the_days_are_a_parameter() -> None:
    assert_said(judged(parameters={"min_retention_days": 2190}), "fail", "locked for 365 days; 2190 required")
    rules = lifecycle({"Expiration": {"Days": 2189}})
    assert_said(judged(lock=lock(Years=6), expiries=rules, parameters={"min_retention_days": 2190}), "fail", "after 2189 days")
    assert_said(
        judged(lock=lock(Days=90), expiries=lifecycle({"Expiration": {"Days": 90}}), parameters={"min_retention_days": 90}), "pass", ""
    )


def test_no_trail_of_record_is_not_applicable_and_a_denied_list_is_unknown() -> None:
    account = Given(Account, ACCOUNT, s3_public_access_block=block())
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(account, empty=(LogBucket,)))] == ["not_applicable"]
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(account, gaps={LogBucket: DENIED}))] == ["unknown"]

"""The checks of CloudTrail on raw answers."""

import json
from typing import Any

import pytest

from controlmon.core.fact import Gap, absent
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import LogBucket, Trail
from controlmon.facts.aws.s3 import Bucket
from tests.support import ACCOUNT, DENIED, Given, verdict


def described(multi: Any = True, validated: Any = True) -> dict[str, Any]:
    return {"IsMultiRegionTrail": multi, "LogFileValidationEnabled": validated, "HomeRegion": "us-east-1", "S3BucketName": "logs"}


def status(**change: Any) -> dict[str, Any]:
    good = {"IsLogging": True, "LatestDeliveryTime": "2026-11-23T11:55:00+00:00", "StartLoggingTime": "2025-01-01T00:00:00+00:00"}
    return {**good, **change}


def selectors(kind: str = "All", management: bool = True, **more: Any) -> dict[str, Any]:
    return {"EventSelectors": [{"ReadWriteType": kind, "IncludeManagementEvents": management, **more}]}


def advanced(*selectors: dict[str, list[str]]) -> dict[str, Any]:
    return {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": f, "Equals": v} for f, v in s.items()]} for s in selectors]}


def trail(name: str = "main", settings: Any = None, state: Any = None, events: Any = None) -> Given:
    answers = {"settings": settings, "status": state, "management_events": events}
    good = {"settings": described(), "status": status(), "management_events": selectors()}
    return Given(Trail, f"arn:{name}", name=name, **{k: good[k] if v is None else v for k, v in answers.items()})


MANAGEMENT = {"eventCategory": ["Management"]}


@pytest.mark.parametrize(
    ("trails", "gap", "parameters", "outcome", "because"),
    [
        pytest.param([trail()], None, {}, "pass", "main", id="one good trail passes"),
        pytest.param([], None, {}, "fail", "no trail", id="none fails"),
        pytest.param([], DENIED, {}, "unknown", "grant", id="none seen is not none"),
        pytest.param([trail("a", DENIED), trail("b")], None, {}, "pass", "b logs", id="one witness is enough"),
        pytest.param([trail()], DENIED, {}, "pass", "main", id="even of a list that was cut"),
        pytest.param([trail("a", DENIED), trail("b", described(False))], None, {}, "unknown", "grant", id="but not a bad one"),
        pytest.param([trail(settings=described(False))], None, {}, "fail", "one region", id="a trail of one region"),
        pytest.param([trail(state=status(IsLogging=False))], None, {}, "fail", "stopped", id="a trail that is stopped"),
        pytest.param([trail(events=selectors("WriteOnly"))], None, {}, "fail", "Read", id="writes only"),
        pytest.param([trail(events=selectors("ReadOnly"))], None, {}, "fail", "Write", id="reads only"),
        pytest.param([trail(events=selectors(management=False))], None, {}, "fail", "Read and Write", id="no management events"),
        pytest.param([trail(events=selectors(ExcludeManagementEventSources=["kms.amazonaws.com"]))], None, {}, "fail", "Read", id="not all sources"),
        pytest.param([trail(events=advanced(MANAGEMENT))], None, {}, "pass", "main", id="advanced selectors"),
        pytest.param([trail(events=advanced({**MANAGEMENT, "readOnly": ["true"]}))], None, {}, "fail", "Write", id="that select reads"),
        pytest.param([trail(events=advanced({**MANAGEMENT, "readOnly": ["true"]}, {**MANAGEMENT, "readOnly": ["false"]}))], None, {}, "pass", "main", id="two that add up"),
        pytest.param([trail(events=advanced({**MANAGEMENT, "eventSource": ["s3.amazonaws.com"]}))], None, {}, "fail", "Read", id="of one source"),
        pytest.param([trail(events=advanced({"eventCategory": ["Data"]}))], None, {}, "fail", "Read", id="of data events"),
        pytest.param([trail(state=status(LatestDeliveryTime="2026-11-23T10:00:00+00:00"))], None, {}, "fail", "120 minutes", id="a late delivery"),
        pytest.param([trail(state=status(LatestDeliveryTime="2026-11-23T10:00:00+00:00"))], None, {"max_delay_minutes": 180}, "pass", "main", id="as tuned"),
        pytest.param([trail(state=status(LatestDeliveryTime=None))], None, {}, "fail", "never delivered", id="never delivered"),
        pytest.param([trail(state=status(LatestDeliveryTime=None, StartLoggingTime="2026-11-23T11:50:00+00:00"))], None, {}, "unknown", "only just", id="too early"),
        pytest.param([trail(state=status(LatestDeliveryError="AccessDenied"))], None, {}, "pass", "main", id="an error that was mended"),
        pytest.param(
            [trail(state=status(LatestDeliveryError="AccessDenied", LatestDeliveryAttemptTime="2026-11-23T11:58:00Z", LatestDeliveryAttemptSucceeded="2026-11-23T11:50:00Z"))],
            None, {}, "fail", "AccessDenied", id="an error of the last attempt",
        ),
        pytest.param([trail(state=DENIED)], None, {}, "unknown", "grant", id="a status that is denied"),
        pytest.param([trail(events=DENIED)], None, {}, "unknown", "grant", id="selectors that are denied"),
        pytest.param([trail(state={})], None, {}, "unknown", "shape", id="a status without its member"),
    ],
)  # fmt: skip
def test_multi_region_logging(trails: list[Given], gap: Gap | None, parameters: dict[str, Any], outcome: str, because: str) -> None:
    account = Given(Account, ACCOUNT)
    found = verdict(
        "aws.cloudtrail.multi_region_logging", account, *trails, gaps={Trail: gap} if gap else None, empty=(Trail,), **parameters
    )
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("settings", "outcome"),
    [
        (described(), "pass"), (described(validated=False), "fail"), (described(multi=False, validated=False), "not_applicable"),
        (DENIED, "unknown"), (described(validated="true"), "unknown"),
    ],
)  # fmt: skip
def test_log_file_validation(settings: Any, outcome: str) -> None:
    """Trails of record are judged; one of a region is another thing."""
    assert verdict("aws.cloudtrail.log_file_validation", trail(settings=settings)).outcome == outcome


def locked(mode: str = "COMPLIANCE", **period: int) -> dict[str, Any]:
    return {
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, **(period or {"Days": 400})}},
        }
    }


def rule(**change: Any) -> dict[str, Any]:
    return {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, **change}]}


BLOCK = {
    "PublicAccessBlockConfiguration": dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
}
NOT_PUBLIC, PUBLIC = {"PolicyStatus": {"IsPublic": False}}, {"PolicyStatus": {"IsPublic": True}}
NO_BLOCK, NO_LOCK = absent("NoSuchPublicAccessBlockConfiguration"), absent("ObjectLockConfigurationNotFoundError")
DENY = {"Effect": "Deny", "Principal": "*", "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"], "Resource": "*"}
GOOD = {
    "prefixes": {"Trails": [{"S3KeyPrefix": "audit"}]}, "policy_public": NOT_PUBLIC, "public_access_block": NO_BLOCK, "lock": locked(),
    "versioned": {"Status": "Enabled"}, "expiries": absent("NoSuchLifecycleConfiguration"), "deletion_denied": absent("NoSuchBucketPolicy"),
}  # fmt: skip
OWN = Given(Bucket, "arn:aws:s3:::logs", name="logs")


def policy(**change: Any) -> dict[str, Any]:
    return {"Policy": json.dumps({"Statement": [{**DENY, **change}]})}


@pytest.mark.parametrize(
    ("change", "others", "outcome", "because"),
    [
        pytest.param({}, [], "pass", "400 days in COMPLIANCE", id="locked"),
        pytest.param({"lock": locked(Years=2)}, [], "pass", "730 days", id="locked for years"),
        pytest.param({"lock": locked("GOVERNANCE")}, [], "pass", "bypass", id="governance passes, and says how it is bypassed"),
        pytest.param({"lock": locked(Days=30)}, [], "fail", "30 days; 365", id="locked too shortly"),
        pytest.param(
            {"lock": {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}},
            [OWN],
            "fail",
            "nothing is locked",
            id="a lock without a retention",
        ),
        pytest.param({"lock": NO_LOCK}, [OWN], "fail", "nothing is locked", id="no lock"),
        pytest.param(
            {"lock": NO_LOCK, "deletion_denied": policy()}, [], "pass", "another account", id="deletion denied by another account"
        ),
        pytest.param({"lock": NO_LOCK, "deletion_denied": policy()}, [OWN], "fail", "can be changed", id="but not by our own"),
        pytest.param(
            {"lock": NO_LOCK, "deletion_denied": policy(Action="s3:DeleteObject")}, [], "fail", "not denied", id="half of deletion"
        ),
        pytest.param({"lock": NO_LOCK, "deletion_denied": policy(Action="s3:Delete*")}, [], "pass", "another", id="by a pattern"),
        pytest.param(
            {"lock": NO_LOCK, "deletion_denied": policy(Condition={"Bool": {"x": "y"}})}, [], "fail", "not denied", id="under a condition"
        ),
        pytest.param({"lock": NO_LOCK, "deletion_denied": policy(Principal={"AWS": "arn:x"})}, [], "fail", "not denied", id="to some"),
        pytest.param({"policy_public": PUBLIC}, [], "fail", "public", id="a public policy"),
        pytest.param({"policy_public": PUBLIC, "public_access_block": BLOCK}, [], "pass", "locked", id="that the bucket blocks"),
        pytest.param({"policy_public": PUBLIC, "public_access_block": DENIED}, [], "unknown", "grant", id="or may block"),
        pytest.param({"policy_public": DENIED}, [], "unknown", "grant", id="a policy that another account does not show"),
        pytest.param({"versioned": {}}, [], "fail", "versioning", id="never versioned"),
        pytest.param({"versioned": {"Status": "Suspended"}}, [], "fail", "versioning", id="no longer versioned"),
        pytest.param({"expiries": rule(Expiration={"Days": 90})}, [], "fail", "90 days", id="removed early"),
        pytest.param({"expiries": rule(Expiration={"Days": 365})}, [], "pass", "locked", id="removed in time"),
        pytest.param({"expiries": rule(Expiration={"Days": 90}, Status="Disabled")}, [], "pass", "locked", id="a rule that is off"),
        pytest.param(
            {"expiries": rule(Expiration={"Days": 90}, Filter={"Prefix": "other/"})}, [], "pass", "locked", id="of something else"
        ),
        pytest.param(
            {"expiries": rule(Expiration={"Days": 90}, Filter={"And": {"Prefix": "audit/AWSLogs/1"}})},
            [],
            "fail",
            "90",
            id="of a part of it",
        ),
        pytest.param({"expiries": rule(Expiration={"Date": "2026-12-01T00:00:00Z"})}, [], "fail", "fixed date", id="at a date"),
        pytest.param(
            {"expiries": rule(NoncurrentVersionExpiration={"NoncurrentDays": 7})}, [], "fail", "old versions", id="of old versions"
        ),
        pytest.param(
            {"expiries": rule(AbortIncompleteMultipartUpload={"DaysAfterInitiation": 1})}, [], "pass", "locked", id="of what never was"
        ),
        pytest.param({"lock": DENIED}, [], "unknown", "grant", id="a lock that is denied"),
        pytest.param({"expiries": DENIED}, [], "unknown", "grant", id="a lifecycle that is denied"),
        pytest.param({"versioned": {}, "lock": DENIED}, [], "fail", "versioning", id="what is certain fails, whatever else is denied"),
    ],
)
def test_bucket_protected(change: dict[str, Any], others: list[Given], outcome: str, because: str) -> None:
    bucket = Given(LogBucket, "arn:aws:s3:::logs", name="logs", **{**GOOD, **change})
    account = Given(Account, ACCOUNT, s3_public_access_block=NO_BLOCK)
    found = verdict("aws.cloudtrail.bucket_protected", bucket, account, *others, empty=(Bucket,))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

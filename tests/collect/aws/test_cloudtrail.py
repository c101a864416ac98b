"""The collector of CloudTrail over HTTP.

moto has no organization trails, answers every region alike, and lets any bucket be read: those answers are laid over it.
"""

from typing import Any

import pytest

from controlmon.collect.aws.cloudtrail import cloudtrail
from controlmon.core.fact import GapKind, is_absent
from controlmon.facts.aws.cloudtrail import Trail
from controlmon.facts.aws.log_bucket import Expiry, Lock, LogBucket
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin, Fault

OWNER = "123456789012"
BUCKET = (
    LogBucket.policy_public,
    LogBucket.public_access_block,
    LogBucket.ownership,
    LogBucket.public_grants,
    LogBucket.lock,
    LogBucket.versioning,
    LogBucket.expiries,
    LogBucket.policy,
)
ABSENT = (LogBucket.policy_public, LogBucket.public_access_block, LogBucket.lock, LogBucket.expiries, LogBucket.policy)


@pytest.fixture
def trail(twin: AwsTwin) -> Any:
    """Makes a trail, and its bucket if there is none."""

    def make(name: str, region: str = "us-east-1", bucket: str = "logs", **more: Any) -> None:
        if bucket not in [b["Name"] for b in twin.client("s3").list_buckets()["Buckets"]]:
            twin.client("s3").create_bucket(Bucket=bucket)
        client = twin.client("cloudtrail", region=region)
        client.create_trail(Name=name, S3BucketName=bucket, **more)
        client.start_logging(Name=name)

    return make


def asked(twin: AwsTwin, service: str) -> dict[str, int]:
    names = [call.operation for call in twin.calls(service)]
    return {name: names.count(name) for name in sorted(set(names))}


def test_a_trail_is_asked_about_by_arn_in_its_home_region(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    trail("wide", "eu-west-1", IsMultiRegionTrail=True, EnableLogFileValidation=True)
    twin.client("cloudtrail", region="eu-west-1").put_event_selectors(
        TrailName="wide", EventSelectors=[{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]
    )
    found = collect(cloudtrail, Trail.settings, Trail.status, Trail.management_events)
    arn = f"arn:aws:cloudtrail:eu-west-1:{OWNER}:trail/wide"
    assert found.ids(Trail) == {arn}
    settings, status = found.views(Trail.settings)["wide"], found.views(Trail.status)["wide"]
    assert (settings.multi_region, settings.validated, status.logging) == (True, True, True)
    assert status.delivered is not None
    assert found.views(Trail.management_events)["wide"].left_out == ("reads",)
    asked_there = {(c.operation, c.region, c.params.get("Name") or c.params.get("TrailName")) for c in twin.calls("cloudtrail")}
    assert asked_there == {
        ("DescribeTrails", "us-east-1", None), ("GetTrailStatus", "eu-west-1", arn), ("GetEventSelectors", "eu-west-1", arn),
    }  # fmt: skip


def test_shadow_trails_are_listed(twin: AwsTwin, collect: Collect) -> None:
    collect(cloudtrail, Trail.settings)
    [call] = twin.calls("cloudtrail")
    assert call.params["includeShadowTrails"] is True


def test_a_trail_of_one_region_is_asked_nothing_more(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    trail("narrow")
    found = collect(cloudtrail, Trail.settings, Trail.status, Trail.management_events, LogBucket)
    assert asked(twin, "cloudtrail") == {"DescribeTrails": 1}
    assert found.of(Trail.status)["narrow"] == {"NotAsked": "it is a trail of one region"}
    assert not found.views(Trail.status)["narrow"].logging
    assert found.ids(LogBucket) == set()


def test_a_list_that_is_none_is_a_gap(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer("cloudtrail", "DescribeTrails", {}):
        found = collect(cloudtrail, Trail.settings, LogBucket)
    gaps = [found.listings[kind.kind].gap for kind in (Trail, LogBucket)]
    assert [gap.kind for gap in gaps if gap is not None] == [GapKind.MALFORMED] * 2


def test_a_bucket_of_several_trails_is_asked_once(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    trail("one", IsMultiRegionTrail=True)
    trail("two", IsMultiRegionTrail=True, S3KeyPrefix="two")
    trail("narrow", bucket="elsewhere")
    found = collect(cloudtrail, Trail.settings, LogBucket.logs, LogBucket.versioning)
    assert found.ids(LogBucket) == {"arn:aws:s3:::logs"}
    assert set(found.views(LogBucket.logs)["logs"]) == {f"AWSLogs/{OWNER}/CloudTrail*", f"two/AWSLogs/{OWNER}/CloudTrail*"}
    assert (asked(twin, "cloudtrail"), asked(twin, "s3")) == ({"DescribeTrails": 1}, {"GetBucketVersioning": 1})
    assert found.listings[LogBucket.kind].count == 1


def test_a_bare_bucket_has_none_of_it(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    trail("one", IsMultiRegionTrail=True)
    found = collect(cloudtrail, *BUCKET)
    assert all(is_absent(found.of(aspect)["logs"]) for aspect in ABSENT)
    assert found.views(LogBucket.versioning)["logs"] == ""
    assert asked(twin, "s3") == {
        "GetBucketAcl": 1, "GetBucketLifecycleConfiguration": 1, "GetBucketOwnershipControls": 1, "GetBucketPolicy": 1,
        "GetBucketPolicyStatus": 1, "GetBucketVersioning": 1, "GetObjectLockConfiguration": 1, "GetPublicAccessBlock": 1,
    }  # fmt: skip


def test_a_protected_bucket(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    client = twin.client("s3")
    client.create_bucket(Bucket="logs", ObjectLockEnabledForBucket=True)
    retention = {"DefaultRetention": {"Mode": "COMPLIANCE", "Years": 7}}
    client.put_object_lock_configuration(Bucket="logs", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": retention})
    rules = [
        {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 2556}},
        {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}},
    ]
    client.put_bucket_lifecycle_configuration(Bucket="logs", LifecycleConfiguration={"Rules": rules})
    policy = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::logs/*"}]}'
    client.put_bucket_policy(Bucket="logs", Policy=policy)
    flags = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    client.put_public_access_block(Bucket="logs", PublicAccessBlockConfiguration=dict.fromkeys(flags, True))
    trail("one", IsMultiRegionTrail=True)
    found = collect(cloudtrail, *BUCKET)
    assert found.views(LogBucket.lock)["logs"] == Lock(mode="COMPLIANCE", days=2555)
    assert found.views(LogBucket.versioning)["logs"] == "Enabled"
    assert found.views(LogBucket.expiries)["logs"] == (Expiry(days=2556, prefix=""),)
    assert found.views(LogBucket.policy)["logs"][0].actions == ("s3:delete*",)
    assert found.views(LogBucket.public_access_block)["logs"].full
    assert not {"GetBucketAcl", "GetBucketOwnershipControls"} & set(asked(twin, "s3"))


def test_acls_that_are_off_are_not_read(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    twin.client("s3").create_bucket(Bucket="logs", ObjectOwnership="BucketOwnerEnforced")
    trail("one", IsMultiRegionTrail=True)
    found = collect(cloudtrail, LogBucket.ownership, LogBucket.public_grants)
    assert "GetBucketAcl" not in asked(twin, "s3")
    assert found.views(LogBucket.ownership)["logs"] == "BucketOwnerEnforced"


def test_another_accounts_bucket_that_may_not_be_read_is_all_gaps(twin: AwsTwin, trail: Any, collect: Collect) -> None:
    trail("one", IsMultiRegionTrail=True)
    with twin.fault("s3", "*", Fault.DENIED):
        found = collect(cloudtrail, *BUCKET)
    assert {found.of(aspect)["logs"].kind for aspect in BUCKET} == {GapKind.DENIED}

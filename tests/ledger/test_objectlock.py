"""A bucket with Object Lock as an anchor, against moto, which keeps the lock; and against an S3 that fails or tells tales."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import Checkpoint, Note, Signature
from controlmon.ledger.anchor import Anchor
from controlmon.ledger.objectlock import Access, LockedBucket
from tests.twins.aws import AwsError, AwsTwin, Fault, faults_for

NOW = datetime(2031, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)  # our clock, far from S3's
UNTIL = "2031-03-31T12:00:00.000Z"
NOTE = Note(Checkpoint("log.example/controlmon", 7, bytes(32)).text(), (Signature("log.example", b"abcd", b"1"),)).encode()
KEY = f"evidence/log.example-controlmon/7-{'00' * 32}.checkpoint"
OPERATIONS = {"GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration", "PutObject": "s3:PutObject", "GetObject": "s3:GetObject"}


@pytest.fixture(scope="module")
def running() -> Iterator[AwsTwin]:
    with AwsTwin() as twin:
        yield twin
    bucket.cache_clear()


@pytest.fixture
def s3(running: AwsTwin, monkeypatch: pytest.MonkeyPatch) -> AwsTwin:
    running.reset()
    for name, value in running.env().items():
        monkeypatch.setenv(name, value)
    running.client("s3").create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    running.client("s3").create_bucket(Bucket="plain")
    running.reset_journal()
    return running


@cache  # a client takes half a second to build
def bucket(name: str = "locked", *, access: Access | None = None, clock: Callable[[], datetime] = lambda: NOW) -> Anchor:
    return LockedBucket(name, "/evidence/", 30, access or Access(), clock)


def versions(s3: AwsTwin, name: str = "locked") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = s3.client("s3").list_object_versions(Bucket=name).get("Versions", [])
    return found


def test_a_checkpoint_is_locked_and_the_receipt_says_what_s3_said(s3: AwsTwin) -> None:
    """The bytes are in the bucket, locked for the days from our clock; the time of the receipt is S3's, not ours."""
    receipt = bucket().anchor(NOTE)
    there = s3.client("s3").get_object(Bucket="locked", Key=KEY)
    seen = there["LastModified"].astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (there["Body"].read(), there["ObjectLockMode"]) == (NOTE, "COMPLIANCE")
    assert there["ObjectLockRetainUntilDate"] == NOW.replace(microsecond=0) + timedelta(days=30)
    assert (receipt.kind, receipt.place, receipt.at) == ("objectlock", "s3://locked/evidence", seen)
    assert not seen.startswith("2031")
    said = json.loads(receipt.proof)
    assert receipt.proof == canonical(said)
    assert said.pop("requestId")
    assert said.pop("date").endswith("GMT")
    expected = {"bucket": "locked", "key": KEY, "mode": "COMPLIANCE", "retainUntil": UNTIL, "sha256": digest(NOTE), "lastModified": seen}
    assert said == {**expected, "etag": there["ETag"], "versionId": there["VersionId"]}
    assert receipt.says == {"key": KEY, "version": there["VersionId"], "locked": f"in COMPLIANCE mode until {UNTIL}"}


def test_nobody_deletes_it_before_its_date(s3: AwsTwin) -> None:
    """Deleting the version is refused, also to whoever may bypass governance."""
    said = json.loads(bucket().anchor(NOTE).proof)
    named = {"Bucket": "locked", "Key": KEY, "VersionId": said["versionId"]}
    for more in ({}, {"BypassGovernanceRetention": True}):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.client("s3").delete_object(**named, **more)
    assert [one["VersionId"] for one in versions(s3)] == [said["versionId"]]


def test_the_upload_carries_its_sha_256(s3: AwsTwin) -> None:
    """S3 is given the digest of what it is to keep, told not to write over anything, and asked for the very version that it made."""
    made = bucket().anchor(NOTE).says["version"]
    (call,) = s3.calls("s3", "PutObject")
    assert (call.params["ChecksumAlgorithm"], call.params["IfNoneMatch"]) == ("SHA256", "*")
    assert [one.params["VersionId"] for one in s3.calls("s3", "GetObject")] == [made]
    assert [one.operation for one in s3.calls()] == list(OPERATIONS)


def test_what_is_there_already_is_an_earlier_anchoring(s3: AwsTwin) -> None:
    """Anchored again a year later, a checkpoint keeps its first version, time and date, and no second version is made."""
    first = bucket().anchor(NOTE)
    again = bucket(clock=lambda: NOW + timedelta(days=365)).anchor(NOTE)
    assert (again.at, again.says) == (first.at, first.says)
    assert len(versions(s3)) == 1


def test_other_bytes_in_its_place_are_no_anchoring(s3: AwsTwin) -> None:
    """An object of this name with other content is told, and left as it is."""
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": datetime(2040, 1, 1, tzinfo=UTC)}
    s3.client("s3").put_object(Bucket="locked", Key=KEY, Body=NOTE + b"more", **lock)
    with pytest.raises(LedgerError, match=r"^s3://locked/evidence: .*checkpoint is there with other bytes .*\. Find out who put it"):
        bucket().anchor(NOTE)
    assert len(versions(s3)) == 1


@pytest.mark.parametrize("mode", [None, "GOVERNANCE"])
def test_an_object_that_can_be_deleted_is_no_anchoring(s3: AwsTwin, mode: str | None) -> None:
    """The same bytes, put there without a lock or with one that can be bypassed, are not taken for an anchoring."""
    lock = {"ObjectLockMode": mode, "ObjectLockRetainUntilDate": datetime(2040, 1, 1, tzinfo=UTC)} if mode else {}
    s3.client("s3").put_object(Bucket="locked", Key=KEY, Body=NOTE, **lock)
    with pytest.raises(LedgerError, match=r"does not say that it is locked\. Grant s3:GetObjectRetention"):
        bucket().anchor(NOTE)


def test_a_bucket_without_object_lock_is_refused(s3: AwsTwin) -> None:
    """Nothing is written where it could be deleted."""
    with pytest.raises(
        LedgerError, match=r"^s3://plain/evidence: .*ObjectLockConfigurationNotFoundError.*\. Enable versioning and Object Lock"
    ):
        bucket("plain").anchor(NOTE)
    assert versions(s3, "plain") == []
    assert not s3.calls("s3", "PutObject")


def test_a_bucket_that_is_not_there_is_named(s3: AwsTwin) -> None:
    """The error names the bucket and asks for one that is there."""
    with pytest.raises(LedgerError, match=r"^s3://missing/evidence: .*NoSuchBucket.*\. Give a bucket that is there"):
        bucket("missing").anchor(NOTE)


@pytest.mark.parametrize(("operation", "permission"), OPERATIONS.items())
def test_a_denial_names_the_permission(s3: AwsTwin, operation: str, permission: str) -> None:
    """Whatever is denied, the error names it as the permission to grant."""
    with s3.fault("s3", operation, Fault.DENIED), pytest.raises(LedgerError, match=rf"^s3://locked/evidence: .*\. Grant {permission}( |$)"):
        bucket().anchor(NOTE)


FAULTS = [(operation, fault) for operation in OPERATIONS for fault in faults_for("s3", operation)]


@pytest.mark.parametrize(("operation", "fault"), FAULTS, ids=lambda one: getattr(one, "name", one))
def test_no_failure_of_s3_is_an_anchoring(s3: AwsTwin, operation: str, fault: Fault) -> None:
    """Each operation, in each way in which it can fail or mislead, ends in an error that names the bucket and the mend."""
    with s3.fault("s3", operation, fault, seconds=0), pytest.raises(LedgerError, match=r"^s3://locked/evidence: .+\. [A-Z].+"):
        bucket().anchor(NOTE)


def test_a_message_that_may_quote_the_request_is_not_repeated(s3: AwsTwin) -> None:
    """A signature that does not match is told by its code alone."""
    error = AwsError("SignatureDoesNotMatch", 403, "StringToSign: secret")
    with s3.fault("s3", "PutObject", error), pytest.raises(LedgerError, match=r"SignatureDoesNotMatch\. Renew the credentials") as caught:
        bucket().anchor(NOTE)
    assert "secret" not in str(caught.value)


def told(**other: Any) -> dict[str, Any]:
    """What a GetObject answers, with something else in it."""
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": datetime(2031, 3, 31, 12, tzinfo=UTC)}
    return {"Body": NOTE, "LastModified": datetime(2026, 11, 23, tzinfo=UTC), "VersionId": "v", **lock, **other}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"ObjectLockRetainUntilDate": datetime(2031, 3, 30, tzinfo=UTC)}, "is locked until 2031-03-30T00:00:00.000Z, and not until"),
        ({"ObjectLockMode": None}, "does not say that it is locked"),
        ({"Body": NOTE[:-1]}, "other bytes"),
        ({"Body": NOTE + b"\n"}, "other bytes"),
        ({"LastModified": None}, "does not say when it saw"),
    ],
)
def test_what_was_written_is_read_back_and_compared(s3: AwsTwin, other: dict[str, Any], why: str) -> None:
    """An S3 that takes a checkpoint and then shows it shorter, unlocked, altered or without a time has anchored nothing."""
    with s3.answer("s3", "GetObject", told(**other)), pytest.raises(LedgerError, match=why):
        bucket().anchor(NOTE)


def test_the_time_is_that_which_s3_tells(s3: AwsTwin) -> None:
    """LastModified, in UTC, is the time of the anchoring, whatever the clocks here say."""
    with s3.answer("s3", "GetObject", told()):
        assert bucket().anchor(NOTE).at == "2026-11-23T00:00:00.000Z"


@pytest.mark.parametrize("access", [Access(endpoint="http://127.0.0.1:1", region="us-east-1"), Access(profile="nobody")])
def test_an_s3_that_cannot_be_asked_is_an_error(s3: AwsTwin, access: Access) -> None:
    """An endpoint where nobody listens, and a profile that is not there, are told with what to do."""
    with pytest.raises(LedgerError, match=r"^s3://locked/evidence: s3:GetBucketObjectLockConfiguration failed: .+\. (Let|Log)"):
        bucket(access=access).anchor(NOTE)


@pytest.mark.parametrize(
    ("name", "days"), [("s3://locked", 1), ("locked/evidence", 1), ("Locked", 1), ("", 1), ("locked", 0), ("locked", 36_501)]
)
def test_what_no_bucket_can_be_is_a_wrong_argument(name: str, days: int) -> None:
    """A name that no bucket has, and days that S3 does not lock for, are refused before anything is asked."""
    with pytest.raises(UsageError, match=r"\. Give "):
        LockedBucket(name, "evidence", days)


@pytest.mark.parametrize(
    ("origin", "prefix", "key"),
    [("a/b c", "", "a-b-c/7-"), ("../..", "x", "x/log/7-"), ("log.example", "a/b/", "a/b/log.example/7-")],
)
def test_a_key_names_log_size_and_root(s3: AwsTwin, origin: str, prefix: str, key: str) -> None:
    """Whatever the origin, its slug is one plain part of the key."""
    note = Note(Checkpoint(origin, 7, bytes(32)).text(), (Signature("log.example", b"abcd", b"1"),)).encode()
    said = json.loads(LockedBucket("locked", prefix, 30, clock=lambda: NOW).anchor(note).proof)
    assert said["key"] == f"{key}{'00' * 32}.checkpoint"

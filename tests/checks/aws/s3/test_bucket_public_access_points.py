"""aws.s3.bucket_public: access points, on raw answers of S3 Control."""

from typing import Any

import pytest

from controlmon.core.fact import Scope, absent, not_asked
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import Bucket
from tests.checks.aws.s3.test_bucket_public import FULL, NONE, block, status
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings

CHECK = "aws.s3.bucket_public"
REGIONAL = Scope("aws", ACCOUNT, "eu-west-1")


def point(**change: Any) -> Given:
    given = {
        "settings": {"Name": "door", "Bucket": "logs", "NetworkOrigin": "Internet", "BucketAccountId": ACCOUNT},
        "policy_public": status(True), "public_access_block": block(),
    }  # fmt: skip
    return Given(AccessPoint, f"arn:aws:s3:eu-west-1:{ACCOUNT}:accesspoint/door", name="door", scope=REGIONAL, **{**given, **change})


FOREIGN = {"Name": "door", "Bucket": "theirs", "NetworkOrigin": "Internet", "BucketAccountId": "999999999999"}


@pytest.mark.parametrize(
    ("change", "account", "bucket", "outcome", "because"),
    [
        pytest.param({}, NONE, NONE, "fail", "no block restricts it on the way to logs", id="a public policy fails"),
        pytest.param({"policy_public": status(False)}, NONE, NONE, "pass", "its policy is not public", id="one that is not public passes"),
        pytest.param({"policy_public": absent("NoSuchAccessPointPolicy")}, NONE, NONE, "pass", "not public", id="no policy passes"),
        pytest.param({"public_access_block": FULL}, NONE, NONE, "pass", "access point restricts", id="its own block stops it"),
        pytest.param({}, block("RestrictPublicBuckets"), NONE, "pass", "account restricts", id="the account's stops it"),
        pytest.param({}, NONE, block("RestrictPublicBuckets"), "pass", "its bucket restricts", id="its bucket's stops it"),
        pytest.param(
            {}, block("BlockPublicPolicy"), block("BlockPublicPolicy", "IgnorePublicAcls"), "fail", "no block", id="other flags do not"
        ),
        pytest.param(
            {
                "settings": {"Name": "door", "Bucket": "logs", "NetworkOrigin": "VPC"},
                "policy_public": not_asked("it is reached from a VPC only"),
            },
            NONE,
            NONE,
            "pass",
            "from a VPC only",
            id="a VPC's own is not public",
        ),
        pytest.param(
            {"settings": {"Name": "door", "Bucket": "logs", "NetworkOrigin": "VPC"}, "policy_public": status(True)},
            NONE,
            NONE,
            "pass",
            "from a VPC only",
            id="whatever its policy says",
        ),
        pytest.param(
            {"settings": FOREIGN}, NONE, NONE, "unknown", "theirs belongs to account 999999999999", id="another's bucket may block it"
        ),
        pytest.param(
            {"settings": FOREIGN, "policy_public": status(False)}, NONE, NONE, "pass", "not public", id="if there is anything to block"
        ),
        pytest.param(
            {"settings": FOREIGN, "public_access_block": FULL}, NONE, NONE, "pass", "access point", id="and nothing else blocks it"
        ),
        pytest.param(
            {"policy_public": DENIED}, NONE, NONE, "unknown", "grant svc:Permission", id="a policy that may not be seen is unknown"
        ),
        pytest.param({"policy_public": DENIED}, FULL, NONE, "pass", "account restricts", id="unless a block makes it needless"),
        pytest.param({"public_access_block": DENIED}, NONE, NONE, "unknown", "grant svc:Permission", id="its block might have stopped it"),
        pytest.param({}, DENIED, NONE, "unknown", "grant svc:Permission", id="and the account's"),
        pytest.param({}, NONE, DENIED, "unknown", "grant svc:Permission", id="and its bucket's"),
        pytest.param({"settings": DENIED}, NONE, NONE, "unknown", "grant", id="without its settings it is unknown"),
        pytest.param(
            {"settings": {"Bucket": "logs", "NetworkOrigin": "Moon"}, "policy_public": status(True)},
            NONE,
            NONE,
            "unknown",
            "Moon",
            id="a network that nobody knows is unknown",
        ),
        pytest.param({"policy_public": status(None)}, NONE, NONE, "unknown", "shape", id="a status that is none is unknown"),
    ],
)
def test_access_point(change: dict[str, Any], account: Any, bucket: Any, outcome: str, because: str) -> None:
    door = point(**change)
    others = (
        Given(Account, ACCOUNT, s3_public_access_block=account),
        Given(Bucket, "arn:aws:s3:::logs", name="logs", public_access_block=bucket),
    )
    evidence = MemoryEvidence(door, *others)
    found = next(f for f in findings(CHECK, evidence, scope=REGIONAL) if f.subject == door.subject)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_bucket_that_was_not_listed_may_have_been_the_access_points() -> None:
    """Of an incomplete list of buckets it cannot be told that the bucket is another account's, nor what it blocks."""
    door = point()
    evidence = MemoryEvidence(door, Given(Account, ACCOUNT, s3_public_access_block=NONE), gaps={Bucket: DENIED})
    [found] = findings(CHECK, evidence, scope=REGIONAL)
    assert (found.outcome, "svc:Permission" in found.reason) == ("unknown", True)


def test_a_declared_access_point_passes() -> None:
    door = point()
    evidence = MemoryEvidence(door, Given(Account, ACCOUNT, s3_public_access_block=NONE), empty=(Bucket,))
    [found] = findings(CHECK, evidence, scope=REGIONAL, allowed_public=["door"])
    assert found.outcome == "pass"

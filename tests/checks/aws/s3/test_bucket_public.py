"""aws.s3.bucket_public on raw answers of S3 and S3 Control."""

from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import Bucket
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.s3.bucket_public"
FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
ALL_USERS, ANY_AWS = (f"http://acs.amazonaws.com/groups/global/{group}" for group in ("AllUsers", "AuthenticatedUsers"))


def block(*on: str) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {flag: flag in on for flag in FLAGS}}


def status(public: object) -> dict[str, Any]:
    return {"PolicyStatus": {"IsPublic": public}}


def acl(*groups: str, permission: str = "READ") -> dict[str, Any]:
    owner = {"Grantee": {"ID": "75aa57f0", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    return {
        "Owner": {"ID": "75aa57f0"},
        "Grants": [owner, *({"Grantee": {"Type": "Group", "URI": g}, "Permission": permission} for g in groups)],
    }


def owned(how: str) -> dict[str, Any]:
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": how}]}}


NONE = absent("NoSuchPublicAccessBlockConfiguration")
NO_POLICY = absent("NoSuchBucketPolicy")
CLOSED = {"public_access_block": NONE, "policy_public": NO_POLICY, "ownership": owned("ObjectWriter"), "public_grants": acl()}
FULL = block(*FLAGS)


def judged(account: Any, parameters: dict[str, Any] | None = None, **change: Any) -> Finding:
    bucket = Given(Bucket, "arn:aws:s3:::logs", name="logs", **{**CLOSED, **change})
    return verdict(CHECK, bucket, Given(Account, ACCOUNT, s3_public_access_block=account), **(parameters or {}))


@pytest.mark.parametrize(
    ("account", "change", "outcome", "because"),
    [
        pytest.param(NONE, {}, "pass", "its policy is not public; its ACL grants nothing", id="nothing public needs no block"),
        pytest.param(NONE, {"policy_public": status(False)}, "pass", "policy is not public", id="a policy that is not public is none"),
        pytest.param(NONE, {"policy_public": status(True)}, "fail", "its policy is public", id="a public policy fails"),
        pytest.param(NONE, {"public_grants": acl(ALL_USERS)}, "fail", "READ to AllUsers", id="a grant to all users fails"),
        pytest.param(
            NONE,
            {"public_grants": acl(ANY_AWS, permission="WRITE")},
            "fail",
            "WRITE to AuthenticatedUsers",
            id="any AWS account is anybody",
        ),
        pytest.param(
            NONE,
            {"public_grants": acl("http://acs.amazonaws.com/groups/s3/LogDelivery")},
            "pass",
            "nothing to everyone",
            id="log delivery is not",
        ),
        pytest.param(
            NONE,
            {"ownership": owned("BucketOwnerEnforced"), "public_grants": acl(ALL_USERS)},
            "pass",
            "ACLs are off",
            id="enforced: inert ACLs",
        ),
        pytest.param(
            NONE,
            {"ownership": owned("BucketOwnerPreferred"), "public_grants": acl(ALL_USERS)},
            "fail",
            "AllUsers",
            id="preferred: they count",
        ),
        pytest.param(
            NONE,
            {"ownership": absent("OwnershipControlsNotFoundError"), "public_grants": acl(ALL_USERS)},
            "fail",
            "AllUsers",
            id="no ownership controls: they count",
        ),
        pytest.param(
            block("RestrictPublicBuckets"),
            {"policy_public": status(True)},
            "pass",
            "account restricts",
            id="the account's flag stops a policy",
        ),
        pytest.param(
            NONE,
            {"policy_public": status(True), "public_access_block": block("RestrictPublicBuckets")},
            "pass",
            "bucket restricts",
            id="so does the bucket's",
        ),
        pytest.param(
            block("IgnorePublicAcls"), {"public_grants": acl(ALL_USERS)}, "pass", "account ignores", id="the account's stops an ACL"
        ),
        pytest.param(
            NONE,
            {"public_grants": acl(ALL_USERS), "public_access_block": block("IgnorePublicAcls")},
            "pass",
            "bucket ignores",
            id="so does the bucket's own",
        ),
        pytest.param(
            block("RestrictPublicBuckets"),
            {"public_access_block": block("IgnorePublicAcls"), "policy_public": status(True), "public_grants": acl(ALL_USERS)},
            "pass",
            "account restricts public policies; the bucket ignores public ACLs",
            id="flags add up, one here and one there",
        ),
        pytest.param(
            block("BlockPublicPolicy", "BlockPublicAcls", "IgnorePublicAcls"),
            {"policy_public": status(True)},
            "fail",
            "policy is public",
            id="refusing new public policies does not stop an old one",
        ),
        pytest.param(
            block("BlockPublicPolicy", "BlockPublicAcls", "RestrictPublicBuckets"),
            {"public_grants": acl(ALL_USERS)},
            "fail",
            "AllUsers",
            id="refusing new public ACLs does not stop an old one",
        ),
        pytest.param(
            FULL,
            {"public_access_block": DENIED, "policy_public": DENIED, "ownership": DENIED, "public_grants": DENIED},
            "pass",
            "the account restricts",
            id="a full block of the account decides, whatever else is denied",
        ),
        pytest.param(
            FULL,
            {
                "policy_public": not_asked("the block of the account restricts public policies"),
                "ownership": not_asked("the block of the account ignores public ACLs"),
                "public_grants": not_asked("the block of the account ignores public ACLs"),
            },
            "pass",
            "the account restricts",
            id="what was needless was not asked",
        ),
        pytest.param(
            DENIED,
            {"public_access_block": FULL, "policy_public": DENIED, "public_grants": DENIED},
            "pass",
            "the bucket",
            id="the bucket's too",
        ),
        pytest.param(DENIED, {}, "pass", "not public", id="nothing public passes, whatever the account blocks"),
        pytest.param(
            DENIED, {"policy_public": status(True)}, "unknown", "grant svc:Permission", id="the account's block might have stopped it"
        ),
        pytest.param(
            NONE, {"policy_public": status(True), "public_access_block": DENIED}, "unknown", "grant", id="and so might the bucket's"
        ),
        pytest.param(NONE, {"policy_public": DENIED}, "unknown", "grant svc:Permission", id="a policy that may not be seen is unknown"),
        pytest.param(NONE, {"public_grants": DENIED}, "unknown", "grant svc:Permission", id="an ACL that may not be seen is unknown"),
        pytest.param(
            NONE, {"ownership": DENIED, "public_grants": acl(ALL_USERS)}, "unknown", "grant", id="ACLs might be off where that is not seen"
        ),
        pytest.param(NONE, {"ownership": DENIED}, "pass", "ACL grants nothing", id="but an ACL without public grants needs none"),
        pytest.param(
            NONE,
            {"policy_public": status(True), "public_grants": DENIED},
            "fail",
            "policy is public",
            id="public by policy is enough to know",
        ),
        pytest.param(NONE, {"public_grants": acl(ALL_USERS), "policy_public": DENIED}, "fail", "AllUsers", id="and so is public by ACL"),
        pytest.param(NONE, {"policy_public": status("false")}, "unknown", "not true or false", id="the word false is not an answer"),
        pytest.param(NONE, {"policy_public": {}}, "unknown", "shape", id="a status without its member is unknown"),
        pytest.param(NONE, {"public_grants": {"Owner": {}}}, "unknown", "shape", id="an ACL without grants is not an empty one"),
        pytest.param(NONE, {"ownership": owned(None), "public_grants": acl(ALL_USERS)}, "unknown", "shape", id="no ownership is no answer"),  # type: ignore[arg-type]
        pytest.param(
            {"PublicAccessBlockConfiguration": {}}, {"policy_public": status(True)}, "unknown", "shape", id="a block without flags"
        ),
    ],
)
def test_bucket(account: Any, change: dict[str, Any], outcome: str, because: str) -> None:
    found = judged(account, **change)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("allowed", "change", "outcome", "because"),
    [
        pytest.param(["logs"], {"policy_public": status(True)}, "pass", "declared public: logs", id="a name"),
        pytest.param(["lo*"], {"policy_public": status(True)}, "pass", "declared public: lo*", id="a glob"),
        pytest.param(["log", "LOGS"], {"policy_public": status(True)}, "fail", "policy is public", id="neither a part nor another case"),
        pytest.param(["logs"], {}, "pass", "policy is not public", id="one that is not public says so"),
        pytest.param(["logs"], {"policy_public": DENIED}, "pass", "declared public", id="what was not seen would change nothing"),
    ],
)
def test_declared(allowed: list[str], change: dict[str, Any], outcome: str, because: str) -> None:
    found = judged(NONE, {"allowed_public": allowed}, **change)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_no_bucket_is_not_applicable_and_an_unfinished_list_is_unknown() -> None:
    account = Given(Account, ACCOUNT, s3_public_access_block=NONE)
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(account, empty=(Bucket,)))] == ["not_applicable"]
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(account, gaps={Bucket: DENIED}))] == ["unknown"]

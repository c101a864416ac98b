"""aws.s3.bucket_public and aws.s3.account_public_block on raw answers: what is open is decided flag by flag."""

from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.s3 import AccessPoint, Bucket
from tests.support import ACCOUNT, DENIED, Given, verdict

FLAGS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
NONE = absent("NoSuchPublicAccessBlockConfiguration")
PUBLIC, PRIVATE = {"PolicyStatus": {"IsPublic": True}}, {"PolicyStatus": {"IsPublic": False}}
ALL_USERS, EVERY_ACCOUNT = (f"http://acs.amazonaws.com/groups/global/{g}" for g in ("AllUsers", "AuthenticatedUsers"))
LOGS = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def block(*on: str) -> dict[str, Any]:
    return {"PublicAccessBlockConfiguration": {flag: flag in on for flag in FLAGS}}


def acl(*groups: str) -> dict[str, Any]:
    owner = {"Grantee": {"Type": "CanonicalUser", "ID": "us"}, "Permission": "FULL_CONTROL"}
    return {"Owner": {"ID": "us"}, "Grants": [owner, *({"Grantee": {"Type": "Group", "URI": g}, "Permission": "READ"} for g in groups)]}


def owned(how: str) -> dict[str, Any]:
    return {"OwnershipControls": {"Rules": [{"ObjectOwnership": how}]}}


GOOD = {
    "public_access_block": NONE, "policy_public": absent("NoSuchBucketPolicy"), "public_grants": acl(),
    "ownership": absent("OwnershipControlsNotFoundError"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "wide", "parameters", "outcome", "because"),
    [
        pytest.param({}, NONE, {}, "pass", "grants nothing", id="nothing configured, nothing open"),
        pytest.param({"policy_public": PUBLIC}, NONE, {}, "fail", "policy is public", id="a public policy"),
        pytest.param({"policy_public": PUBLIC}, block("RestrictPublicBuckets"), {}, "pass", "restricted", id="that the account restricts"),
        pytest.param({"policy_public": PUBLIC, "public_access_block": block("RestrictPublicBuckets")}, NONE, {}, "pass", "restricted", id="or the bucket"),
        pytest.param({"policy_public": PUBLIC, "public_access_block": block("BlockPublicPolicy")}, NONE, {}, "fail", "policy", id="to block new ones is not to restrict"),
        pytest.param({"public_grants": acl(ALL_USERS)}, NONE, {}, "fail", "READ to everybody", id="a list for everybody"),
        pytest.param({"public_grants": acl(EVERY_ACCOUNT)}, NONE, {}, "fail", "READ", id="a list for everybody with an account"),
        pytest.param({"public_grants": acl(LOGS)}, NONE, {}, "pass", "nothing", id="a list for log delivery"),
        pytest.param({"public_grants": acl(ALL_USERS)}, block("IgnorePublicAcls"), {}, "pass", "ignored", id="that the account ignores"),
        pytest.param({"public_grants": acl(ALL_USERS), "public_access_block": block("IgnorePublicAcls")}, NONE, {}, "pass", "ignored", id="or the bucket"),
        pytest.param({"public_grants": acl(ALL_USERS), "public_access_block": block("BlockPublicAcls")}, NONE, {}, "fail", "READ", id="to block new ones is not to ignore"),
        pytest.param({"public_grants": acl(ALL_USERS), "ownership": owned("BucketOwnerEnforced")}, NONE, {}, "pass", "enforced", id="a list that says nothing"),
        pytest.param({"public_grants": acl(ALL_USERS), "ownership": owned("BucketOwnerPreferred")}, NONE, {}, "fail", "READ", id="a list that does"),
        pytest.param(
            {"policy_public": PUBLIC, "public_grants": acl(ALL_USERS), "public_access_block": block("IgnorePublicAcls")},
            block("RestrictPublicBuckets"), {}, "pass", "restricted", id="one flag here, one there",
        ),
        pytest.param({"policy_public": PUBLIC}, NONE, {"allowed_public": ["web-*"]}, "pass", "declared", id="a bucket that is declared"),
        pytest.param({"public_access_block": DENIED, "policy_public": DENIED}, block(*FLAGS), {}, "pass", "account blocks", id="the account's block decides alone"),
        pytest.param({"public_access_block": DENIED}, NONE, {}, "unknown", "grant", id="a block that is denied"),
        pytest.param({"policy_public": DENIED}, NONE, {}, "unknown", "grant", id="a policy that is denied"),
        pytest.param({"public_grants": DENIED}, NONE, {}, "unknown", "grant", id="a list that is denied"),
        pytest.param({"public_grants": acl(ALL_USERS), "ownership": DENIED}, NONE, {}, "unknown", "grant", id="an ownership that is denied"),
        pytest.param({}, DENIED, {}, "unknown", "grant", id="an account's block that is denied"),
        pytest.param({"public_grants": {}}, NONE, {}, "unknown", "shape", id="a list without an owner"),
        pytest.param({"public_access_block": {"PublicAccessBlockConfiguration": {}}}, NONE, {}, "unknown", "shape", id="a block without flags"),
        pytest.param({"policy_public": {"PolicyStatus": {"IsPublic": "false"}}}, NONE, {}, "unknown", "shape", id="a text is not a truth"),
    ],
)  # fmt: skip
def test_bucket(change: dict[str, Any], wide: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    bucket = Given(Bucket, "arn:aws:s3:::web-1", name="web-1", **{**GOOD, **change})
    found = verdict("aws.s3.bucket_public", bucket, Given(Account, ACCOUNT, s3_public_access_block=wide), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("settings", "policy", "wide", "outcome"),
    [
        ({"Bucket": "b", "NetworkOrigin": "Internet", **block()}, PUBLIC, NONE, "fail"),
        ({"Bucket": "b", "NetworkOrigin": "Internet", **block("RestrictPublicBuckets")}, PUBLIC, NONE, "pass"),
        ({"Bucket": "b", "NetworkOrigin": "Internet", **block()}, PUBLIC, block("RestrictPublicBuckets"), "pass"),
        ({"Bucket": "b", "NetworkOrigin": "Internet", **block()}, absent("NoSuchAccessPointPolicy"), NONE, "pass"),
        ({"Bucket": "b", "NetworkOrigin": "VPC", **block()}, PUBLIC, NONE, "not_applicable"),
        ({"Bucket": "b", "NetworkOrigin": "Internet", **block()}, DENIED, NONE, "unknown"),
        (DENIED, PUBLIC, NONE, "unknown"),
    ],
)
def test_access_point(settings: Any, policy: Any, wide: Any, outcome: str) -> None:
    """An access point has a policy and a block of its own; the account's block covers it, a bucket's does not."""
    point = Given(AccessPoint, "arn:ap", settings=settings, policy_public=policy)
    found = verdict("aws.s3.bucket_public", point, Given(Account, ACCOUNT, s3_public_access_block=wide))
    assert found.outcome == outcome, found.reason


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        (block(*FLAGS), "pass", "all four"), (NONE, "fail", "nothing is configured"), (DENIED, "unknown", "grant"),
        *((block(*(f for f in FLAGS if f != off)), "fail", "is off") for off in FLAGS),
        ({"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}, "unknown", "shape"),
    ],
)  # fmt: skip
def test_account(answer: Any, outcome: str, because: str) -> None:
    """Three of four leave a way open."""
    found = verdict("aws.s3.account_public_block", Given(Account, ACCOUNT, s3_public_access_block=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

"""What joins environments through S3, on raw answers: policies, canonical users, access points and replication."""

import json
from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.aws.access_points import AccessPoint
from controlmon.facts.aws.s3 import Bucket
from tests.checks.aws.company import DEV, LOGS, PROD, STRANGER, at, estate
from tests.support import ACCOUNT, DENIED, Given, verdict

NO_POLICY = absent("NoSuchBucketPolicy")


def policy(principal: Any, *, effect: str = "Allow", **condition: Any) -> dict[str, str]:
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": "*", "Condition": condition}
    return {"Policy": json.dumps({"Statement": [statement]})}


def acl(*users: str, owner: str = "us") -> dict[str, Any]:
    grants = [{"Grantee": {"Type": "CanonicalUser", "ID": user}, "Permission": "READ"} for user in (owner, *users)]
    group = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}
    return {"Owner": {"ID": owner}, "Grants": [*grants, {"Grantee": group, "Permission": "WRITE"}]}


OWN = acl()


def bucket(policy: Any = NO_POLICY, acl: Any = OWN, *, account: str = ACCOUNT, name: str = "ours", **more: Any) -> Given:
    return at(account, Bucket, name, policy=policy, acl=acl, **more)


THEIRS = bucket(account=DEV, name="theirs", acl=acl(owner="them"))
DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(bucket(), {}, "pass", "nobody", id="no policy, and an ACL of the owner's"),
        pytest.param(bucket(policy({"AWS": PROD})), {}, "pass", "nobody", id="another account of production"),
        pytest.param(bucket(policy({"AWS": f"arn:aws:iam::{DEV}:role/x"})), {}, "fail", "(dev)", id="a role of dev"),
        pytest.param(bucket(policy({"AWS": f"arn:aws:iam::{LOGS}:role/x"})), {}, "pass", "nobody", id="a shared account"),
        pytest.param(bucket(policy({"AWS": DEV}, effect="Deny")), {}, "pass", "nobody", id="a denial"),
        pytest.param(bucket(policy("*", StringEquals={"aws:PrincipalOrgID": "o-1"})), {}, "fail", "PrincipalOrgID", id="the organization is no class"),
        pytest.param(
            bucket(policy("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-1/*/ou-p/*"}})), {}, "pass", "nobody", id="a path can be one"
        ),
        pytest.param(bucket(policy("*")), {}, "fail", "everybody", id="everybody is of every class"),
        pytest.param(bucket(policy("*", StringEquals={"aws:SourceVpce": "vpce-1"})), {}, "unknown", "SourceVpce", id="an endpoint tells no account"),
        pytest.param(bucket(policy({"Service": "logging.s3.amazonaws.com"})), {}, "pass", "nobody", id="a service"),
        pytest.param(
            bucket(policy({"Service": "x.amazonaws.com"}, StringEquals={"aws:SourceAccount": DEV})), {}, "fail", "service", id="a service for dev"
        ),
        pytest.param(bucket(policy("*", StringEquals={"s3:DataAccessPointAccount": ACCOUNT})), {}, "pass", "nobody", id="delegated to our access points"),
        pytest.param(bucket(policy("*", StringEquals={"s3:DataAccessPointAccount": DEV})), {}, "fail", "(dev)", id="delegated to those of dev"),
        pytest.param(at(ACCOUNT, AccessPoint, "ap", policy=policy({"AWS": DEV})), {}, "fail", "(dev)", id="an access point that lets in dev"),
        pytest.param(at(ACCOUNT, AccessPoint, "ap", policy=absent("NoSuchAccessPointPolicy")), {}, "pass", "nobody", id="one without a policy"),
        pytest.param(at(ACCOUNT, AccessPoint, "ap", policy=DENIED), {}, "unknown", "grant", id="one that may not be seen"),
        pytest.param(bucket(acl=acl("somebody")), {}, "fail", "unknown account", id="a canonical user of nobody's"),
        pytest.param(bucket(acl=acl("them")), {}, "fail", "(dev)", id="the owner of a bucket of dev"),
        pytest.param(bucket(acl=acl(DELIVERY)), {}, "pass", "nobody", id="AWS's own log delivery"),
        pytest.param(bucket(policy({"CanonicalUser": "somebody"})), {}, "fail", "unknown account", id="named in the policy"),
        pytest.param(bucket(policy({"CanonicalUser": "us"})), {}, "pass", "nobody", id="which may be the owner"),
        pytest.param(bucket(policy({"AWS": STRANGER})), {}, "unknown", "in no organization", id="an account of no list"),
        pytest.param(bucket(policy({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})), {}, "unknown", "identity", id="an origin access identity"),
        pytest.param(bucket(policy=DENIED), {}, "unknown", "grant", id="a policy that may not be seen"),
        pytest.param(bucket(acl=DENIED), {}, "unknown", "grant", id="an ACL that may not be seen"),
        pytest.param(bucket(policy({"AWS": DEV}), acl=DENIED), {}, "fail", "(dev)", id="is not needed for what is certain"),
        pytest.param(bucket(policy({"AWS": DEV}), account=LOGS), {}, "not_applicable", "shared", id="a log archive serves both"),
        pytest.param(bucket(policy({"AWS": PROD}), account=DEV), {}, "fail", "(prod)", id="the other direction"),
    ],
)  # fmt: skip
def test_access(subject: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("aws.s3.cross_env_access", subject, THEIRS, *estate(), empty=(Bucket,), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_canonical_user_is_unknown_while_buckets_are_unseen() -> None:
    """He may own one of those."""
    hidden = bucket(account=DEV, name="hidden", acl=DENIED)
    found = verdict("aws.s3.cross_env_access", bucket(acl=acl("somebody")), hidden, *estate())
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)


def rule(bucket: str, account: str = "", status: str = "Enabled") -> dict[str, Any]:
    named = {"Account": account} if account else {}
    return {"Status": status, "Destination": {"Bucket": f"arn:aws:s3:::{bucket}", **named}}


def copied(*rules: dict[str, Any], account: str = ACCOUNT, answer: Any = None) -> Given:
    raw = {"ReplicationConfiguration": {"Role": "r", "Rules": list(rules)}}
    return bucket(account=account, replicas=answer or raw)


@pytest.mark.parametrize(
    ("subject", "outcome", "because"),
    [
        pytest.param(copied(answer=absent("ReplicationConfigurationNotFoundError")), "pass", "no rule", id="none"),
        pytest.param(copied(rule("theirs", status="Disabled")), "pass", "no rule", id="one that is off"),
        pytest.param(copied(rule("theirs")), "fail", "(dev)", id="whose bucket it is, is looked up"),
        pytest.param(copied(rule("elsewhere", DEV)), "fail", "(dev)", id="or named by the rule"),
        pytest.param(copied(rule("ours")), "pass", "own class", id="within the account"),
        pytest.param(copied(rule("elsewhere", LOGS)), "pass", "shared", id="into the log archive"),
        pytest.param(copied(rule("nobody-s")), "fail", "unknown account", id="production to nobody's has failed"),
        pytest.param(copied(rule("elsewhere", STRANGER)), "fail", "in no organization", id="and to an account of no list"),
        pytest.param(copied(rule("nobody-s"), account=DEV), "unknown", "names no account", id="from dev it is unknown"),
        pytest.param(copied(rule("elsewhere", PROD), account=DEV), "fail", "(prod)", id="from dev to production"),
        pytest.param(copied(rule("nobody-s"), rule("theirs"), account=PROD), "fail", "theirs", id="each rule counts"),
        pytest.param(copied(answer=DENIED), "unknown", "grant", id="rules that may not be seen"),
    ],
)
def test_replication(subject: Given, outcome: str, because: str) -> None:
    found = verdict("aws.s3.cross_env_replication", subject, THEIRS, *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_bucket_of_nobodys_is_unknown_while_buckets_are_unseen() -> None:
    """It may be one of ours; a rule that is certain still fails."""
    for rules, outcome in (([rule("nobody-s")], "unknown"), ([rule("nobody-s"), rule("elsewhere", DEV)], "fail")):
        found = verdict("aws.s3.cross_env_replication", copied(*rules), *estate(), gaps={Bucket: DENIED})
        assert found.outcome == outcome, found.reason

"""What joins environments through keys, on raw answers."""

import json
from typing import Any

import pytest

from controlmon.facts.aws.kms import Key
from tests.checks.aws.company import DEV, LOGS, PROD, STRANGER, at, estate
from tests.support import ACCOUNT, DENIED, verdict


def policy(principal: Any, **condition: Any) -> dict[str, str]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*", "Condition": condition}
    return {"Policy": json.dumps({"Statement": [statement]})}


OWN = policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


def grants(*grantees: str) -> dict[str, Any]:
    return {"Grants": [{"GranteePrincipal": g} for g in grantees]}


@pytest.mark.parametrize(
    ("account", "said", "granted", "outcome", "because"),
    [
        pytest.param(ACCOUNT, OWN, grants(), "pass", "nobody", id="our own account"),
        pytest.param(ACCOUNT, policy({"AWS": PROD}), grants(), "pass", "nobody", id="another of production"),
        pytest.param(ACCOUNT, policy({"AWS": DEV}), grants(), "fail", "(dev)", id="dev, by the policy"),
        pytest.param(ACCOUNT, OWN, grants(f"arn:aws:iam::{DEV}:role/x"), "fail", "grant", id="dev, by a grant"),
        pytest.param(ACCOUNT, OWN, grants(f"arn:aws:iam::{LOGS}:role/backup"), "pass", "nobody", id="a shared account"),
        pytest.param(ACCOUNT, OWN, grants("rds.eu-west-1.amazonaws.com"), "pass", "nobody", id="a service"),
        pytest.param(
            ACCOUNT, policy("*", StringEquals={"kms:CallerAccount": [ACCOUNT, DEV]}), grants(), "fail", "(dev)", id="a list of callers"
        ),
        pytest.param(ACCOUNT, policy("*", StringEquals={"kms:CallerAccount": ACCOUNT}), grants(), "pass", "nobody", id="AWS's own pattern"),
        pytest.param(
            ACCOUNT, policy("*", StringEquals={"aws:PrincipalOrgID": "o-1"}), grants(), "fail", "PrincipalOrgID", id="the organization"
        ),
        pytest.param(
            ACCOUNT, policy("*", StringEquals={"kms:ViaService": "s3.x"}), grants(), "fail", "everybody", id="a service limits no account"
        ),
        pytest.param(ACCOUNT, policy({"AWS": STRANGER}), grants(), "unknown", "in no organization", id="an account of no list"),
        pytest.param(ACCOUNT, DENIED, grants(), "unknown", "grant", id="a policy that may not be seen"),
        pytest.param(ACCOUNT, OWN, DENIED, "unknown", "grant", id="grants that may not be seen"),
        pytest.param(ACCOUNT, policy({"AWS": DEV}), DENIED, "fail", "(dev)", id="are not needed for what is certain"),
        pytest.param(DEV, policy({"AWS": PROD}), grants(), "fail", "(prod)", id="the other direction"),
        pytest.param(LOGS, policy({"AWS": DEV}), grants(), "not_applicable", "shared", id="a key of a shared account"),
    ],
)
def test_sharing(account: str, said: Any, granted: Any, outcome: str, because: str) -> None:
    settings = {"KeyMetadata": {"KeyManager": "CUSTOMER", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}}
    found = verdict("aws.kms.cross_env_sharing", at(account, Key, "arn:k", settings=settings, policy=said, grants=granted), *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_key_of_aws_cannot_be_shared() -> None:
    """Its policy is AWS's."""
    settings = {"KeyMetadata": {"KeyManager": "AWS", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}}
    found = verdict("aws.kms.cross_env_sharing", at(ACCOUNT, Key, "arn:k", settings=settings), *estate())
    assert found.outcome == "not_applicable"

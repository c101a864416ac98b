"""The checks of KMS on raw answers."""

import json
from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.kms import Key
from tests.support import ACCOUNT, DENIED, Given, verdict

OURS = {"Accounts": [{"Id": ACCOUNT}, {"Id": "222222222222"}]}
NO = not_asked("it cannot rotate")


def settings(**change: Any) -> dict[str, Any]:
    good = {
        "KeyManager": "CUSTOMER",
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
    }
    return {"KeyMetadata": {**good, **change}}


@pytest.mark.parametrize(
    ("key", "rotation", "parameters", "outcome"),
    [
        pytest.param(settings(), {"KeyRotationEnabled": True, "RotationPeriodInDays": 365}, {}, "pass", id="every year passes"),
        pytest.param(settings(), {"KeyRotationEnabled": True}, {}, "pass", id="an older answer names no period: it was a year"),
        pytest.param(settings(), {"KeyRotationEnabled": True, "RotationPeriodInDays": 366}, {}, "fail", id="a day longer fails"),
        pytest.param(settings(), {"KeyRotationEnabled": True, "RotationPeriodInDays": 90}, {"max_period_days": 60}, "fail", id="as tuned"),
        pytest.param(settings(), {"KeyRotationEnabled": False}, {}, "fail", id="off fails"),
        pytest.param(settings(KeyManager="AWS"), NO, {}, "not_applicable", id="a key that AWS manages"),
        pytest.param(settings(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"), NO, {}, "not_applicable", id="an asymmetric key"),
        pytest.param(settings(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"), NO, {}, "not_applicable", id="an HMAC key"),
        pytest.param(settings(Origin="EXTERNAL"), NO, {}, "not_applicable", id="imported material"),
        pytest.param(settings(Origin="AWS_CLOUDHSM"), NO, {}, "not_applicable", id="a custom key store"),
        pytest.param(settings(KeyState="PendingDeletion"), NO, {}, "not_applicable", id="a key that is not enabled"),
        pytest.param(settings(MultiRegionConfiguration={"MultiRegionKeyType": "REPLICA"}), NO, {}, "not_applicable", id="a replica"),
        pytest.param(
            settings(MultiRegionConfiguration={"MultiRegionKeyType": "PRIMARY"}),
            {"KeyRotationEnabled": False},
            {},
            "fail",
            id="its primary",
        ),
        pytest.param(DENIED, NO, {}, "unknown", id="a key that shuts us out"),
        pytest.param(settings(), DENIED, {}, "unknown", id="a rotation that may not be asked"),
        pytest.param(settings(), {}, {}, "unknown", id="an answer without its member"),
        pytest.param(settings(), {"KeyRotationEnabled": "false"}, {}, "unknown", id="a text is not a truth"),
    ],
)
def test_rotation(key: Any, rotation: Any, parameters: dict[str, Any], outcome: str) -> None:
    found = verdict("aws.kms.rotation", Given(Key, "arn:k", settings=key, rotation=rotation), **parameters)
    assert found.outcome == outcome, found.reason


def document(principal: Any, effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    statement = {
        "Effect": effect,
        "Principal": principal,
        "Action": "kms:*",
        "Resource": "*",
        **({"Condition": condition} if condition else {}),
    }
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}


def grants(*grantees: str) -> dict[str, Any]:
    return {"Grants": [{"GrantId": g, "GranteePrincipal": g} for g in grantees]}


STRANGER = "arn:aws:iam::999999999999:role/x"


@pytest.mark.parametrize(
    ("policy", "granted", "accounts", "parameters", "outcome", "because"),
    [
        pytest.param(document({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), grants(), DENIED, {}, "pass", "nobody", id="our own account"),
        pytest.param(document("*"), grants(), OURS, {}, "fail", "everybody", id="everybody"),
        pytest.param(
            document("*", StringEquals={"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}),
            grants(), DENIED, {}, "pass", "nobody", id="AWS's own pattern",
        ),
        pytest.param(document("*", StringEquals={"kms:CallerAccount": "999999999999"}), grants(), OURS, {}, "fail", "999", id="limited to a stranger"),
        pytest.param(document("*", StringLike={"kms:ViaService": "*"}), grants(), OURS, {}, "fail", "everybody", id="a limit to anything"),
        pytest.param(document("*", **{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o"}}), grants(), OURS, {}, "fail", "everybody", id="true of no key"),
        pytest.param(document({"AWS": STRANGER}), grants(), OURS, {}, "fail", "999999999999", id="a stranger"),
        pytest.param(document({"AWS": STRANGER}), grants(), OURS, {"known_accounts": ["999999999999"]}, "pass", "nobody", id="who is known"),
        pytest.param(document({"AWS": "222222222222"}), grants(), OURS, {}, "pass", "222222222222", id="an account of the organization"),
        pytest.param(document({"AWS": "222222222222"}), grants(), DENIED, {}, "unknown", "grant", id="which cannot be known"),
        pytest.param(document("*", effect="Deny"), grants(), DENIED, {}, "pass", "nobody", id="a denial"),
        pytest.param(document({"AWS": ACCOUNT}), grants(STRANGER), OURS, {}, "fail", "999999999999", id="a grant, past the policy"),
        pytest.param(document({"AWS": ACCOUNT}), grants("rds.eu-west-1.amazonaws.com"), DENIED, {}, "pass", "nobody", id="a grant to a service"),
        pytest.param(document("*"), DENIED, OURS, {}, "fail", "everybody", id="what is certain needs no grants"),
        pytest.param(document({"AWS": ACCOUNT}), DENIED, OURS, {}, "unknown", "grant", id="grants that may not be seen"),
        pytest.param(DENIED, grants(), OURS, {}, "unknown", "grant", id="a policy that may not be seen"),
        pytest.param({"Policy": "<html>"}, grants(), OURS, {}, "unknown", "shape", id="a page where a policy should be"),
        pytest.param(document({"AWS": ACCOUNT}), grants(), absent("AWSOrganizationsNotInUseException"), {}, "pass", "nobody", id="no organization"),
    ],
)  # fmt: skip
def test_key_policy_public(policy: Any, granted: Any, accounts: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    key, account = Given(Key, "arn:k", policy=policy, grants=granted), Given(Account, ACCOUNT, organization_accounts=accounts)
    found = verdict("aws.kms.key_policy_public", key, account, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

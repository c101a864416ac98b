"""Trust across environments, on raw answers: named, by condition, by CI, in both directions, and what cannot be told."""

from typing import Any

import pytest

from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import Role
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, PROD, STAGING, STRANGER, UNTOLD, account, at, estate, tree
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.iam.cross_env_role_trust"
ORG = "aws:PrincipalOrgID"
PATHS = "aws:PrincipalOrgPaths"


def role(principal: Any, *, account: str = ACCOUNT, effect: str = "Allow", path: str = "/", more: Any = (), **condition: Any) -> Given:
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    raw = {"Path": path, "AssumeRolePolicyDocument": {"Statement": [statement, *more]}}
    return at(account, Role, f"arn:aws:iam::{account}:role/r", trust=raw)


def github(account: str, subject: str, operator: str = "StringLike") -> Given:
    name = "token.actions.githubusercontent.com"
    principal = {"Federated": f"arn:aws:iam::{account}:oidc-provider/{name}"}
    condition = {operator: {f"{name}:sub": subject}, "StringEquals": {f"{name}:aud": "sts.amazonaws.com"}}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}
    raw = {"Path": "/", "AssumeRolePolicyDocument": {"Statement": statement}}
    return at(account, Role, f"arn:aws:iam::{account}:role/ci", trust=raw)


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


KEEP_OUT = {"Effect": "Deny", "Principal": "*", "Action": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": PROD}}}


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(role({"Service": "ec2.amazonaws.com"}), {}, "pass", "nobody", id="a service"),
        pytest.param(role(root(ACCOUNT)), {}, "pass", "nobody", id="its own account"),
        pytest.param(role(root(PROD)), {}, "pass", "nobody", id="another of its class"),
        pytest.param(role(root(DEV)), {}, "fail", "(dev)", id="the root of dev lets any of dev in"),
        pytest.param(role({"AWS": DEV}), {}, "fail", "(dev)", id="written as an id"),
        pytest.param(role({"AWS": f"arn:aws:sts::{STAGING}:assumed-role/x/y"}), {}, "fail", "(staging)", id="staging is not production"),
        pytest.param(role(root(DEV), path="/aws-service-role/x/"), {}, "not_applicable", "AWS service", id="a role of a service"),
        pytest.param(role(root(DEV), effect="Deny"), {}, "pass", "nobody", id="a denial lets nobody in"),
        pytest.param(role("*", StringEquals={ORG: "o-1"}), {}, "fail", "(dev)", id="the whole organization, dev included"),
        pytest.param(role("*", StringEquals={ORG: "o-9"}), {}, "unknown", "o-9", id="an organization that is not ours"),
        pytest.param(role("*", **{"ForAnyValue:StringLike": {PATHS: "o-1/r-1/ou-w/ou-p/*"}}), {}, "pass", "nobody", id="a path of production"),
        pytest.param(role("*", **{"ForAnyValue:StringLike": {PATHS: "o-1/r-1/ou-w/*"}}), {}, "fail", "(dev)", id="a path above both"),
        pytest.param(role("*"), {}, "fail", "everybody", id="everybody"),
        pytest.param(role({"AWS": [DEV, PROD]}, StringEquals={"aws:PrincipalAccount": PROD}), {}, "pass", "nobody", id="named, and limited away"),
        pytest.param(role("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}), {}, "fail", "everybody", id="an ARN of any account"),
        pytest.param(role(root(DEV), more=[KEEP_OUT]), {}, "unknown", "not weighed", id="a denial that may keep them out"),
        pytest.param(role(root(DEV), account=DEV), {}, "pass", "nobody", id="dev to dev"),
        pytest.param(role(root(PROD), account=DEV), {}, "fail", "(prod)", id="the other direction leaks"),
        pytest.param(role(root(LOGS)), {}, "fail", "(shared)", id="a shared account has to be declared"),
        pytest.param(role(root(LOGS)), {"allowed_trusts": ["shared -> prod"]}, "pass", "nobody", id="by class"),
        pytest.param(role(root(LOGS)), {"allowed_trusts": [f"{LOGS}->{ACCOUNT}"]}, "pass", "nobody", id="or by account"),
        pytest.param(role(root(LOGS)), {"allowed_trusts": ["prod->shared"]}, "fail", "(shared)", id="a pair has a direction"),
        pytest.param(role(root(STRANGER)), {}, "unknown", "in no organization", id="an account of no list"),
        pytest.param(role(root(STRANGER)), {"environment_map": {STRANGER: "shared"}, "allowed_trusts": ["shared->prod"]}, "pass", "nobody", id="until it is declared"),
        pytest.param(role(root(UNTOLD)), {}, "unknown", "nothing says", id="an account of no environment"),
        pytest.param(role({"AWS": "AROAEXAMPLEEXAMPLE"}), {}, "pass", "nobody", id="what a deleted principal leaves"),
        pytest.param(at(ACCOUNT, Role, "r", trust=DENIED), {}, "unknown", "grant", id="roles that may not be seen"),
    ],
)  # fmt: skip
def test_trust(subject: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, *estate(), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("mine", "theirs", "outcome", "because"),
    [
        pytest.param(github(ACCOUNT, "repo:acme/shop:environment:prod"), github(DEV, "repo:acme/shop:environment:dev"), "pass", "nobody", id="apart"),
        pytest.param(github(ACCOUNT, "repo:acme/shop:*"), github(DEV, "repo:acme/shop:environment:dev"), "fail", "role/ci", id="one runner for both"),
        pytest.param(github(ACCOUNT, "repo:acme/shop:*"), github(PROD, "repo:acme/shop:*"), "pass", "nobody", id="both of production"),
        pytest.param(github(ACCOUNT, "repo:acme/shop:*"), at(DEV, Role, "x", trust=DENIED), "unknown", "grant", id="roles that may not be seen"),
        pytest.param(role(root(PROD)), at(DEV, Role, "x", trust=DENIED), "pass", "nobody", id="which matter for CI only"),
    ],
)  # fmt: skip
def test_ci(mine: Given, theirs: Given, outcome: str, because: str) -> None:
    found = verdict(CHECK, mine, theirs, *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_an_organization_that_was_not_listed_leaves_others_unknown() -> None:
    """What is declared needs no list; what is named beside it and not declared is not guessed."""
    subject = role({"AWS": [DEV, PROD]})
    found = verdict(CHECK, subject, *estate(DENIED))
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)
    found = verdict(CHECK, subject, *estate(DENIED), environment_map={ACCOUNT: "prod", DEV: "dev"})
    assert (found.outcome, "(dev)" in found.reason) == ("fail", True)


def test_an_organization_listed_by_a_delegated_administrator_is_enough() -> None:
    """Who listed it does not matter; that its members may not does not either."""
    accounts = (account(MANAGEMENT), account(LOGS, listed=tree()), account())
    assert verdict(CHECK, role(root(DEV)), *accounts).outcome == "fail"
    assert verdict(CHECK, role(root(PROD)), *accounts).outcome == "pass"


def test_accounts_that_were_not_all_seen_leave_a_stranger_unknown() -> None:
    """A login that failed may hide the organization of the one that is named."""
    found = verdict(CHECK, role(root(STRANGER)), *estate(), gaps={Account: DENIED})
    assert found.outcome == "unknown"

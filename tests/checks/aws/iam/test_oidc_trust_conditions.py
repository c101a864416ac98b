"""aws.iam.oidc_trust_conditions on raw answers of IAM."""

from typing import Any

import pytest

from controlmon.facts.aws.iam import Role
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.iam.oidc_trust_conditions"
GITHUB, EKS = "token.actions.githubusercontent.com", "oidc.eks.eu-west-1.amazonaws.com/id/1"
NOT_PROD = {"production_roles": ["prod-*"]}


def trust(
    *conditions: dict[str, Any], provider: str = GITHUB, action: Any = "sts:AssumeRoleWithWebIdentity", **more: Any
) -> dict[str, Any]:
    principal = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}" if "/" in provider or "." in provider else provider}
    statements = [{"Effect": "Allow", "Principal": principal, "Action": action, "Condition": one} | more for one in conditions]
    return {"Path": "/", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}


def limits(sub: Any = None, aud: Any = "sts.amazonaws.com", provider: str = GITHUB, operator: str = "StringLike") -> dict[str, Any]:
    found: dict[str, Any] = {"StringEquals": {f"{provider}:aud": aud}} if aud else {}
    if sub is not None:
        found.setdefault(operator, {})[f"{provider}:sub"] = sub
    return found


PROD = "repo:org/app:environment:production"


@pytest.mark.parametrize(
    ("answer", "parameters", "outcome", "because"),
    [
        pytest.param(trust(limits(PROD)), {}, "pass", PROD, id="repository and environment"),
        pytest.param(trust(limits([PROD, "repo:org/app:ref:refs/heads/main"])), {}, "pass", PROD, id="or a protected ref"),
        pytest.param(trust(limits("repo:org/app:ref:refs/heads/release")), {}, "fail", "protected", id="but not another"),
        pytest.param(
            trust(limits("repo:org/app:ref:refs/heads/release")), {"protected_refs": ["refs/heads/release"]}, "pass", "app", id="or is it"
        ),
        pytest.param(trust(limits("repo:org/app:pull_request")), {}, "fail", "neither", id="a pull request"),
        pytest.param(trust(limits("repo:org/app:*")), {}, "fail", "neither", id="any branch"),
        pytest.param(trust(limits("repo:org/app:environment:*")), {}, "fail", "neither", id="any environment"),
        pytest.param(trust(limits("repo:org/app:*")), NOT_PROD, "pass", "app", id="which does outside of production"),
        pytest.param(trust(limits("repo:org/*")), NOT_PROD, "fail", "any repository", id="any repository does nowhere"),
        pytest.param(trust(limits("repo:*/app:*")), NOT_PROD, "fail", "another organization", id="nor any organization"),
        pytest.param(trust(limits("repo*")), NOT_PROD, "fail", "any repository", id="nor anything"),
        pytest.param(trust(limits("*")), NOT_PROD, "fail", "subject (sub)", id="nor everything"),
        pytest.param(trust(limits()), {}, "fail", "subject (sub)", id="no subject"),
        pytest.param(trust(limits(PROD, aud=None)), {}, "fail", "audience (aud)", id="no audience"),
        pytest.param(trust(limits(PROD)), {"allowed_github_orgs": ["Org"]}, "pass", PROD, id="our organization, in whatever case"),
        pytest.param(trust(limits(PROD)), {"allowed_github_orgs": ["other"]}, "fail", "another organization", id="not ours"),
        pytest.param(trust(limits(PROD, operator="ForAllValues:StringEquals")), {}, "fail", "(sub)", id="true of no claim"),
        pytest.param(trust(limits(PROD, operator="StringEqualsIfExists")), {}, "fail", "(sub)", id="or of one that is missing"),
        pytest.param(trust(limits(PROD, operator="StringNotLike")), {}, "fail", "(sub)", id="all but one"),
        pytest.param(trust(limits(PROD, operator="ForAnyValue:StringLike")), {}, "pass", PROD, id="any value of one"),
        pytest.param(trust(limits("repo:org/*", operator="StringEquals")), {}, "fail", "neither", id="a star that is no wildcard"),
        pytest.param(
            trust(limits("repo:org/*") | {"StringEquals": {f"{GITHUB}:sub": PROD, f"{GITHUB}:aud": "a"}}), {}, "pass", PROD, id="the narrower"
        ),
        pytest.param(trust(limits([PROD, "repo:org/*"])), {}, "fail", "any repository", id="one of several is enough to fail"),
        pytest.param(trust(limits("repository_owner_id:1:x")), {}, "unknown", "template", id="another layout"),
        pytest.param(trust(limits(PROD), limits("repo:org/*")), {}, "fail", "any repository", id="in a second statement"),
        pytest.param(trust(limits("system:serviceaccount:app:api", provider=EKS), provider=EKS), {}, "pass", "app:api", id="EKS"),
        pytest.param(trust(limits("system:serviceaccount:*:api", provider=EKS), provider=EKS), {}, "fail", "namespace", id="any namespace"),
        pytest.param(trust(limits("system:serviceaccount:*", provider=EKS), provider=EKS), {}, "fail", "namespace", id="or no end"),
        pytest.param(
            trust(limits("system:serviceaccount:*:api", provider=EKS), provider=EKS), NOT_PROD, "pass", "api", id="out of production"
        ),
        pytest.param(
            trust(limits("sc://org/app/prod", provider="vstoken.dev.azure.com/1"), provider="vstoken.dev.azure.com/1"),
            {}, "pass", "sc://org", id="Azure DevOps",
        ),
        pytest.param(
            trust(limits("sc://org/*", provider="vstoken.dev.azure.com/1"), provider="vstoken.dev.azure.com/1"),
            {}, "fail", "more than one", id="any connection of Azure DevOps",
        ),
        pytest.param(trust({}, Principal={"Federated": "cognito-identity.amazonaws.com"}), {}, "fail", "(aud)", id="any pool of Cognito"),
        pytest.param(
            trust(
                {"StringEquals": {"cognito-identity.amazonaws.com:aud": "eu-west-1:1"}},
                Principal={"Federated": "cognito-identity.amazonaws.com"},
            ),
            {}, "pass", "eu-west-1:1", id="one pool of Cognito",
        ),
        pytest.param(trust({}, Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}), {}, "not_applicable", "no", id="SAML"),
        pytest.param(trust({}, Principal={"AWS": ACCOUNT}, Action="sts:AssumeRole"), {}, "not_applicable", "no", id="an account"),
        pytest.param(trust({}, Effect="Deny"), {}, "not_applicable", "no", id="a denial"),
        pytest.param(trust({}, action="sts:AssumeRole"), {}, "not_applicable", "no", id="an action that takes no token"),
        pytest.param(trust({}, action="sts:*"), {}, "fail", "(aud)", id="any action"),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied role"),
        pytest.param({"Path": "/"}, {}, "unknown", "AssumeRolePolicyDocument", id="a role without a policy"),
    ],
)  # fmt: skip
def test_role(answer: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Role, "arn:r", name="deploy", trust=answer), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_roles_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Role: DENIED}))] == ["unknown"]

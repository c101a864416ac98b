"""aws.kms.personnel_decrypt on raw answers of KMS and IAM."""

import json
from typing import Any

import pytest

from controlmon.core.finding import Finding
from controlmon.facts.aws.iam import Group, Policy, Role, User
from controlmon.facts.aws.kms import Key
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.kms.personnel_decrypt"
ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ROOT, ADA = f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::{ACCOUNT}:user/ada"
EMPTY = {"empty": (User, Role, Group, Policy)}


def statement(action: Any = "kms:*", effect: str = "Allow", resource: Any = "*", principal: Any = None, **condition: Any) -> dict[str, Any]:
    raw = {"Effect": effect, "Action": action, "Resource": resource}
    return raw | ({"Principal": principal} if principal else {}) | ({"Condition": condition} if condition else {})


def key(*statements: dict[str, Any], tags: Any = None, grants: Any = None) -> Given:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements or [statement(principal={"AWS": ROOT})]})
    tagged = {"Tags": [{"TagKey": "data-class", "TagValue": "customer"}]} if tags is None else tags
    return Given(Key, ARN, tags=tagged, policy={"Policy": document}, grants={"Grants": grants or []} if grants is not DENIED else DENIED)


def details(*statements: dict[str, Any], groups: tuple[str, ...] = (), managed: tuple[str, ...] = (), kind: str = "User") -> dict[str, Any]:
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}] if statements else []
    attached = [{"PolicyArn": arn, "PolicyName": arn} for arn in managed]
    return {"Path": "/", f"{kind}PolicyList": policies, "AttachedManagedPolicies": attached, "GroupList": list(groups)}


def user(*statements: dict[str, Any], **more: Any) -> Given:
    return Given(User, ADA, name="ada", grants=details(*statements, **more))


def role(principal: Any, *statements: dict[str, Any], name: str = "app", path: str = "/") -> Given:
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    told = {"Path": path, "AssumeRolePolicyDocument": trust}
    return Given(Role, arn, name=name, grants=details(*statements, kind="Role"), trust=told)


def judged(subject: Given, *others: Given, **more: Any) -> Finding:
    return verdict(CHECK, subject, *others, **{**EMPTY, **more})


READ = statement("kms:Decrypt")
DENY_SSO = statement("kms:Decrypt", "Deny", principal="*", ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/*"})
ALL_KMS = statement(principal={"AWS": ROOT})
SPARE = statement("kms:*", "Deny", principal="*", ArnNotLike={"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/breakglass"})


@pytest.mark.parametrize(
    ("subject", "others", "more", "outcome", "because"),
    [
        pytest.param(key(), [user()], {}, "pass", "no principal", id="a user without rights"),
        pytest.param(key(), [user(READ)], {}, "fail", "ada is a person's, and has kms:decrypt by its own", id="with a right of its own"),
        pytest.param(key(), [user(statement("*"))], {}, "fail", "its own", id="with all rights"),
        pytest.param(key(), [user(statement("kms:PutKeyPolicy"))], {}, "fail", "putkeypolicy", id="with the right to take it"),
        pytest.param(key(), [user(statement("kms:CreateGrant"))], {}, "fail", "creategrant", id="or to grant it"),
        pytest.param(key(), [user(statement("kms:Encrypt"))], {}, "pass", "no", id="with the right to write"),
        pytest.param(key(), [user(statement("kms:Decrypt", resource="arn:aws:kms:*:*:key/2"))], {}, "pass", "no", id="to another key"),
        pytest.param(key(statement(principal={"AWS": ADA})), [user()], {}, "fail", "the key policy", id="named by the key"),
        pytest.param(key(statement(principal={"AWS": "arn:aws:iam::1:role/x"})), [user(READ)], {}, "pass", "no", id="the key names others"),
        pytest.param(key(statement(principal="*")), [user()], {}, "fail", "the key policy", id="or everybody"),
        pytest.param(
            key(statement(principal="*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/*"})), [user()], {}, "pass", "no", id="but roles"
        ),
        pytest.param(
            key(), [user(statement("kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"}))], {}, "pass", "no",
            id="by way of a service only",
        ),
        pytest.param(key(ALL_KMS, DENY_SSO), [user(READ)], {}, "pass", "no", id="denied by the key"),
        pytest.param(key(ALL_KMS, DENY_SSO), [user(READ, statement("kms:PutKeyPolicy"))], {}, "fail", "putkey", id="but not to change it"),
        pytest.param(key(ALL_KMS, SPARE), [user(statement())], {}, "pass", "no", id="denied to all but break-glass"),
        pytest.param(key(), [user(READ, statement("kms:*", "Deny"))], {}, "pass", "no", id="denied by its own"),
        pytest.param(
            key(), [user(READ, statement("kms:*", "Deny", Bool={"aws:MultiFactorAuthPresent": "false"}))], {}, "unknown", "may take that",
            id="denied at times",
        ),
        pytest.param(key(), [user(READ)], {"break_glass": ["ad*"]}, "pass", "break-glass", id="declared as break-glass"),
        pytest.param(key(grants=[{"GranteePrincipal": ADA, "Operations": ["Decrypt"]}]), [user()], {}, "fail", "a grant", id="by a grant"),
        pytest.param(key(grants=[{"GranteePrincipal": ADA, "Operations": ["Encrypt"]}]), [user()], {}, "pass", "no", id="to write"),
        pytest.param(key(), [role({"Service": "ec2.amazonaws.com"}, READ)], {}, "pass", "no", id="a machine's role"),
        pytest.param(key(), [role({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ci"}, READ)], {}, "pass", "no", id="a role of a role"),
        pytest.param(key(), [role({"AWS": ROOT}, READ)], {}, "fail", "app is", id="a role of the account"),
        pytest.param(key(), [role({"AWS": ROOT}, READ)], {"workload_roles": ["app"]}, "pass", "no", id="declared a workload's"),
        pytest.param(key(), [role({"AWS": ADA}, READ)], {}, "fail", "app is", id="a role of a user"),
        pytest.param(key(), [role({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}, READ)], {}, "fail", "app is", id="of SAML"),
        pytest.param(
            key(), [role({"Service": "x"}, READ, name="AWSReservedSSO_Dev_1")], {}, "fail", "AWSReservedSSO", id="of Identity Center"
        ),
        pytest.param(key(), [role({"AWS": ROOT}, READ, path="/aws-service-role/x/")], {}, "pass", "no", id="a service's own"),
        pytest.param(
            key(), [user(groups=("g",)), Given(Group, "arn:g", name="g", grants=details(READ, kind="Group"))], {}, "fail", "ada", id="a group"
        ),
        pytest.param(key(), [user(groups=("lost",))], {}, "unknown", "was not in the answer", id="a group that was not seen"),
        pytest.param(
            key(),
            [user(managed=("arn:p",)), Given(Policy, "arn:p", document={"PolicyVersionList": [{"IsDefaultVersion": True, "Document": {"Statement": [READ]}}]})],
            {}, "fail", "ada", id="a managed policy",
        ),
        pytest.param(key(), [user(managed=("arn:lost",))], {}, "unknown", "arn:lost", id="a policy that was not seen"),
        pytest.param(key(tags={"Tags": []}), [user(READ)], {}, "not_applicable", "missing", id="a key for something else"),
        pytest.param(
            key(tags={"Tags": [{"TagKey": "use", "TagValue": "x"}]}), [user(READ)], {"key_selector": {"tag": "use", "values": ["x"]}},
            "fail", "ada", id="or tagged otherwise",
        ),
        pytest.param(key(tags=DENIED), [user(READ)], {}, "unknown", "grant svc:Permission", id="denied tags"),
        pytest.param(key(grants=DENIED), [user()], {}, "unknown", "grant", id="denied grants"),
        pytest.param(key(), [], {"gaps": {User: DENIED}}, "unknown", "grant", id="denied users"),
        pytest.param(key(), [], {"gaps": {Role: DENIED}}, "unknown", "grant", id="denied roles"),
        pytest.param(key(), [user()], {"gaps": {Policy: DENIED}}, "unknown", "grant", id="denied policies"),
        pytest.param(key(), [Given(User, ADA, grants=DENIED)], {}, "unknown", "grant", id="a denied user"),
    ],
)  # fmt: skip
def test_key(subject: Given, others: list[Given], more: Any, outcome: str, because: str) -> None:
    found = judged(subject, *others, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

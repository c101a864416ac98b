"""The checks of IAM on raw answers: each edge case of their specification, and what a naive reading gets wrong."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from controlmon.core.fact import Gap, absent, not_asked
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.iam import AccessKey, Group, Policy, Role, User
from tests.support import ACCOUNT, DENIED, Given, verdict

GENERATED = "2026-11-23T10:00:00Z"
STANDING = {"Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:role/x", "UserId": "A"}


def summary(mfa: Any = 1, keys: int = 0, certificates: int = 0, **more: int) -> dict[str, Any]:
    return {
        "SummaryMap": {
            "AccountMFAEnabled": mfa,
            "AccountAccessKeysPresent": keys,
            "AccountSigningCertificatesPresent": certificates,
            **more,
        }
    }


def virtual(arn: str | None) -> dict[str, Any]:
    return {"VirtualMFADevices": [{"SerialNumber": "x", **({"User": {"Arn": arn}} if arn else {})}]}


@pytest.mark.parametrize(
    ("answers", "parameters", "outcome", "because"),
    [
        pytest.param({"summary": summary()}, {}, "pass", "has MFA", id="MFA passes"),
        pytest.param({"summary": summary(0, AccountPasswordPresent=0)}, {}, "pass", "neither", id="a member without root credentials passes"),
        pytest.param({"summary": summary(0, AccountPasswordPresent=1)}, {}, "fail", "has a password", id="a password alone fails"),
        pytest.param({"summary": summary(0, keys=1, AccountPasswordPresent=0)}, {}, "fail", "access keys", id="a key alone fails"),
        pytest.param({"summary": summary(0)}, {}, "unknown", "does not say", id="without the member that decides it is unknown"),
        pytest.param({"summary": summary("1")}, {}, "unknown", "shape", id="a count that is text is no count"),
        pytest.param({"summary": DENIED}, {}, "unknown", "grant", id="denied is unknown"),
        pytest.param(
            {"summary": summary(), "root_virtual_mfa": virtual(f"arn:aws:iam::{ACCOUNT}:root")},
            {"require_hardware": True}, "fail", "virtual", id="a virtual device is told by its user, not by its serial number",
        ),
        pytest.param(
            {"summary": summary(), "root_virtual_mfa": virtual(f"arn:aws:iam::{ACCOUNT}:user/root")},
            {"require_hardware": True}, "pass", "not by a virtual", id="a user called root is not root",
        ),
        pytest.param({"summary": summary(), "root_virtual_mfa": virtual(None)}, {"require_hardware": True}, "pass", "not by", id="one of nobody's"),
        pytest.param({"summary": summary(), "root_virtual_mfa": DENIED}, {"require_hardware": True}, "unknown", "grant", id="a list that is denied"),
        pytest.param({"summary": summary(), "root_virtual_mfa": DENIED}, {}, "pass", "has MFA", id="is not read unless it is asked for"),
        pytest.param(
            {"standing": {"Account": {"Id": ACCOUNT, "Status": "SUSPENDED"}}, "summary": DENIED},
            {}, "not_applicable", "SUSPENDED", id="a suspended account is proved to be so by its organization",
        ),
        pytest.param(
            {"standing": {"Account": {"Id": ACCOUNT, "Status": "ACTIVE"}}, "summary": DENIED},
            {}, "unknown", "grant", id="an active one that refuses us is unknown",
        ),
    ],
)  # fmt: skip
def test_root_mfa(answers: dict[str, Any], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("aws.iam.root_mfa", Given(Account, ACCOUNT, **{"standing": STANDING, **answers}), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        (summary(), "pass", "neither"), (summary(keys=1), "fail", "access keys"), (summary(keys=2), "fail", "access keys"),
        (summary(certificates=1), "fail", "signing certificates"), (summary(1, 1, 1), "fail", "access keys and signing certificates"),
        (DENIED, "unknown", "grant"), ({"SummaryMap": {}}, "unknown", "shape"),
    ],
)  # fmt: skip
def test_root_access_keys(answer: Any, outcome: str, because: str) -> None:
    """Keys that are inactive are counted by IAM too; certificates are keys by another name."""
    found = verdict("aws.iam.root_access_keys", Given(Account, ACCOUNT, summary=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def row(**change: str) -> dict[str, str]:
    """A row of the credential report, as AWS writes it."""
    good = {
        "user": "jane", "arn": f"arn:aws:iam::{ACCOUNT}:user/jane", "user_creation_time": "2020-01-01T00:00:00+00:00", "password_enabled": "false",
        "password_last_used": "N/A", "password_last_changed": "N/A", "mfa_active": "false", "access_key_1_active": "false",
        "access_key_1_last_rotated": "N/A", "access_key_1_last_used_date": "N/A", "access_key_2_active": "false",
        "access_key_2_last_rotated": "N/A", "access_key_2_last_used_date": "N/A", "generated": GENERATED,
    }  # fmt: skip
    return {**good, **change}


SETTLED = not_asked("the report settles it")
PASSWORD = {"password_enabled": "true", "password_last_changed": "2026-11-01T00:00:00+00:00"}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        pytest.param({"credentials": row()}, "not_applicable", id="without a password there is no question"),
        pytest.param({"credentials": row(**PASSWORD, mfa_active="true")}, "pass", id="MFA in the report passes"),
        pytest.param(
            {"credentials": row(**PASSWORD), "mfa_devices": {"MFADevices": []}, "login_profile": {"LoginProfile": {"UserName": "jane"}}},
            "fail", id="a password without MFA fails, after a second look",
        ),
        pytest.param(
            {"credentials": row(**PASSWORD), "mfa_devices": {"MFADevices": [{"SerialNumber": "fido"}]}, "login_profile": DENIED},
            "pass", id="a security key registered since, or one that only this list shows",
        ),
        pytest.param(
            {"credentials": row(**PASSWORD), "mfa_devices": {"MFADevices": []}, "login_profile": absent("NoSuchEntity")},
            "not_applicable", id="a password removed since",
        ),
        pytest.param({"credentials": row(**PASSWORD), "mfa_devices": DENIED}, "unknown", id="a second look that is denied"),
        pytest.param(
            {"credentials": row(**PASSWORD), "mfa_devices": {"MFADevices": []}, "login_profile": DENIED}, "unknown", id="or only half of it"
        ),
        pytest.param({"credentials": DENIED}, "unknown", id="a report that is denied"),
        pytest.param({"credentials": row(password_enabled="maybe")}, "unknown", id="a report that says something else"),
        pytest.param({"credentials": row(password_enabled="not_supported")}, "not_applicable", id="not supported is not enabled"),
    ],
)  # fmt: skip
def test_console_user_mfa(answers: dict[str, Any], outcome: str) -> None:
    given = {"mfa_devices": SETTLED, "login_profile": SETTLED, **answers}
    found = verdict("aws.iam.console_user_mfa", Given(User, "arn:jane", **given))
    assert found.outcome == outcome, found.reason


@pytest.mark.parametrize(
    ("created", "status", "parameters", "outcome"),
    [
        ("2026-11-01T00:00:00Z", "Active", {}, "pass"), ("2026-08-25T12:00:00Z", "Active", {}, "pass"),
        ("2026-08-24T11:00:00Z", "Active", {}, "fail"), ("2020-01-01T00:00:00Z", "Inactive", {}, "not_applicable"),
        ("2026-11-01T00:00:00Z", "Active", {"max_age_days": 7}, "fail"), ("2026-11-24T00:00:00Z", "Active", {}, "pass"),
        (None, "Active", {}, "unknown"),
    ],
)  # fmt: skip
def test_access_key_age(created: str | None, status: str, parameters: dict[str, Any], outcome: str) -> None:
    """90 days are allowed and 91 are not; an inactive key is not in question, nor does it pass; a clock ahead of ours is no failure."""
    raw = {"UserName": "jane", "AccessKeyId": "AKIA", "Status": status, "CreateDate": created}
    found = verdict("aws.iam.access_key_age", Given(AccessKey, "arn:key", settings=raw), **parameters)
    assert found.outcome == outcome, found.reason


@pytest.mark.parametrize(
    ("change", "outcome", "because"),
    [
        ({}, "not_applicable", "enabled"),
        ({**PASSWORD, "password_last_used": "2026-11-20T00:00:00+00:00"}, "pass", "1 credentials"),
        ({**PASSWORD, "password_last_changed": "2020-01-01T00:00:00+00:00", "password_last_used": "no_information"}, "fail", "the password"),
        ({**PASSWORD, "password_last_used": "N/A"}, "pass", "not older"),
        ({"access_key_1_active": "true", "access_key_1_last_rotated": "2026-11-22T00:00:00+00:00"}, "pass", "not older"),
        ({"access_key_2_active": "true", "access_key_2_last_rotated": "2025-01-01T00:00:00+00:00"}, "fail", "access key 2"),
        ({"access_key_1_active": "false", "access_key_1_last_rotated": "2019-01-01T00:00:00+00:00"}, "not_applicable", "enabled"),
        (
            {"access_key_1_active": "true", "access_key_1_last_rotated": "2019-01-01T00:00:00+00:00",
             "access_key_1_last_used_date": "2026-11-01T00:00:00+00:00"},
            "pass", "1 credentials",
        ),
        ({"access_key_1_active": "true", "access_key_1_last_used_date": "yesterday"}, "unknown", "shape"),
    ],
)  # fmt: skip
def test_credentials_unused(change: dict[str, str], outcome: str, because: str) -> None:
    """Never used counts from when it was made; what is not enabled does not count at all."""
    found = verdict("aws.iam.credentials_unused", Given(User, "arn:jane", credentials=row(**change)))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("policy", "users", "gap", "outcome"),
    [
        ({"PasswordPolicy": {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}}, [PASSWORD], None, "pass"),
        ({"PasswordPolicy": {"MinimumPasswordLength": 13, "PasswordReusePrevention": 24}}, [PASSWORD], None, "fail"),
        ({"PasswordPolicy": {"MinimumPasswordLength": 14}}, [{}, PASSWORD], None, "fail"),
        (absent("NoSuchEntity"), [PASSWORD], None, "fail"),
        (absent("NoSuchEntity"), [{}], None, "not_applicable"),
        (absent("NoSuchEntity"), [{}], DENIED, "unknown"),
        (absent("NoSuchEntity"), [PASSWORD], DENIED, "fail"),
        (DENIED, [PASSWORD], None, "unknown"),
    ],
)
def test_password_policy(policy: Any, users: list[dict[str, str]], gap: Gap | None, outcome: str) -> None:
    """None set is AWS's default; nobody to set passwords is proved by a whole list, and one person is enough for the contrary."""
    people = [Given(User, f"arn:{i}", credentials=row(**change)) for i, change in enumerate(users)]
    account = Given(Account, ACCOUNT, password_policy=policy)
    found = verdict("aws.iam.password_policy", account, *people, gaps={User: gap} if gap else None)
    assert found.outcome == outcome, found.reason


def allow(*actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}]}


def user(*documents: Any, managed: tuple[str, ...] = (), groups: tuple[str, ...] = (), boundary: str | None = None) -> Given:
    raw = {
        "Path": "/", "GroupList": list(groups), "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": d} for d in documents],
        "AttachedManagedPolicies": [{"PolicyName": m, "PolicyArn": m} for m in managed],
    }  # fmt: skip
    return Given(
        User, "arn:jane", name="jane", grants=raw | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {})
    )


def policy(arn: str, *documents: Any) -> Given:
    versions = [{"VersionId": f"v{i}", "IsDefaultVersion": i == 0, "Document": d} for i, d in enumerate(documents)]
    return Given(Policy, arn, document={"PolicyVersionList": versions})


ADMIN, READ = allow("*"), allow("s3:Get*")
GROUP = Given(
    Group,
    "arn:g",
    name="g",
    grants={"Path": "/", "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": ADMIN}], "AttachedManagedPolicies": []},
)
EVERY = [f"{s}:*" for s in ("s3 ec2 iam kms sts rds lambda organizations secretsmanager cloudtrail dynamodb logs").split()]


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(user(READ), [], {}, "pass", "nothing", id="reading is not everything"),
        pytest.param(user(ADMIN), [], {}, "fail", "every action", id="inline"),
        pytest.param(user(quote(json.dumps(ADMIN))), [], {}, "fail", "every action", id="a document that is URL-encoded"),
        pytest.param(user(allow("*:*")), [], {}, "fail", "every action", id="*:* is *"),
        pytest.param(user(managed=("arn:p",)), [policy("arn:p", ADMIN)], {}, "fail", "every action", id="attached"),
        pytest.param(user(managed=("arn:p",)), [policy("arn:p", READ, ADMIN)], {}, "pass", "nothing", id="only the default version counts"),
        pytest.param(user(groups=("g",)), [GROUP], {}, "fail", "every action", id="through a group"),
        pytest.param(user(managed=("arn:aws:iam::aws:policy/AdministratorAccess",)), [], {}, "fail", "AdministratorAccess", id="by name"),
        pytest.param(
            user({"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}), [], {}, "fail", "every", id="all but a little"
        ),
        pytest.param(user(allow(*EVERY)), [], {}, "fail", "every", id="a list that adds up"),
        pytest.param(user(allow(*EVERY[:5]), allow(*EVERY[5:])), [], {}, "fail", "every", id="several that add up"),
        pytest.param(user(allow("iam:*")), [], {}, "fail", "all of IAM", id="all of IAM is all"),
        pytest.param(
            user(allow("*", resource="arn:aws:s3:::b/*")), [], {}, "pass", "nothing", id="everything on one thing is not everything"
        ),
        pytest.param(
            user({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}), [], {}, "pass", "nothing", id="a denial grants nothing"
        ),
        pytest.param(user(ADMIN), [], {"allowed_admins": ["jane"]}, "pass", "declared", id="a declared administrator"),
        pytest.param(user(ADMIN, boundary="arn:b"), [policy("arn:b", READ)], {}, "pass", "narrower", id="a narrow boundary"),
        pytest.param(user(ADMIN, boundary="arn:b"), [policy("arn:b", ADMIN)], {}, "fail", "every", id="a boundary as wide as the grant"),
        pytest.param(user(ADMIN, boundary="arn:b"), [], {}, "unknown", "arn:b", id="a boundary that was not seen"),
        pytest.param(user(managed=("arn:p",)), [], {}, "unknown", "arn:p", id="a policy that was not seen"),
        pytest.param(user(READ, groups=("gone",)), [], {}, "unknown", "a group", id="a group that was not seen"),
    ],
)
def test_admin_grants(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("aws.iam.admin_grants", subject, *others, empty=(Group, Policy), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("name", "path", "because"),
    [
        ("AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/", "AWS service"),
        ("AWSReservedSSO_Admin_1", "/aws-reserved/", "Identity Center"),
    ],
)
def test_admin_grants_of_roles_that_others_judge(name: str, path: str, because: str) -> None:
    """Roles of services and of Identity Center are not judged here, nor do they pass."""
    raw = {"Path": path, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": ADMIN}], "AttachedManagedPolicies": []}
    found = verdict("aws.iam.admin_grants", Given(Role, "arn:r", name=name, grants=raw), empty=(Group, Policy))
    assert (found.outcome, because in found.reason) == ("not_applicable", True)


def trust(principal: Any, *, path: str = "/", effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    statement = {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", **({"Condition": condition} if condition else {})}
    return {"Path": path, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


OURS = {"Accounts": [{"Id": ACCOUNT}, {"Id": "222222222222"}]}
STRANGER, DATADOG = "arn:aws:iam::999999999999:root", "464622532012"


@pytest.mark.parametrize(
    ("raw", "accounts", "parameters", "outcome", "because"),
    [
        pytest.param(
            trust({"Service": "ec2.amazonaws.com"}), DENIED, {}, "pass", "nobody outside", id="a service needs no list of accounts"
        ),
        pytest.param(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}), DENIED, {}, "pass", "nobody", id="nor does our own account"),
        pytest.param(trust({"AWS": "222222222222"}), OURS, {}, "pass", "222222222222", id="an account of the organization, as an id"),
        pytest.param(trust({"AWS": ["222222222222", STRANGER]}), OURS, {}, "fail", "999999999999", id="a stranger in a list"),
        pytest.param(trust({"AWS": STRANGER}), DENIED, {}, "unknown", "grant", id="who is ours is not known"),
        pytest.param(
            trust({"AWS": STRANGER}), absent("AWSOrganizationsNotInUseException"), {}, "fail", "999", id="without an organization"
        ),
        pytest.param(trust("*"), OURS, {}, "fail", "everybody", id="everybody"),
        pytest.param(trust({"AWS": "*"}), OURS, {}, "fail", "everybody", id="everybody, spelled longer"),
        pytest.param(trust("*", StringEquals={"aws:PrincipalOrgID": "o-1"}), OURS, {}, "pass", "nobody", id="everybody of an organization"),
        pytest.param(
            trust("*", StringLike={"aws:PrincipalOrgID": "*"}), OURS, {}, "fail", "everybody", id="a pattern of everything limits nothing"
        ),
        pytest.param(
            trust("*", StringEqualsIfExists={"aws:PrincipalOrgID": "o-1"}), OURS, {}, "fail", "everybody", id="IfExists limits nothing"
        ),
        pytest.param(
            trust("*", StringNotEquals={"aws:PrincipalOrgID": "o-1"}), OURS, {}, "fail", "everybody", id="all but one is not a limit"
        ),
        pytest.param(trust("*", StringEquals={"aws:SourceAccount": "999999999999"}), OURS, {}, "fail", "999", id="limited to a stranger"),
        pytest.param(trust({"AWS": DATADOG}), OURS, {}, "fail", "Datadog", id="a vendor without an external id"),
        pytest.param(trust({"AWS": DATADOG}, StringEquals={"sts:ExternalId": "x"}), OURS, {}, "pass", "Datadog", id="and with one"),
        pytest.param(trust({"AWS": DATADOG}, StringLike={"sts:ExternalId": "*"}), OURS, {}, "fail", "Datadog", id="and with any"),
        pytest.param(
            trust({"AWS": STRANGER}), OURS, {"known_external_accounts": {"999999999999": "Acme"}}, "fail", "Acme", id="known is not enough"
        ),
        pytest.param(trust({"AWS": "AROAEXAMPLE1234567"}), OURS, {}, "fail", "deleted", id="what is left of a deleted principal"),
        pytest.param(
            trust({"AWS": STRANGER}), DENIED, {"own_accounts": ["999999999999"]}, "pass", "999", id="an account that we say is ours"
        ),
        pytest.param(trust("*", effect="Deny"), OURS, {}, "pass", "nobody", id="a denial trusts nobody"),
        pytest.param(trust("*", path="/aws-service-role/x/"), OURS, {}, "not_applicable", "service", id="a service-linked role"),
        pytest.param(DENIED, OURS, {}, "unknown", "grant", id="denied"),
    ],
)
def test_role_external_trust(raw: Any, accounts: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    role, account = Given(Role, "arn:r", trust=raw), Given(Account, ACCOUNT, organization_accounts=accounts)
    found = verdict("aws.iam.role_external_trust", role, account, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_stale_trust_matters_less() -> None:
    """It lets nobody in: it is to be tidied up."""
    role = Given(Role, "arn:r", trust=trust({"AWS": "AIDAEXAMPLE1234567"}))
    assert verdict("aws.iam.role_external_trust", role, Given(Account, ACCOUNT, organization_accounts=OURS)).severity == "low"

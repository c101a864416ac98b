"""Break-glass roles and users on raw answers of IAM and CloudTrail."""

import json
from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloudtrail import Trail
from controlmon.facts.aws.iam import Group, Policy, Role, User
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK = "aws.iam.breakglass_monitored"
ADA, GLASS, PERSON = (f"arn:aws:iam::{ACCOUNT}:{one}" for one in ("user/ada", "role/glass", "user/glass"))
MFA: dict[str, Any] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SPARED = {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}
TICKET = {"principal": GLASS, "start": "2026-11-20T10:00:00Z", "end": "2026-11-20T12:00:00Z", "approved": "2026-11-20T09:00:00Z"}
DECLARED: dict[str, Any] = {"principals": [GLASS], "custodians": [ADA], "alerts": {GLASS: "r", PERSON: "r"}, "tickets": [TICKET]}
SSO = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_admin_1"


def use(
    at: str = "2026-11-20T11:00:00+00:00", source: str = "", principal: str = "AROA1:ada", failed: bool = False, name: str = "AssumeRole"
) -> dict[str, Any]:
    identity = {"type": "AssumedRole", "principalId": principal}
    return {
        "EventId": at,
        "EventName": name,
        "EventTime": at,
        "Region": "us-east-1",
        "Identity": identity,
        "SourceIdentity": source,
        "Failed": failed,
    }


def policies(*documents: Any) -> list[dict[str, Any]]:
    return [{"PolicyName": "p", "PolicyDocument": {"Statement": list(documents)}}]


def role(principal: Any = None, condition: Any = MFA, uses: Any = (), may: tuple[Any, ...] = (EVERYTHING,), boundary: str = "") -> Given:
    trust = {"Effect": "Allow", "Principal": principal or {"AWS": ADA}, "Action": "sts:AssumeRole", "Condition": condition}
    grants = {"RolePolicyList": policies(*may), "AttachedManagedPolicies": [], "Path": "/"}
    return Given(
        Role,
        GLASS,
        name="glass",
        trust={"Path": "/", "AssumeRolePolicyDocument": json.dumps({"Statement": [trust]})},
        grants=grants | ({"PermissionsBoundary": {"PermissionsBoundaryArn": boundary}} if boundary else {}),
        uses=uses if uses is DENIED or isinstance(uses, dict) else {"Events": list(uses)},
    )


def user(mfa: str = "true", devices: int = 0, uses: Any = ()) -> Given:
    slots = {
        f"access_key_{n}_{what}": "false" if what == "active" else "N/A"
        for n in (1, 2)
        for what in ("active", "last_rotated", "last_used_date")
    }
    row = {"user_creation_time": "2026-01-01T00:00:00+00:00", "password_enabled": "true", "password_last_changed": "N/A", "mfa_active": mfa}
    return Given(
        User,
        PERSON,
        name="glass",
        credentials=row | slots | {"password_last_used": "N/A", "generated": "2026-11-23T00:00:00+00:00"},
        mfa_devices={"MFADevices": [{}] * devices},
        grants={"UserPolicyList": policies(EVERYTHING), "AttachedManagedPolicies": [], "Path": "/", "GroupList": []},
        uses={"Events": list(uses)},
    )


def trail(owner: str = "999999999999", everywhere: bool = True) -> Given:
    raw = {"IsMultiRegionTrail": everywhere, "LogFileValidationEnabled": True}
    return Given(Trail, f"arn:aws:cloudtrail:us-east-1:{owner}:trail/all", name="all", settings=raw)


def without(*names: str) -> dict[str, Any]:
    return {key: value for key, value in DECLARED.items() if key not in names}


OWN = trail(ACCOUNT)
LATE = {
    "Events": [],
    "Refused": {"kind": "denied", "operation": "cloudtrail:LookupEvents", "detail": "no", "needs": ["cloudtrail:LookupEvents"]},
}


@pytest.mark.parametrize(
    ("given", "parameters", "outcome", "because"),
    [
        pytest.param([role(), trail()], DECLARED, "pass", "glass", id="as declared, and not used"),
        pytest.param([trail()], DECLARED, "fail", "does not exist", id="not there"),
        pytest.param([role(), trail()], {}, "unknown", "principals", id="nothing declared"),
        pytest.param([role(), trail()], DECLARED | {"principals": ["arn:aws:iam::999999999999:role/x"]}, "not_applicable", "of this account", id="of another account"),
        pytest.param([role({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), trail()], DECLARED, "fail", ":root, which is no declared", id="open to the account"),
        pytest.param([role({"AWS": [ADA, "arn:aws:iam::1:user/eve"]}), trail()], DECLARED, "fail", "user/eve", id="open to a stranger"),
        pytest.param([role(), trail()], without("custodians"), "unknown", "custodians", id="custodians that nobody declared"),
        pytest.param([role(condition={}), trail()], DECLARED, "fail", "without MFA", id="without MFA"),
        pytest.param([role(condition={"BoolIfExists": MFA["Bool"]}), trail()], DECLARED, "fail", "without MFA", id="that long-term keys pass by"),
        pytest.param([role(condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}), trail()], DECLARED, "pass", "MFA", id="with MFA of the last hour"),
        pytest.param([role({"AWS": SSO}), trail()], DECLARED | {"custodians": [SSO]}, "fail", "identity provider is down", id="by single sign-on alone"),
        pytest.param([role({"Federated": "arn:p"}), trail()], DECLARED, "fail", "identity provider is down", id="or by its provider"),
        pytest.param([user(), trail()], DECLARED | {"principals": [PERSON]}, "pass", "glass", id="a user with MFA"),
        pytest.param([user("false"), trail()], DECLARED | {"principals": [PERSON]}, "fail", "user without MFA", id="a user without"),
        pytest.param([user("false", 1), trail()], DECLARED | {"principals": [PERSON]}, "pass", "glass", id="who has it since the report"),
        pytest.param([user(uses=[use(name="ConsoleLogin")]), trail()], DECLARED | {"principals": [PERSON]}, "fail", "ConsoleLogin", id="a login without a ticket"),
        pytest.param([role(), trail()], DECLARED | {"alerts": {}}, "fail", "no alert rule", id="no alert"),
        pytest.param([role(), trail()], without("alerts"), "unknown", "alert rules", id="alerts that nobody declared"),
        pytest.param([role(uses=[use()]), trail()], DECLARED, "pass", "ticket", id="a use with a ticket"),
        pytest.param([role(uses=[use("2026-11-20T12:00:01+00:00")]), trail()], DECLARED, "fail", "without a ticket", id="after its end"),
        pytest.param([role(uses=[use()]), trail()], DECLARED | {"tickets": [TICKET | {"approved": "2026-11-21T11:00:00Z"}]}, "pass", "ticket", id="approved within the grace"),
        pytest.param([role(uses=[use()]), trail()], DECLARED | {"tickets": [TICKET | {"approved": "2026-11-21T11:00:01Z"}]}, "fail", "without a ticket", id="and after it"),
        pytest.param([role(uses=[use("2026-11-23T11:00:00+00:00")]), trail()], DECLARED, "unknown", "may be filed until 2026-11-24T11", id="a use of the last hour"),
        pytest.param([role(uses=[use()]), trail()], without("tickets"), "unknown", "no register of tickets", id="tickets that nobody declared"),
        pytest.param([role(uses=[use()]), trail()], DECLARED | {"tickets": []}, "fail", "without a ticket", id="or there are none"),
        pytest.param([role(uses=[use(failed=True)]), trail()], DECLARED | {"tickets": []}, "pass", "ticket", id="an attempt that failed"),
        pytest.param([role(uses=[use()]), trail()], DECLARED | {"tickets": [TICKET | {"person": "Ada"}]}, "pass", "ticket", id="by the session of who has the ticket"),
        pytest.param([role(uses=[use(source="eve")]), trail()], DECLARED | {"tickets": [TICKET | {"person": "ada"}]}, "fail", "by eve", id="the source identity says who it was, behind a chain of roles"),
        pytest.param([role(uses=LATE), trail()], DECLARED, "unknown", "LookupEvents", id="a region that was not seen"),
        pytest.param([role(uses=LATE | {"Events": [use("2026-11-01T00:00:00+00:00")]}), trail()], DECLARED, "fail", "without a ticket", id="which one that was does not need"),
        pytest.param([role(), trail(everywhere=False)], DECLARED, "fail", "no trail", id="a trail of one region"),
        pytest.param([role(), OWN], DECLARED, "fail", "can stop every trail", id="a trail that it can stop"),
        pytest.param([role(), OWN, trail()], DECLARED, "pass", "glass", id="beside one that it cannot"),
        pytest.param([role(may=(EVERYTHING, SPARED)), OWN], DECLARED, "pass", "glass", id="by a denial"),
        pytest.param([role(may=(EVERYTHING, SPARED | {"Condition": MFA})), OWN], DECLARED, "unknown", "whether it can stop", id="under a condition"),
        pytest.param([role(may=({**EVERYTHING, "Action": "ec2:*"},)), OWN], DECLARED, "pass", "glass", id="or by what it may"),
        pytest.param([role(boundary="arn:b"), OWN], DECLARED, "unknown", "whether it can stop", id="within a boundary"),
        pytest.param([role(uses=DENIED), trail()], DECLARED, "unknown", "grant", id="uses that may not be seen"),
        pytest.param([role(uses=DENIED, condition={}), trail()], DECLARED, "fail", "without MFA", id="which a hole does not need"),
        pytest.param([role(uses=not_asked("machines"), condition={}), trail()], DECLARED, "fail", "without MFA", id="nor asks for"),
        pytest.param([role(), Given(Trail, "arn:t", settings=DENIED)], DECLARED, "unknown", "grant", id="a trail that may not be seen"),
    ],
)  # fmt: skip
def test_break_glass(given: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, Given(Account, ACCOUNT), *given, empty=(Role, User, Group, Policy, Trail), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_roles_that_may_not_be_listed_are_not_missing() -> None:
    found = verdict(CHECK, Given(Account, ACCOUNT), trail(), gaps={Role: DENIED}, empty=(User, Group, Policy), **DECLARED)
    assert found.outcome == "unknown"

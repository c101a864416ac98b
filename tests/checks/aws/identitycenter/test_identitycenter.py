"""The checks of Identity Center on raw answers of it."""

import json
from typing import Any

import pytest

from controlmon.facts.aws.identitycenter import PermissionSet, User
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

IDP, LIMITS = "aws.identitycenter.external_idp", "aws.identitycenter.permission_set_limits"
OURS = {"expected_issuer": "entra"}


def user(*issuers: str, status: Any = "ENABLED") -> dict[str, Any]:
    return {"UserId": "u", "UserStatus": status, "ExternalIds": [{"Issuer": one, "Id": "1"} for one in issuers]}


@pytest.mark.parametrize(
    ("raw", "parameters", "outcome", "because"),
    [
        pytest.param(user("entra"), OURS, "pass", "entra", id="provisioned"),
        pytest.param(user("other", "entra"), OURS, "pass", "entra", id="by ours among others"),
        pytest.param(user("other"), OURS, "fail", "entra required", id="by another"),
        pytest.param(user(), OURS, "fail", "by hand", id="made by hand"),
        pytest.param(user(), {}, "fail", "by hand", id="whoever ours is"),
        pytest.param(user("entra"), {}, "unknown", "expected_issuer", id="ours is not declared"),
        pytest.param(user(status="DISABLED"), OURS, "not_applicable", "disabled", id="disabled"),
        pytest.param(user(status=None), OURS, "fail", "by hand", id="a status that is not told"),
        pytest.param({"UserId": "u"}, OURS, "fail", "by hand", id="and no external ids"),
        pytest.param(user("entra", status="NEW"), OURS, "unknown", "NEW", id="a status that is new"),
        pytest.param(DENIED, OURS, "unknown", "grant svc:Permission", id="a denied user"),
    ],
)
def test_user(raw: Any, parameters: Any, outcome: str, because: str) -> None:
    found = verdict(IDP, Given(User, "u", settings=raw), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
ALL = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def chosen(duration: Any = "PT1H", managed: Any = (), inline: Any = "", customer: Any = ()) -> Given:
    told = {"PermissionSetArn": "arn:ps"} | ({"SessionDuration": duration} if duration else {})
    return Given(
        PermissionSet,
        "arn:ps",
        name="ps-1",
        session=duration if duration is DENIED else {"PermissionSet": told},
        managed=managed if managed is DENIED else {"AttachedManagedPolicies": [{"Arn": one} for one in managed]},
        inline=inline if inline is DENIED else {"InlinePolicy": inline},
        customer=customer if customer is DENIED else {"CustomerManagedPolicyReferences": [{"Name": one} for one in customer]},
    )


DECLARED = {"admin_sets": ["ps-*"]}


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(chosen(), {}, "pass", "last 1 hours", id="an hour"),
        pytest.param(chosen(None), {}, "pass", "last 1 hours", id="which is what nothing means"),
        pytest.param(chosen("PT4H"), {}, "pass", "last 4", id="as long as allowed"),
        pytest.param(chosen("PT4H30M"), {}, "fail", "4.5 hours; 4", id="longer"),
        pytest.param(chosen("P1D"), {}, "fail", "24 hours", id="a day"),
        pytest.param(chosen("PT8H"), {"max_hours": 8}, "pass", "8", id="allowed elsewhere"),
        pytest.param(chosen("PT8H"), {"production_sets": ["prod-*"]}, "not_applicable", "production", id="not for production"),
        pytest.param(chosen("soon"), {}, "unknown", "ISO 8601", id="no duration"),
        pytest.param(chosen(managed=[ADMIN]), {}, "fail", "AdministratorAccess", id="admin"),
        pytest.param(chosen(managed=[ADMIN]), DECLARED, "pass", "declared", id="that is declared"),
        pytest.param(chosen("PT8H", managed=[ADMIN]), DECLARED, "fail", "8 hours", id="for too long"),
        pytest.param(chosen(managed=["arn:aws:iam::aws:policy/ReadOnlyAccess"]), {}, "pass", "nothing", id="read only"),
        pytest.param(chosen(inline=ALL), {}, "fail", "own policy", id="admin by its own policy"),
        pytest.param(chosen(customer=["team"]), {}, "unknown", "team", id="a policy that each account keeps"),
        pytest.param(chosen(managed=[ADMIN], customer=["team"]), {}, "fail", "Admin", id="beside admin"),
        pytest.param(chosen(DENIED), {}, "unknown", "grant svc:Permission", id="a denied set"),
        pytest.param(chosen(managed=DENIED), {}, "unknown", "grant", id="denied policies"),
        pytest.param(chosen(inline=DENIED), {}, "unknown", "grant", id="a denied policy"),
        pytest.param(chosen(customer=DENIED), {}, "unknown", "grant", id="denied names"),
        pytest.param(chosen("PT8H", managed=DENIED), {}, "fail", "8 hours", id="which long sessions do not need"),
    ],
)
def test_permission_set(subject: Given, parameters: Any, outcome: str, because: str) -> None:
    found = verdict(LIMITS, subject, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(("check", "kind"), [(IDP, User), (LIMITS, PermissionSet)])
def test_what_could_not_be_listed_is_unknown(check: str, kind: Any) -> None:
    assert [f.outcome for f in findings(check, MemoryEvidence(gaps={kind: DENIED}))] == ["unknown"]
    assert [f.outcome for f in findings(check, MemoryEvidence(empty=(kind,)))] == ["not_applicable"]

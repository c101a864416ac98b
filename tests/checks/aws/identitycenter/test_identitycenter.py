"""The checks of Identity Center on raw answers of it."""

import json
from typing import Any

import pytest

from controlmon.facts.aws.identitycenter import Assignment, PermissionSet, User
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, PROD, UNTOLD, estate
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


ORPHANS, NAMED = "aws.identitycenter.orphan_users", "aws.identitycenter.prod_assignments_named"
ROSTER = {"roster": {"ada@a.example": "active", "gone@a.example": "2026-11-20T17:00:00Z", "odd@a.example": "soon"}}


def left(name: str = "gone@a.example", status: str = "DISABLED", access: Any = ()) -> Given:
    raw = {"AccountId": "1", "PermissionSetArn": "arn:x/ps-1", "PrincipalId": "u"}
    listed = DENIED if access is DENIED else {"AccountAssignments": [raw | {"PrincipalType": one} for one in access]}
    return Given(User, "arn:aws:identitystore:::user/u", name=name, settings={"UserStatus": status}, access=listed)


def given(type: str = "USER", principal: str = "u", account: str = DEV, provisioned: bool = True, people: Any = ()) -> Given:
    raw = {"AccountId": account, "PermissionSetArn": "arn:x/ps-1", "PrincipalType": type, "PrincipalId": principal}
    named = people if people is DENIED else {"People": people}
    return Given(Assignment, "a", settings=raw | {"Provisioned": provisioned}, people=named)


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(left("ada@a.example", "ENABLED"), [], ROSTER, "pass", "active", id="works here"),
        pytest.param(left("ADA@A.example", "ENABLED"), [], ROSTER, "pass", "active", id="whatever the case"),
        pytest.param(left("ada.old@a.example", "ENABLED"), [], ROSTER | {"aliases": {"Ada.old@a.example": "ada@a.example"}}, "pass", "active", id="by another name"),
        pytest.param(left(), [], ROSTER, "pass", "nothing assigned", id="left, and disabled"),
        pytest.param(left(status="ENABLED"), [], ROSTER, "fail", "67 h ago; 24 h allowed", id="left, and enabled"),
        pytest.param(left(status="ENABLED"), [], ROSTER, "fail", "open sessions live on for up to 12 h", id="whose sessions live on"),
        pytest.param(left(status="ENABLED"), [], ROSTER | {"removal_hours": 67}, "pass", "just left", id="as long as is allowed"),
        pytest.param(left(access=["USER"]), [], ROSTER, "fail", "still has ps-1 in 1", id="disabled, with an assignment of its own"),
        pytest.param(left(access=["GROUP"]), [], ROSTER, "pass", "nothing", id="or of a group, which is not its own"),
        pytest.param(left("eve@a.example", "ENABLED"), [], ROSTER, "fail", "nobody on the roster", id="nobody"),
        pytest.param(left("odd@a.example", "ENABLED"), [], ROSTER, "unknown", "'soon'", id="a roster that cannot be read"),
        pytest.param(left(access=DENIED), [], ROSTER, "unknown", "grant", id="assignments that may not be seen"),
        pytest.param(left(status="ENABLED", access=DENIED), [], ROSTER, "fail", "enabled", id="which an enabled user does not need"),
        pytest.param(left(), [], {}, "unknown", "no roster", id="no roster"),
        pytest.param(given(), [left()], ROSTER, "pass", "exists", id="an assignment to somebody"),
        pytest.param(given(), [], ROSTER, "fail", "residue of ps-1 in 222222222222", id="to who is gone"),
        pytest.param(given("GROUP"), [], ROSTER, "not_applicable", "group", id="to a group"),
    ],
)  # fmt: skip
def test_leavers(subject: Given, others: list[Given], parameters: Any, outcome: str, because: str) -> None:
    found = verdict(ORPHANS, subject, *others, empty=(User,), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    assert found.severity == ("low" if "residue" in found.reason else "critical")


def test_residue_is_not_told_where_users_were_not_all_seen() -> None:
    found = verdict(ORPHANS, given(), gaps={User: DENIED}, **ROSTER)
    assert found.outcome == "unknown"


ANN, EVE = {"UserId": "u-1", "UserName": "Ann@a.example"}, {"UserId": "u-2", "UserName": "eve@a.example"}


def engaged(person: str = "ann@a.example", account: str = PROD, until: str = "2026-11-23") -> dict[str, Any]:
    return {"roster": [{"person": person, "account": account} | ({"until": until} if until else {})]}


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(given(account=PROD, people=[ANN]), engaged(), "pass", "Ann@a.example: on the roster", id="named, until today"),
        pytest.param(given(account=PROD, people=[ANN]), engaged("u-1"), "pass", "roster", id="named by id"),
        pytest.param(given(account=PROD, people=[ANN]), engaged(until="2026-11-22"), "fail", "until 2026-11-22", id="until yesterday"),
        pytest.param(given(account=PROD, people=[ANN]), engaged(until=""), "fail", "without an end", id="without an end"),
        pytest.param(given(account=PROD, people=[ANN]), engaged(account=DEV), "fail", f"for {DEV} only", id="for another account"),
        pytest.param(given(account=PROD, people=[EVE]), engaged(), "fail", "eve@a.example is not on the roster", id="not named"),
        pytest.param(given("GROUP", account=PROD, people=[ANN, EVE]), engaged(), "fail", "eve@a.example", id="a group with a stranger"),
        pytest.param(given("GROUP", account=PROD, people=[ANN]), engaged(), "pass", "roster", id="a group is its direct members"),
        pytest.param(given("GROUP", account=PROD, people=None), engaged(), "not_applicable", "nobody", id="a group that is gone"),
        pytest.param(given(account=PROD, people=[{"UserId": "u"}]), engaged(), "not_applicable", "nobody", id="a user that is gone"),
        pytest.param(given(account=PROD, provisioned=False, people=[EVE]), engaged(), "fail", "not brought there", id="assigned, and never provisioned"),
        pytest.param(given(account=DEV, people=[EVE]), engaged(), "not_applicable", "is dev", id="no production"),
        pytest.param(given(account=MANAGEMENT, people=[EVE]), engaged(), "fail", "eve", id="the management account"),
        pytest.param(given(account=LOGS, people=[EVE]), engaged() | {"classes": ["prod"]}, "not_applicable", "shared", id="or not, as declared"),
        pytest.param(given(account=UNTOLD, people=[EVE]), engaged(), "unknown", "nothing says", id="an account of no environment"),
        pytest.param(given(account=PROD, people=[ANN]), {}, "unknown", "no roster", id="no roster"),
        pytest.param(given(account=PROD, people=DENIED), engaged(), "unknown", "grant", id="people that may not be seen"),
    ],
)  # fmt: skip
def test_engagements(subject: Given, parameters: Any, outcome: str, because: str) -> None:
    """A set that only reads is access too: which set it is does not matter."""
    found = verdict(NAMED, subject, *estate(), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_an_account_that_may_not_be_asked_leaves_the_others_judged() -> None:
    """The assignments of the management account need its own credentials: without them there is an unknown, beside what was seen."""
    evidence = MemoryEvidence(given(account=PROD, people=[EVE]), *estate(), gaps={Assignment: DENIED})
    assert sorted(f.outcome for f in findings(NAMED, evidence, **engaged())) == ["fail", "unknown"]

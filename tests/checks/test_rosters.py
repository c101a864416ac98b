"""Checks of one system that take a roster: the registers are the roster where none is given."""

from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind, Scope
from controlmon.core.finding import Finding
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.azure.authorization import RoleAssignment
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.entra.tenant import Tenant
from controlmon.facts.entra.users import User as EntraUser
from tests.checks.aws.company import PROD, estate
from tests.support import Given, verdict
from tests.twins.azure_company import assigned
from tests.twins.datadog_company import user as datadog_user
from tests.twins.entra_company import user as entra_user

DATADOG, ORPHANS, DISABLED = "datadog.user.leavers", "aws.identitycenter.orphan_users", "entra.user.leavers_disabled"
UNIQUE, AWS, AZURE = "entra.user.unique_and_shared", "aws.identitycenter.prod_assignments_named", "azure.authorization.prod_named_people"
PAPER, SUB = Scope("document", "company"), "aaaaaaaa-0000-4000-8000-000000000001"
TENANT, HERE = Scope("entra", "tenant"), Scope("azure", SUB)
BAD = "personnel.yaml:3: start: expected a date"
CLOSED = Gap(GapKind.UNAVAILABLE, "document:read", "there is no personnel.yaml")


def person(who: str = "ada", *, problem: str = "", **more: Any) -> Given:
    row = {"id": who, "name": who, "email": f"{who}@a.example", "role": "engineer", "start": "2020-01-01"} | more
    return Given(
        Person, who, scope=PAPER, row={"row": row, "file": "personnel.yaml", "line": 3} | ({"problem": problem} if problem else {})
    )


def deal(**more: Any) -> Given:
    row = {"id": "acme-1", "customer": "acme", "accounts": [PROD, SUB], "people": ["ada"], "start": "2026-01-01", "end": "2027-06-30"}
    return Given(Engagement, "acme-1", scope=PAPER, row={"row": row | more, "file": "engagements.yaml", "line": 3})


def seen_by(check: str, name: str, **more: Any) -> list[Given]:
    """An account in the system that the check is of, and what it takes besides."""
    if check == DATADOG:
        return [Given(DatadogUser, "u-1", name=name, profile=datadog_user(2, name))]
    if check == ORPHANS:
        return [Given(center.User, "arn:aws:identitystore:::user/u", name=name, settings={"UserStatus": "ENABLED"})]
    if check == AWS:
        raw = {"AccountId": PROD, "PermissionSetArn": "arn:x/ps-1", "PrincipalType": "USER", "PrincipalId": "u", "Provisioned": True}
        return [Given(center.Assignment, "a", settings=raw, people={"People": [{"UserId": "u", "UserName": name}]}), *estate()]
    if check == AZURE:
        known = {"@odata.type": "#microsoft.graph.user", "id": "p", "userPrincipalName": name}
        there: dict[str, Any] = {"settings": assigned("r", "p", "User", f"/subscriptions/{SUB}"), "principal": known}
        listed = {"state": "Enabled", "tags": {"environment": "production"}}
        return [Given(RoleAssignment, "r", scope=HERE, **there), Given(Subscription, SUB, scope=HERE, listed=listed)]
    account = Given(EntraUser, "u", name=name, scope=TENANT, profile=entra_user("u", userPrincipalName=name, mail=name, **more))
    return [account] if check == UNIQUE else [Given(Tenant, "tenant", scope=TENANT, departures={"value": []}), account]


def found(check: str, account: str, *rows: Given, gaps: Any = None, more: dict[str, Any] | None = None, **parameters: Any) -> Finding:
    subject, *others = seen_by(check, account, **(more or {}))
    return verdict(check, subject, *others, *rows, gaps=gaps, **parameters)


EVERY = (DATADOG, ORPHANS, DISABLED, UNIQUE, AWS, AZURE)
GIVEN: dict[str, dict[str, Any]] = {
    DATADOG: {"roster": {"ada@a.example": "active"}},
    ORPHANS: {"roster": {"ada@a.example": "active"}},
    DISABLED: {"leavers": [{"id": "ada@a.example", "end": "2099-01-01"}]},
    UNIQUE: {"people": ["ada@a.example"]},
    AWS: {"roster": [{"person": "ada@a.example", "account": PROD, "until": "2099-01-01"}]},
    AZURE: {"roster": {"ada@a.example": ""}},
}


@pytest.mark.parametrize("check", EVERY)
def test_without_a_parameter_the_register_decides(check: str) -> None:
    """Somebody of the register passes, in any case; whoever left long ago does not, nor a stranger."""
    ada = {"end": "2099-01-01"}
    passes = found(check, "Ada@A.example", person(**ada), deal())
    assert passes.outcome == "pass", passes.reason
    left = found(check, "ada@a.example", person(end="2026-11-20"), deal())
    assert left.outcome == "fail", left.reason
    if check != DISABLED:  # a stranger is no leaver
        stranger = found(check, "eve@a.example", person(), deal())
        assert (stranger.outcome, "roster" in stranger.reason) == ("fail", True), stranger.reason
        early = found(check, "ada@a.example", person(start="2026-12-01"), deal())
        assert early.outcome == "fail", early.reason


@pytest.mark.parametrize("check", EVERY)
def test_what_of_the_register_was_not_seen_is_unknown(check: str) -> None:
    """A register that is not kept, or one row of it that is wrong, whoever's it is."""
    assert "no roster" in found(check, "ada@a.example").reason
    for said in (
        found(check, "ada@a.example", deal()),
        found(check, "ada@a.example", deal(), gaps={Person: CLOSED}),
        found(check, "ada@a.example", person(), person("bob", problem=BAD), deal()),
    ):
        assert said.outcome == "unknown", said.reason
    assert BAD in said.reason


@pytest.mark.parametrize("check", [AWS, AZURE])
def test_engagements_that_were_not_seen_are_unknown(check: str) -> None:
    """Who works here is not yet who may enter."""
    said = found(check, "ada@a.example", person(), gaps={Engagement: CLOSED})
    assert (said.outcome, "there is no personnel.yaml" in said.reason) == ("unknown", True), said.reason


@pytest.mark.parametrize("check", EVERY)
def test_a_parameter_decides_and_the_register_is_not_read(check: str) -> None:
    """Whether there is none, it is wrong, or it says otherwise."""
    for rows in ((), (person(problem=BAD),), (person("eve"),)):
        said = found(check, "ada@a.example", *rows, **GIVEN[check])
        assert said.outcome == "pass", said.reason
    if check != DISABLED:
        assert found(check, "eve@a.example", person("eve"), deal(people=["eve"]), **GIVEN[check]).outcome == "fail"


@pytest.mark.parametrize(
    ("check", "system"), [(DATADOG, "datadog"), (ORPHANS, "sso"), (UNIQUE, "entra"), (AWS, "aws_identity_center"), (AZURE, "entra")]
)
def test_an_account_of_the_register_is_a_name(check: str, system: str) -> None:
    """In the system that it is of, and in no other."""
    assert found(check, "Annie", person(accounts={system: ["annie"]}), deal()).outcome == "pass"
    assert found(check, "Annie", person(accounts={"github": ["annie"]}), deal()).outcome == "fail"


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"end": "2026-11-22"}, "acme-1, which does not hold today"),
        ({"people": ["bob"]}, "not on the roster of acme-1"),
        ({"accounts": ["222222222222"]}, "no engagement names"),
        ({"end": None}, "has no end"),
        ({"end": None, "approved_at": "2026-11-01"}, ""),
        ({"accounts": [f"arn:x/{PROD}", f"/subscriptions/{SUB.upper()}"]}, ""),
    ],
)
@pytest.mark.parametrize("check", [AWS, AZURE])
def test_an_engagement_names_people_for_its_accounts_while_it_holds(check: str, changed: dict[str, Any], because: str) -> None:
    """As production_access_matrix has it."""
    said = found(check, "ada@a.example", person(), deal(**changed))
    assert (said.outcome, because in said.reason) == ("fail" if because else "pass", True), said.reason


@pytest.mark.parametrize(("check", "fails"), [(DATADOG, "fail"), (ORPHANS, "fail"), (DISABLED, "fail"), (UNIQUE, "fail")])
def test_a_leaver_has_a_day_after_the_midnight_of_the_last(check: str, fails: str) -> None:
    """Access ends at 24:00 UTC of the last day; now is noon of the 23rd."""
    assert found(check, "ada@a.example", person(end="2026-11-22")).outcome == "pass"
    assert found(check, "ada@a.example", person(end="2026-11-21")).outcome == fails
    assert found(check, "ada@a.example", person(end="2026-11-30", access_end="2026-11-20")).outcome == fails


def test_leavers_of_the_register_before_the_audit_log() -> None:
    """Are shut, whenever that was; within its days nobody knows. Where nobody leaves there is nothing to judge."""
    off = {"accountEnabled": False}
    assert found(DISABLED, "ada@a.example", person(end="2026-10-01"), more=off).outcome == "pass"
    assert found(DISABLED, "ada@a.example", person(end="2026-11-10"), more=off).outcome == "unknown"
    assert found(DISABLED, "ada@a.example", person(end="2026-10-01"), more=off, log_days=60).outcome == "unknown"
    assert found(DISABLED, "ada@a.example", person(end="2026-10-01")).outcome == "fail"
    assert found(DISABLED, "ada@a.example", person()).outcome == "not_applicable"


def test_a_second_account_of_one_person_of_the_register() -> None:
    """By any of their names; one that the roster gives to another is another's."""
    second = Given(EntraUser, "v", name="v@b.example", scope=TENANT, profile=entra_user("v", userPrincipalName="v@b.example", mail=None))
    hired = person(accounts={"entra": ["v@b.example"]})
    said = found(UNIQUE, "ada@a.example", second, hired)
    assert (said.outcome, "v@b.example" in said.reason) == ("fail", True), said.reason
    other = person("bob", email="v@b.example")
    assert found(UNIQUE, "ada@a.example", second, person(), other).outcome == "pass"
    by_id = entra_user("v", userPrincipalName="v@b.example", mail=None, employeeId="ADA")
    again = Given(EntraUser, "v", name="v@b.example", scope=TENANT, profile=by_id)
    assert found(UNIQUE, "ada@a.example", again, person()).outcome == "fail"

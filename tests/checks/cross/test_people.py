"""cross.people.leaver_all_systems, unique_identity and production_access_matrix: the roster against what every system has."""

from typing import Any

import pytest

from controlmon.facts.access.live import KINDS
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.policy import statements
from controlmon.facts.azure.authorization import EligibleAssignment, RoleAssignment
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.base import Kind
from controlmon.facts.controlmon.reviews import SYSTEMS
from controlmon.facts.datadog import keys as dd_keys
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.governance import Attestation
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.facts.entra import roles as entra
from controlmon.facts.entra.users import User as EntraUser
from tests.checks.cross.judged import engagement, judged, worker
from tests.support import DENIED

LEAVER, UNIQUE, MATRIX = "cross.people.leaver_all_systems", "cross.people.unique_identity", "cross.people.production_access_matrix"
US, SUB, STAMP = "123456789012", "aaaaaaaa-0000-4000-8000-000000000001", "2026-11-23T00:00:00+00:00"
CONNECTED = ("aws_iam", "aws_identity_center", "azure_rbac", "entra_roles", "datadog")
GONE = worker(end="2026-11-20")
BOB = worker("bob")
ROTATED = Attestation.example(
    id="s1",
    row={"id": "s1", "topic": "secret_rotation", "statement": "changed", "signer": "bob", "role": "CTO", "signed_at": "2026-11-21"}
    | {"facts": {"person": "ada", "ticket": "SEC-7"}},
)


def user(name: str = "ada@x.io", *, password: bool = False, account: str = US, **grants: Any) -> iam.User:
    secrets = [{"name": "the password", "enabled": password}]
    said = {"generated": STAMP, "mfa": True, "credentials": secrets}
    return iam.User.example(id=f"arn:aws:iam::{account}:user/{name}", name=name, credentials=said, grants=grants)


def key(name: str = "ada@x.io", *, active: bool = True) -> iam.AccessKey:
    return iam.AccessKey.example(id="AKIA1", name="AKIA1", settings={"active": active, "created": STAMP, "user": name})


def listed(system: str = "github", account: str = "ada@x.io", on: str = "2026-11-22", **row: Any) -> Access:
    about = {"id": f"{system}-{account}", "system": system, "account": account, "role": "writer", "listed_at": on}
    return Access.example(id=f"{system}-{account}", row=about | row)


def entra_user(id: str = "u-1", *, enabled: bool = True, **profile: Any) -> EntraUser:
    about = {"enabled": enabled, "login": "ada@x.io"} | profile
    return EntraUser.example(id=id, profile=about, activity={})


def center_user(name: str = "ada@x.io", *, enabled: bool | None = True) -> center.User:
    return center.User.example(id="arn:aws:identitystore:::user/u-1", name=name, settings={"enabled": enabled})


def datadog_user(name: str = "ada@x.io", *, id: str = "u-1", **profile: Any) -> dd.User:
    return dd.User.example(id=id, profile={"email": name, "handle": name} | profile)


def application_key(owner: str = "u-1") -> dd_keys.AppKey:
    return dd_keys.AppKey.example(id="k-1", name="laptop", settings={"created": STAMP, "owner": owner})


def token(owner: str = "u-1") -> dd_keys.Token:
    return dd_keys.Token.example(id="t-1", name="cli", settings={"created": STAMP, "owner": owner})


def azure_role(scope: str, *, sort: str = "User", members: Any = (), eligible: bool = False) -> RoleAssignment | EligibleAssignment:
    kind = EligibleAssignment if eligible else RoleAssignment
    settings = {"role": "r", "principal": "p", "type": sort, "scope": scope}
    principal = {"id": "p", "kind": "group" if members else "user", "name": "Ops" if members else "ada@x.io"}
    return kind.example(id="1", settings=settings, role={"name": "Reader"}, principal=principal, members=members)


ADA_IN_AZURE = {"id": "p", "kind": "user", "name": "ada@x.io"}
SEEN_ENTRA = entra.Assignment.example(
    id="1", holding={"role": "r", "principal": "g", "sort": "group", "name": "Ops", "where": "/"}, members={"users": ["u-1"]}
)


@pytest.mark.parametrize(
    ("members", "left"),
    [
        ((user(),), ""),
        ((user(password=True),), "aws_iam: password"),
        ((user(), key()), "aws_iam: access key AKIA1"),
        ((user(), key(active=False)), ""),
        ((user(managed=[f"arn:aws:iam::{US}:policy/read"]), iam.Policy.example(id=f"arn:aws:iam::{US}:policy/read", document=())), "aws_iam"),
        ((user("a.l", password=True),), ""),
        ((center_user(),), "aws_identity_center: account"),
        ((center_user(enabled=None),), "aws_identity_center: account"),
        ((center_user(enabled=False),), ""),
        ((azure_role("/", sort="Group", members=[ADA_IN_AZURE]),), "azure_rbac: Reader"),
        ((azure_role("/", eligible=True),), "azure_rbac: Reader"),
        ((entra_user(),), "entra_roles: account"),
        ((entra_user(login="x@x.io", employee="ADA"),), "entra_roles: account"),
        ((entra_user(enabled=False),), ""),
        ((entra_user(enabled=False), SEEN_ENTRA), "entra_roles: r"),
        ((datadog_user(),), "datadog"),
        ((datadog_user(disabled=True),), ""),
        ((datadog_user(disabled=True), application_key()), "datadog: application key laptop"),
        ((datadog_user(disabled=True), token()), "datadog: personal access token cli"),
        ((datadog_user("bob@x.io", id="u-2"), application_key("u-2")), ""),
    ],
)  # fmt: skip
def test_what_is_left_of_a_leaver(members: tuple[Kind, ...], left: str) -> None:
    """Accounts, credentials, groups, what can be activated, and keys that outlive the account; not what is shut, nor another's."""
    outcome, reason = judged(LEAVER, GONE, GONE, BOB, ROTATED, *members, systems=CONNECTED)
    assert (outcome, left in reason) == ("fail" if left else "pass", True), reason
    assert "60 h ago" in reason  # the day ended at midnight UTC


@pytest.mark.parametrize(
    ("members", "outcome", "why"),
    [
        ((listed(account="bob@x.io"),), "pass", "nothing is left in github"),
        ((listed(account="bob@x.io", on="2026-11-21"),), "pass", ""),
        ((listed(),), "fail", "github: writer"),
        ((listed(account="deploy", kind="service", owner="ada"),), "fail", "the machine deploy"),
        ((listed(account="bob@x.io", on="2026-11-20"),), "unknown", "2026-11-21 or later"),
        ((listed(on="2026-11-20"),), "unknown", "2026-11-21 or later"),
        ((), "unknown", "no list of it"),
    ],
)
def test_a_system_that_nothing_is_connected_to(members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """Its list counts if it was taken after they left; the machines of a leaver need somebody else; no list is no empty list."""
    found = judged(LEAVER, GONE, GONE, BOB, ROTATED, *members, systems=("github",))
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("dates", "parameters", "outcome"),
    [
        ({"end": "2026-11-22"}, {}, "not_applicable"),
        ({"end": "2026-11-21"}, {}, "fail"),
        ({"end": "2026-11-22"}, {"removal_hours": 11}, "fail"),
        ({"end": "2026-12-31", "access_end": "2026-11-01"}, {}, "fail"),
        ({"end": "2026-11-01", "access_end": "2026-12-31"}, {}, "not_applicable"),
        ({"end": "2026-11-22"}, {"utc_offset": 14, "removal_hours": 25}, "fail"),
        ({"end": "2026-11-21"}, {"utc_offset": -12, "removal_hours": 24}, "not_applicable"),
        ({"end": "2026-11-21"}, {"utc_offset": -11, "removal_hours": 24}, "fail"),
        ({}, {}, "not_applicable"),
    ],
)
def test_when_access_ends(dates: dict[str, str], parameters: dict[str, Any], outcome: str) -> None:
    """At midnight after the last day of access, not of work; UTC, unless an offset says otherwise; then so many hours."""
    ada = worker(**dates)
    head = RegisterFile.example(id="personnel", file={"about": {"updated_at": "2026-11-22"}})
    assert judged(LEAVER, ada, ada, BOB, user(password=True), head, systems=("aws_iam",), **parameters)[0] == outcome


@pytest.mark.parametrize(("about", "outcome"), [({"updated_at": "2026-10-23"}, "not_applicable"), ({"updated_at": "2026-10-22"}, "unknown"),
                                                ({"fed_at": "2026-11-23T06:00:00Z"}, "not_applicable"), ({}, "unknown")])  # fmt: skip
def test_who_did_not_leave(about: dict[str, str], outcome: str) -> None:
    """The roster is the proof that there is nothing to judge, if it is fresh enough to know of a leaver."""
    head = RegisterFile.example(id="personnel", file={"about": about})
    assert judged(LEAVER, BOB, BOB, head, systems=CONNECTED)[0] == outcome


@pytest.mark.parametrize(
    ("statement", "outcome"),
    [({"signed_at": "2026-11-20"}, "pass"), ({"signed_at": "2026-11-19"}, "unknown"), ({"signer": "ada"}, "unknown"),
     ({"facts": {"person": "bob"}}, "unknown"), ({"topic": "incidents"}, "unknown")],
)  # fmt: skip
def test_secrets_that_they_knew(statement: dict[str, Any], outcome: str) -> None:
    """No system shows what somebody remembers: another person states that it was changed, after they left."""
    row = {"id": "s1", "topic": "secret_rotation", "statement": "x", "signer": "bob", "role": "CTO", "signed_at": "2026-11-21"}
    said = Attestation.example(id="s1", row=row | {"facts": {"person": "ada"}} | statement)
    assert judged(LEAVER, GONE, GONE, BOB, said, systems=("datadog",))[0] == outcome
    assert judged(LEAVER, GONE, GONE, BOB, systems=("datadog",), rotation_topic="")[0] == "pass"


@pytest.mark.parametrize(
    ("row", "role_map", "outcome"),
    [
        ({}, {"engineer": ["github:*"]}, "pass"),
        ({}, {"engineer": ["github:reader"]}, "fail"),
        ({"role_since": "2026-11-23"}, {"engineer": ["github:reader"]}, "not_applicable"),
        ({"role_since": "2026-11-22"}, {"engineer": ["github:reader"]}, "fail"),
        ({}, {"manager": ["github:*"]}, "unknown"),
    ],
)
def test_movers(row: dict[str, str], role_map: dict[str, Any], outcome: str) -> None:
    """Whoever has another role may have only what that role may, a day after it began."""
    ada = worker(**row)
    assert judged(LEAVER, ada, ada, listed(), systems=("github",), role_map=role_map)[0] == outcome


FIRST: dict[type[Kind], str] = dict(zip(KINDS[:13], ["aws_iam"] * 4 + ["aws_identity_center"] * 2 + ["azure_rbac"] * 2
                                        + ["entra_roles"] * 3 + ["datadog"] * 2, strict=True))  # fmt: skip
FIRST |= {iam.AccessKey: "aws_iam", center.User: "aws_identity_center", dd_keys.AppKey: "datadog", dd_keys.Token: "datadog"}


@pytest.mark.parametrize("kind", FIRST)
def test_what_was_not_seen(kind: type[Kind]) -> None:
    """A system of which anything was not seen leaves it open, unless something is left that was; one that is not named does not matter."""
    gap, of = {kind: DENIED}, FIRST[kind]
    assert judged(LEAVER, GONE, GONE, BOB, ROTATED, gaps=gap, systems=CONNECTED)[0] == "unknown"
    assert judged(LEAVER, GONE, GONE, BOB, ROTATED, gaps=gap, systems=[one for one in CONNECTED if one != of])[0] == "pass"
    assert judged(LEAVER, GONE, GONE, BOB, ROTATED, listed(), gaps=gap, systems=(of, "github"))[0] == "fail"
    if kind not in (iam.AccessKey, dd_keys.AppKey, dd_keys.Token):
        assert judged(UNIQUE, BOB, BOB, gaps=gap, systems=CONNECTED)[0] == "unknown"
        assert judged(UNIQUE, BOB, BOB, gaps=gap, systems=[one for one in CONNECTED if one != of])[0] == "pass"


@pytest.mark.parametrize("kind", [Person, Access])
def test_registers_that_were_not_seen(kind: type[Kind]) -> None:
    """No roster, no list: no answer; and with no system named there is none either."""
    for check_id in (LEAVER, UNIQUE, MATRIX):
        assert judged(check_id, GONE if check_id == LEAVER else BOB, BOB, gaps={kind: DENIED}, systems=("github",))[0] == "unknown"
        assert judged(check_id, GONE if check_id == LEAVER else BOB, BOB, systems=())[0] == "unknown"
    assert judged(LEAVER, GONE, GONE, gaps={Attestation: DENIED}, systems=("datadog",))[0] == "unknown"
    assert judged(LEAVER, BOB, BOB, gaps={RegisterFile: DENIED}, systems=("datadog",))[0] == "unknown"
    assert judged(UNIQUE, GONE, GONE, systems=("datadog",))[0] == "not_applicable"


COMPANY = Company.example()
SECOND = worker(accounts={"github": ["adm-ada"], "entra": ["adm-ada@x.io"]})


@pytest.mark.parametrize(
    ("ada", "members", "outcome", "why"),
    [
        (SECOND, (listed(), listed(account="adm-ada")), "pass", ""),
        (SECOND, (entra_user(), entra_user("u-2", login="adm-ada@x.io")), "pass", ""),
        (worker(), (entra_user(), entra_user("u-2", login="ada2@x.io", mail="ada@x.io")), "fail", "2 accounts in entra_roles"),
        (worker(), (listed(account="a1", person="ada"), listed(account="a2", person="ada")), "fail", "a1, a2"),
        (worker(accounts={"github": ["a", "b", "c"]}), (listed(account="a"), listed(account="b"), listed(account="c")), "fail", "3 accounts"),
        (worker(), (user(), user(account="9" * 12)), "pass", ""),
        (worker(), (user(), iam.Role.example(id="r", name="deploy", grants={}, trust={"path": "/", "statements": statements(
            {"Statement": {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{US}:user/ada@x.io"}, "Action": "sts:AssumeRole"}})})),
         "pass", ""),
        (worker(), (listed(role="reader", scope="a"), listed("databases", scope="b")), "pass", ""),
    ],
)  # fmt: skip
def test_one_identity_each(ada: Person, members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """One account in each system, or a second that the roster declares; each AWS account has users of its own, and a role is no account."""
    found = judged(UNIQUE, ada, ada, listed("databases", "bob@x.io"), listed(account="bob@x.io"), BOB, *members,
                   systems=(*CONNECTED, "github", "databases"))  # fmt: skip
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("members", "outcome", "why"),
    [
        ((listed(account="bob@x.io"),), "pass", "1 accounts"),
        ((listed(account="eve@x.io"),), "fail", "nobody's on the roster"),
        ((listed(account="eve@y.io", kind="guest"),), "pass", ""),
        ((listed(account="deploy", kind="service", owner="bob"),), "pass", ""),
        ((listed(account="Admin", person="bob"),), "fail", "the name of nobody"),
        ((listed(account="test-user2@x.io", person="bob"),), "fail", "the name of nobody"),
        ((listed(account="info@y.io", kind="guest"),), "fail", "the name of nobody"),
        ((listed(account="bob-admin", person="bob"),), "pass", ""),
        ((worker("cyd", accounts={"github": ["pair"]}), worker("eve", accounts={"github": ["pair"]}), listed(account="pair")), "fail", "cyd and eve"),
        ((worker("cyd", accounts={"github": ["bob@x.io"]}), listed(account="bob@x.io")), "fail", "bob and cyd"),
        ((worker("cyd", accounts={"github": ["bob@x.io"]}, end="2026-01-01"), listed(account="bob@x.io")), "pass", ""),
    ],
)  # fmt: skip
def test_no_account_is_shared(members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """Each is one active person's, whose name it has; a guest is of another roster, and a machine is no person."""
    found = judged(UNIQUE, COMPANY, BOB, *members, systems=("github",))
    assert (found[0], why in found[1]) == (outcome, True), found


def test_declared_accounts_of_nobody() -> None:
    """Break-glass is shared on purpose, and declared by name or id."""
    glass = entra_user("bg-1", login="admin@x.onmicrosoft.com")
    assert judged(UNIQUE, COMPANY, BOB, glass, systems=("entra_roles",))[0] == "fail"
    for name in ("bg-1", "Admin@x.onmicrosoft.com"):
        assert judged(UNIQUE, COMPANY, BOB, glass, systems=("entra_roles",), declared=[name])[0] == "pass"


def assigned(account: str = US, *, name: str = "ada@x.io") -> tuple[Kind, ...]:
    chosen = center.PermissionSet.example(id="arn:aws:sso:::permissionSet/i/ps-1", label="Dev", managed=[], inline=())
    given = {"account": account, "permission_set": "ps-1", "type": "GROUP", "principal": "g-1"}
    return chosen, center.Assignment.example(id="a", settings=given, people=[{"id": "u-1", "name": name}])


OTHER = "222222222222"
SUBSCRIPTION = f"/subscriptions/{SUB}"


def subscription(*groups: str) -> Subscription:
    place = {"name": "one", "tags": {}, "groups": [{"name": name, "title": name} for name in groups]}
    return Subscription.example(id=SUBSCRIPTION, place=place, resource_groups={}, tagged={})


@pytest.mark.parametrize(
    ("members", "outcome", "why"),
    [
        ((*assigned(), engagement()), "pass", US),
        ((*assigned(), engagement(people=["bob"])), "fail", "acme-1 does not name them"),
        ((*assigned(), engagement(end="2026-11-22")), "fail", "does not hold today"),
        ((*assigned(), engagement(start="2026-11-24")), "fail", "does not hold today"),
        ((*assigned(), engagement(end=None, approved_at="2026-08-23")), "pass", ""),
        ((*assigned(), engagement(end=None, approved_at="2026-08-22")), "fail", "has no end"),
        ((*assigned(), engagement(end=None)), "fail", "has no end"),
        ((*assigned(), engagement(end=None), engagement("acme-2")), "pass", ""),
        ((*assigned(OTHER), engagement()), "unknown", OTHER),
        ((azure_role(f"{SUBSCRIPTION}/resourceGroups/g"), engagement(accounts=[SUB])), "pass", SUB),
        ((azure_role(f"{SUBSCRIPTION}/resourceGroups/g", eligible=True), engagement(accounts=[SUB], people=["bob"])), "fail", SUB),
        ((azure_role("/"), engagement(accounts=[SUB], people=["bob"])), "fail", SUB),
        ((azure_role("/providers/Microsoft.Management/managementGroups/live"), subscription("live", "root"),
          engagement(accounts=[SUB], people=["bob"])), "fail", SUB),
        ((azure_role("/providers/Microsoft.Management/managementGroups/lab"), subscription("live", "root"),
          engagement(accounts=[SUB], people=["bob"])), "pass", "no customer"),
        ((engagement(people=["bob"]),), "pass", "no customer"),
    ],
)  # fmt: skip
def test_who_reaches_whom(members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """By role and group, active and eligible, of the account or above it: named today, in an engagement that ends or was just approved."""
    found = judged(MATRIX, worker(), worker(), BOB, *members, systems=("aws_identity_center", "azure_rbac"))
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("row", "reaches", "outcome"),
    [
        ({"scope": f"db-{US}"}, {}, "fail"),
        ({"scope": "db"}, {}, "unknown"),
        ({"scope": "db"}, {"databases": []}, "pass"),
        ({"scope": "db"}, {"databases:writer": [US]}, "fail"),
        ({"scope": "db"}, {"databases:reader": [US]}, "unknown"),
        ({"scope": "db"}, {"databases:*": ["*"]}, "fail"),
    ],
)
def test_indirect_ways(row: dict[str, str], reaches: dict[str, Any], outcome: str) -> None:
    """The right to deploy, logs, databases: where they lead is in the scope or declared; else it is open."""
    given = (worker(), BOB, engagement(people=["bob"]), listed("databases", **row))
    assert judged(MATRIX, worker(), *given, systems=("databases",), reaches=reaches)[0] == outcome
    if "*" in str(reaches):
        found = judged(MATRIX, worker(), worker(), engagement(), listed("databases", **row), systems=("databases",), reaches=reaches)
        assert (found[0], US in found[1]) == ("pass", True)


def test_production_that_no_engagement_names() -> None:
    """An account that is known as production counts, and one that is known as something else does not; who is unknown to us is told apart."""
    given = (worker(), *assigned(OTHER), engagement(people=["bob"]), Account.example(id=US, organization=None, organization_tree=None))
    for environment, outcome in (("prod", "fail"), ("dev", "pass"), ("shared", "pass")):
        assert judged(MATRIX, worker(), *given, systems=("aws_identity_center",), environment_map={OTHER: environment})[0] == outcome
    machine = listed("databases", "deploy", kind="service", scope=US)
    assert judged(MATRIX, COMPANY, machine, worker(), engagement(), systems=("databases",))[0] == "pass"
    stranger = (worker(), *assigned(name="eve@y.io"), engagement())
    assert judged(MATRIX, COMPANY, *stranger, systems=("aws_identity_center",))[0] == "fail"
    assert judged(MATRIX, worker(), *stranger, systems=("aws_identity_center",))[0] == "pass"
    assert judged(MATRIX, COMPANY, *stranger, systems=("aws_identity_center",), break_glass=["Eve@y.io"])[0] == "pass"
    assert judged(MATRIX, COMPANY, *assigned(), worker(), engagement(people=[]), systems=("aws_identity_center",))[0] == "pass"
    assert judged(MATRIX, GONE, GONE, engagement(), systems=("aws_identity_center",))[0] == "not_applicable"


@pytest.mark.parametrize("kind", [*KINDS[4:8], Engagement, Account])
def test_a_matrix_of_what_was_not_seen(kind: type[Kind]) -> None:
    """A gap leaves it open."""
    given = (*assigned(OTHER), engagement(), worker())
    parameters: dict[str, Any] = {} if kind is Account else {"environment_map": {OTHER: "dev"}}
    found = judged(MATRIX, worker(), *given, gaps={kind: DENIED}, systems=("aws_identity_center", "azure_rbac"), **parameters)
    assert found[0] == "unknown", found


def test_every_system_of_reviews_is_asked_by_default() -> None:
    """A company that names no systems is held to all of them."""
    for system in (one for one in SYSTEMS if one not in CONNECTED):
        lists = [listed(other, "bob@x.io") for other in SYSTEMS if other not in (*CONNECTED, system)]
        assert f"{system} was not seen" in judged(LEAVER, GONE, GONE, BOB, ROTATED, *lists)[1]

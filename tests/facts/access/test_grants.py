"""Grants of each system, out of what it answers: each path told apart, nobody left out, nothing of who is gone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access.aws import grants_of_iam, grants_of_identity_center
from controlmon.facts.access.datadog import grants_of_datadog
from controlmon.facts.access.grant import NOTHING, Grant, Roster, resolved
from controlmon.facts.access.live import CONNECTED, NOBODY, Live
from controlmon.facts.access.microsoft import grants_of_azure, grants_of_entra
from controlmon.facts.aws import iam
from controlmon.facts.aws import identitycenter as center
from controlmon.facts.aws.policy import statements
from controlmon.facts.azure.authorization import EligibleAssignment, RoleAssignment
from controlmon.facts.base import All, Unseen
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.entra.roles import GLOBAL_ADMINISTRATOR, Assignment, Eligibility
from controlmon.facts.entra.users import User as EntraUser

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DENIED = Gap(GapKind.DENIED, "svc:Operation", "AccessDenied")
EVERYTHING = statements({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def told(grants: list[Grant]) -> set[tuple[str, str, str, bool]]:
    return {(one.name, one.role, one.path, one.admin) for one in grants}


def trust(**principals: list[str]) -> dict[str, Any]:
    document = {"Statement": [{"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"}]}
    return {"path": "/", "statements": statements(document)}


def test_iam() -> None:
    """A user by each policy and group, the account alone where there is none; a role by whoever may assume it; AWS's own roles not at all."""
    ada = iam.User.example(
        id="arn:aws:iam::1:user/ada",
        name="ada",
        credentials={"generated": ago(0), "mfa": True, "credentials": [{"name": "the password", "enabled": True, "used": ago(5)}]},
        grants={"inline": EVERYTHING, "managed": ["arn:aws:iam::1:policy/read"], "groups": ["ops"]},
    )
    bot = iam.User.example(id="arn:aws:iam::1:user/bot", name="bot", credentials={"generated": ago(0), "mfa": False}, grants={})
    ops = iam.Group.example(id="g", name="ops", grants={"managed": ["arn:aws:iam::aws:policy/AdministratorAccess"]})
    read = iam.Policy.example(id="arn:aws:iam::1:policy/read", document=())
    roles = [
        iam.Role.example(id="r1", name="deploy", grants={}, trust=trust(AWS=["arn:aws:iam::1:user/ada"], Federated=["github"])),
        iam.Role.example(id="r2", name="worker", grants={}, trust=trust(Service=["ec2.amazonaws.com"])),
        iam.Role.example(id="r3", name="own", grants={"path": "/aws-service-role/x/"}, trust=trust(Service=["x"])),
    ]
    found = grants_of_iam(All.of(ada, bot), All.of(ops), All.of(*roles), All.of(read), NOW)
    assert told(found) == {
        ("ada", "its own policy", "direct", True),
        ("ada", "read", "direct", False),
        ("ada", "AdministratorAccess", "group ops", True),
        ("bot", NOTHING, "direct", False),
        ("ada", "role deploy", "role chain", False),
        ("github", "role deploy", "role chain", False),
        ("worker", "role worker", "assumed by ec2.amazonaws.com", False),
    }
    assert {one.name: one.kind for one in found} == {"ada": "", "bot": "", "github": "service", "worker": "service"}
    with pytest.raises(Unseen):
        grants_of_iam(All.of(ada), All[iam.Group].of(), All[iam.Role].of(), All.of(read), NOW)
    with pytest.raises(Unseen):
        grants_of_iam(All.of(ada), All.of(ops), All[iam.Role].of(), All[iam.Policy].of(), NOW)


def test_identity_center() -> None:
    """By permission set and account, of a group each member; a set that was not recorded is a gap, a user that is gone has nothing."""
    arn = "arn:aws:sso:::permissionSet/i/ps-1"
    chosen = center.PermissionSet.example(id=arn, label="Admins", managed=["arn:aws:iam::aws:policy/AdministratorAccess"], inline=())
    given = {"account": "1", "permission_set": "ps-1", "type": "GROUP", "principal": "g-1"}
    people = [{"id": "u-1", "name": "ada@x.io"}, {"id": "u-2"}]
    assignment = center.Assignment.example(id="a", settings=given, people=people)
    found = grants_of_identity_center(All.of(assignment), All.of(chosen))
    assert told(found) == {("ada@x.io", "Admins", "group g-1", True)}
    with pytest.raises(Unseen):
        grants_of_identity_center(All.of(assignment), All[center.PermissionSet].of())


def test_azure() -> None:
    """Active and eligible, direct and of a group; a guest, a stranger of another tenant, and nobody where the principal was deleted."""
    role = {"name": "Owner", "permissions": [{"actions": ["*"]}]}

    def assigned(kind: Any, id: str, sort: str, principal: Any, members: Any = ()) -> Any:
        settings = {"role": "owner", "principal": id, "type": sort, "scope": "/subscriptions/s", "created": ago(9)}
        return kind.example(id=id, settings=settings, role=role, principal=principal, members=members)

    ada, app = {"id": "ada", "kind": "user", "name": "ada@x.io"}, {"id": "app", "kind": "servicePrincipal", "name": "ci"}
    ops = {"id": "ops", "kind": "group", "name": "Ops"}
    guest = {"id": "eve", "kind": "user", "name": "eve_y.com#EXT#@x.io"}
    active = [
        assigned(RoleAssignment, "1", "Group", ops, [ada, guest, app, ops]),
        assigned(RoleAssignment, "2", "User", None),
        assigned(RoleAssignment, "3", "ForeignGroup", None),
    ]
    found = grants_of_azure(All.of(*active), All.of(assigned(EligibleAssignment, "4", "User", ada)))
    assert {(one.name, one.kind, one.path, one.eligible) for one in found} == {
        ("ada@x.io", "human", "group Ops", False),
        ("eve_y.com#EXT#@x.io", "guest", "group Ops", False),
        ("ci", "service", "group Ops", False),
        ("3", "guest", "direct", False),
        ("ada@x.io", "human", "eligible", True),
    }


def test_entra() -> None:
    """Directory roles by user and app, out of groups too; last use is told where the tenant is licensed to know it, and access is in any case."""
    about = {"role": GLOBAL_ADMINISTRATOR, "principal": "ada", "sort": "user", "name": "ada@x.io"}
    group = about | {"principal": "g", "sort": "group", "name": "Admins"}
    active = [
        Assignment.example(id="1", holding=about, members={}),
        Assignment.example(id="2", holding=about | {"principal": "gone", "sort": ""}, members={}),
        Assignment.example(id="3", holding=about | {"principal": "sp", "sort": "servicePrincipal", "name": "ci"}, members={}),
    ]
    eligible = Eligibility.example(id="4", holding=group, members={"users": ["ada", "bob"], "robots": ["sp"]})
    ada = EntraUser.example(id="ada", profile={"enabled": True, "login": "ada@x.io", "mail": "a@x.io"}, activity={"succeeded": ago(3)})
    bob = EntraUser.example(id="bob", profile={"enabled": True, "login": "bob@x.io", "guest": "b2bCollaborationGuest"}, activity=DENIED)
    found = grants_of_entra(All.of(*active), All.of(eligible), All.of(ada, bob), NOW)
    assert {(one.name, one.kind, one.path, one.known is not None) for one in found} == {
        ("ada@x.io", "human", "direct", True),
        ("ci", "service", "direct", False),
        ("ada@x.io", "human", "eligible, group Admins", True),
        ("bob@x.io", "guest", "eligible, group Admins", False),
        ("sp", "service", "eligible, group Admins", False),
    }
    assert {one.role for one in found} == {"Global Administrator"}
    assert "a@x.io" in found[0].names


def test_datadog() -> None:
    """Users by role, one without a role too; none who is disabled; who came between two questions as well."""
    ada = dd.User.example(id="1", profile={"email": "ada@x.io", "last_login": ago(4), "login_known": True})
    off = dd.User.example(id="2", profile={"email": "off@x.io", "disabled": True})
    bot = dd.User.example(id="3", profile={"email": "", "handle": "bot", "service_account": True})
    holders = [{"id": "1", "email": "ada@x.io"}, {"id": "9", "email": "new@x.io"}]
    role = dd.Role.example(id="r", name="Datadog Admin Role", permissions=["org_management"], holders=holders)
    found = grants_of_datadog(All.of(ada, off, bot), All.of(role), NOW)
    assert told(found) == {
        ("ada@x.io", "Datadog Admin Role", "direct", True),
        ("bot", NOTHING, "direct", False),
        ("new@x.io", "Datadog Admin Role", "direct", True),
    }


def person(id: str, **more: Any) -> Person:
    about = {"id": id, "name": id.title(), "email": f"{id}@x.io", "role": "engineer", "start": "2020-01-01"} | more
    return Person.example(id=id, row=about)


ROSTER = Roster(All.of(person("ada", accounts={"aws": ["al"]}), person("bob", end="2026-01-31"), person("cleo", start="2027-01-01")))


def grant(name: str, **more: Any) -> Grant:
    return Grant(**({"system": "aws_iam", "scope": "1", "principal": "p", "name": name, "role": "r"} | more))


@pytest.mark.parametrize(
    ("given", "person", "flags"),
    [
        (grant("al"), "ada", set()),
        (grant("ADA@X.IO"), "ada", set()),
        (grant("al", system="datadog"), "", {"unknown person"}),
        (grant("x", names=("ada@x.io",)), "ada", set()),
        (grant("bob@x.io"), "bob", {"leaver"}),
        (grant("cleo@x.io"), "cleo", {"not yet here"}),
        (grant("who", kind="guest", admin=True), "", {"guest", "admin", "unknown person"}),
        (grant("ci", kind=""), "", {"no owner"}),
        (grant("al", kind=""), "ada", set()),
        (grant("al", kind="service"), "", set()),
        (grant("ci", kind="service", owner="bob"), "", {"no owner"}),
        (grant("al", known=NOW, used=NOW - timedelta(days=91)), "ada", {"inactive"}),
        (grant("al", known=NOW, used=NOW - timedelta(days=90)), "ada", set()),
        (grant("al", known=NOW, since=NOW - timedelta(days=200)), "ada", {"inactive"}),
        (grant("al", since=NOW - timedelta(days=200)), "ada", set()),
    ],
)
def test_who_is_who(given: Grant, person: str, flags: set[str]) -> None:
    """The roster's accounts of that system and its e-mail addresses name the person; what is worth a second look is flagged."""
    (found,) = resolved([given], ROSTER, NOW)
    assert (found.person, set(found.flags)) == (person, flags)


def test_one_row_each() -> None:
    """The same person, system, scope, role and path is one row with the latest use; its id outlives a principal that is made again."""
    requests = All.of(AccessRequest.example(id="q", row={"id": "q", "account": "al", "system": "aws_iam", "role": "r", "approved_by": "bob",
                                                         "approved_at": "2026-01-01", "ticket": "T"}))  # fmt: skip
    old, new = grant("al", used=NOW - timedelta(days=9)), grant("al", principal="p2", used=NOW)
    (found,) = resolved([old, new], ROSTER, NOW, requests)
    assert (found.used, found.flags, found.id) == (NOW, (), resolved([old], ROSTER, NOW)[0].id)
    (other,) = resolved([grant("al", role="more")], ROSTER, NOW, requests)
    assert (other.flags, other.id == found.id) == (("no ticket",), False)


@pytest.mark.parametrize("system", [*CONNECTED, "jira"])
def test_a_gap_is_never_a_shorter_list(system: str) -> None:
    """Whatever population of a system is incomplete, its grants are not told; whole and empty, they are none."""
    assert Live.of(NOW, *NOBODY).grants(system) == []
    broken = [All[Any].of(gap=DENIED) for _ in NOBODY]
    with pytest.raises(Unseen):
        Live.of(NOW, *broken[:-1], NOBODY[-1]).grants(system)
    with pytest.raises(Unseen):
        Live.of(NOW, *NOBODY[:-1], broken[-1]).grants(system)

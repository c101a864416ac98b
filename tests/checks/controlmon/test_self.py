"""The agent judged by its own record: what each check of itself makes of what was recorded before the run."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.iam import Group, Policy, Role, User
from controlmon.facts.azure.authorization import RoleAssignment
from controlmon.facts.controlmon.calls import Call, Identity, reads_only
from controlmon.facts.controlmon.controls import Report, Shown
from controlmon.facts.controlmon.ledger import Record
from controlmon.facts.controlmon.runs import CheckRun, Schedule
from controlmon.facts.controlmon.targets import Declared
from controlmon.facts.datadog.keys import AppKey
from controlmon.facts.datadog.users import User as DatadogUser
from controlmon.facts.document.risks import Risk
from controlmon.facts.document.systems import Page
from controlmon.facts.entra.apps import ServicePrincipal
from controlmon.facts.rights import may_write
from controlmon.service import providers
from tests.support import DENIED, NOW, Given, verdict

HOST, COMPANY = Scope("controlmon", "host"), Scope("document", "company")
SINCE = "2026-01-01T00:00:00Z"


def ago(**length: float) -> str:
    return (NOW - timedelta(**length)).isoformat()


def own(kind: Any, id: str = "one", **answers: Any) -> Given:
    return Given(kind, id, scope=HOST, **answers)


def told(check: str, subject: Given, *others: Given, says: str = "", now: datetime = NOW, **more: Any) -> str:
    """The outcome, after looking at the reason; `waiting` where something is not due yet."""
    found = verdict(f"controlmon.self.{check}", subject, *others, now=now, **more)
    assert says in found.reason, found.reason
    return "waiting" if found.due else found.outcome.value


def run(last: str | None, frequency: str = "hourly", expected: str = SINCE, **errors: Any) -> Given:
    return own(CheckRun, runs={"frequency": frequency, "since": expected, "last": last}, errors={"judged": 100, **errors})


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(run(ago(hours=3)), "pass", "last ran", id="inside the window of three hours"),
        pytest.param(run(ago(hours=3, seconds=1)), "fail", "3.0 h are the most", id="stale"),
        pytest.param(run(ago(hours=26), "daily"), "pass", "", id="a daily one has 26 hours"),
        pytest.param(run(ago(hours=26.1), "daily"), "fail", "26.0 h are the most", id="a daily one that was left out"),
        pytest.param(run(None, expected=ago(hours=1)), "waiting", "it has not run yet", id="expected since an hour"),
        pytest.param(run(None), "fail", "it never ran", id="never"),
        pytest.param(own(CheckRun, runs=DENIED), "unknown", "svc:Operation was denied", id="the record cannot be read"),
    ],
)
def test_heartbeat_of_a_check(subject: Given, expected: str, says: str) -> None:
    """A check is as alive as its last run."""
    assert told("heartbeat", subject, says=says) == expected


def beat(*silences: tuple[float, float], due: float = 0, **more: Any) -> Given:
    """Silences are from so many hours ago, so many hours long; the next run is due since so many hours."""
    gaps = [{"due": ago(hours=a), "until": ago(hours=a - b)} for a, b in silences]
    beats = {"since": SINCE, "last": ago(hours=due + 1), "due": ago(hours=due), "silences": gaps}
    return own(Schedule, "hourly", beats=beats | more)


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(beat(), "pass", "under an hour", id="on time"),
        pytest.param(beat((200, 24)), "pass", "24.0 h", id="a day and no more"),
        pytest.param(beat((200, 24.1), (90, 2)), "fail", "24.1 h", id="a gap that is over still counts"),
        pytest.param(beat((24 * 100, 48)), "pass", "under an hour", id="a gap before the period"),
        pytest.param(beat(due=24.5), "fail", "no run has served it since", id="a gap that lasts"),
        pytest.param(beat(due=23.9, skew=200), "pass", "", id="by the providers' clock"),
        pytest.param(beat(due=23.96, skew=200), "fail", "after the next was due", id="the providers' clock is ahead of ours"),
        pytest.param(beat(skew=-301), "unknown", "clock is 301 s", id="our clock is wrong"),
        pytest.param(beat(back=7200), "unknown", "time went back by 7200 s", id="the clock was set back"),
        pytest.param(beat(last=None, due=0, since=ago(hours=2)), "waiting", "no run has served", id="nobody served it yet"),
        pytest.param(beat(last=None), "fail", "no run has served the hourly schedule since", id="there is no daemon"),
        pytest.param(own(Schedule, beats=DENIED), "unknown", "denied", id="the record cannot be read"),
    ],
)
def test_heartbeat_of_a_schedule(subject: Given, expected: str, says: str) -> None:
    """The silences of the whole period are judged, by clocks that are not only our own."""
    assert told("heartbeat", subject, says=says) == expected


def reached(**more: Any) -> Given:
    return own(Declared, "aws:prod", reached={"asked": True, **more})


HOLE = {"check": "aws.s3.versioning", "why": "s3:ListBuckets was denied"}


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(reached(seen=3), "pass", "3 checks saw it", id="seen"),
        pytest.param(reached(empty=2), "pass", "2 found nothing of their kind: it is not used", id="empty, and why: not used"),
        pytest.param(reached(seen=1, disabled=2), "pass", "2 found a disabled region", id="empty, and why: a disabled region"),
        pytest.param(reached(seen=9, holes=[HOLE, HOLE]), "fail", "s3:ListBuckets was denied, and 1 more", id="empty, and why: no access"),
        pytest.param(reached(refused="sts:X was denied"), "fail", "could not log in", id="no login"),
        pytest.param(own(Declared, reached={"asked": False}), "waiting", "no run has asked it", id="the first run"),
        pytest.param(reached(seen=4, pending=["a.b.c"]), "waiting", "a.b.c among them", id="a check that is new"),
        pytest.param(reached(), "not_applicable", "no enabled check", id="nothing judges it"),
        pytest.param(own(Declared, reached=DENIED), "unknown", "denied", id="the record cannot be read"),
    ],
)
def test_coverage(subject: Given, expected: str, says: str) -> None:
    """A target is covered by what every enabled check saw of it, and an empty population says why it is empty."""
    assert told("coverage", subject, says=says) == expected


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(run(ago(hours=1)), "pass", "nothing of 100 was not read", id="no error"),
        pytest.param(run(ago(hours=1), left_open=3), "pass", "3 were left open", id="open for another reason"),
        pytest.param(run(ago(hours=1), kinds={"throttled": 1}, since=ago(hours=24)), "pass", "1 throttled", id="one percent, for a day"),
        pytest.param(
            run(ago(hours=1), kinds={"throttled": 1, "denied": 1}, since=ago(hours=1)), "fail", "1 % are the most", id="two percent"
        ),
        pytest.param(
            run(ago(hours=1), kinds={"denied": 1}, since=ago(hours=24.1)), "fail", "24 h are the most", id="for longer than a day"
        ),
        pytest.param(
            run(ago(hours=1), judged=1, kinds={"denied": 1}, since=ago(hours=1)), "fail", "1 denied of 1", id="AccessDenied on the list"
        ),
        pytest.param(run(None, expected=ago(hours=1)), "waiting", "not run yet", id="the first run"),
        pytest.param(run(None), "unknown", "it never ran", id="never ran"),
        pytest.param(own(CheckRun, runs=DENIED, errors=DENIED), "unknown", "denied", id="the record cannot be read"),
    ],
)
def test_collection_errors(subject: Given, expected: str, says: str) -> None:
    """Errors are counted as errors, by share and by age; denied is never empty."""
    assert told("collection_errors", subject, says=says) == expected


def test_an_error_older_than_what_was_looked_at_is_not_taken_for_young() -> None:
    """Where more hours are allowed than were looked back, nothing tells that the error is not older."""
    subject = run(ago(hours=1), kinds={"denied": 1}, since=ago(days=9), longer=True)
    assert told("collection_errors", subject, max_hours=24 * 30, says="farther back") == "unknown"


HELD = {"entries": 90, "pieces": 400, "begun": SINCE}
OUTSIDE = {"places": ["witness w"], "proofs": 3, "behind": 4, "since": ago(hours=1)}


def record(held: Any = (), outside: Any = (), **kept: Any) -> Given:
    return own(Record, verification={**HELD, **dict(held)}, anchored={**OUTSIDE, **dict(outside)}, kept={"days": 2190, **kept})


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(record(), "pass", "3 proofs outside of this host match", id="it holds"),
        pytest.param(record({"problems": ["(2) entry 7: x", "y"]}), "fail", "(2) entry 7: x, and 1 more", id="altered"),
        pytest.param(record({"problems": ["x"], "begun": None}), "fail", "does not hold", id="altered in its first entry"),
        pytest.param(record({"entries": 0, "begun": None}), "waiting", "nothing is recorded", id="the first run"),
        pytest.param(record(outside={"wrong": ["witness w"]}), "fail", "does not match", id="an anchor of another record"),
        pytest.param(record(outside={"places": (), "proofs": 0}), "fail", "no anchor is configured", id="no anchor"),
        pytest.param(record(outside={"proofs": 0}), "fail", "has given a proof", id="an anchor that never answered"),
        pytest.param(
            record({"begun": ago(hours=47)}, {"proofs": 0}), "waiting", "no anchor has seen it yet", id="the first anchor is not due"
        ),
        pytest.param(record(outside={"since": ago(hours=49)}), "fail", "48 h are the most", id="the tail is old"),
        pytest.param(record(days=365), "fail", "2190 are required", id="twelve months, which SOC 2 takes and HIPAA does not"),
        pytest.param(record(dropped_after=2189), "fail", "dropped after 2189", id="dropped a day too early"),
        pytest.param(own(Record, verification=DENIED), "unknown", "denied", id="it cannot be opened"),
    ],
)
def test_evidence_chain(subject: Given, expected: str, says: str) -> None:
    """The record holds, others have seen it, and it is kept."""
    assert told("evidence_chain", subject, says=says) == expected


def test_twelve_months_are_enough_where_they_are_the_rule() -> None:
    """SOC 2 asks for twelve months, HIPAA for six years: the company says which it is."""
    assert told("evidence_chain", record(days=365), retention_days=365) == "pass"


def call(operation: str, provider: str = "aws", *, declared: bool = True) -> Given:
    return own(Call, called={"provider": provider, "operation": operation, "declared": declared, "count": 2, "run": "r"})


EVERYWHERE = (Role, User, Group, Policy, RoleAssignment, ServicePrincipal, AppKey, DatadogUser)


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(call("s3:ListBuckets"), "pass", "it only reads", id="a declared read"),
        pytest.param(call("s3:ListBuckets", declared=False), "fail", "no collector declares it", id="not declared"),
        pytest.param(call("s3:PutObject"), "fail", "more than read by its name", id="declared, and writes"),
        pytest.param(call("v2.LogsApi:submit_log", "datadog"), "fail", "more than read", id="a log of our own in Datadog"),
        pytest.param(call("GET /x", "gopher"), "fail", "more than read", id="a provider whose names nobody knows"),
        pytest.param(own(Call, called=DENIED), "unknown", "denied", id="the journal cannot be read"),
    ],
)
def test_read_only_calls(subject: Given, expected: str, says: str) -> None:
    """Each operation that was called is one that a collector declares, and reads."""
    assert told("read_only", subject, empty=EVERYWHERE, says=says) == expected


def test_a_write_by_design_is_justified_or_fails() -> None:
    """What the company justifies in words passes, and says so."""
    justified = {"v2.LogsApi:submit_log": "the canary of datadog.log.canary"}
    assert told("read_only", call("v2.LogsApi:submit_log", "datadog"), empty=EVERYWHERE, justified=justified, says="canary") == "pass"
    assert told("read_only", call("v2.LogsApi:submit_log", "datadog"), empty=EVERYWHERE, justified={"v2.LogsApi:submit_log": " "}) == "fail"


def test_every_declared_operation_reads() -> None:
    """By the names of the providers. What does more, or takes a permission that allows more, is known and told."""
    declared = [(p, o) for p in providers.COLLECTED for s in providers.services(p) for o in s.operations()]
    assert {o.id for p, o in declared if not reads_only(p, o.id)} == {"v2.LogsApi:submit_log"}
    cloud = [(p, need) for p, o in declared if p not in ("controlmon", "document") for need in o.needs]
    assert {need for p, need in cloud if may_write(p, need)} == {"org_management"}


ROLE, USER = "arn:aws:iam::123456789012:role/agents/controlmon", "arn:aws:iam::123456789012:user/controlmon"
SESSION = "arn:aws:sts::123456789012:assumed-role/controlmon/session"
OID = "11111111-2222-3333-4444-555555555555"
ACCOUNT = Scope("aws", "123456789012")


def me(identity: str = SESSION, provider: str = "aws", *published: str) -> Given:
    who = {"provider": provider, "target": "123456789012", "identity": identity, "published": list(published or ["s3:ListAllMyBuckets"])}
    return own(Identity, who=who)


def policy(*actions: str, effect: str = "Allow", key: str = "Action") -> dict[str, Any]:
    return {"Statement": [{"Effect": effect, key: list(actions), "Resource": "*"}]}


def principal(kind: Any, arn: str, *inline: Any, managed: tuple[str, ...] = (), groups: tuple[str, ...] = ()) -> Given:
    name = {Role: "Role", User: "User", Group: "Group"}[kind]
    raw = {"Path": "/", f"{name}PolicyList": [{"PolicyDocument": one} for one in inline], "GroupList": list(groups)}
    raw["AttachedManagedPolicies"] = [{"PolicyArn": one} for one in managed]
    return Given(kind, arn, name=arn.rpartition("/")[2], scope=ACCOUNT, grants=raw)


def managed(arn: str, document: Any) -> Given:
    raw = {"PolicyVersionList": [{"IsDefaultVersion": True, "Document": document}]}
    return Given(Policy, arn, scope=ACCOUNT, document=raw)


READS, AUDIT = policy("s3:ListAllMyBuckets"), "arn:aws:iam::aws:policy/SecurityAudit"
ALL_READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize(
    ("identity", "others", "expected", "says"),
    [
        pytest.param(SESSION, [principal(Role, ROLE, READS)], "pass", "allowed 1 actions", id="what is published"),
        pytest.param(SESSION, [principal(Role, ROLE, READS, policy("s3:*", effect="Deny"))], "pass", "", id="a denial takes nothing away"),
        pytest.param(SESSION, [principal(Role, ROLE, policy("s3:listallmybuckets"))], "pass", "", id="actions know no case"),
        pytest.param(SESSION, [principal(Role, ROLE, policy("s3:PutObject", "s3:GetX"))], "fail", "s3:putobject and 1 more", id="a write comes first"),
        pytest.param(SESSION, [principal(Role, ROLE, policy("s3:List*"))], "fail", "s3:list*", id="a pattern is more than any list"),
        pytest.param(SESSION, [principal(Role, ROLE, policy("iam:*", key="NotAction"))], "fail", "also allowed *", id="all but a few"),
        pytest.param(
            SESSION, [principal(Role, ROLE, READS, managed=(ALL_READ,)), managed(ALL_READ, policy("s3:Get*"))], "fail", "s3:get*",
            id="ReadOnlyAccess reads data",
        ),
        pytest.param(
            SESSION, [principal(Role, ROLE, managed=(AUDIT,)), managed(AUDIT, policy("s3:List*"))], "fail", "also allowed", id="SecurityAudit",
        ),
        pytest.param(SESSION, [principal(Role, ROLE, managed=(AUDIT,))], "unknown", "SecurityAudit, which", id="a policy that was not seen"),
        pytest.param(SESSION, [principal(Role, f"{ROLE}-2", READS)], "unknown", "not among what was seen", id="a role that was not seen"),
        pytest.param(USER, [principal(User, USER, READS)], "pass", "", id="a user"),
        pytest.param(
            USER, [principal(User, USER, groups=("g",)), principal(Group, "arn:g/g", policy("s3:PutObject"))], "fail", "putobject", id="by a group"
        ),
        pytest.param(USER, [principal(User, USER, groups=("g",))], "unknown", "", id="a group that was not seen"),
        pytest.param("arn:aws:iam::123456789012:root", [], "fail", "also allowed *", id="the root user"),
        pytest.param("somebody", [], "unknown", "", id="an identity that is no ARN"),
        pytest.param(SESSION, [Given(Role, ROLE, name="controlmon", scope=ACCOUNT, grants=DENIED)], "unknown", "denied", id="denied"),
    ],
)  # fmt: skip
def test_read_only_rights_in_aws(identity: str, others: list[Given], expected: str, says: str) -> None:
    """What the role or user is granted is what is published, action by action."""
    empty = tuple(kind for kind in EVERYWHERE if kind not in {one.kind for one in others})
    assert told("read_only", me(identity), *others, empty=empty, says=says) == expected


def test_rights_of_an_incomplete_list_are_unknown() -> None:
    """A role that is not in a list that was cut short may be anywhere."""
    assert told("read_only", me(), gaps={Role: DENIED}, empty=EVERYWHERE[1:], says="denied") == "unknown"


def assigned(actions: list[str], who: str = OID, type: str = "ServicePrincipal", members: Any = ()) -> Given:
    set_ = {"roleDefinitionId": "/x/roleDefinitions/r", "principalId": who, "principalType": type, "scope": "/subscriptions/s"}
    role = {"properties": {"roleName": "controlmon read", "permissions": [{"actions": actions}]}}
    people = {"value": [{"id": one, "@odata.type": "#microsoft.graph.servicePrincipal"} for one in members]}
    return Given(RoleAssignment, "a", settings={"properties": set_}, role=role, members=people)


def app(role: str, to: str = OID) -> Given:
    raw = {"appId": "graph", "appRoles": [{"id": "r1", "value": role, "allowedMemberTypes": ["Application"]}], "passwordCredentials": []}
    given = {"value": [{"principalId": to, "appRoleId": "r1", "principalType": "ServicePrincipal"}]}
    return Given(ServicePrincipal, "sp", profile=raw | {"appRoleAssignmentRequired": False}, given=given)


def key(scopes: list[str] | None, owner: str = "u1") -> Given:
    attributes = {"created_at": SINCE, "last_used_at": None, "scopes": scopes}
    return Given(AppKey, "k", settings={"attributes": attributes, "relationships": {"owned_by": {"data": {"id": owner}}}})


PERSON = Given(
    DatadogUser,
    "u1",
    profile={"attributes": {"email": "agent@x.io", "handle": "agent", "disabled": False, "service_account": True, "status": "Active"}},
)


@pytest.mark.parametrize(
    ("subject", "others", "expected", "says"),
    [
        pytest.param(me(f"application x, object {OID}", "azure", "A/b/read"), [assigned(["A/b/read"])], "pass", "", id="azure"),
        pytest.param(me(f"application x, object {OID}", "azure", "A/b/read"), [assigned(["*/read"])], "fail", "*/read", id="Reader is more"),
        pytest.param(me(f"application x, object {OID}", "azure"), [assigned(["A/*"], "g", "Group", [OID])], "fail", "a/*", id="by a group"),
        pytest.param(me(f"application x, object {OID}", "azure"), [assigned(["A/*"], "other")], "unknown", "not among", id="no role of ours"),
        pytest.param(me(f"agent ({OID})", "entra", "User.Read.All"), [app("User.Read.All")], "pass", "", id="entra"),
        pytest.param(me(f"agent ({OID})", "entra", "User.Read.All"), [app("User.ReadWrite.All")], "fail", "readwrite", id="entra writes"),
        pytest.param(me(f"agent ({OID})", "entra"), [app("User.Read.All", "x")], "unknown", "not among", id="nothing was given to us"),
        pytest.param(me("agent", "datadog", "teams_read"), [key(["teams_read"]), PERSON], "pass", "", id="datadog"),
        pytest.param(me("agent", "datadog", "teams_read"), [key(None), PERSON], "fail", "also allowed *", id="a key without scopes"),
        pytest.param(me("agent", "datadog", "org_management"), [key(["org_management"]), PERSON], "fail", "justify it", id="writes by design"),
        pytest.param(me("agent", "datadog", "teams_read"), [key([], "u2"), PERSON], "unknown", "", id="no key of ours"),
        pytest.param(me("me", "github"), [], "unknown", "nothing here reads", id="a provider of which nothing is known"),
    ],
)  # fmt: skip
def test_read_only_rights_elsewhere(subject: Given, others: list[Given], expected: str, says: str) -> None:
    """The same of the roles of Azure, the application permissions of Graph and the scopes of Datadog's keys."""
    empty = tuple(kind for kind in EVERYWHERE if kind not in {one.kind for one in others})
    assert told("read_only", subject, *others, empty=empty, says=says) == expected


def test_a_scope_that_writes_by_design_is_justified() -> None:
    """`org_management` is what Datadog asks of whoever reads the organization."""
    subject, others = me("agent", "datadog", "org_management"), (key(["org_management"]), PERSON)
    assert told("read_only", subject, *others, empty=EVERYWHERE[:6], justified={"org_management": "SAML settings"}) == "pass"


def shown(state: str, *reasons: str, seen: bool = True) -> Given:
    return own(Shown, "encryption", derived={"state": state, "reasons": list(reasons), "seen": seen})


@pytest.mark.parametrize(
    ("state", "page", "expected"),
    [
        ("passing", {"*": "Passing"}, "pass"),
        ("passing", {"encryption": "monitored", "*": "failing"}, "pass"),
        *((state, {"*": "passing"}, "fail") for state in ("failing", "unknown", "stale", "waiting", "unmonitored", "excepted")),
        ("failing", {"*": "passing", "encryption": "in progress"}, "pass"),
        ("failing", {}, "unknown"),
        ("passing", {}, "unknown"),
        ("passing", {"backups": "passing"}, "unknown"),
    ],
)
def test_status_backed(state: str, page: dict[str, str], expected: str) -> None:
    """What is shown as passing passes; of what the page shows nothing is assumed."""
    assert told("status_backed", shown(state, "because"), shown=page) == expected


def test_status_backed_at_the_edges() -> None:
    """The first run waits; an exception counts only where the company says so; what could not be derived is unknown."""
    page = {"*": "passing"}
    assert told("status_backed", shown("waiting", seen=False), shown=page) == "waiting"
    assert told("status_backed", shown("excepted"), shown=page, may_be_excepted=True) == "pass"
    assert told("status_backed", own(Shown, derived=DENIED), shown=page) == "unknown"


def page(**fetched: Any) -> Given:
    row = {"id": "status", "name": "Status", "url": "https://trust.artemis.example/status.json", "kind": "status"}
    seen = {"url": row["url"], "status": 200, "type": "application/json", **fetched}
    return Given(Page, "status", scope=COMPANY, row={"row": row, "file": "pages.yaml", "line": 1}, fetched=seen)


def test_the_page_itself_is_read() -> None:
    """What the page was seen to show decides where no parameter does; a page that was not seen, or is not there, decides nothing."""
    good, bad = shown("passing", "seen"), shown("failing", "because")
    assert told("status_backed", good, page(statuses={"encryption": "Passing"})) == "pass"
    assert told("status_backed", bad, page(statuses={"encryption": "Passing"})) == "fail"
    assert told("status_backed", bad, page(statuses={"backups": "Passing"}), says="does not name it") == "unknown"
    assert told("status_backed", bad, page(status=404), says="404") == "unknown"
    gap = Given(Page, "status", scope=COMPANY, row=page().answers["row"], fetched=DENIED)
    assert told("status_backed", bad, gap, says="denied") == "unknown"
    assert told("status_backed", bad, empty=(Page,), says="no page of kind") == "unknown"


def report(*delivered: Any, acknowledged: Any = (), begun: str | None = SINCE) -> Given:
    return own(Report, "weekly", deliveries={"begun": begun, "delivered": list(delivered), "acknowledged": list(acknowledged)})


def sent(days: float, *to: str) -> dict[str, Any]:
    return {"at": ago(days=days), "to": list(to or ("ada", "bob")), "digest": f"d{days}"}


def read(days: float, by: str = "Ada") -> dict[str, Any]:
    return {"at": ago(days=days - 1), "by": by, "digest": f"d{days}"}


@pytest.mark.parametrize(
    ("subject", "expected", "says"),
    [
        pytest.param(report(sent(7), acknowledged=[read(7)]), "pass", "ada had the report", id="delivered and acknowledged"),
        pytest.param(report(sent(8), sent(1), acknowledged=[read(8)]), "pass", "", id="the last one may still be read"),
        pytest.param(report(sent(8), sent(1)), "fail", "not acknowledged", id="the one before was not"),
        pytest.param(report(sent(14), sent(7), acknowledged=[read(7)]), "pass", "", id="whoever read the newer one is told"),
        pytest.param(report(sent(14), sent(7), acknowledged=[read(14)]), "fail", "not acknowledged", id="only the older one was"),
        pytest.param(report(sent(7), acknowledged=[read(7, "bob")]), "fail", "not acknowledged", id="by somebody else"),
        pytest.param(report(sent(7, "bob"), acknowledged=[read(7)]), "fail", "no report was delivered to ada", id="to somebody else"),
        pytest.param(report(sent(8.1), acknowledged=[read(8.1)]), "fail", "8 days are the most", id="a week without"),
        pytest.param(report(), "fail", "no report was delivered", id="none at all"),
        pytest.param(report(begun=ago(days=6)), "waiting", "nothing was to be reported", id="less than a week"),
        pytest.param(report(begun=None), "waiting", "", id="the first run"),
        pytest.param(own(Report, deliveries=DENIED), "unknown", "denied", id="the record cannot be read"),
    ],
)
def test_deficiencies_reported(subject: Given, expected: str, says: str) -> None:
    """Each manager had the report of the week, and said so."""
    assert told("deficiencies_reported", subject, empty=(Risk,), managers=["ada"], says=says) == expected


def test_managers_who_are_not_named_were_not_told() -> None:
    """Nobody is assumed: without names it is unknown."""
    assert told("deficiencies_reported", report(sent(1)), empty=(Risk,), says="managers") == "unknown"


def risk(**row: Any) -> Given:
    return Given(
        Risk, row.get("id", "R-1"), row={"row": {"id": "R-1", "title": "x", "about": ["encryption"], **row}, "file": "f", "line": 1}
    )


@pytest.mark.parametrize(
    ("state", "risks", "expected"),
    [
        pytest.param("passing", [], "not_applicable", id="nothing fails"),
        pytest.param("failing", [], "fail", id="not in the register"),
        pytest.param("failing", [risk(owner="ada", due="2026-12-01")], "pass", id="owned, with a day"),
        pytest.param("failing", [risk(owner="ada")], "fail", id="no day"),
        pytest.param("failing", [risk(due="2026-12-01")], "fail", id="no owner"),
        pytest.param("failing", [risk(owner="ada", due="2026-11-22")], "fail", id="the day is over"),
        pytest.param("failing", [risk(owner="ada", due="2026-11-23")], "pass", id="today is the day"),
        pytest.param("failing", [risk(owner="ada", due="2026-12-01", status="closed")], "fail", id="closed, and still failing"),
        pytest.param("failing", [risk(owner="ada", due="2026-12-01", about=["other"])], "fail", id="about something else"),
    ],
)
def test_failing_controls_have_owners(state: str, risks: list[Given], expected: str) -> None:
    """What fails stands in the register with who mends it and by when."""
    assert told("deficiencies_reported", shown(state), *risks, empty=() if risks else (Risk,)) == expected


def test_failing_controls_without_a_register_are_unknown() -> None:
    """Whoever keeps no register of risks may have an owner for it: nothing tells."""
    assert told("deficiencies_reported", shown("failing")) == "unknown"

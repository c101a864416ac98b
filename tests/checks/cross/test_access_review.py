"""The checks of access reviews, through the engine: what passes, what fails, what waits, and what nobody can tell."""

from datetime import timedelta
from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.core.finding import Finding
from controlmon.facts.access.live import KINDS
from controlmon.facts.aws import iam
from controlmon.facts.aws.account import Account
from controlmon.facts.azure.authorization import EligibleAssignment, RoleAssignment
from controlmon.facts.controlmon.reviews import Review, Revocation
from controlmon.facts.datadog import users as dd
from controlmon.facts.document.access import Access, AccessRequest
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import Role, SystemOwner
from tests.support import DENIED, NOW, Given, MemoryEvidence, findings

HOST, COMPANY = Scope("controlmon", "host"), Scope("document", "company")
EVERY = (*KINDS, Account, SystemOwner, Role)
SNAPSHOT, OTHER = "sha256:" + "0" * 64, "sha256:" + "1" * 64


def ago(days: float) -> str:
    return (NOW - timedelta(days=days)).isoformat()


def kept(of: Any, id: str, /, **row: Any) -> Given:
    return Given(of, id, scope=COMPANY, row={"row": {"id": id} | row, "file": "x", "line": 1})


def person(id: str, **more: Any) -> Given:
    return kept(Person, id, **({"name": id.title(), "email": f"{id}@x.io", "role": "engineer", "start": "2020-01-01"} | more))


def account(name: str = "ada", role: str = "admin", days: int = 3, **more: Any) -> Given:
    about = {"system": "kubernetes", "account": name, "person": name, "role": role, "listed_at": ago(days)[:10]} | more
    return kept(Access, f"{name}-{role}-{about.get('scope', '')}", **about)


def request(role: str = "admin", days: int = 5, **more: Any) -> Given:
    about = {"person": "ada", "system": "kubernetes", "role": role, "approved_by": "bob", "approved_at": ago(days)[:10], "ticket": "T-1"}
    return kept(AccessRequest, "r-1", **(about | more))


PEOPLE = (person("ada"), person("bob"))
OWNER = kept(SystemOwner, "kubernetes", name="K", owner="bob", deputy="ada")
GRANT = {"system": "kubernetes", "scope": "", "principal": "ada", "name": "ada", "role": "admin", "person": "ada"}


def campaign(*, opened: float = 10, signed: float | None = 9, taken: float | None = None, **more: Any) -> dict[str, Any]:
    said = {
        "id": "2026-Q4", "taken_at": ago(opened if taken is None else taken), "opened_at": ago(opened), "snapshot": SNAPSHOT, "rows": 1,
        "reviewers": ["bob"], "exported": [{"reviewer": "bob", "rows": 1, "snapshot": SNAPSHOT, "at": ago(opened)}],
        "signed_at": None if signed is None else ago(signed),
    }  # fmt: skip
    return said | more


def review(
    newest: Any = None, *, since: float = 400, decisions: Any = (), rows: Any = ({"id": "r", "grant": GRANT},), id: str = "kubernetes"
) -> Given:
    signed = newest if newest and newest["signed_at"] else None
    standing = {"since": ago(since), "newest": newest, "signed": signed}
    reviewed = {"campaign": "2026-Q4" if newest else "", "signed": signed is not None, "rows": list(rows), "decisions": list(decisions)}
    return Given(Review, id, scope=HOST, standing=standing, reviewed=reviewed)


def about(check: str, subject: Given, *others: Given, gaps: Any = None, missing: tuple[Any, ...] = (), **parameters: Any) -> Finding:
    """The finding about one subject. Populations of which nobody is given are empty, or, if they are missing, were not asked for."""
    empty = tuple(kind for kind in EVERY if kind not in missing)
    evidence = MemoryEvidence(subject, *others, gaps=gaps, empty=empty, scope=COMPANY)
    found = findings(f"cross.access_review.{check}", evidence, scope=HOST, **parameters)
    return next(one for one in found if one.subject == subject.subject)


def told(finding: Finding) -> str:
    return f"{'waiting' if finding.due else finding.outcome.value}: {finding.reason}"


@pytest.mark.parametrize(
    ("newest", "since", "parameters", "said"),
    [
        (campaign(), 400, {}, "pass: 2026-Q4 was signed off on 14 Nov 2026, 9 days ago, in 2026-Q4; this is 2026-Q4"),
        (campaign(opened=91, signed=90), 400, {}, "pass: 2026-Q4 was signed off on 25 Aug 2026, 90 days ago"),
        (campaign(opened=92, signed=91), 400, {}, "fail: 2026-Q4 was signed off on 24 Aug 2026, 91 days ago"),
        (campaign(opened=92, signed=91), 400, {"cadence": "calendar_quarter"}, "pass: 2026-Q4 was signed off on 24 Aug 2026, 91 days ago"),
        (campaign(opened=150, signed=147), 400, {"cadence": "calendar_quarter"}, "fail: 2026-Q4 was signed off on 29 Jun 2026"),
        (
            campaign(opened=30, signed=9),
            400,
            {},
            "fail: 2026-Q4 was signed off on 14 Nov 2026, 9 days ago, in 2026-Q4; this is 2026-Q4: it is of",
        ),
        (None, 30, {}, "waiting: it was never reviewed: the first is due on 2027-01-22"),
        (None, 30, {"cadence": "calendar_quarter"}, "waiting: it was never reviewed: the first is due on 2026-12-31"),
        (None, 91, {}, "fail: it was never reviewed, and the first was due on 2026-11-22"),
        (campaign(signed=None), 91, {}, "fail: it was never reviewed, and the first was due on 2026-11-22; 2026-Q4 is open"),
    ],
)
def test_signed_within_90_days(newest: Any, since: float, parameters: Any, said: str) -> None:
    """Both rules, a stale snapshot, a first quarter that waits with its day, and no review at all."""
    assert told(about("signed_within_90_days", review(newest, since=since), **parameters)).startswith(said)


KEEP = {"row": "r", "decision": "keep", "reason": "", "by": "bob", "at": ago(9)}
ADMIN = ({"id": "r", "grant": GRANT | {"flags": ["admin"]}},)
MACHINE = ({"id": "r", "grant": GRANT | {"kind": "service", "person": "", "owner": "bob", "name": "ci"}},)
BOSS = kept(Role, "1", role="board", holder="cleo")


@pytest.mark.parametrize(
    ("given", "others", "said"),
    [
        (review(campaign(seconds=3600), decisions=[KEEP]), (), "pass: 1 rows of 2026-Q4 were decided: 1 keep, 0 revoke, 0 modify; within 3600"),
        (review(campaign(seconds=0), decisions=[KEEP]), (), "pass: 1 rows of 2026-Q4 were decided: 1 keep, 0 revoke, 0 modify; within 0 seconds of the sheet's export: all alike"),
        (review(campaign(), decisions=[]), (), "fail: 1 of 1 rows of 2026-Q4 have no decision"),
        (review(campaign(rows=2), decisions=[KEEP]), (), "fail: 1 of 2 rows of 2026-Q4 have no decision"),
        (review(campaign(), decisions=[KEEP | {"by": "ada"}]), (), "fail: ada decided about their own access"),
        (review(campaign(), decisions=[KEEP], rows=MACHINE), (), "pass: 1 rows"),
        (review(campaign(), decisions=[KEEP], rows=ADMIN), (), "fail: ada: admin (direct) was decided without a reason"),
        (review(campaign(), decisions=[KEEP | {"by": "cleo"}]), (person("cleo"),), "fail: cleo decided about ada: admin (direct), and is neither"),
        (review(campaign(), decisions=[KEEP | {"by": "cleo"}]), (person("cleo"), BOSS), "pass: 1 rows"),
        (review(campaign(), decisions=[KEEP | {"by": "cleo"}]), (person("cleo", end="2026-01-01"), BOSS), "fail: cleo decided"),
        (review(campaign(signed=None)), (), "waiting: 2026-Q4 is open, and 1 of 1 rows are not decided"),
        (review(campaign(opened=20, signed=None), decisions=[KEEP]), (), "fail: 2026-Q4 was decided, and not signed within 14 days"),
        (review(since=30), (), "waiting: no review of it was opened yet"),
        (review(), (), "fail: no review of it was ever opened"),
    ],
)  # fmt: skip
def test_decisions_complete(given: Given, others: tuple[Given, ...], said: str) -> None:
    """Missing decisions, self-review, a second person or the board, reasons for flagged rows, haste that is told."""
    assert told(about("decisions_complete", given, *PEOPLE, OWNER, *others)).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (review(campaign(signed=None)), "pass: 1 rows of 2026-Q4 were given to bob, as of 13 Nov 2026"),
        (review(campaign(rows=2)), "fail: the sheets have 1 rows, and 2 were frozen"),
        (review(campaign(exported=[])), "fail: 2026-Q4 was opened, and no sheet was made for bob"),
        (review(campaign(snapshot=OTHER)), "fail: a sheet is bound to another snapshot"),
        (review(campaign(reviewers=["cleo"])), "fail: cleo reviews it, and is neither its owner"),
        (review(since=30), "waiting: no review of it was opened yet"),
        (review(), "fail: no review of it was ever opened"),
    ],
)
def test_reviewer_sheet(given: Given, said: str) -> None:
    """Every row in a sheet that is bound to the snapshot, for a reviewer who owns the system."""
    assert told(about("reviewer_sheet", given, *PEOPLE, OWNER)).startswith(said)


IAM_USER = Given(
    iam.User, "arn:aws:iam::1:user/ada", name="ada", scope=Scope("aws", "1"),
    credentials={
        "user_creation_time": ago(300), "password_enabled": "true", "password_last_changed": ago(300), "password_last_used": ago(1),
        "mfa_active": "true", "generated": ago(0), **{f"access_key_{n}_active": "false" for n in (1, 2)},
        **{f"access_key_{n}_{what}": "N/A" for n in (1, 2) for what in ("last_rotated", "last_used_date")},
    },
    grants={"GroupList": [], "AttachedManagedPolicies": [], "Path": "/"},
)  # fmt: skip


def counted(users: int) -> Given:
    summary = {"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, "AccountSigningCertificatesPresent": 0, "Users": users}
    return Given(Account, "1", scope=Scope("aws", "1"), summary={"SummaryMap": summary})


@pytest.mark.parametrize(
    ("system", "others", "said"),
    [
        ("kubernetes", (account(),), "pass: 1 grants of 1 people and 0 machines were listed to the end"),
        ("kubernetes", (account(days=32),), "fail: its list is of 2026-10-22"),
        ("github", (account(),), "fail: nothing is connected to it"),
        ("aws_iam", (IAM_USER, counted(1)), "pass: 1 grants of 1 people"),
        ("aws_iam", (IAM_USER, counted(2)), "fail: 1 users were listed in 1, and IAM counts 2"),
        ("elsewhere", (), "not_applicable: it is not in the scope of reviews"),
    ],
)
def test_population_complete(system: str, others: tuple[Given, ...], said: str) -> None:
    """A list that is missing or old, and a count of the provider's own that says otherwise."""
    assert told(about("population_complete", review(id=system), *PEOPLE, *others)).startswith(said)


def revocation(decided: float, *looks: tuple[float, bool], eligible: bool = False, **grant: Any) -> Given:
    ordered = {
        "campaign": "2026-Q4", "row": {"id": "r", "grant": GRANT | {"eligible": eligible} | grant}, "signed_at": ago(decided),
        "decision": KEEP | {"decision": "revoke", "at": ago(decided)}, "looks": [{"at": ago(at), "gone": gone} for at, gone in looks],
    }  # fmt: skip
    return Given(Revocation, "2026-Q4/r", scope=HOST, ordered=ordered)


@pytest.mark.parametrize(
    ("given", "others", "said"),
    [
        (revocation(3), (), "pass: it is gone, as was seen on 23 Nov 2026, 3 days after it was decided: when it was first looked for"),
        (revocation(30, (29, False), (27, False), (26, True)), (), "pass: it is gone, as was seen on 28 Oct 2026, 4 days after it was decided"),
        (revocation(3), (account(),), "waiting: it is not carried out yet (direct): the first is due on 2026-11-27"),
        (revocation(8), (account(),), "fail: it is still there (direct), 8 days after it was decided"),
        (revocation(30, (29, False), (20, False), (19, True)), (), "fail: it is gone, but late"),
        (revocation(30, (29, False), (10, True)), (), "unknown: it is gone, and nobody looked between"),
        (revocation(30, (26, True)), (account(), request(days=40)), "fail: it was gone on 28 Oct 2026, and is granted again (direct)"),
        (revocation(30, (26, True)), (account(), request(days=10)), "pass: it is gone on 28 Oct 2026, and was granted again on the approved request T-1"),
        (revocation(8, role="viewer"), (account(),), "unknown: it is gone, and nobody looked"),
        (revocation(3, person="", name="ADA"), (account(),), "waiting: it is not carried out yet"),
        (revocation(3), (account("bob"), account("ada", "viewer")), "pass: it is gone"),
    ],
)  # fmt: skip
def test_revocations_executed(given: Given, others: tuple[Given, ...], said: str) -> None:
    """In time, late, not yet, granted again with and without a request; access is compared, not ids: a lower role is another access."""
    assert told(about("revocations_executed", given, *PEOPLE, *others)).startswith(said)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ((account(),), "pass: nothing was added since 2026-Q4"),
        ((account(), account(role="root")), "fail: 1 of 1 grants since 2026-Q4 have no approved request: ada: root (direct)"),
        ((account(role="root"), request("root")), "pass: each of 1 grants since 2026-Q4 rests on an approved request"),
        ((account(role="root", since=ago(6)[:10]), request("root", days=5)), "fail: 1 of 1"),
        ((account(role="root"), request("root", approved_by="ada")), "fail: 1 of 1"),
        ((account(role="root"), request("root", expires="2026-11-01")), "fail: 1 of 1"),
        ((account(role="root", scope="prod"), request("root", scope="dev")), "fail: 1 of 1"),
        ((account("ci", "deploy", kind="service", person=None), request("deploy", person=None, account="ci")), "pass: each of 1"),
    ],
)
def test_drift_since_review(others: tuple[Given, ...], said: str) -> None:
    """What is new rests on a request that another person approved before it, for that role and place, and that still holds."""
    assert told(about("drift_since_review", review(campaign()), *PEOPLE, *others)).startswith(said)


AZURE = Scope("azure", "sub")
PRINCIPAL = {"@odata.type": "#microsoft.graph.user", "id": "1", "userPrincipalName": "ada@x.io", "accountEnabled": True}
ROLE = {"properties": {"roleName": "Owner", "type": "BuiltInRole", "permissions": []}}
SETTINGS = {"roleDefinitionId": "/x/owner", "principalId": "1", "principalType": "User", "scope": "/subscriptions/sub"}


def assigned(kind: Any) -> Given:
    return Given(
        kind, "1", scope=AZURE, settings={"properties": SETTINGS}, role=ROLE, principal=PRINCIPAL, members={"NotAsked": "no group"}
    )


def test_an_activation_is_an_event() -> None:
    """Who takes for an hour what they may take (PIM) has not drifted; whether they only did so, a revocation cannot tell."""
    both = (assigned(RoleAssignment), assigned(EligibleAssignment))
    grant = {"system": "azure_rbac", "scope": "/subscriptions/sub", "principal": "1", "name": "ada@x.io", "person": "ada", "role": "Owner"}
    rows = ({"id": "r", "grant": grant | {"eligible": True, "path": "eligible"}},)
    found = told(about("drift_since_review", review(campaign(), rows=rows, id="azure_rbac"), *PEOPLE, *both))
    assert found == "pass: nothing was added since 2026-Q4; 1 more are activations (PIM)"
    assert told(about("drift_since_review", review(campaign(), rows=(), id="azure_rbac"), *PEOPLE, *both, request("x"))).startswith(
        "fail: 1 of 1"
    )
    assert "activated" in told(about("revocations_executed", revocation(30, **grant), *PEOPLE, *both))
    assert told(about("revocations_executed", revocation(3, **grant), *PEOPLE, both[1])).startswith("pass")


def test_no_drift_without_a_review() -> None:
    """There is nothing to have drifted from."""
    assert told(about("drift_since_review", review(campaign(signed=None)), *PEOPLE, account())).startswith("not_applicable")


@pytest.mark.parametrize("check", ["population_complete", "drift_since_review", "revocations_executed"])
@pytest.mark.parametrize(
    ("system", "kind"),
    [("kubernetes", Access), ("kubernetes", Person), ("aws_iam", iam.Group), ("datadog", dd.Role)],
)
def test_what_is_not_seen_whole_is_unknown(check: str, system: str, kind: Any) -> None:
    """A gap anywhere never makes a shorter list; and so does a population that nobody asked for."""
    subject = revocation(3, system=system) if check == "revocations_executed" else review(campaign(), id=system)
    others = (*PEOPLE, account())
    assert told(about(check, subject, *others, gaps={kind: DENIED})).startswith("unknown")
    without = [one for one in others if one.kind is not kind]
    assert told(about(check, subject, *without, missing=(kind,))).startswith("unknown")

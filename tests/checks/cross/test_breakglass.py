"""cross.people.breakglass_reconciled: uses and tickets, one with one."""

from datetime import timedelta
from typing import Any

import pytest

from controlmon.core.fact import Gap, GapKind
from controlmon.facts.access.uses import Use, matched
from controlmon.facts.aws import iam
from controlmon.facts.base import Kind
from controlmon.facts.datadog.breakglass import DAYS
from controlmon.facts.datadog.organization import Organization
from controlmon.facts.document.breakglass import BreakGlassUse
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import converted
from controlmon.facts.entra.users import User as EntraUser
from tests.checks.cross.judged import judged, worker
from tests.support import DENIED, NOW

CHECK = "cross.people.breakglass_reconciled"
GLASS, COMPANY = "arn:aws:iam::123456789012:role/break-glass", Company.example()
AT = "2026-11-10T03:00:00+00:00"
TICKET: dict[str, Any] = {
    "id": "bg-1", "principal": GLASS, "person": "ada", "started": AT, "ended": "2026-11-10T04:00:00Z", "reason": "no sign-in",
    "approver": "bob", "ticket": "OPS-9", "alerted_at": "2026-11-10T03:02:00Z", "reviewed_at": "2026-11-11T09:00:00Z", "reviewer": "bob",
}  # fmt: skip
STAFF = (worker(), worker("bob"), worker("eve", end="2026-11-09"))
OURS: dict[str, Any] = {"principals": [GLASS]}


def ticket(id: str = "bg-1", **row: Any) -> BreakGlassUse:
    return BreakGlassUse.example(id=id, row=TICKET | {"id": id} | row)


def role(*at: str, gap: Gap | None = None) -> iam.Role:
    return iam.Role.example(id=GLASS, name="break-glass", uses={"seen": [{"at": one, "event": "AssumeRole"} for one in at], "gap": gap})


def account(at: str | None, login: str = "bg@x.onmicrosoft.com") -> EntraUser:
    return EntraUser.example(id="bg-1", name=login, profile={"enabled": True, "login": login}, activity={"succeeded": at})


def logs(*events: tuple[str, str], without: int = -1, cut: str = "") -> Organization:
    """A source that spoke every day but the one `without` days ago."""
    days = [(NOW - timedelta(days=n)).date().isoformat() for n in range(DAYS) if n != without]
    seen = [{"at": at, "source": "azure.keyvault", "who": who} for at, who in events]
    return Organization.example(breakglass={"seen": seen, "spoke": {"azure.keyvault": days}, "cut": cut})


@pytest.mark.parametrize(
    ("members", "outcome", "why"),
    [
        ((role(AT), ticket()), "pass", "1 uses"),
        ((role(AT),), "fail", "2026-11-10 03:00"),
        ((role(AT, "2026-11-10T03:30:00+00:00"), ticket()), "fail", "03:30"),
        ((role(AT, "2026-11-10T03:30:00+00:00"), ticket(), ticket("bg-2")), "pass", "2 uses"),
        ((role(AT), ticket(principal="arn:aws:iam::123456789012:role/other")), "fail", ""),
        ((role(AT), ticket(ended="2026-11-10T02:54:00Z", started="2026-11-10T01:00:00Z")), "fail", ""),
        ((role(AT), ticket(ended="2026-11-10T02:56:00Z", started="2026-11-10T01:00:00Z")), "pass", ""),
        ((role(AT), ticket(started="2026-11-10T03:04:00Z")), "pass", ""),
        ((role(AT), ticket(started="2026-11-10T03:06:00Z")), "fail", ""),
        ((role(AT), ticket(), ticket("bg-2", supersedes="bg-1", principal="x")), "fail", ""),
        ((role("2026-11-22T12:00:01+00:00"),), "unknown", "may be filed within 24 h"),
        ((role("2026-11-22T11:59:59+00:00"),), "fail", ""),
        ((role(),), "not_applicable", "AWS of 90 days"),
        ((role(gap=DENIED),), "unknown", "not all uses"),
        ((role(AT, gap=DENIED),), "fail", ""),
        ((role(AT, gap=DENIED), ticket()), "unknown", ""),
        ((iam.Role.example(id=GLASS, uses=None),), "unknown", "without MFA"),
        ((), "unknown", "does not exist"),
        ((iam.User.example(id=GLASS, uses={"seen": [{"at": AT, "event": "ConsoleLogin"}]}),), "fail", "ConsoleLogin"),
    ],
)
def test_uses_of_aws(members: tuple[Kind, ...], outcome: str, why: str) -> None:
    """Each has a ticket of its own, or a day to get one; none at all is good only where the whole history was seen."""
    found = judged(CHECK, COMPANY, *STAFF, *members, **OURS)
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("row", "outcome", "why"),
    [
        ({}, "pass", "OPS-9"),
        ({"reason": " "}, "fail", "reason"),
        ({"approver": None}, "fail", "approver"),
        ({"ticket": ""}, "fail", "ticket"),
        ({"approver": "ada"}, "fail", "who used it"),
        ({"approver": "eve"}, "fail", "did not work here"),
        ({"alerted_at": None}, "fail", "at no time"),
        ({"alerted_at": "2026-11-10T03:15:00Z"}, "pass", ""),
        ({"alerted_at": "2026-11-10T03:15:01Z"}, "fail", "15 min after"),
        ({"alerted_at": "2026-11-09T03:02:00Z"}, "fail", ""),
        ({"reviewed_at": "2026-11-15T04:00:00Z"}, "pass", ""),
        ({"reviewed_at": "2026-11-15T04:00:01Z"}, "fail", "by 2026-11-15"),
        ({"reviewed_at": "2026-11-10T03:59:00Z"}, "fail", ""),
        ({"reviewed_at": None}, "fail", "not reviewed"),
        ({"reviewer": "ada"}, "fail", "who used it"),
        ({"reviewer": None}, "fail", "nobody that is told"),
        ({"reviewer": "eve"}, "fail", "did not work here"),
        ({"ended": "2026-11-10T02:00:00Z"}, "fail", "no use"),
    ],
)  # fmt: skip
def test_a_ticket(row: dict[str, Any], outcome: str, why: str) -> None:
    """Any part that is missing, late, or by the wrong person fails it."""
    one = ticket(**row)
    found = judged(CHECK, one, one, *STAFF, role(AT), **OURS)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_tickets_and_what_was_seen() -> None:
    """The alert is measured from the use; a ticket without a use fails where its time was seen whole, and holds by itself where not."""
    late = ticket(started="2026-11-10T02:30:00Z")
    assert judged(CHECK, late, late, *STAFF, role(AT), **OURS)[0] == "pass"
    one = ticket()
    assert judged(CHECK, one, one, *STAFF, role(), **OURS)[0] == "fail"
    assert judged(CHECK, one, one, *STAFF, role(gap=DENIED), **OURS)[0] == "pass"
    old = {"started": "2026-08-01T03:00:00Z", "ended": "2026-08-01T04:00:00Z", "alerted_at": "2026-08-01T03:01:00Z"}
    older = ticket(**old, reviewed_at="2026-08-02T00:00:00Z")
    assert judged(CHECK, older, older, *STAFF, role(), **OURS)[0] == "pass"
    assert judged(CHECK, one, one, ticket("bg-2", supersedes="bg-1"), *STAFF, role(AT), **OURS)[0] == "not_applicable"
    now = ticket(started="2026-11-22T03:00:00Z", ended="2026-11-22T04:00:00Z", alerted_at="2026-11-22T03:01:00Z", reviewed_at=None)
    assert judged(CHECK, now, now, *STAFF, role("2026-11-22T03:00:00+00:00"), **OURS) == (
        "not_applicable", "it has ticket and alert, and was not reviewed yet: the first is due on 2026-11-27",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("members", "parameters", "outcome"),
    [
        ((account(None),), {"accounts": ["BG@x.onmicrosoft.com"]}, "not_applicable"),
        ((account("2026-08-24T00:00:00+00:00"),), {"accounts": ["bg-1"]}, "not_applicable"),
        ((account(AT),), {"accounts": ["bg-1"]}, "fail"),
        ((account(AT), ticket(principal="bg-1")), {"accounts": ["bg-1"]}, "pass"),
        ((), {"accounts": ["bg-1"]}, "unknown"),
        ((EntraUser.example(id="bg-1", profile={"enabled": True}, activity=DENIED),), {"accounts": ["bg-1"]}, "unknown"),
        ((logs(),), {"logs": True, "log_sources": ["azure.keyvault"]}, "not_applicable"),
        ((logs(without=0),), {"logs": True, "log_sources": ["azure.keyvault"]}, "not_applicable"),
        ((logs(without=DAYS - 1),), {"logs": True, "log_sources": ["azure.keyvault"]}, "unknown"),
        ((logs(without=1),), {"logs": True, "log_sources": ["azure.keyvault"]}, "unknown"),
        ((logs(cut="timeout"),), {"logs": True, "log_sources": ["azure.keyvault"]}, "unknown"),
        ((logs(),), {"logs": True}, "unknown"),
        ((), {"logs": True}, "unknown"),
        ((Organization.example(breakglass=DENIED),), {"logs": True}, "unknown"),
        ((logs((AT, "bg-1")),), {"logs": True, "log_sources": ["azure.keyvault"]}, "fail"),
        ((logs((AT, "BG-1")), ticket(principal="bg-1")), {"logs": True, "log_sources": ["azure.keyvault"]}, "pass"),
        ((logs((AT, "bg-1")), account(AT), ticket(principal="bg-1")),
         {"logs": True, "log_sources": ["azure.keyvault"], "accounts": ["bg-1"]}, "pass"),
        ((), {}, "unknown"),
    ],
)  # fmt: skip
def test_uses_elsewhere(members: tuple[Kind, ...], parameters: dict[str, Any], outcome: str) -> None:
    """Entra tells the last sign-in; of the rest logs tell, if they spoke every day; what two of them tell is one use."""
    assert judged(CHECK, COMPANY, *STAFF, *members, **parameters)[0] == outcome


@pytest.mark.parametrize("kind", [BreakGlassUse, Person, iam.Role, EntraUser, Organization])
def test_what_was_not_seen(kind: type[Kind]) -> None:
    """A gap leaves it open: of the tickets, of the people who signed them, of any place that is declared."""
    parameters = {"principals": [GLASS], "accounts": ["bg-1"], "logs": True, "log_sources": ["azure.keyvault"]}
    members = [one for one in (role(), account(None), logs()) if type(one) is not kind]
    if kind is Person:
        one = ticket(approver="cyd")
        assert judged(CHECK, one, one, role(AT), gaps={kind: DENIED}, **OURS)[0] == "unknown"
    else:
        assert judged(CHECK, COMPANY, *STAFF, *members, gaps={kind: Gap(GapKind.DENIED, "x")}, **parameters)[0] == "unknown"


def test_as_many_as_can_be_are_matched() -> None:
    """A wide ticket does not take the use that only it could have covered later."""
    wide = converted(TICKET | {"id": "a-wide", "ended": "2026-11-10T09:00:00Z"}, BreakGlassUse.row.parse.__annotations__["return"])
    narrow = converted(TICKET | {"id": "b-narrow", "ended": "2026-11-10T03:30:00Z"}, type(wide))
    uses = [Use(wide.started, GLASS, "aws"), Use(wide.started + timedelta(hours=3), GLASS, "aws")]
    taken, bare = matched(uses, [wide, narrow])
    assert ({name: use.at.hour for name, use in taken.items()}, bare) == ({"b-narrow": 3, "a-wide": 6}, [])

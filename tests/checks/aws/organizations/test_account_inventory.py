"""Which accounts are known, classified and looked into, on raw answers of Organizations."""

from typing import Any

import pytest

from controlmon.core.fact import absent
from controlmon.facts.aws.account import Account
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, PROD, STAGING, STRANGER, UNTOLD, account, member, tree
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.organizations.account_inventory"
TAGS = {"env": "prod", "owner": "ops", "data-classification": "customer"}
ALL = {ACCOUNT: "ou-p", PROD: "ou-p", DEV: "ou-n", STAGING: "ou-n", LOGS: "ou-i", UNTOLD: "ou-w", MANAGEMENT: "r-1"}
TAGGED = [member(one, unit, f"a-{one[:3]}", **TAGS) for one, unit in ALL.items()]
ALONE = absent("AWSOrganizationsNotInUseException")
OUTSIDE = {"organization": ALONE, "listed": ALONE}


def seen(id: str, status: str = "", **answers: Any) -> Given:
    return account(id, standing={"Account": {"Status": status} if status else id}, **answers)


def manager(*changed: dict[str, Any], **answers: Any) -> Given:
    return seen(MANAGEMENT, listed=tree(*TAGGED, *changed), **answers)


OTHERS = [seen(one) for one in ALL if one not in (ACCOUNT, MANAGEMENT)]


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(seen(ACCOUNT), [manager()], {}, "pass", "classified", id="classified, and collected from"),
        pytest.param(seen(ACCOUNT), [manager(member(ACCOUNT, "ou-p", owner="ops"))], {}, "fail", "no environment, data classification", id="half of it"),
        pytest.param(seen(ACCOUNT), [manager(member(ACCOUNT, "ou-p", **TAGS | {"owner": ""}))], {}, "fail", "no owner", id="an empty tag tells nothing"),
        pytest.param(seen(ACCOUNT), [manager(member(ACCOUNT, "ou-p", **{"acme:Owner": "x", "Data Class": "y", "Environment": "z"}))], {}, "pass", "classified", id="as people spell them"),
        pytest.param(seen(ACCOUNT), [manager(member(ACCOUNT, "ou-p"))], {"account_map": {ACCOUNT: {"environment": "prod", "owner": "ops", "data-classification": "phi"}}}, "pass", "classified", id="an entry in the map"),
        pytest.param(seen(ACCOUNT), [manager(member(ACCOUNT, "ou-p", owner="x", classification="y"))], {"environment_map": {ACCOUNT: "prod"}}, "pass", "classified", id="in the map of environments"),
        pytest.param(seen(ACCOUNT, "SUSPENDED"), [manager()], {}, "not_applicable", "SUSPENDED on 2026-11-23", id="suspended"),
        pytest.param(seen(ACCOUNT, "PENDING_CLOSURE"), [manager()], {}, "not_applicable", "PENDING_CLOSURE on 2026-11-23", id="being closed"),
        pytest.param(seen(ACCOUNT, "ACTIVE"), [manager()], {}, "fail", "could not be logged in to", id="active, and shut to us"),
        pytest.param(seen(ACCOUNT), [seen(MANAGEMENT)], {}, "unknown", "grant", id="nobody may list the organization"),
        pytest.param(seen(ACCOUNT, **OUTSIDE), [], {}, "unknown", "no register", id="in no organization, and no register"),
        pytest.param(seen(STRANGER, **OUTSIDE), [manager()], {"registered": ["7" * 12]}, "fail", "not in the register", id="not in the register"),
        pytest.param(seen(ACCOUNT, **OUTSIDE), [], {"registered": [ACCOUNT]}, "fail", "no environment, owner", id="registered, and not classified"),
        pytest.param(manager(), [*OTHERS, seen(ACCOUNT)], {}, "pass", "every other", id="all are looked into"),
        pytest.param(manager(), OTHERS, {}, "fail", f"({ACCOUNT}) was not collected from", id="one is not"),
        pytest.param(manager(member(ACCOUNT, "ou-p", owner="x")), OTHERS, {}, "fail", "and has no environment, data", id="and is not classified"),
        pytest.param(manager(member(ACCOUNT, "ou-p", "old", "SUSPENDED")), OTHERS, {}, "pass", f"closed on 2026-11-23: old ({ACCOUNT}) SUSPENDED", id="a closed one is listed apart"),
        pytest.param(manager(), [*OTHERS, seen(ACCOUNT)], {"registered": [STRANGER]}, "fail", f"{STRANGER} is registered", id="a registered one that nobody looks into"),
        pytest.param(manager(), [*OTHERS, seen(ACCOUNT), seen(STRANGER, **OUTSIDE)], {"registered": [STRANGER]}, "pass", "every", id="or somebody does"),
        pytest.param(seen(LOGS, listed=tree(*TAGGED)), [seen(MANAGEMENT)], {}, "fail", "was not collected from", id="a delegated administrator answers in its place"),
        pytest.param(seen(LOGS, listed=tree(*TAGGED)), [manager()], {}, "pass", "collected from", id="and not beside it"),
        pytest.param(account(standing=DENIED), [manager()], {}, "unknown", "grant", id="an account that does not answer"),
    ],
)  # fmt: skip
def test_account(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(CHECK, subject, *others, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_login_that_failed_is_not_taken_for_an_account_that_nobody_looks_into() -> None:
    """Which of the accounts it would have opened is not known."""
    evidence = MemoryEvidence(manager(), *OTHERS, gaps={Account: DENIED})
    [found] = [f for f in findings(CHECK, evidence, scope=manager().subject.scope) if f.subject.id == MANAGEMENT]
    assert (found.outcome, "as far as is known" in found.reason) == ("unknown", True), found.reason

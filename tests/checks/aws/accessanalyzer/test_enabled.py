"""aws.accessanalyzer.enabled on raw answers of Access Analyzer and Organizations."""

from typing import Any

import pytest

from controlmon.core.fact import Scope, absent
from controlmon.core.finding import Finding
from controlmon.facts.aws.accessanalyzer import Analyzer
from controlmon.facts.aws.account import Account, Region
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.accessanalyzer.enabled"
ADMIN = "999999999999"
ALONE, MEMBER = absent("AWSOrganizationsNotInUseException"), {"Organization": {"Id": "o-1", "MasterAccountId": ADMIN}}
NONE = {"empty": (Analyzer,)}


def analyzer(type: str = "ACCOUNT", status: str = "ACTIVE", name: str = "a", scope: Scope | None = None) -> Given:
    return Given(Analyzer, name, scope=scope, settings={"arn": name, "name": name, "type": type, "status": status})


def judged(*analyzers: Given, organization: Any = ALONE, **more: Any) -> Finding:
    return verdict(CHECK, Given(Region, f"{ACCOUNT}:eu-west-1"), *analyzers, Given(Account, ACCOUNT, organization=organization), **more)


@pytest.mark.parametrize(
    ("analyzers", "organization", "more", "outcome", "because"),
    [
        pytest.param([analyzer()], DENIED, {}, "pass", "ACCOUNT", id="of the account"),
        pytest.param([analyzer("ORGANIZATION")], DENIED, {}, "pass", "ORGANIZATION", id="of the organization"),
        pytest.param([analyzer("ORGANIZATION_UNUSED_ACCESS")], ALONE, {}, "fail", "UNUSED", id="of unused access"),
        pytest.param([analyzer("ACCOUNT_INTERNAL_ACCESS")], ALONE, {}, "fail", "INTERNAL", id="of internal access"),
        pytest.param([analyzer(status="CREATING")], ALONE, {}, "fail", "CREATING", id="not yet at work"),
        pytest.param([analyzer(status="DISABLED"), analyzer(name="b")], ALONE, {}, "pass", "b", id="one at work is enough"),
        pytest.param([], ALONE, NONE, "fail", "there is none", id="none"),
        pytest.param([], MEMBER, NONE, "unknown", "organization_admin", id="none in a member of an organization"),
        pytest.param([], {"Organization": {"Id": "o", "MasterAccountId": ACCOUNT}}, NONE, "fail", "none", id="or its management account"),
        pytest.param([], MEMBER, NONE | {"organization_admin": ADMIN}, "not_applicable", ADMIN, id="whose administrator is judged"),
        pytest.param([], MEMBER, NONE | {"organization_admin": ACCOUNT}, "fail", "none", id="and is this"),
        pytest.param([], MEMBER, NONE | {"organization_admin": "none"}, "fail", "none", id="or that has none"),
        pytest.param([], DENIED, NONE, "unknown", "grant svc:Permission", id="an organization that may not be asked"),
        pytest.param([], ALONE, {"gaps": {Analyzer: DENIED}}, "unknown", "grant", id="a denied list"),
        pytest.param([analyzer()], ALONE, {"gaps": {Analyzer: DENIED}}, "pass", "a", id="of which one is enough"),
        pytest.param([Given(Analyzer, settings={})], ALONE, {}, "unknown", "type", id="an empty answer"),
    ],
)
def test_region(analyzers: list[Given], organization: Any, more: Any, outcome: str, because: str) -> None:
    found = judged(*analyzers, organization=organization, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_an_analyzer_of_another_region_looks_at_nothing_here() -> None:
    here, there = (Scope("aws", ACCOUNT, name) for name in ("eu-west-1", "us-east-1"))
    account = Given(Account, ACCOUNT, scope=here.wide(), organization=ALONE)
    evidence = MemoryEvidence(Given(Region, "here", scope=here), account, analyzer(scope=there), empty=(Analyzer,), scope=here)
    assert [f.outcome for f in findings(CHECK, evidence, scope=here)] == ["fail"]

"""Which environment an account is of, on raw answers: declared, tagged, named, in conflict, and not told at all."""

from typing import Any

import pytest

from controlmon.core.fact import Scope, absent
from controlmon.facts.aws.account import Account, Region
from controlmon.facts.aws.ec2 import Vpc
from tests.checks.aws.company import DEV, MANAGEMENT, UNTOLD, account, at, member, tree
from tests.support import ACCOUNT, DENIED, Given, verdict

HERE = {"standing": {"Account": ACCOUNT}}


def tagged(*pairs: tuple[str, str], region: str = "eu-west-1", answer: Any = None) -> Given:
    found = {"Tags": [{"Key": k, "Value": v, "Example": f"arn:{v}", "Count": 2} for k, v in pairs]}
    return at(ACCOUNT, Region, f"{ACCOUNT}:{region}", region=region, environment_tags=found if answer is None else answer)


def vpc(name: str, **tags: str) -> Given:
    raw = {"OwnerId": ACCOUNT, "IsDefault": False, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
    return at(ACCOUNT, Vpc, name, region="eu-west-1", settings=raw)


NONE = tagged()
ALONE = absent("AWSOrganizationsNotInUseException")


@pytest.mark.parametrize(
    ("listed", "regions", "parameters", "outcome", "because"),
    [
        pytest.param(tree(), [NONE], {}, "pass", "the unit Prod", id="the name of its unit"),
        pytest.param(tree(member(ACCOUNT, "ou-w", "acme_Prod-eu")), [NONE], {}, "pass", "acme_Prod-eu", id="a word of its own name"),
        pytest.param(tree(member(ACCOUNT, "ou-w", Environment=" LIVE ")), [NONE], {}, "pass", "is prod", id="a tag, by its synonym"),
        pytest.param(tree(member(ACCOUNT, "ou-n", stage="uat")), [NONE], {}, "pass", "is staging", id="staging is what non-prod may be"),
        pytest.param(tree(member(ACCOUNT, "ou-w", "shop-non-prod")), [NONE], {}, "pass", "is nonprod", id="non-prod is not prod"),
        pytest.param(tree(member(ACCOUNT, "ou-w", "shop-preprod")), [NONE], {}, "pass", "is staging", id="nor is preprod"),
        pytest.param(tree(member(ACCOUNT, "ou-w", "reproduction")), [NONE], {}, "fail", "nothing says", id="nor is half a word"),
        pytest.param(tree(member(ACCOUNT, "ou-w")), [NONE], {}, "fail", "nothing says", id="unmapped fails"),
        pytest.param(tree(member(ACCOUNT, "ou-w", env="blue")), [NONE], {}, "fail", "env=blue", id="a word that nobody knows"),
        pytest.param(tree(member(ACCOUNT, "ou-w", env="blue")), [NONE], {"synonyms": {"prod": ["blue"]}}, "pass", "is prod", id="until it is told"),
        pytest.param(tree(member(ACCOUNT, "ou-p", env="dev")), [NONE], {}, "fail", "the unit Prod says prod", id="tag and unit disagree"),
        pytest.param(tree(member(ACCOUNT, "ou-p", "shop-dev")), [NONE], {}, "fail", "says dev", id="name and unit disagree"),
        pytest.param(tree(member(ACCOUNT, "ou-w")), [NONE], {"environment_map": {ACCOUNT: "production"}}, "pass", "environment_map", id="declared"),
        pytest.param(tree(member(ACCOUNT, "ou-w")), [NONE], {"environment_map": {"Workloads": "dev"}}, "pass", "is dev", id="declared by unit"),
        pytest.param(tree(), [NONE], {"environment_map": {"Workloads": "dev", "Workloads/Prod": "prod"}}, "fail", "Workloads: dev", id="units that disagree"),
        pytest.param(tree(), [NONE], {"environment_map": {ACCOUNT: "dev"}}, "fail", "but the unit Prod", id="declared against its unit"),
        pytest.param(tree(), [NONE], {"environment_map": {ACCOUNT: "prodution"}}, "fail", "no environment", id="a slip of the pen is no environment"),
        pytest.param(tree(), [tagged(("env", "prd"), ("Environment", "live"))], {}, "pass", "no tag", id="tags that agree"),
        pytest.param(tree(), [NONE, tagged(("env", "dev"), region="us-east-1")], {}, "fail", "env=dev and 1 more", id="a mixed account"),
        pytest.param(tree(), [tagged(("env", "blue"))], {}, "unknown", "env=blue", id="a tag of a word that nobody knows"),
        pytest.param(tree(), [tagged(answer=DENIED)], {}, "unknown", "grant", id="tags that may not be seen"),
        pytest.param(tree(), [tagged(answer=DENIED), tagged(("env", "dev"), region="us-east-1")], {}, "fail", "env=dev", id="a witness is enough"),
        pytest.param(tree(member(ACCOUNT, "ou-i", "network")), [tagged(("env", "dev"), ("env", "prod"))], {}, "pass", "shared", id="shared serves all"),
        pytest.param(DENIED, [NONE], {}, "unknown", "grant", id="an organization that may not be listed"),
        pytest.param(DENIED, [NONE], {"environment_map": {ACCOUNT: "prod"}}, "unknown", "grant", id="even of what is declared: its unit may disagree"),
        pytest.param({"Roots": []}, [NONE], {}, "unknown", "shape", id="an answer of no shape"),
    ],
)  # fmt: skip
def test_a_member(listed: Any, regions: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(
        "aws.organizations.environment_model", account(**HERE), account(MANAGEMENT, listed=listed), *regions, empty=(Vpc,), **parameters
    )
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def judged(subject: Given, *others: Given, **parameters: Any) -> tuple[str, str]:
    found = verdict("aws.organizations.environment_model", subject, *others, empty=(Vpc, Region), **parameters)
    return found.outcome, found.reason


def test_the_management_account_answers_for_those_that_are_not_collected_from() -> None:
    """It is shared by what it is; an account that nobody looks into, and that is of no environment, is its failure."""
    management = account(MANAGEMENT, listed=tree(), standing={"Account": MANAGEMENT})
    outcome, reason = judged(management, at(MANAGEMENT, Region, "r", environment_tags={"Tags": []}))
    assert (outcome, "playground" in reason) == ("fail", True)
    outcome, reason = judged(management, environment_map={UNTOLD: "dev"})
    assert (outcome, "management account" in reason) == ("pass", True)
    closed = account(MANAGEMENT, listed=tree(member(UNTOLD, "ou-w", status="SUSPENDED")), standing={"Account": MANAGEMENT})
    assert judged(closed)[0] == "pass"


def test_the_management_account_is_no_place_for_a_workload() -> None:
    """What it is called then speaks against what it is."""
    listed = tree(member(MANAGEMENT, "r-1", "acme-prod"))
    outcome, reason = judged(account(MANAGEMENT, listed=listed, standing={"Account": MANAGEMENT}))
    assert (outcome, "management account" in reason) == ("fail", True)


def test_one_account_passes_by_vpc_only_if_that_is_declared() -> None:
    """An account for all is unmapped, unless separation by VPC is declared, and each VPC is of one environment."""
    alone = account(listed=ALONE, organization=ALONE, **HERE)
    assert judged(alone, vpc("vpc-1", env="prod"), NONE)[0] == "fail"
    assert judged(alone, vpc("vpc-1", env="prod"), vpc("vpc-2", env="dev"), NONE, by_vpc=True)[0] == "pass"
    assert judged(alone, vpc("vpc-1", env="prod"), vpc("vpc-2"), NONE, by_vpc=True)[0] == "fail"
    assert judged(alone, NONE, environment_map={ACCOUNT: "prod"})[0] == "pass"


def test_a_closed_account_is_not_judged() -> None:
    """Nothing runs in it."""
    assert judged(account(standing={"Account": {"Status": "SUSPENDED"}}))[0] == "not_applicable"


def test_an_account_whose_login_failed_hides_its_organization() -> None:
    """A list that may be ours and was not seen leaves what is not found unknown."""
    other = Given(Account, DEV, scope=Scope("aws", DEV), organization=DENIED, organization_tree=DENIED)
    alone = account(listed=ALONE, organization=ALONE, **HERE)
    assert judged(alone, other, NONE)[0] == "unknown"

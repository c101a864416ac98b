"""The label of a VPC on raw answers: its own, its account's, and what is in it."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ec2 import Subnet, Vpc
from controlmon.facts.aws.instances import Instance
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, STRANGER, account, at, estate, tree
from tests.support import ACCOUNT, DENIED, Given, verdict


def tags(env: str) -> list[dict[str, str]]:
    return [{"Key": "Environment", "Value": env}] if env else []


def vpc(env: str = "", *, owner: str = ACCOUNT, seen_by: str = ACCOUNT, answer: Any = None) -> Given:
    raw = {"OwnerId": owner, "IsDefault": False, "Tags": tags(env)}
    return at(seen_by, Vpc, "vpc-1", region="eu-west-1", settings=answer or raw)


def instance(env: str = "", *, account: str = ACCOUNT, vpc: str = "vpc-1", state: str = "running", answer: Any = None) -> Given:
    raw = {"InstanceId": "i-1", "State": {"Name": state}, "VpcId": vpc, "Tags": tags(env)}
    return at(account, Instance, "i-1", region="eu-west-1", settings=answer or raw)


def subnet(env: str = "", vpc: str = "vpc-1") -> Given:
    return at(ACCOUNT, Subnet, "subnet-1", region="eu-west-1", settings={"VpcId": vpc, "Tags": tags(env)})


@pytest.mark.parametrize(
    ("subject", "inside", "parameters", "outcome", "because"),
    [
        pytest.param(vpc("prod"), [instance("live"), subnet("prd")], {}, "pass", "all in it", id="all of one mind"),
        pytest.param(vpc("prod"), [instance(), subnet()], {}, "pass", "all in it", id="what has no label says nothing"),
        pytest.param(vpc(), [], {}, "fail", "nothing says", id="a label that is missing"),
        pytest.param(vpc("blue"), [], {}, "fail", "no environment", id="a label that nobody knows"),
        pytest.param(vpc("dev"), [], {}, "fail", "its account prod", id="a label that is not the account's"),
        pytest.param(vpc(), [], {"environment_map": {"vpc-1": "dev"}}, "pass", "declared", id="as is declared, whatever the account"),
        pytest.param(vpc("prod"), [instance("dev")], {}, "fail", "says dev", id="an instance of another"),
        pytest.param(vpc("prod"), [subnet("dev")], {}, "fail", "says dev", id="a subnet of another"),
        pytest.param(vpc("prod"), [instance("dev", vpc="vpc-2")], {}, "pass", "all in it", id="which is in another VPC"),
        pytest.param(vpc("prod"), [instance("dev", state="terminated")], {}, "pass", "all in it", id="or is gone"),
        pytest.param(vpc("prod"), [instance("dev", account=DEV)], {}, "fail", "says dev", id="an instance of a participant"),
        pytest.param(vpc("prod"), [instance(answer=DENIED)], {}, "unknown", "grant", id="instances that may not be seen"),
        pytest.param(vpc("prod"), [instance(answer=DENIED), subnet("dev")], {}, "fail", "says dev", id="a witness is enough"),
        pytest.param(vpc(answer=DENIED), [], {}, "unknown", "grant", id="a VPC that may not be seen"),
        pytest.param(vpc("prod", owner=STRANGER), [], {}, "unknown", "cannot be seen", id="shared by who is not collected from"),
        pytest.param(vpc(owner=MANAGEMENT), [], {}, "not_applicable", "judged there", id="shared by who is"),
    ],
)
def test_vpc(subject: Given, inside: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict("aws.ec2.vpc_environment_label", subject, *inside, *estate(), empty=(Subnet, Instance), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_shared_account_holds_vpcs_of_any_environment() -> None:
    """A network account has a VPC for each; it still has to say which."""
    accounts = (account(MANAGEMENT, listed=tree()), account(LOGS))
    for env, outcome in (("dev", "pass"), ("prod", "pass"), ("", "fail")):
        found = verdict("aws.ec2.vpc_environment_label", vpc(env, owner=LOGS, seen_by=LOGS), *accounts, empty=(Subnet, Instance))
        assert found.outcome == outcome, found.reason


def test_an_account_that_is_not_told_leaves_the_label_unknown() -> None:
    """An organization that may not be listed is no agreement; its own word is still needed first."""
    found = verdict("aws.ec2.vpc_environment_label", vpc("prod"), *estate(DENIED), empty=(Subnet, Instance))
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)
    hidden = Given(Account, DEV, scope=Scope("aws", DEV), organization=DENIED, organization_tree=DENIED)
    found = verdict("aws.ec2.vpc_environment_label", vpc("prod"), *estate(), hidden, empty=(Subnet, Instance))
    assert found.outcome == "pass"

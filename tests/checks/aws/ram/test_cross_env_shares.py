"""What joins environments through resource shares, on raw answers."""

from typing import Any

import pytest

from controlmon.facts.aws.ram import ResourceShare
from tests.checks.aws.company import DEV, LOGS, MANAGEMENT, PROD, STRANGER, at, estate
from tests.support import ACCOUNT, DENIED, Given, verdict


def principals(*ids: str, external: bool = False) -> dict[str, Any]:
    return {"principals": [{"id": one, "external": external} for one in ids]}


def share(
    with_: Any, type: str = "rds:Cluster", *, account: str = ACCOUNT, status: str = "ACTIVE", external: bool = False, of: Any = None
) -> Given:
    resources = of or {"resources": [{"arn": "arn:x", "type": type}]}
    settings = {"status": status, "allowExternalPrincipals": external}
    return at(account, ResourceShare, "arn:s", settings=settings, principals=with_, resources=resources)


def part(kind: str, id: str) -> str:
    return f"arn:aws:organizations::{MANAGEMENT}:{kind}/{id}"


@pytest.mark.parametrize(
    ("subject", "outcome", "because"),
    [
        pytest.param(share(principals(PROD)), "pass", "within prod", id="production"),
        pytest.param(share(principals(DEV)), "fail", "(dev)", id="dev"),
        pytest.param(share(principals(DEV), "ec2:Subnet"), "fail", "ec2:Subnet", id="a subnet with dev"),
        pytest.param(share(principals(DEV), "ec2:PrefixList"), "pass", "nothing that holds data", id="what holds no data"),
        pytest.param(share(principals(LOGS)), "pass", "shared", id="a shared account"),
        pytest.param(share(principals(part("ou", "o-1/ou-p"))), "pass", "within", id="a unit of production"),
        pytest.param(share(principals(part("ou", "o-1/ou-w"))), "fail", "(dev)", id="a unit above both, by its accounts of now"),
        pytest.param(share(principals(part("organization", "o-1"))), "fail", "(dev)", id="the organization"),
        pytest.param(share(principals(part("ou", "o-9/ou-x"))), "unknown", "ou-x", id="a unit of others"),
        pytest.param(share(principals(STRANGER, external=True), external=True), "fail", "outside", id="who is outside"),
        pytest.param(share(principals(PROD), external=True), "pass", "within", id="that it may be with others, and is not"),
        pytest.param(share(principals("x.amazonaws.com")), "pass", "within", id="a service"),
        pytest.param(share(principals(), external=True), "pass", "nobody", id="with nobody"),
        pytest.param(share(principals(DEV), status="DELETED"), "not_applicable", "DELETED", id="one that is gone"),
        pytest.param(share(principals(PROD, DEV), "ec2:Subnet", account=LOGS), "fail", "alike", id="a shared account's subnet for both"),
        pytest.param(share(principals(PROD), "ec2:Subnet", account=LOGS), "pass", "within", id="or for one"),
        pytest.param(share(DENIED), "unknown", "grant", id="principals that may not be seen"),
        pytest.param(share(principals(DEV), of=DENIED), "unknown", "grant", id="resources that may not be seen"),
    ],
)
def test_shares(subject: Given, outcome: str, because: str) -> None:
    found = verdict("aws.ram.cross_env_shares", subject, *estate())
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_a_unit_that_may_not_be_listed_is_unknown() -> None:
    """Its accounts are not known."""
    found = verdict(
        "aws.ram.cross_env_shares", share(principals(part("ou", "o-1/ou-p"))), *estate(DENIED), environment_map={ACCOUNT: "prod"}
    )
    assert (found.outcome, "grant" in found.reason) == ("unknown", True)

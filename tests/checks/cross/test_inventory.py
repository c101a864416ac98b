"""cross.environment.*, cross.asset.* and document.environment.model: registers held against what clouds hold."""

from typing import Any

import pytest

from controlmon.core.fact import Scope
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.tagged import TaggedResource, sort_of
from controlmon.facts.azure.resource import Resource
from controlmon.facts.azure.subscription import KnownSubscription, Subscription
from controlmon.facts.document.isolation import EnvironmentEntry, Store
from controlmon.facts.document.registers import RegisterFile
from controlmon.facts.document.systems import ASSETS, Asset
from tests.checks.cross.clouds import CLOUDS, SUB, account, arn, aws, azure, known, subscription
from tests.checks.document.rows import company, head, person, row, said
from tests.support import ACCOUNT, DENIED, Given


def entry(id_: str, environment: str = "prod", cloud: str | None = "aws") -> Given:
    return row(EnvironmentEntry, id=id_, environment=environment, cloud=cloud)


OURS, THEIRS = entry(ACCOUNT), entry(SUB, cloud="azure")
ENDS = (account(), subscription())


@pytest.mark.parametrize(
    ("given", "outcome", "why"),
    [
        ((OURS, THEIRS, aws("rds:cluster:db"), azure("a/b", "x")), "pass", "0 of 2"),
        ((OURS, THEIRS, aws("rds:cluster:db", env="dev")), "pass", ""),
        ((OURS, THEIRS, aws("rds:cluster:db", env="purple")), "fail", "purple"),
        ((OURS, THEIRS, aws("states:stateMachine:m", env="purple")), "fail", "1 of 1"),
        (
            (OURS, THEIRS, *(aws(f"states:stateMachine:{n}") for n in range(49)), aws("states:stateMachine:m", env="purple")),
            "pass",
            "2.0 %",
        ),
        (
            (OURS, THEIRS, *(aws(f"states:stateMachine:{n}") for n in range(48)), aws("states:stateMachine:m", env="purple")),
            "fail",
            "2.0 %",
        ),
        ((OURS, THEIRS, *(aws(f"states:stateMachine:{n}") for n in range(99)), aws("s3:::b", env="purple")), "fail", "1 data stores"),
        ((OURS, azure("Microsoft.Sql/servers", "s")), "fail", "1 data stores"),
        ((OURS, entry(arn("s3:::b"), "dev"), aws("s3:::b", env="purple")), "pass", ""),
        ((THEIRS, azure("a/b", "x")), "unknown", f"no tag in {ACCOUNT}"),
        ((THEIRS, aws("rds:cluster:db", env="dev")), "unknown", ACCOUNT),
        ((THEIRS, aws("rds:cluster:db")), "fail", "1 data stores"),
        ((OURS, THEIRS), "not_applicable", "nothing was seen"),
    ],
)
def test_environments(given: tuple[Given, ...], outcome: str, why: str) -> None:
    """All that holds data is of a known class, and almost all else; an account of none hides what has no tag, and is never a pass."""
    found = said("cross.environment.coverage", company(), *ENDS, *given, seen=CLOUDS)
    assert (found[0], why in found[1]) == (outcome, True), found


def test_environments_of_azure_by_tags() -> None:
    """Where the subscription does not say it, the tag of a resource does."""
    server = azure("Microsoft.Sql/servers", "s", env="dev")
    ends = (account(), subscription(SUB, server))
    assert said("cross.environment.coverage", company(), *ends, OURS, server, seen=CLOUDS)[0] == "pass"


@pytest.mark.parametrize("kind", [TaggedResource, Resource, EnvironmentEntry, Account, Subscription])
def test_environments_that_were_not_seen(kind: type[Any]) -> None:
    """Unknown here, since every check of segregation rests on it. What is declared of a subscription needs nothing else."""
    map_ = (OURS,) if kind is Subscription else (OURS, THEIRS)
    given = [one for one in (*ENDS, *map_, aws("rds:cluster:db"), azure("a/b", "x", env="dev")) if one.kind is not kind]
    assert said("cross.environment.coverage", company(), *given, gaps={kind: DENIED}, seen=CLOUDS)[0] == "unknown"


def test_a_cloud_that_is_not_declared_is_not_read() -> None:
    """And one that is declared and was not asked is unknown."""
    given = (company(), account(), OURS, aws("rds:cluster:db"))
    assert said("cross.environment.coverage", *given)[0] == "unknown"
    assert said("cross.environment.coverage", *given, clouds=("aws",))[0] == "pass"
    assert (
        said("cross.environment.coverage", company(), account(), aws("s3:::b"), clouds=("aws",), environment_map={ACCOUNT: "dev"})[0]
        == "pass"
    )


REVIEWED = {"reviewed_at": "2026-02-01", "reviewed_by": "ada"}


def assets(*resources: str, without: str = "") -> list[Given]:
    kept = [row(Asset, id=kind, name=kind, kind=kind, owner="ada") for kind in ASSETS if kind not in ("cloud", without)]
    return kept + [row(Asset, id=f"c{i}", name="c", kind="cloud", owner="ada", resource=one) for i, one in enumerate(resources)]


@pytest.mark.parametrize(
    ("registered", "found", "outcome", "why"),
    [
        ([arn("s3:::b"), f"/subscriptions/{SUB}/resourceGroups/g/providers/A/b/x"], (aws("s3:::b"), azure("a/b", "x")), "pass", "(0.0 %)"),
        ([arn("s3:::*")], (aws("s3:::a"), aws("s3:::b")), "pass", ""),
        ([arn("s3:::b")], (aws("s3:::b"), aws("s3:::new")), "fail", "1 resources are not registered"),
        ([arn("s3:::b"), arn("s3:::gone")], (aws("s3:::b"),), "fail", "1 that are registered are not there"),
        ([arn("s3:::b"), arn("sqs:none-*")], (aws("s3:::b"),), "fail", "sqs"),
        ([arn(f"s3:::{n}") for n in range(9)], tuple(aws(f"s3:::{n}") for n in range(10)), "pass", "(10.0 %)"),
        ([arn(f"s3:::{n}") for n in range(8)], tuple(aws(f"s3:::{n}") for n in range(9)), "fail", "(11.1 %)"),
        ([arn("s3:::b")], (), "unknown", "nothing was seen"),
    ],
)
def test_assets(registered: list[str], found: tuple[Given, ...], outcome: str, why: str) -> None:
    """The register names what there is, within the tolerance, both ways."""
    said_ = said(
        "cross.asset.inventory_reconciled", company(), *assets(*registered), *found, head("assets", **REVIEWED), person(), seen=CLOUDS
    )
    assert (said_[0], why in said_[1]) == (outcome, True), said_


def test_assets_are_more_than_clouds_and_owned() -> None:
    """Each sort of asset is registered; each asset has an owner who is here; the review is of this year; what was not seen is unknown."""
    check_id, there = "cross.asset.inventory_reconciled", (aws("s3:::b"), person())
    whole = assets(arn("s3:::b"))
    assert said(check_id, company(), *whole, *there, head("assets", **REVIEWED), clouds=("aws",))[0] == "pass"
    for sort in ASSETS[1:]:
        found = said(check_id, company(), *assets(arn("s3:::b"), without=sort), *there, head("assets", **REVIEWED), clouds=("aws",))
        assert found == ("fail", f"the register has no asset that is a {sort}")
    assert said(check_id, company(), *whole, *there, head("assets", **REVIEWED | {"reviewed_at": "2025-11-22"}))[0] == "fail"
    assert said(check_id, company(), *whole, *there, head("assets", **REVIEWED))[0] == "unknown"  # Azure was not asked
    for kind in (TaggedResource, Asset):
        given = [one for one in (*whole, *there) if one.kind is not kind]
        assert said(check_id, company(), *given, head("assets", **REVIEWED), gaps={kind: DENIED}, seen=CLOUDS)[0] == "unknown"
    assert said(check_id, company(), *whole, *there, gaps={RegisterFile: DENIED}, seen=CLOUDS)[0] == "unknown"
    for owner, outcome in (("ada", "pass"), ("bob", "fail"), (None, "fail")):
        assert said(check_id, row(Asset, id="laptop", name="Laptop", kind="device", owner=owner), person())[0] == outcome


STORE = row(Store, id="db", name="Records", type="rds:cluster", isolation="tenant")
APPROVED = {"approved_at": "2026-02-01", "approved_by": "ada"}
HEADS = (head("environment_map", **APPROVED), head("isolation_model", **APPROVED))
MAP: tuple[Given, ...] = (OURS, THEIRS, STORE)
LIVE = (account(), known())


@pytest.mark.parametrize(
    ("given", "parameters", "outcome", "why"),
    [
        ((*MAP, *LIVE, *HEADS), {}, "pass", "2 accounts and subscriptions"),
        ((*MAP, *LIVE, HEADS[0], head("isolation_model")), {}, "fail", "of isolation_model"),
        ((*MAP, *LIVE, HEADS[1], head("environment_map", **APPROVED | {"approved_at": "2025-11-22"})), {}, "fail", "366 days ago"),
        ((*MAP, *LIVE, HEADS[1], head("environment_map", **APPROVED | {"updated_at": "2026-03-01"})), {}, "fail", "after it was approved"),
        ((*MAP, *LIVE, HEADS[1], head("environment_map", **APPROVED | {"approved_by": "bob"})), {}, "fail", "bob"),
        ((OURS, THEIRS, *LIVE, *HEADS), {}, "fail", "isolation_model declares nothing"),
        ((THEIRS, STORE, *LIVE, *HEADS), {}, "fail", f"does not name {ACCOUNT}"),
        ((OURS, STORE, *LIVE, *HEADS), {}, "fail", f"does not name {SUB}"),
        ((*MAP, entry("9" * 12), *LIVE, *HEADS), {}, "fail", "9" * 12),
        ((*MAP, entry("name:*-dev", "dev", None), *LIVE, *HEADS), {}, "pass", ""),
        ((*MAP, account("9" * 12, "SUSPENDED"), *LIVE, *HEADS), {}, "pass", ""),
        ((*MAP, known("b" * 8, "Disabled"), *LIVE, *HEADS), {}, "pass", ""),
        ((*MAP, account(), *HEADS), {"clouds": ("aws",)}, "pass", "1 accounts"),
        ((*MAP, account(), *HEADS), {}, "unknown", ""),
        ((*MAP, *LIVE, *HEADS), {"environment_map": {ACCOUNT: "dev"}}, "fail", "says otherwise"),
        ((*MAP, *LIVE, *HEADS), {"environment_map": {ACCOUNT: "prod", "tag:x=y": "dev"}}, "pass", ""),
    ],
)
def test_the_map(given: tuple[Given, ...], parameters: dict[str, Any], outcome: str, why: str) -> None:
    """Approved within the year, unchanged since, and of just the accounts that there are."""
    found = said("document.environment.model", company(), *given, person(), **parameters)
    assert (found[0], why in found[1]) == (outcome, True), found


@pytest.mark.parametrize("kind", [Account, KnownSubscription, EnvironmentEntry, Store, RegisterFile])
def test_a_map_of_what_was_not_seen(kind: type[Any]) -> None:
    """No answer: there may be more accounts than were seen."""
    given = [one for one in (*MAP, *LIVE, *HEADS) if one.kind is not kind or kind in (Account, KnownSubscription)]
    assert said("document.environment.model", company(), *given, person(), gaps={kind: DENIED})[0] == "unknown"


def test_accounts_of_the_organization_that_nobody_collects_from() -> None:
    """The map has to name them too; an organization that could not be listed leaves it open."""
    told = {"Organization": {"Id": "o-1", "MasterAccountId": ACCOUNT}}
    root = {"Id": "r-1", "Name": "Root", "Arn": f"arn:aws:organizations::{ACCOUNT}:root/o-1/r-1", "Tags": []}
    members = [
        {"Id": one, "Name": one, "Status": state, "ParentId": "r-1", "Tags": []}
        for one, state in ((ACCOUNT, "ACTIVE"), ("8" * 12, "ACTIVE"), ("9" * 12, "SUSPENDED"))
    ]
    tree = {"Roots": [root], "Units": [], "Accounts": members}

    def outcome(listed: Any) -> tuple[str, str]:
        manager = Given(
            Account, ACCOUNT, scope=Scope("aws", ACCOUNT), standing={"Account": ACCOUNT}, organization=told, organization_tree=listed
        )
        return said("document.environment.model", company(), *MAP, *HEADS, manager, person(), clouds=("aws",))

    assert outcome(tree) == ("fail", f"the map does not name {'8' * 12}")
    assert outcome(DENIED)[0] == "unknown"


@pytest.mark.parametrize(
    ("rest", "sort"),
    [
        ("s3:::b", "s3:bucket"), ("rds:cluster-snapshot:x", "rds:cluster-snapshot"), ("kms:key/1", "kms:key"), ("sqs:q", "sqs:queue"),
        ("logs:log-group:/aws/x", "logs:log-group"), ("apigateway:/restapis/1", "apigateway:restapis"), ("dynamodb:table/t", "dynamodb:table"),
    ],
)  # fmt: skip
def test_the_sort_of_an_arn(rest: str, sort: str) -> None:
    """Service and type, however the service writes its ARNs."""
    assert sort_of(arn(rest)) == sort

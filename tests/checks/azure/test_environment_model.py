"""azure.managementgroups.environment_model on raw answers: declared, tagged, named, in conflict, mixed, and not told at all."""

from typing import Any

import pytest

from tests.checks.azure.company import DEV, HIDDEN, PROD, ROOT, below, estate, id_of, subscription, tenant
from tests.support import DENIED, Given, verdict

CHECK = "azure.managementgroups.environment_model"
PLAIN, BRANCH, LANDING = ("Production", "mg-prod"), ("Prod", "x"), ("Landing Zones", "mg-lz")
DISK = id_of(PROD, "Microsoft.Compute/disks/d")


def one(*groups: tuple[str, str], name: str = "shop", **more: Any) -> Given:
    return subscription(PROD, name, *(groups or (LANDING, ROOT)), **more)


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(one(PLAIN, ROOT), [], {}, "pass", "the management group Production", id="the group's name"),
        pytest.param(one(("Corp", "mg-prod-eu"), ROOT), [], {}, "pass", "mg-prod-eu", id="or its id"),
        pytest.param(one(("Online", "o"), BRANCH, ROOT), [], {}, "pass", "the management group Prod", id="or one further up"),
        pytest.param(one(name="shop-prod"), [], {}, "pass", "the subscription shop-prod", id="its own name"),
        pytest.param(one(tags={"ENVIRONMENT": "prod"}), [], {}, "pass", "environment=prod", id="a tag, whose name is one in any case"),
        pytest.param(one(tags={"env": "Prod", "Stage": "PROD"}), [], {}, "pass", "is prod", id="values are words, in any case"),
        pytest.param(one(), [], {}, "fail", "nothing says", id="unmapped fails"),
        pytest.param(one(tags={"env": "blue"}), [], {}, "fail", "env=blue", id="a word that nobody knows"),
        pytest.param(one(PLAIN, ROOT, tags={"env": "dev"}), [], {}, "fail", "says dev", id="tag and group disagree"),
        pytest.param(one(), [], {"environment_map": {PROD.upper(): "prod"}}, "pass", "environment_map", id="declared by its id"),
        pytest.param(one(), [], {"environment_map": {"MG-LZ": "prod"}}, "pass", "is prod", id="by the id of a group"),
        pytest.param(one(("Corp", "c"), LANDING, ROOT), [], {"environment_map": {"Landing Zones/Corp": "prod"}}, "pass", "is prod", id="by a path"),
        pytest.param(one(tags={"Team": "Shop"}), [], {"environment_map": {"tag:team=Shop": "prod"}}, "pass", "is prod", id="by any tag"),
        pytest.param(one(PLAIN, ROOT), [], {"environment_map": {PROD: "dev"}}, "fail", "but the management group", id="declared against its group"),
        pytest.param(one(tags={"env": "prod"}), [subscription(DEV, "dev", LANDING, ROOT)], {}, "fail", "subscription dev (dev)", id="a mixed branch"),
        pytest.param(one(tags={"env": "prod"}), [subscription(DEV, "dev", LANDING, ("Root", "other"))], {}, "pass", "prod", id="of another tenant"),
        pytest.param(one(tags={"env": "prod"}), [tenant(below((HIDDEN, "x-dev", "mg-lz")))], {}, "fail", "x-dev (dev)", id="mixed by one not read"),
        pytest.param(one(tags={"env": "prod"}), [tenant(below((HIDDEN, "x", "mg-lz")))], {}, "unknown", "nothing says", id="or by one untold"),
        pytest.param(one(PLAIN, ROOT), [tenant(DENIED)], {}, "unknown", "grant", id="a hierarchy that may not be seen"),
        pytest.param(one(tags={"env": "prod"}), [subscription(DEV, "dev", LANDING, ROOT), tenant(DENIED)], {}, "fail", "dev", id="a witness is enough"),
        pytest.param(one(place={"name": "shop", "tags": None, "properties": {}}), [tenant(below((PROD, "shop", "mg-prod")))], {}, "pass",
                     "Production", id="a row without its chain"),
        pytest.param(one(place={"name": "shop", "tags": None, "properties": {}}), [tenant(DENIED)], {}, "unknown", "grant", id="and no hierarchy"),
        pytest.param(one(PLAIN, ROOT, tagged={DISK: {"Env": "dev"}}), [], {}, "fail", "of d says dev", id="a resource that is tagged otherwise"),
        pytest.param(one(PLAIN, ROOT, held={"g": {"env": "dev"}}), [], {}, "fail", "of g says dev", id="or a resource group"),
        pytest.param(one(PLAIN, ROOT, tagged={DISK: {"Env": "blue"}}), [], {}, "unknown", "env=blue", id="or with a word that nobody knows"),
        pytest.param(one(PLAIN, ROOT, tagged=DENIED), [], {}, "unknown", "grant", id="tags that may not be seen"),
        pytest.param(one(place=DENIED), [], {}, "unknown", "grant", id="a place that may not be seen"),
        pytest.param(one(tags={"env": "shared"}, tagged={DISK: {"Env": "dev"}}), [], {}, "pass", "shared", id="shared serves all"),
        pytest.param(one(held={"rg-dev": None, "b": {"env": "prod"}}), [], {"by_resource_group": True}, "pass", "each group", id="by group"),
        pytest.param(one(held={"rg-dev": None, "b": None}), [], {"by_resource_group": True}, "fail", "b: nothing", id="a group of none"),
        pytest.param(one(held={"g": {"env": "prod"}}, tagged={DISK: {"env": "dev"}}), [], {"by_resource_group": True}, "fail", "dev", id="a mixed group"),
        pytest.param(one(held={"g": {"env": "prod"}}, tagged=DENIED), [], {"by_resource_group": True}, "unknown", "grant", id="that may not be seen"),
    ],
)  # fmt: skip
def test_model(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """Each source by itself, and against the others."""
    rest = others if any(o.subject.kind == "azure.tenant" for o in others) else [*others, tenant(below())]
    found = verdict(CHECK, subject, *rest, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_the_small_estate_is_as_it_should_be() -> None:
    """Branches of one class each pass; a subscription that nothing places fails, though it stands in the root beside nobody."""
    known = estate()
    said = {given.subject.name: verdict(CHECK, given, *(o for o in known if o is not given)).outcome.value for given in known[:4]}
    assert list(said.values()) == ["pass", "pass", "pass", "fail"]

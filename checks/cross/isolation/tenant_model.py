"""Each tenant has the stores, keys and identities of its own that the isolation model gives it: not fewer, not more, and none of another's.

The model says what a tenant has; tags say what there is. Clouds show whole resources alone: that rows of one table are kept apart is shown
by the product's own tests, whose result the model has to name, and without one it is not known.
"""

from collections.abc import Iterable
from datetime import datetime

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.resource import Resource
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.isolation import Store, StoreRow
from controlmon.facts.document.schema import days_between
from controlmon.facts.inventory import IDENTITIES, KEYS, STORES, Thing, listed, things

ACME = {"id": "acme", "name": "Acme", "start": "2024-01-01"}
DB, BUCKET = "arn:aws:rds:eu-west-1:111111111111:cluster:acme", "arn:aws:s3:::acme"


def case(found: dict[str, str], *stores: dict[str, object]) -> Example:
    model = [Store.example(id=str(one["id"]), row=one) for one in stores]
    tagged = [TaggedResource.example(id=arn, tags={"Tenant": tenant}) for arn, tenant in found.items()]
    arguments = Customer.example(id="acme", row=ACME), All.of(*model), Everywhere.of(*tagged), Everywhere[Resource].of()
    return Example(arguments, {"clouds": ("aws",)})


RECORDS: dict[str, object] = {"id": "db", "name": "Records", "type": "rds:cluster", "isolation": "tenant"}
ROWS: dict[str, object] = {"id": "audit", "name": "Audit", "isolation": "row", "tested_at": "2026-11-01", "test_passed": True}
TESTED = ROWS | {"test_sha256": "sha256:" + "0" * 64}


@check(
    title="The declared per-customer isolation model holds",
    severity="high",
    reads=[Customer.row, Store.row, TaggedResource.tags, Resource.listed],
    remediation="Give the tenant stores, keys and identities of its own, correct their tags, or have the model changed and approved.",
    proves="That tagged resources are those of the model, and that tests of shared tables were filed. Not what carries no tag of a tenant, "
    "nor who uses a key.",
    passes=[case({DB: "acme"}, RECORDS), case({DB: "acme", BUCKET: "shared"}, RECORDS, TESTED)],
    fails=[
        case({}, RECORDS),
        case({DB: "acme", f"{DB}2": "acme"}, RECORDS),
        case({DB: "acme+globex"}, RECORDS),
        case({DB: "acme", BUCKET: "acme"}, RECORDS),
        case({DB: "acme"}, RECORDS, TESTED | {"test_passed": False}),
    ],
)
def judge(
    customer: Customer,
    stores: All[Store],
    tagged: Everywhere[TaggedResource],
    resources: Everywhere[Resource],
    now: datetime,
    *,
    clouds: tuple[str, ...] = ("aws", "azure"),
    tenant_tag: str = "tenant",
    test_days: int = 92,
) -> Verdict:
    row = customer.row
    if not row.is_active(now):
        return not_applicable("its contract does not run")
    if row.hosting == "byoc":
        return not_applicable("it is hosted in its own cloud")
    model = [one.row for one in stores]
    demanded, hidden = given(model), [store for store in model if not store.visible and store.isolation != "shared"]
    if not demanded and not hidden:
        return failed("the isolation model gives a tenant nothing of its own")
    seen, gap = things(tagged, resources, clouds, tenant_tag)
    mine = [one for one in seen if row.tag in one.tenants(tenant_tag)]
    bad = [store.name for store in hidden if store.test_passed is False]
    if wrong := amiss(mine, demanded, tenant_tag) or (bad and f"the tests that rows are kept apart failed in {', '.join(bad)}"):
        return failed(wrong)
    if gap is not None:
        return unknown(f"not everything that is tagged was seen: {gap}")
    if fewer := [f"{have} {sort} of {count}" for sort, count in demanded.items() if (have := number(mine, sort)) < count]:
        return failed(f"it has {', '.join(fewer)} that the model gives it")
    if untested := [store.name for store in hidden if not tested(store, now, test_days)]:
        return unknown(f"no test within {test_days} days shows that {', '.join(untested)} keeps tenants apart, and clouds do not show it")
    own = ", ".join(f"{count} {sort}" for sort, count in sorted(demanded.items()))
    return passed(f"it has {own or 'nothing of its own'}, as the model gives it")


def given(model: Iterable[StoreRow]) -> dict[str, int]:
    """How many of each sort of resources the model gives a tenant."""
    found: dict[str, int] = {}
    for store in model:
        if store.visible:
            found[store.type.lower()] = found.get(store.type.lower(), 0) + store.count
    return found


def number(mine: Iterable[Thing], sort: str) -> int:
    """How many of some things are of a sort."""
    return sum(one.sort.lower() == sort for one in mine)


def amiss(mine: list[Thing], demanded: dict[str, int], tenant_tag: str) -> str:
    """What is shared with another tenant, or beyond the model; empty if nothing."""
    held = [one for one in mine if one.sort.lower() in demanded or one.sort in STORES | KEYS | IDENTITIES]
    if shared := [f"{one.id} with {one.tag(tenant_tag)}" for one in held if len(one.tenants(tenant_tag)) > 1]:
        return f"it shares {listed(shared)}"
    if strange := [one.id for one in held if one.sort.lower() not in demanded]:
        return f"it has {listed(strange)}, which the model does not give it"
    beyond = [f"{more} {sort} of {count}" for sort, count in demanded.items() if (more := number(held, sort)) > count]
    return f"it has {', '.join(beyond)} that the model gives it" if beyond else ""


def tested(store: StoreRow, now: datetime, test_days: int) -> bool:
    """Whether the product's own tests of a store were filed lately."""
    filed = store.test_passed and store.test_sha256 is not None and store.tested_at is not None
    return bool(filed and store.tested_at and days_between(store.tested_at, now) <= test_days)

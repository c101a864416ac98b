"""Subscriptions: those that the identity sees, and those that the root management group knows of."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import DESCENDANTS, GRAPH, PERMISSIONS, SEARCHED, SUBSCRIPTIONS, Query, arm
from controlmon.collect.base import Ask, Found, Met, Place, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.azure.subscription import KnownSubscription, Subscription
from controlmon.facts.environment import tells

subscription = Service("azure", "subscription")

HIDDEN = "the identity's list of subscriptions does not name it"


@subscription.lists(KnownSubscription, SUBSCRIPTIONS, DESCENDANTS, at=Place.TENANT, gives=[KnownSubscription.listed])
def known(ask: Ask) -> Iterator[Found]:
    """Every subscription that the identity sees, then those that only the root management group (its id is the tenant's) names."""
    seen: set[str] = set()
    for one in ask.items("value"):
        name = one["subscriptionId"].lower()
        seen.add(name)
        yield Found(KnownSubscription, f"/subscriptions/{name}", one["displayName"], answers={KnownSubscription.listed: one})
    for one in ask.to(DESCENDANTS).items("value"):
        if one["type"].lower().endswith("/subscriptions") and one["name"].lower() not in seen:
            hidden = {KnownSubscription.listed: not_asked(HIDDEN)}
            yield Found(KnownSubscription, f"/subscriptions/{one['name'].lower()}", one["properties"]["displayName"], answers=hidden)
    if not seen:  # an identity without a role anywhere is answered with an empty list, and not with an error
        raise Refused(Gap(GapKind.DENIED, SUBSCRIPTIONS.id, "the identity sees no subscription", SUBSCRIPTIONS.needs))


@subscription.answers(KnownSubscription.permissions, PERMISSIONS, after=[KnownSubscription.listed])
def known_permissions(ask: Ask, one: Met) -> Raw:
    """What the identity may do in it."""
    if KnownSubscription.listed.view(one.answer(KnownSubscription.listed)) is None:
        return not_asked(HIDDEN)
    return {"value": [p for page in ask.whole(subscription=one.id.rpartition("/")[2]) for p in page["value"]]}


@subscription.lists(Subscription, PERMISSIONS, at=Place.ACCOUNT, gives=[Subscription.permissions])
def subscriptions(ask: Ask) -> Iterator[Found]:
    """The subscription itself: there is one in each scope, if it can be seen."""
    held = {"value": list(ask.items("value"))}
    yield Found(Subscription, f"/subscriptions/{ask.scope.target}", ask.scope.target, answers={Subscription.permissions: held})


@subscription.answers(Subscription.listed, SUBSCRIPTIONS)
def listed(ask: Ask, one: Met) -> Raw:
    """What the identity's list says of it."""
    return next(found for found in ask.items("value") if found["subscriptionId"].lower() == one.name)


@subscription.answers(
    Subscription.activity_log,
    arm(
        "Microsoft.Insights:SubscriptionDiagnosticSettings_List",
        "/subscriptions/{subscription}/providers/Microsoft.Insights/diagnosticSettings",
        "2021-05-01-preview",
        "Microsoft.Insights/diagnosticSettings/read",
    ),
)
def activity_log(ask: Ask, one: Met) -> Raw:  # noqa: ARG001 - there is one in each scope
    """Where its activity log is sent."""
    return {"value": list(ask.items("value"))}


@subscription.answers(
    Subscription.plans,
    arm(
        "Microsoft.Security:Pricings_List",
        "/subscriptions/{subscription}/providers/Microsoft.Security/pricings",
        "2024-01-01",
        "Microsoft.Security/pricings/read",
    ),
)
def plans(ask: Ask, one: Met) -> Raw:  # noqa: ARG001
    """Its Defender plans, without the days that are left of a trial, which change by themselves."""
    trial = "freeTrialRemainingTime"
    return {"value": [p | {"properties": {k: v for k, v in p["properties"].items() if k != trial}} for p in ask.items("value")]}


DEFENDED = (
    *("Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets", "Microsoft.HybridCompute/machines"),
    *("Microsoft.Sql/servers", "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults", "Microsoft.DocumentDB/databaseAccounts"),
    *("Microsoft.ContainerService/managedClusters", "Microsoft.ContainerRegistry/registries", "Microsoft.Web/sites"),
    *("Microsoft.DBforPostgreSQL/flexibleServers", "Microsoft.DBforMySQL/flexibleServers", "Microsoft.CognitiveServices/accounts"),
    "Microsoft.MachineLearningServices/workspaces",
)
"""The types of resources that Defender has plans for."""
COUNTS = Query(GRAPH, "count(defended)", tuple(f"{t}/read" for t in DEFENDED), types=tuple(t.lower() for t in DEFENDED), counts=True)


@subscription.answers(Subscription.counts, COUNTS)
def counts(ask: Ask, one: Met) -> Raw:  # noqa: ARG001
    """How many resources it has of each type that Defender has a plan for."""
    return {"Counts": sorted(ask.items("data"), key=lambda row: str(row["type"]))}


@subscription.answers(Subscription.place, SEARCHED)
def place(ask: Ask, one: Met) -> Raw:  # noqa: ARG001
    """What the graph says of it, its management groups among that."""
    found = next(ask.items("data"), None)
    if found is None:
        raise Refused(Gap(GapKind.UNAVAILABLE, SEARCHED.id, "the graph has no row for the subscription", SEARCHED.needs))
    return found


RESOURCE_GROUPS = Query(
    GRAPH,
    "resourcecontainers(Microsoft.Resources/subscriptions/resourceGroups)",
    ("Microsoft.Resources/subscriptions/resourceGroups/read",),
    table="resourcecontainers",
    types=("microsoft.resources/subscriptions/resourcegroups",),
)
RESOURCES = arm(
    "Microsoft.Resources:Resources_List",
    "/subscriptions/{subscription}/resources",
    "2021-04-01",
    "Microsoft.Resources/subscriptions/resources/read",
)


@subscription.answers(Subscription.resource_groups, RESOURCE_GROUPS)
def resource_groups(ask: Ask, one: Met) -> Raw:  # noqa: ARG001
    """Its resource groups: id, name and tags alone."""
    return {"value": [{key: row[key] for key in ("id", "name", "tags")} for row in ask.items("data")]}


@subscription.answers(Subscription.tagged, RESOURCES)
def tagged(ask: Ask, one: Met) -> Raw:  # noqa: ARG001
    """Those of its resources that have a tag which tells an environment, with those tags."""
    found = []
    for row in ask.items("value"):
        tags = {name: value for name, value in (row.get("tags") or {}).items() if tells(name)}
        found += [{"id": row["id"], "tags": tags}] if tags else []
    return {"value": found}

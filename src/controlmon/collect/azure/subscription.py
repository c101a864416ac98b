"""Subscriptions: those that the identity sees, and those that the root management group knows of."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import GRAPH, PERMISSIONS, SUBSCRIPTIONS, Query, arm
from controlmon.collect.base import Ask, Found, Met, Place, Refused, Service
from controlmon.core.fact import Gap, GapKind, Raw, not_asked
from controlmon.facts.azure.subscription import KnownSubscription, Subscription

subscription = Service("azure", "subscription")

DESCENDANTS = arm(
    "Microsoft.Management:ManagementGroups_GetDescendants",
    "/providers/Microsoft.Management/managementGroups/{tenant}/descendants",
    "2023-04-01",
    "Microsoft.Management/managementGroups/descendants/read",
)
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

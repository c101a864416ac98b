"""What the collectors of Azure's services ask, how often, and what they leave out."""

import pytest

from controlmon.collect.azure.authorization import authorization
from controlmon.collect.azure.compute import compute
from controlmon.collect.azure.network import network
from controlmon.collect.azure.storage import storage
from controlmon.collect.azure.subscription import DEFENDED, subscription
from controlmon.core.fact import GapKind
from controlmon.facts.azure.authorization import RoleAssignment, Tenant
from controlmon.facts.azure.compute import Disk
from controlmon.facts.azure.peering import Peering
from controlmon.facts.azure.storage import StorageAccount
from controlmon.facts.azure.subscription import KnownSubscription, Subscription
from controlmon.facts.azure.vnet import FlowLog, VirtualNetwork
from tests.collect.azure.conftest import PROD, TEST, Collect
from tests.twins.azure import TENANT, AzureTwin, Fault, Reply, _graph_name
from tests.twins.azure_company import READER, assigned, container
from tests.twins.azure_joins import peering


def test_what_is_kept_of_people(twin: AzureTwin, collect: Collect) -> None:
    """Name and state; not their telephones."""
    twin.know("ann", "user", "ann")
    twin.answer(f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleAssignments", [assigned(READER, "ann", "User", "/")])
    found = collect(authorization, RoleAssignment.principal)
    (fact,) = found.facts
    assert fact.answer == {
        "@odata.type": "#microsoft.graph.user", "id": "ann", "displayName": "ann", "userPrincipalName": "ann@artemis.example",
        "accountEnabled": True,
    }  # fmt: skip
    assert fact.seen.endpoint == "https://graph.microsoft.com"


def test_containers_leave_out_what_moves(twin: AzureTwin, collect: Collect) -> None:
    """A date of each container would make a new answer every day."""
    account = twin.add(PROD, "Microsoft.Storage/storageAccounts", "a")
    twin.answer(f"{account}/blobServices/default/containers", [container("c")])
    answers = [f.answer for f in collect(storage, StorageAccount.containers).facts if f.aspect == "containers"]
    assert answers == [{"Containers": [{"name": "c", "publicAccess": "None"}]}]


def test_a_role_is_asked_once(twin: AzureTwin, collect: Collect) -> None:
    """Whatever the number of its assignments."""
    made = {"roleName": "Reader", "permissions": [{"actions": ["*/read"], "notActions": []}]}
    twin.answer(f"/providers/Microsoft.Authorization/roleDefinitions/{READER}", {"name": READER, "properties": made})
    here = f"/subscriptions/{PROD}"
    some = [assigned(READER, f"p{i}", "User", here) for i in range(5)]
    twin.answer(f"{here}/providers/Microsoft.Authorization/roleAssignments", some)
    found = collect(authorization, RoleAssignment.role)
    assert len([f for f in found.facts if f.aspect == "role"]) == 5
    assert len(twin.calls("Microsoft.Authorization:RoleDefinitions_GetById")) == 1


def test_a_watcher_that_does_not_answer_leaves_a_gap_for_its_subscription(twin: AzureTwin, collect: Collect) -> None:
    """The flow logs of the others are there; the population is not complete."""
    for number in (PROD, TEST):
        twin.add(number, "Microsoft.Network/networkWatchers", "w")
    with twin.fault("Microsoft.Network:FlowLogs_List", Fault.ERROR_500, where=lambda call: PROD in call.path):
        found = collect(network, FlowLog.settings)
    gap = found.gap(FlowLog, PROD)
    assert gap is not None
    assert gap.kind is GapKind.UNAVAILABLE
    assert found.gap(FlowLog, TEST) is None


def test_counts_come_on_one_page_or_not_at_all(twin: AzureTwin, collect: Collect) -> None:
    """A count of all types in all subscriptions is one question; rows without an id cannot be paged."""
    twin.add(PROD, "Microsoft.KeyVault/vaults", "v")
    found = collect(subscription, Subscription.counts).views(Subscription.counts)
    assert found == {PROD: {"microsoft.keyvault/vaults": 1}, TEST: {}}
    assert len(twin.calls("Microsoft.ResourceGraph:count(defended)")) == 1
    cut = {"totalRecords": 5, "count": 1, "data": [], "facets": [], "resultTruncated": "true"}
    with twin.fault("Microsoft.ResourceGraph:count(defended)", Reply(200, cut)):
        gap = collect(subscription, Subscription.counts).views(Subscription.counts)[PROD]
    assert gap.kind is GapKind.TRUNCATED
    assert len({one.lower() for one in DEFENDED}) == len(DEFENDED)


@pytest.mark.parametrize(
    "query",
    [
        "resources",
        "resources | where type =~ 'microsoft.storage/storageaccounts'",
        "resources | where type in~ ('microsoft.storage/storageaccounts') | project id, name",
        "resources | where type in~ ('a/b') | project id | order by id asc | take 5",
    ],
)
def test_the_double_of_the_graph_refuses_what_it_does_not_understand(query: str) -> None:
    """It is a strict subset, and no graph that says yes to everything."""
    assert _graph_name({"query": query}) == "unknown:graph"


def test_what_of_a_subscription_tells_where_it_stands(twin: AzureTwin, collect: Collect) -> None:
    """Its groups come with its row, its resource groups with theirs, and of its resources only those whose tags tell something."""
    twin.place("mg-prod", "Production", PROD)
    twin.add(PROD, "Microsoft.KeyVault/vaults", "v", rest={"tags": {"ENV": "Prod", "CostCentre": "7"}})
    twin.add(PROD, "Microsoft.KeyVault/vaults", "w", rest={"tags": {"CostCentre": "7"}})
    twin.tag(PROD, "artemis", Stage="live")
    found = collect(subscription, Subscription.place, Subscription.resource_groups, Subscription.tagged)
    place = found.views(Subscription.place)[PROD]
    assert [(group.name, group.title) for group in place.groups] == [("mg-prod", "Production"), (TENANT, "Tenant Root Group")]
    assert found.views(Subscription.resource_groups) == {PROD: {"artemis": {"stage": "live"}}, TEST: {}}
    vault = f"/subscriptions/{PROD}/resourcegroups/artemis/providers/microsoft.keyvault/vaults/v"
    assert found.views(Subscription.tagged) == {PROD: {vault: {"env": "Prod"}}, TEST: {}}


def test_the_hierarchy_is_asked_once(twin: AzureTwin, collect: Collect) -> None:
    """Whoever wants to know what stands below the root: the list of subscriptions, and the tenant."""
    twin.place("mg-prod", "Production", PROD)
    tree = collect(authorization, Tenant.groups, KnownSubscription.listed, also=(subscription,)).views(Tenant.groups)[TENANT]
    assert tree.groups["mg-prod"].title == "Production"
    assert [group.name for group in tree.above(PROD)] == ["mg-prod", TENANT]
    assert len(twin.calls("Microsoft.Management:ManagementGroups_GetDescendants")) == 1


def test_a_signature_is_not_kept(twin: AzureTwin, collect: Collect) -> None:
    """The URI that a disk was imported from may hold one, and whoever has it can read the blob."""
    twin.add(PROD, "Microsoft.Compute/disks", "d", creationData={"createOption": "Import", "sourceUri": "https://a.b/c.vhd?sig=s3cret"})
    found = collect(compute, Disk.settings)
    assert found.views(Disk.settings)["d"].uri == "https://a.b/c.vhd"
    assert "s3cret" not in str(found.facts)


def test_a_managed_identity_says_what_it_is_that_of(twin: AzureTwin, collect: Collect) -> None:
    """By its alternative names, in lower case as ids are here."""
    of = "/subscriptions/x/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m"
    twin.directory["robot"] = {
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": "robot",
        "alternativeNames": ["isExplicit=False", of],
    }
    twin.answer(
        f"/subscriptions/{PROD}/providers/Microsoft.Authorization/roleAssignments", [assigned(READER, "robot", "ServicePrincipal", "/")]
    )
    (one,) = collect(authorization, RoleAssignment.principal).views(RoleAssignment.principal).values()
    assert one.resource == of.lower()


def test_a_peering_comes_with_its_network(twin: AzureTwin, collect: Collect) -> None:
    """The graph shows it there: both kinds come of one question."""
    net = f"/subscriptions/{PROD}/resourceGroups/artemis/providers/Microsoft.Network/virtualNetworks/n"
    twin.add(PROD, "Microsoft.Network/virtualNetworks", "n", subnets=[], virtualNetworkPeerings=[peering(net, f"{net}2")])
    found = collect(network, Peering.settings, VirtualNetwork.settings)
    (one,) = found.views(Peering.settings).values()
    assert (one.remote, one.state, one.forwarded) == (f"{net}2".lower(), "Connected", True)
    assert len(twin.calls("Microsoft.ResourceGraph:resources(Microsoft.Network/virtualNetworks)")) == 1

"""The collector of resources of every type over HTTP."""

from controlmon.collect.azure.resource import resource
from controlmon.core.fact import Gap, GapKind
from controlmon.facts.azure.resource import Resource
from tests.collect.azure.conftest import PROD, TEST, Collect
from tests.twins.azure import AzureTwin, Fault


def test_every_resource_with_its_tags(twin: AzureTwin, collect: Collect) -> None:
    """Whatever its type; ids, types and names of tags are in lower case, and settings are left out."""
    twin.add(PROD, "Microsoft.Storage/storageAccounts", "Acme", rest={"tags": {"Tenant": "Acme"}})
    twin.add(TEST, "Microsoft.KeyVault/vaults", "v")
    found = collect(resource, Resource.listed)
    views = found.views(Resource.listed)
    assert {name: (one.type, one.tags) for name, one in views.items()} == {
        "Acme": ("microsoft.storage/storageaccounts", {"tenant": "Acme"}),
        "v": ("microsoft.keyvault/vaults", {}),
    }
    assert all(
        not isinstance(f.answer, Gap) and set(f.answer) <= {"id", "type", "tags"} and f.subject.id == f.subject.id.lower()
        for f in found.facts
    )


def test_what_may_not_be_listed_is_a_gap(twin: AzureTwin, collect: Collect) -> None:
    """Of that subscription alone: Azure answers a list without what one may not see, so the permission is looked up first."""
    twin.add(PROD, "Microsoft.KeyVault/vaults", "v")
    twin.deny(PROD, "Microsoft.Resources/subscriptions/resources/read")
    found = collect(resource, Resource.listed)
    gap = found.gap(Resource, PROD)
    assert gap is not None
    assert (gap.kind, found.gap(Resource, TEST)) == (GapKind.DENIED, None)
    with twin.fault("Microsoft.Resources:Resources_List", Fault.ERROR_500, where=lambda call: TEST in call.path):
        gap = collect(resource, Resource.listed).gap(Resource, TEST)
    assert gap is not None
    assert gap.kind is GapKind.UNAVAILABLE

"""The Azure tenants that the configuration names."""

from collections.abc import Collection

from controlmon.collect.azure.target import AzureTarget
from controlmon.collect.microsoft import Terms, cloud
from controlmon.service.config import Config


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[AzureTarget]:  # noqa: ARG001 - Azure has no regions to ask in
    """Each tenant. `only` are names or tenant ids, which take a tenant whole, or ids of its configured subscriptions (empty for all)."""
    azure = config.settings.azure
    terms = Terms(azure.attempts, azure.connect_timeout, azure.read_timeout, connections=config.settings.budget.workers)
    where = cloud(azure.cloud, azure.endpoints.get("authority"), azure.endpoints.get("arm"))
    chosen = []
    for tenant in azure.tenants:
        named = not only or tenant.name in only or tenant.tenant in only
        subscriptions = tenant.subscriptions if named else tuple(one for one in tenant.subscriptions if one in only)
        if named or subscriptions:
            chosen.append(AzureTarget(tenant.name, tenant.tenant, tenant.credential, tenant.client_id, subscriptions, where, terms))
    return chosen

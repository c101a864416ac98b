"""The Entra tenants that the configuration names."""

from collections.abc import Collection

from controlmon.collect.entra.target import EntraTarget
from controlmon.collect.microsoft import Login, Terms
from controlmon.service.config import Config


def targets(config: Config, only: Collection[str], regions: Collection[str]) -> list[EntraTarget]:  # noqa: ARG001 - tenants have no regions
    """Each tenant. `only` are names or tenant ids; empty for all."""
    entra = config.settings.entra
    terms = Terms(entra.attempts, entra.connect_timeout, entra.read_timeout, connections=config.settings.budget.workers)
    arm = config.settings.azure.endpoints.get("arm")  # the tenant's diagnostic settings are Azure's to tell
    places = {"graph": entra.endpoints.get("graph"), "arm": arm}
    endpoints = {service: place for service, place in places.items() if place}
    chosen = []
    for tenant in entra.tenants:
        if not only or tenant.name in only or tenant.tenant in only:
            login = Login(tenant.credential, tenant.tenant, tenant.client_id, entra.cloud, entra.endpoints.get("authority"))
            chosen.append(EntraTarget(tenant.name, login, endpoints, terms))
    return chosen

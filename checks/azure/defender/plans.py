"""Defender watches what there is.

A plan that is on for some resources only says Standard all the same; plans that were retired (KubernetesService, ContainerRegistry, Dns)
can no longer be had; and a plan for a kind of resource that the subscription does not have protects nothing.
"""

from collections.abc import Mapping

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.subscription import Subscription

OTHERS = ("OpenSourceRelationalDatabases", "AI")
TYPES = {
    "VirtualMachines": (
        "microsoft.compute/virtualmachines",
        "microsoft.compute/virtualmachinescalesets",
        "microsoft.hybridcompute/machines",
    ),
    "SqlServers": ("microsoft.sql/servers",),
    "StorageAccounts": ("microsoft.storage/storageaccounts",),
    "KeyVaults": ("microsoft.keyvault/vaults",),
    "Containers": ("microsoft.containerservice/managedclusters", "microsoft.containerregistry/registries"),
    "CosmosDbs": ("microsoft.documentdb/databaseaccounts",),
    "AppServices": ("microsoft.web/sites",),
    "OpenSourceRelationalDatabases": ("microsoft.dbforpostgresql/flexibleservers", "microsoft.dbformysql/flexibleservers"),
    "AI": ("microsoft.cognitiveservices/accounts", "microsoft.machinelearningservices/workspaces"),
}
"""What each plan is for. A plan that is not here (Arm) is for the subscription itself."""

PLANS = ("VirtualMachines", "SqlServers", "StorageAccounts", "KeyVaults", "Arm", "Containers", "CosmosDbs", "AppServices", *OTHERS)


def subscription(*plans: Mapping[str, object], **counts: int) -> Subscription:
    return Subscription.example(plans=plans, counts={f"microsoft.{name}/vaults": n for name, n in counts.items()})


ARM = {"name": "Arm", "tier": "Standard"}


@check(
    title="Defender plans are on for used resource types",
    severity="high",
    reads=[Subscription.plans, Subscription.counts],
    remediation="Turn the plan on for the whole subscription (pricing tier Standard), by policy.",
    proves="That Defender is on for what there is. Not what it found, nor that its parts are the fullest (the reason names a lesser part).",
    passes=[subscription(ARM), subscription(ARM, {"name": "KeyVaults", "tier": "Standard"}, keyvault=1)],
    fails=[
        subscription({"name": "Arm", "tier": "Free"}),
        subscription(ARM, {"name": "KeyVaults", "tier": "Free"}, keyvault=1),
        subscription(ARM, {"name": "KeyVaults", "tier": "Standard", "coverage": "PartiallyCovered"}, keyvault=1),
        subscription(ARM, keyvault=1),
    ],
)
def judge(
    subscription: Subscription,
    *,
    plans: tuple[str, ...] = PLANS,
) -> Verdict:
    known = {plan.name: plan for plan in subscription.plans}
    counts = subscription.counts
    wrong, right = [], []
    for name in plans:
        plan = known.get(name)
        used = name not in TYPES or any(counts.get(one) for one in TYPES[name])
        if not used or (plan is not None and plan.deprecated):
            continue
        if plan is None:
            wrong.append(f"{name} is not there")
        elif plan.tier != "Standard":
            wrong.append(f"{name} is {plan.tier}")
        elif plan.coverage == "PartiallyCovered":
            wrong.append(f"{name} covers only some resources")
        else:
            right.append(f"{name} ({plan.part})" if plan.part else name)
    if wrong:
        return failed("; ".join(wrong))
    return passed(f"these plans are on: {', '.join(right)}") if right else not_applicable("it has nothing that a plan is for")

"""Azure Key Vault: vaults. Managed HSMs are other resources. Nothing that a vault holds is ever read."""

from collections.abc import Iterator

from controlmon.collect.azure import listing
from controlmon.collect.azure.authorization import BY_IDS, MEMBERS, by_ids, members_of
from controlmon.collect.azure.operations import resources
from controlmon.collect.base import Ask, Found, Met, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.azure.keyvault import Vault

keyvault = Service("azure", "keyvault")


@keyvault.lists(Vault, resources("Microsoft.KeyVault/vaults"), at=Place.ACCOUNT, gives=[Vault.settings])
def vaults(ask: Ask) -> Iterator[Found]:
    """Every vault."""
    return listing.found(ask, Vault, Vault.settings)


@keyvault.answers(Vault.holders, BY_IDS, MEMBERS, after=[Vault.settings])
def holders(ask: Ask, vault: Met) -> Raw:
    """Whom its access policies name, and who is in the groups among them."""
    settings = Vault.settings.view(vault.answer(Vault.settings))
    if settings.roles or not settings.policies:
        return not_asked("roles decide who may, not policies" if settings.roles else "it has no access policies")
    objects = sorted({policy.object for policy in settings.policies})
    known = by_ids(ask, objects)
    found: list[dict[str, Raw]] = [{"object": one, "principal": known.get(one)} for one in objects]
    for one in found:
        if one["principal"] is not None and one["principal"]["@odata.type"].endswith(".group"):
            one["members"] = members_of(ask.to(MEMBERS), one["object"])
    return {"Holders": found}

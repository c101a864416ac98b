"""Azure Key Vault: vaults."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import authorization, read
from controlmon.facts.azure.authorization import Principal
from controlmon.facts.azure.network import Firewall, firewall
from controlmon.facts.base import Kind, View, aspect


class Policy(View, frozen=True):
    """An access policy: whom it names, and what it lets them do, such as `keys: get, list`."""

    tenant: str
    object: str
    rights: tuple[str, ...] = ()


class Holder(View, frozen=True):
    """Whom an access policy names: the principal (None if the directory has none), and the people in it if it is a group."""

    object: str
    principal: Principal | None
    people: tuple[Principal, ...] = ()


class VaultSettings(View, frozen=True):
    """How a vault is set. Azure holds null for what has never been turned on. `roles` is True if roles decide, and not policies."""

    purge_protection: bool | None = None
    soft_delete: bool | None = None
    roles: bool = False
    firewall: Firewall = Firewall()
    policies: tuple[Policy, ...] = ()


class Vault(Kind, name="azure.keyvault.vault"):
    """A vault."""

    @aspect()
    def settings(raw: Raw) -> VaultSettings:
        """Its settings (Resource Graph)."""
        set_ = read.inside(raw)
        return VaultSettings(
            purge_protection=read.flag(set_, "enablePurgeProtection"),
            soft_delete=read.flag(set_, "enableSoftDelete"),
            roles=read.flag(set_, "enableRbacAuthorization") is True,
            firewall=firewall(set_),
            policies=tuple(_policy(one) for one in read.many(set_, "accessPolicies")),
        )

    @aspect(absent=())
    def holders(raw: Raw) -> tuple[Holder, ...]:
        """Whom its access policies name (directoryObjects/getByIds of Microsoft Graph). Not asked if there are none, or roles decide."""
        return tuple(_holder(one) for one in read.listed(raw, "Holders"))


def _holder(raw: Raw) -> Holder:
    found, members = raw["principal"], raw.get("members")
    return Holder(
        object=read.named(raw, "object"),
        principal=authorization.principal(found) if found is not None else None,
        people=authorization.people(members) if members and "value" in members else (),
    )


def _policy(raw: Raw) -> Policy:
    rights = read.part(raw, "permissions")
    return Policy(
        tenant=read.named(raw, "tenantId").lower(),
        object=read.named(raw, "objectId").lower(),
        rights=tuple(f"{what}: {', '.join(sorted(map(str, read.many(rights, what))))}" for what in sorted(rights) if rights[what]),
    )

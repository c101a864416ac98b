"""Azure Key Vault: vaults."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from controlmon.core.fact import Raw
from controlmon.facts.azure import authorization, read
from controlmon.facts.azure.authorization import Principal
from controlmon.facts.azure.network import Firewall, firewall
from controlmon.facts.azure.permission import Permission
from controlmon.facts.base import Kind, View, aspect

DATA = (
    *("secrets/getSecret/action", "secrets/setSecret/action", "keys/decrypt/action", "keys/sign/action", "keys/unwrap/action"),
    *("keys/create/action", "keys/delete", "certificates/create/action"),
)
"""Actions on what a vault holds, each of which is as good as having it."""
POLICIES = ("Microsoft.KeyVault/vaults/accessPolicies/write", "Microsoft.KeyVault/vaults/write")
"""Actions that write an access policy."""


class Policy(View, frozen=True):
    """An access policy: whom it names, and what it lets them do, such as `keys: get, list`."""

    tenant: str
    object: str
    rights: tuple[str, ...] = ()


class Holder(View, frozen=True):
    """Whom an access policy names: the principal (None if the directory has none), and who is in it if it is a group."""

    object: str
    principal: Principal | None
    members: tuple[Principal, ...] = ()


class VaultSettings(View, frozen=True):
    """How a vault is set. Azure holds null for what has never been turned on. `roles` is True if roles decide, and not policies.

    `host` is its name in URLs of keys.
    """

    purge_protection: bool | None = None
    soft_delete: bool | None = None
    roles: bool = False
    firewall: Firewall = Firewall()
    policies: tuple[Policy, ...] = ()
    host: str = ""


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
            host=host(read.text(set_, "vaultUri")),
        )

    @aspect(absent=())
    def holders(raw: Raw) -> tuple[Holder, ...]:
        """Whom its access policies name (directoryObjects/getByIds of Microsoft Graph). Not asked if there are none, or roles decide."""
        return tuple(_holder(one) for one in read.listed(raw, "Holders"))


def host(url: str) -> str:
    """The host of the URL of a vault or of a key in it, in lower case; empty if there is no URL."""
    return (urlsplit(url).hostname or "").lower()


def may_take(held: Iterable[Permission], *, by_roles: bool) -> bool:
    """Whether a role gives what is in a vault: by its actions on data, or where policies decide, by writing one."""
    if by_roles:
        return any(one.allows_data(f"Microsoft.KeyVault/vaults/{action}") for one in held for action in DATA)
    return any(one.allows(action) for one in held for action in POLICIES)


def _holder(raw: Raw) -> Holder:
    found, members = raw["principal"], raw.get("members")
    return Holder(
        object=read.named(raw, "object"),
        principal=authorization.principal(found) if found is not None else None,
        members=authorization.principals(members) if members and "value" in members else (),
    )


def _policy(raw: Raw) -> Policy:
    rights = read.part(raw, "permissions")
    return Policy(
        tenant=read.named(raw, "tenantId").lower(),
        object=read.named(raw, "objectId").lower(),
        rights=tuple(f"{what}: {', '.join(sorted(map(str, read.many(rights, what))))}" for what in sorted(rights) if rights[what]),
    )

"""Azure Storage accounts."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.keyvault import host
from controlmon.facts.azure.network import Firewall, firewall
from controlmon.facts.base import Kind, View, aspect


class AccountSettings(View, frozen=True):
    """How a storage account is set. None means that Azure holds no value: what that means differs from setting to setting.

    `tenant_copies` is its allowCrossTenantReplication, `copy_scope` its allowedCopyScope, `created` the moment it was made, and
    `key` the host of the vault whose key encrypts it, if it is not Microsoft's.
    """

    https_only: bool | None = None
    nfs: bool = False
    minimum_tls: str = ""
    public_blobs: bool | None = None
    firewall: Firewall = Firewall()
    tenant_copies: bool | None = None
    copy_scope: str = ""
    created: datetime | None = None
    key: str = ""


class Replication(View, frozen=True):
    """A policy of object replication: the account that it copies from and the one that it copies to, each by id or by its name alone."""

    source: str
    destination: str


class Container(View, frozen=True):
    """A blob container, and what anybody may read in it: `None`, `Blob` or `Container`."""

    name: str
    access: str = "None"


class StorageAccount(Kind, name="azure.storage.account"):
    """A storage account."""

    @aspect()
    def settings(raw: Raw) -> AccountSettings:
        """Its settings (Resource Graph)."""
        set_ = read.inside(raw)
        return AccountSettings(
            https_only=read.flag(set_, "supportsHttpsTrafficOnly"),
            nfs=read.flag(set_, "isNfsV3Enabled") is True,
            minimum_tls=read.text(set_, "minimumTlsVersion"),
            public_blobs=read.flag(set_, "allowBlobPublicAccess"),
            firewall=firewall(set_),
            tenant_copies=read.flag(set_, "allowCrossTenantReplication"),
            copy_scope=read.text(set_, "allowedCopyScope"),
            created=read.moment(set_, "creationTime"),
            key=host(_key(set_)),
        )

    @aspect(absent=())
    def containers(raw: Raw) -> tuple[Container, ...]:
        """Its blob containers (BlobContainers_List). Not asked if the account refuses anonymous access, or has no blobs."""
        return tuple(
            Container(name=read.named(one, "name"), access=read.text(one, "publicAccess") or "None")
            for one in read.listed(raw, "Containers")
        )

    @aspect(absent=())
    def replications(raw: Raw) -> tuple[Replication, ...]:
        """Its policies of object replication, as source and as destination (ObjectReplicationPolicies_List)."""
        policies = map(read.inside, read.listed(raw, "value"))
        return tuple(
            Replication(source=read.named(one, "sourceAccount").lower(), destination=read.named(one, "destinationAccount").lower())
            for one in policies
        )


def _key(set_: Raw) -> str:
    """The URL of the vault whose key encrypts it. These members alone are not in camel case, and some answers have them so."""
    encryption = read.part(set_, "encryption")
    named = read.part(encryption, "keyvaultproperties") or read.part(encryption, "keyVaultProperties")
    return read.text(named, "keyvaulturi") or read.text(named, "keyVaultUri")

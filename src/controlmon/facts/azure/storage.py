"""Azure Storage accounts."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.network import Firewall, firewall
from controlmon.facts.base import Kind, View, aspect


class AccountSettings(View, frozen=True):
    """How a storage account is set. None means that Azure holds no value: what that means differs from setting to setting."""

    https_only: bool | None = None
    nfs: bool = False
    minimum_tls: str = ""
    public_blobs: bool | None = None
    firewall: Firewall = Firewall()


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
        )

    @aspect(absent=())
    def containers(raw: Raw) -> tuple[Container, ...]:
        """Its blob containers (BlobContainers_List). Not asked if the account refuses anonymous access, or has no blobs."""
        return tuple(
            Container(name=read.named(one, "name"), access=read.text(one, "publicAccess") or "None")
            for one in read.listed(raw, "Containers")
        )

"""Azure Compute: disks, snapshots, the images of galleries, and what encrypts disks."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.azure.keyvault import host
from controlmon.facts.base import Kind, View, aspect

PLATFORM_KEY = "EncryptionAtRestWithPlatformKey"
MARKET = "/providers/microsoft.compute/locations/"
"""What the ids of images hold that come from the marketplace, and are nobody's."""


class DiskSettings(View, frozen=True):
    """How a disk or snapshot is encrypted, whether it can be exported, and what it was made from. What is not set is empty.

    `made` is how (`Copy`, `Import`, `FromImage` ...), `sources` the ids of what (in lower case), `image` whether of an image of the
    marketplace; `account` and `uri` are where a blob was that it was imported from.
    """

    encryption: str = ""
    policy: str = ""
    access: str = ""
    state: str = ""
    made: str = ""
    sources: tuple[str, ...] = ()
    image: bool = False
    account: str = ""
    uri: str = ""


class Version(View, frozen=True):
    """A version of an image in a gallery: the ids of what it was made from, in lower case."""

    sources: tuple[str, ...] = ()


class Encryption(View, frozen=True):
    """The host of the vault whose key encrypts disks; empty if there is none yet."""

    key: str = ""


def _settings(raw: Raw) -> DiskSettings:
    set_ = read.inside(raw)
    created = read.part(set_, "creationData")
    images = [read.part(created, "imageReference"), read.part(created, "galleryImageReference")]
    named = [read.text(one, member) for one in images for member in ("id", "sharedGalleryImageId", "communityGalleryImageId")]
    sources = [one.lower() for one in (read.text(created, "sourceResourceId"), *named) if one]
    return DiskSettings(
        encryption=read.text(read.part(set_, "encryption"), "type"),
        policy=read.text(set_, "networkAccessPolicy"),
        access=read.text(set_, "publicNetworkAccess"),
        state=read.text(set_, "diskState"),
        made=read.text(created, "createOption"),
        sources=tuple(one for one in sources if MARKET not in one),
        image=any(MARKET in one for one in sources),
        account=read.text(created, "storageAccountId").lower(),
        uri=read.text(created, "sourceUri"),
    )


class Disk(Kind, name="azure.compute.disk"):
    """A managed disk."""

    @aspect()
    def settings(raw: Raw) -> DiskSettings:
        """Its settings (Resource Graph)."""
        return _settings(raw)


class Snapshot(Kind, name="azure.compute.snapshot"):
    """A snapshot of a disk."""

    @aspect()
    def settings(raw: Raw) -> DiskSettings:
        """Its settings (Resource Graph)."""
        return _settings(raw)


class ImageVersion(Kind, name="azure.compute.image_version"):
    """A version of an image in a gallery."""

    @aspect()
    def settings(raw: Raw) -> Version:
        """What it was made from (Resource Graph): a machine or an image, or the snapshots and disks of each of its disks."""
        profile = read.part(read.inside(raw), "storageProfile")
        parts = [profile, read.part(profile, "osDiskImage"), *read.many(profile, "dataDiskImages")]
        origins = [read.part(one, "source") for one in parts]
        named = [read.text(one, member) for one in origins for member in ("id", "virtualMachineId", "storageAccountId")]
        return Version(sources=tuple(dict.fromkeys(one.lower() for one in named if one)))


class DiskEncryptionSet(Kind, name="azure.compute.disk_encryption_set"):
    """What encrypts disks with a customer's key."""

    @aspect()
    def settings(raw: Raw) -> Encryption:
        """Its key (Resource Graph)."""
        return Encryption(key=host(read.text(read.part(read.inside(raw), "activeKey"), "keyUrl")))

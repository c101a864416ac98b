"""Azure Compute: disks and snapshots."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect

PLATFORM_KEY = "EncryptionAtRestWithPlatformKey"


class DiskSettings(View, frozen=True):
    """How a disk or snapshot is encrypted, and whether it can be exported. What is not set is empty."""

    encryption: str = ""
    policy: str = ""
    access: str = ""
    state: str = ""


def _settings(raw: Raw) -> DiskSettings:
    set_ = read.inside(raw)
    return DiskSettings(
        encryption=read.text(read.part(set_, "encryption"), "type"),
        policy=read.text(set_, "networkAccessPolicy"),
        access=read.text(set_, "publicNetworkAccess"),
        state=read.text(set_, "diskState"),
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

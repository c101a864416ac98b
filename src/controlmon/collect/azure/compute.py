"""Azure Compute: disks and snapshots, in one query; the images of galleries; and what encrypts disks."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.azure import listing
from controlmon.collect.azure.operations import resources
from controlmon.collect.base import Ask, Found, Place, Service
from controlmon.core.fact import Raw
from controlmon.facts.azure.compute import Disk, DiskEncryptionSet, ImageVersion, Snapshot

compute = Service("azure", "compute")


@compute.lists(
    (Disk, Snapshot),
    resources("Microsoft.Compute/disks", "Microsoft.Compute/snapshots"),
    at=Place.ACCOUNT,
    gives=[Disk.settings, Snapshot.settings],
)
def disks(ask: Ask) -> Iterator[Found]:
    """Every disk and every snapshot."""
    for row in ask.items("data"):
        kind: type[Disk | Snapshot] = Disk if row["type"].lower().endswith("/disks") else Snapshot
        yield Found(kind, row["id"].lower(), row["name"], row.get("location") or "", answers={kind.settings: _without_signature(row)})


def _without_signature(row: Raw) -> Raw:
    """A row without the query string of the URI that it was imported from, which may be a signature that opens it."""
    properties: dict[str, Any] = row["properties"]
    created = properties.get("creationData") or {}
    uri = created.get("sourceUri")
    if not isinstance(uri, str):
        return row
    return row | {"properties": properties | {"creationData": created | {"sourceUri": uri.partition("?")[0]}}}


@compute.lists(ImageVersion, resources("Microsoft.Compute/galleries/images/versions"), at=Place.ACCOUNT, gives=[ImageVersion.settings])
def image_versions(ask: Ask) -> Iterator[Found]:
    """Every version of every image of every gallery."""
    return listing.found(ask, ImageVersion, ImageVersion.settings)


@compute.lists(DiskEncryptionSet, resources("Microsoft.Compute/diskEncryptionSets"), at=Place.ACCOUNT, gives=[DiskEncryptionSet.settings])
def disk_encryption_sets(ask: Ask) -> Iterator[Found]:
    """Every disk encryption set."""
    return listing.found(ask, DiskEncryptionSet, DiskEncryptionSet.settings)

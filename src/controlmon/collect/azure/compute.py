"""Azure Compute: disks and snapshots, in one query."""

from collections.abc import Iterator

from controlmon.collect.azure.operations import resources
from controlmon.collect.base import Ask, Found, Place, Service
from controlmon.facts.azure.compute import Disk, Snapshot

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
        yield Found(kind, row["id"].lower(), row["name"], row.get("location") or "", answers={kind.settings: row})

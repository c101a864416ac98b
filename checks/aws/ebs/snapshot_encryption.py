"""Every snapshot that the account owns is encrypted.

A snapshot outlives its volume, and can be shared and copied: unencrypted it is the data itself. Those in the archive count, and so do those
in the recycle bin, of which EC2 does not say it: there the volume that they were taken of decides, if it is still there.
"""

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.ebs import BinnedSnapshot, Snapshot
from controlmon.facts.aws.ec2 import Volume

VOLUMES = All.of(*(Volume.example(id=f"vol-{on}", settings={"state": "in-use", "encrypted": on == "yes"}) for on in ("yes", "no")))


@check(
    title="All owned snapshots are encrypted",
    severity="medium",
    reads=[Snapshot.settings, BinnedSnapshot.volume, Volume.settings],
    remediation="Copy the snapshot with a KMS key, and delete the source, from the recycle bin too.",
    proves="That the snapshot is encrypted. Not with whose key, nor who may use it.",
    passes=[
        (Snapshot.example(settings={"state": "completed", "encrypted": True}), VOLUMES),
        (BinnedSnapshot.example(volume="vol-yes"), VOLUMES),
    ],
    fails=[
        (Snapshot.example(settings={"state": "completed", "encrypted": False}), VOLUMES),
        (Snapshot.example(settings={"state": "completed", "encrypted": False, "tier": "archive"}), VOLUMES),
        (BinnedSnapshot.example(volume="vol-no"), VOLUMES),
    ],
)
def judge(snapshot: Snapshot | BinnedSnapshot, volumes: All[Volume]) -> Verdict:
    if isinstance(snapshot, BinnedSnapshot):
        return _binned(snapshot, volumes.beside(snapshot))
    where = "" if snapshot.settings.tier == "standard" else f" (in the {snapshot.settings.tier})"
    if snapshot.settings.encrypted:
        return passed(f"it is encrypted{where}")
    return failed(f"it is not encrypted{where}")


def _binned(snapshot: BinnedSnapshot, volumes: All[Volume]) -> Verdict:
    """A snapshot is encrypted if its volume is, and only then: neither ever changes."""
    volume = volumes.first(lambda one: one.name == snapshot.volume)
    if volume is None:
        return unknown("it is in the recycle bin, where EC2 does not say whether it is encrypted, and its volume is gone")
    if volume.settings.encrypted:
        return passed(f"it is in the recycle bin, and its volume {volume.name} is encrypted")
    return failed(f"it is in the recycle bin, and its volume {volume.name} is not encrypted")

"""Disks and snapshots are encrypted as declared, and nobody can carry them off.

Every managed disk is encrypted with AES-256 by the platform; whose key it is matters only where a customer's own was promised. The way out
is an export: a URL that whoever has it can download the whole disk from, and that exists while the disk's state says so.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.azure.compute import PLATFORM_KEY, Disk, Snapshot

SHUT = {"policy": "DenyAll", "access": "Disabled", "encryption": PLATFORM_KEY, "state": "Attached"}


def disk(**settings: str) -> Disk:
    return Disk.example(settings=SHUT | settings)


@check(
    title="Disks and snapshots use the declared encryption and cannot be exported publicly",
    severity="medium",
    reads=[Disk.settings, Snapshot.settings],
    remediation="Set the network access policy to DenyAll (or AllowPrivate) and public network access to Disabled; revoke live exports; "
    "where a customer's key is promised, attach a disk encryption set.",
    proves="Whose key encrypts the disk, and that it cannot be exported over public networks. Not temporary disks and caches, which need "
    "encryption at host.",
    passes=[
        disk(),
        Snapshot.example(settings=SHUT | {"policy": "AllowPrivate", "state": "Unattached"}),
        Example((disk(encryption="EncryptionAtRestWithCustomerKey"),), {"require_cmk": True}),
    ],
    fails=[
        disk(policy="AllowAll"),
        disk(policy=""),
        disk(access="Enabled"),
        disk(state="ActiveSAS"),
        Example((disk(),), {"require_cmk": True}),
    ],
)
def judge(disk: Disk | Snapshot, *, require_cmk: bool = False) -> Verdict:
    settings = disk.settings
    if settings.state.startswith("ActiveSAS"):
        return failed(f"its state is {settings.state}: a URL is live that downloads it")
    if settings.policy not in ("DenyAll", "AllowPrivate"):
        return failed(f"its network access policy is {settings.policy or 'AllowAll (not set)'}")
    if settings.access != "Disabled":
        return failed(f"its public network access is {settings.access or 'Enabled (not set)'}")
    if require_cmk and settings.encryption in ("", PLATFORM_KEY):
        return failed(f"it is encrypted by {settings.encryption or 'what is not told'}; a customer managed key is required")
    return passed(f"it is encrypted by {settings.encryption or 'the platform'}, and exports are {settings.policy}")

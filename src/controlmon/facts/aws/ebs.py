"""Amazon EBS: snapshots, and with whom they are shared. Volumes are among what EC2 tells."""

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import flag, optional, text
from controlmon.facts.base import Kind, View, aspect


class SnapshotSettings(View, frozen=True):
    """A snapshot: its state, whether it is encrypted, and where it is kept (`standard` or `archive`)."""

    state: str
    encrypted: bool
    tier: str = "standard"


class Shares(View, frozen=True):
    """Who may make volumes of a snapshot, besides its owner: everybody, or some accounts."""

    public: bool = False
    accounts: tuple[str, ...] = ()


class Snapshot(Kind, name="aws.ebs.snapshot"):
    """An EBS snapshot that the account owns, in the standard tier or the archive."""

    @aspect(volatile=("Progress",))
    def settings(raw: Raw) -> SnapshotSettings:
        """What DescribeSnapshots says of it."""
        return SnapshotSettings(state=text(raw, "State"), encrypted=flag(raw, "Encrypted"), tier=optional(raw, "StorageTier") or "standard")

    @aspect()
    def shares(raw: Raw) -> Shares:
        """Whom it is shared with (DescribeSnapshotAttribute)."""
        permissions = raw["CreateVolumePermissions"]
        groups = [text(one, "Group") for one in permissions if "Group" in one]
        if set(groups) - {"all"}:
            raise ValueError(f"there is no group {groups[0]}")
        return Shares(public=bool(groups), accounts=tuple(text(one, "UserId") for one in permissions if "Group" not in one))


class BinnedSnapshot(Kind, name="aws.ebs.binned_snapshot"):
    """An EBS snapshot in the recycle bin, from where it can be taken back."""

    @aspect()
    def volume(raw: Raw) -> str:
        """The volume that it was taken of (ListSnapshotsInRecycleBin, which does not say whether it is encrypted)."""
        return optional(raw, "VolumeId")

"""The collector of EBS over HTTP. moto lists strangers' snapshots among our own, and knows neither bin nor block: those are laid over it."""

from controlmon.collect.aws.account import account
from controlmon.collect.aws.ebs import ebs
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ebs import BinnedSnapshot, Snapshot
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin

SNAPSHOT = {"SnapshotId": "snap-1", "OwnerId": "123456789012", "State": "completed", "Encrypted": True, "StorageTier": "archive"}


def test_only_our_own_snapshots_are_asked_for(twin: AwsTwin, collect: Collect) -> None:
    theirs = SNAPSHOT | {"SnapshotId": "snap-2", "OwnerId": "999999999999"}
    with twin.answer("ec2", "DescribeSnapshots", {"Snapshots": [SNAPSHOT, theirs]}):
        found = collect(ebs, Snapshot.settings)
    assert found.ids(Snapshot) == {"arn:aws:ec2:us-east-1::snapshot/snap-1"}
    assert found.views(Snapshot.settings)["snap-1"].tier == "archive"
    [call] = twin.calls("ec2", "DescribeSnapshots")
    assert call.params["OwnerIds"] == ["self"]


def test_shares_are_asked_of_each(twin: AwsTwin, collect: Collect) -> None:
    ec2 = twin.client("ec2")
    made = ec2.create_snapshot(VolumeId=ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"])["SnapshotId"]
    ec2.modify_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission", OperationType="add", UserIds=["999999999999"])
    item = SNAPSHOT | {"SnapshotId": made}
    with twin.answer("ec2", "DescribeSnapshots", {"Snapshots": [item]}):
        [view] = collect(ebs, Snapshot.shares).views(Snapshot.shares).values()
    assert (view.public, view.accounts) == (False, ("999999999999",))


def test_the_bin_and_the_block(twin: AwsTwin, collect: Collect) -> None:
    with (
        twin.answer("ec2", "ListSnapshotsInRecycleBin", {"Snapshots": [{"SnapshotId": "snap-9", "VolumeId": "vol-9"}]}),
        twin.answer("ec2", "GetSnapshotBlockPublicAccessState", {"State": "unblocked"}),
    ):
        found = collect(ebs, BinnedSnapshot.volume, Region.snapshot_sharing, also=(account,))
    assert found.views(BinnedSnapshot.volume) == {"snap-9": "vol-9"}
    assert found.views(Region.snapshot_sharing) == {"us-east-1": "unblocked"}

"""Amazon EBS: the snapshots of each region, and with whom they are shared."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ebs import BinnedSnapshot, Snapshot

ebs = Service("aws", "ebs")


def _read(name: str) -> Operation:
    return Operation("ec2", name, needs=(f"ec2:{name}",))


@ebs.lists(Snapshot, _read("DescribeSnapshots"), gives=[Snapshot.settings])
def snapshots(ask: Ask) -> Iterator[Found]:
    """The snapshots that the account owns, those that AWS Backup keeps too. Without an owner EC2 would list everybody's public ones."""
    for item in ask.items("Snapshots", OwnerIds=["self"], MaxResults=1000):
        if item["OwnerId"] == ask.scope.target:
            arn = f"arn:{ask.partition}:ec2:{ask.scope.region}::snapshot/{item['SnapshotId']}"
            yield Found(Snapshot, arn, item["SnapshotId"], answers={Snapshot.settings: item})


@ebs.lists(BinnedSnapshot, _read("ListSnapshotsInRecycleBin"), gives=[BinnedSnapshot.volume])
def binned(ask: Ask) -> Iterator[Found]:
    """The snapshots in the recycle bin, which are not listed among the others."""
    for item in ask.items("Snapshots", MaxResults=1000):
        arn = f"arn:{ask.partition}:ec2:{ask.scope.region}::snapshot/{item['SnapshotId']}"
        yield Found(BinnedSnapshot, arn, item["SnapshotId"], answers={BinnedSnapshot.volume: item})


@ebs.answers(Snapshot.shares, _read("DescribeSnapshotAttribute"))
def shares(ask: Ask, snapshot: Met) -> Raw:
    """Whom one snapshot is shared with. A list of the public ones would take one question, but tell of no other accounts."""
    return ask(SnapshotId=snapshot.name, Attribute="createVolumePermission")


@ebs.answers(Region.snapshot_sharing, _read("GetSnapshotBlockPublicAccessState"))
def snapshot_sharing(ask: Ask, region: Met) -> Raw:
    """The switch of one region."""
    return ask.at(region.region)()

"""aws.ebs.snapshot_encryption and aws.ebs.public_snapshots on raw answers of EC2."""

from typing import Any

import pytest

from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ebs import BinnedSnapshot, Snapshot
from controlmon.facts.aws.ec2 import Volume
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

ENCRYPTION, PUBLIC = "aws.ebs.snapshot_encryption", "aws.ebs.public_snapshots"
ARN = "arn:aws:ec2:eu-west-1::snapshot/snap-1"


def snapshot(encrypted: Any = True, **more: Any) -> Given:
    return Given(Snapshot, ARN, name="snap-1", settings={"State": "completed", "Encrypted": encrypted} | more)


def volume(encrypted: Any) -> Given:
    return Given(Volume, "arn:v", name="vol-1", settings={"State": "in-use", "Encrypted": encrypted})


BINNED = Given(BinnedSnapshot, ARN, name="snap-1", volume={"SnapshotId": "snap-1", "VolumeId": "vol-1"})


@pytest.mark.parametrize(
    ("subject", "others", "more", "outcome", "because"),
    [
        pytest.param(snapshot(), [], {}, "pass", "encrypted", id="encrypted"),
        pytest.param(snapshot(False), [], {}, "fail", "not encrypted", id="not"),
        pytest.param(snapshot(False, StorageTier="archive"), [], {}, "fail", "archive", id="nor in the archive"),
        pytest.param(snapshot(False, Description="This snapshot is created by the AWS Backup service"), [], {}, "fail", "not", id="Backup"),
        pytest.param(snapshot("true"), [], {}, "unknown", "true or false", id="a text is no answer"),
        pytest.param(Given(Snapshot, ARN, settings=DENIED), [], {}, "unknown", "grant svc:Permission", id="a denied snapshot"),
        pytest.param(BINNED, [volume(True)], {}, "pass", "recycle bin", id="in the bin, of an encrypted volume"),
        pytest.param(BINNED, [volume(False)], {}, "fail", "recycle bin", id="or of one that is not"),
        pytest.param(BINNED, [], {"empty": (Volume,)}, "unknown", "its volume is gone", id="or of one that is gone"),
        pytest.param(BINNED, [], {"gaps": {Volume: DENIED}}, "unknown", "grant", id="or of volumes that were not seen"),
        pytest.param(Given(BinnedSnapshot, ARN, volume=DENIED), [volume(True)], {}, "unknown", "grant", id="a denied bin"),
    ],
)
def test_encryption(subject: Given, others: list[Given], more: Any, outcome: str, because: str) -> None:
    found = verdict(ENCRYPTION, subject, *others, **more)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize("kind", [Snapshot, BinnedSnapshot])
def test_snapshots_that_could_not_be_listed_are_unknown(kind: Any) -> None:
    assert "unknown" in [f.outcome for f in findings(ENCRYPTION, MemoryEvidence(gaps={kind: DENIED}))]


def test_no_snapshots_at_all_is_not_a_pass() -> None:
    assert [f.outcome for f in findings(ENCRYPTION, MemoryEvidence(empty=(Snapshot, BinnedSnapshot)))] == ["not_applicable"]


def shares(*permissions: dict[str, str]) -> dict[str, Any]:
    return {"SnapshotId": "snap-1", "CreateVolumePermissions": list(permissions)}


STRANGER = {"UserId": "999999999999"}


@pytest.mark.parametrize(
    ("answer", "parameters", "outcome", "because"),
    [
        pytest.param(shares(), {}, "pass", "nobody", id="shared with nobody"),
        pytest.param(shares({"Group": "all"}), {}, "fail", "everybody", id="with everybody"),
        pytest.param(shares(STRANGER), {}, "fail", "999999999999", id="with an account that is not known"),
        pytest.param(shares(STRANGER), {"known_accounts": ["999999999999"]}, "pass", "only", id="with one that is"),
        pytest.param(shares(STRANGER, {"Group": "all"}), {"known_accounts": ["999999999999"]}, "fail", "everybody", id="and everybody"),
        pytest.param(shares({"UserId": ACCOUNT}), {}, "pass", "only", id="with its own"),
        pytest.param(shares({"Group": "some"}), {}, "unknown", "no group", id="with a group that is new"),
        pytest.param(DENIED, {}, "unknown", "grant svc:Permission", id="a denied attribute"),
        pytest.param({}, {}, "unknown", "CreateVolumePermissions", id="an empty answer is none"),
    ],
)
def test_shares(answer: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    found = verdict(PUBLIC, Given(Snapshot, ARN, name="snap-1", shares=answer), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("answer", "outcome", "because"),
    [
        pytest.param({"State": "block-all-sharing"}, "pass", "block-all", id="all sharing is blocked"),
        pytest.param({"State": "block-new-sharing"}, "pass", "block-new", id="new sharing is"),
        pytest.param({"State": "unblocked"}, "fail", "nothing keeps", id="none is"),
        pytest.param({"State": "new"}, "unknown", "'new'", id="a state that is new"),
        pytest.param({}, "unknown", "State", id="an empty answer is none"),
        pytest.param(DENIED, "unknown", "grant svc:Permission", id="a denied region"),
    ],
)
def test_region(answer: Any, outcome: str, because: str) -> None:
    found = verdict(PUBLIC, Given(Region, f"{ACCOUNT}:eu-west-1", snapshot_sharing=answer))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

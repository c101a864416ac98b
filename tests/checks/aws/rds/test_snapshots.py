"""aws.rds.snapshot_encryption and aws.rds.public_snapshots on raw answers of RDS."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.facts.aws.rds import ClusterSnapshot, Snapshot
from tests.support import ACCOUNT, DENIED, Given, MemoryEvidence, findings, verdict

ENCRYPTION, PUBLIC = "aws.rds.snapshot_encryption", "aws.rds.public_snapshots"
STRANGER = "999999999999"


def snapshot(encrypted: Any = True, shares: Any = None, account: str = ACCOUNT) -> Given:
    raw = {"DBSnapshotArn": f"arn:aws:rds:eu-west-1:{account}:snapshot:s", "SnapshotType": "manual", "Encrypted": encrypted}
    return Given(Snapshot, raw["DBSnapshotArn"], settings=raw, shares=shares)


def cluster(encrypted: Any = True, shares: Any = None, account: str = ACCOUNT) -> Given:
    raw = {"DBClusterSnapshotArn": f"arn:aws:rds:eu-west-1:{account}:cluster-snapshot:s", "StorageEncrypted": encrypted}
    return Given(ClusterSnapshot, raw["DBClusterSnapshotArn"], settings=raw, shares=shares)


@pytest.mark.parametrize("made", [snapshot, cluster])
@pytest.mark.parametrize(("encrypted", "outcome"), [(True, "pass"), (False, "fail"), ("true", "unknown"), (None, "unknown")])
def test_encryption(made: Any, encrypted: Any, outcome: str) -> None:
    assert verdict(ENCRYPTION, made(encrypted)).outcome == outcome


def test_each_kind_has_a_name_of_its_own_for_it() -> None:
    """The other kind's name is no answer."""
    raw = {"DBClusterSnapshotArn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:s", "Encrypted": True}
    assert verdict(ENCRYPTION, Given(ClusterSnapshot, settings=raw)).outcome == "unknown"


@pytest.mark.parametrize("made", [snapshot, cluster])
def test_a_snapshot_of_another_account_is_judged_there(made: Any) -> None:
    for check in (ENCRYPTION, PUBLIC):
        assert verdict(check, made(False, account=STRANGER)).outcome == "not_applicable"


@pytest.mark.parametrize("kind", [Snapshot, ClusterSnapshot])
def test_what_was_denied_is_unknown(kind: Any) -> None:
    for check in (ENCRYPTION, PUBLIC):
        assert verdict(check, Given(kind, settings=DENIED, shares=DENIED)).outcome == "unknown"
        assert "unknown" in [f.outcome for f in findings(check, MemoryEvidence(gaps={kind: DENIED}))]


def attributes(*values: str, cluster: bool = False) -> dict[str, Any]:
    name = "DBClusterSnapshotAttributes" if cluster else "DBSnapshotAttributes"
    return {f"{name}Result": {name: [{"AttributeName": "restore", "AttributeValues": list(values)}, {"AttributeName": "x", "AttributeValues": ["all"]}]}}  # fmt: skip


@pytest.mark.parametrize("made", [snapshot, cluster])
@pytest.mark.parametrize(
    ("values", "parameters", "outcome", "because"),
    [
        pytest.param([], {}, "pass", "nobody", id="shared with nobody"),
        pytest.param(["all"], {}, "fail", "everybody", id="public"),
        pytest.param([STRANGER], {}, "fail", STRANGER, id="with an account that is not known"),
        pytest.param([STRANGER], {"known_accounts": [STRANGER]}, "pass", STRANGER, id="with one that is"),
        pytest.param([STRANGER, "all"], {"known_accounts": [STRANGER]}, "fail", "everybody", id="and public"),
    ],
)
def test_shares(made: Any, values: list[str], parameters: Any, outcome: str, because: str) -> None:
    found = verdict(PUBLIC, made(shares=attributes(*values, cluster=made is cluster)), **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


def test_only_what_was_taken_by_hand_can_be_shared() -> None:
    assert verdict(PUBLIC, snapshot(shares=not_asked("AWS Backup keeps it"))).outcome == "pass"


@pytest.mark.parametrize("answer", [DENIED, {}, {"DBSnapshotAttributesResult": {}}])
def test_shares_that_were_not_seen_are_unknown(answer: Any) -> None:
    assert verdict(PUBLIC, snapshot(shares=answer)).outcome == "unknown"

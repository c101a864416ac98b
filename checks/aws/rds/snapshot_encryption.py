"""Every snapshot of a database is encrypted, of instances and of clusters.

A snapshot that was taken by hand stays after its database is gone. RDS calls the same thing Encrypted for the one kind and StorageEncrypted
for the other, and whoever asks only for the first kind misses Aurora.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.rds import ClusterSnapshot, Snapshot

OURS = {"account": "123456789012", "encrypted": True}


@check(
    title="Manual snapshots are encrypted",
    severity="high",
    reads=[Snapshot.settings, ClusterSnapshot.settings],
    remediation="Copy the snapshot under a KMS key, and delete the source.",
    proves="That the snapshots that are kept by hand or by AWS Backup are encrypted. Automated ones are as their database is.",
    passes=[Snapshot.example(settings=OURS), ClusterSnapshot.example(settings=OURS)],
    fails=[Snapshot.example(settings=OURS | {"encrypted": False}), ClusterSnapshot.example(settings=OURS | {"encrypted": False})],
)
def judge(snapshot: Snapshot | ClusterSnapshot) -> Verdict:
    if snapshot.settings.account != snapshot.target:
        return not_applicable(f"it belongs to account {snapshot.settings.account}, where it is judged")
    return passed("it is encrypted") if snapshot.settings.encrypted else failed("it is not encrypted")

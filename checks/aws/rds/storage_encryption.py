"""Every database is encrypted at rest under a KMS key.

"Encrypted" is not enough: RDS may use a key that AWS owns, which nobody can see or revoke, and then a cluster even says that it is not
encrypted. An Aurora instance has no storage of its own: its cluster is judged, once. Nothing of this can be changed in place, so a database
that is being created is judged as well.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.rds import Cluster, Instance

KMS = {
    "engine": "postgres",
    "status": "available",
    "encrypted": True,
    "encryption": "sse-kms",
    "key": "arn:aws:kms:eu-west-1:123456789012:key/1",
}


@check(
    title="Databases encrypt their storage with a KMS key",
    severity="critical",
    reads=[Instance.settings, Cluster.settings],
    remediation="Copy a snapshot under a KMS key and restore the database from the copy: it cannot be encrypted in place.",
    proves="That the storage of the database is encrypted, and under what kind of key. Not that snapshots are, nor that the key works.",
    passes=[
        Instance.example(settings=KMS),
        Cluster.example(settings=KMS | {"engine": "docdb"}),
        Example((Cluster.example(settings=KMS | {"encrypted": False, "encryption": "sse-rds", "key": ""}),), {"allow_service_key": True}),
    ],
    fails=[
        Instance.example(settings=KMS | {"encrypted": False, "encryption": "none", "key": ""}),
        Cluster.example(settings=KMS | {"encrypted": False, "encryption": "sse-rds", "key": ""}),
    ],
)
def judge(database: Instance | Cluster, *, allow_service_key: bool = False) -> Verdict:
    it = database.settings
    if it.account != database.target:
        return not_applicable(f"it belongs to account {it.account}, where it is judged")
    if it.cluster:
        return not_applicable(f"its storage is that of the cluster {it.cluster}, which is judged")
    if it.status == "deleting":
        return not_applicable("it is being deleted")
    match it.encryption, it.encrypted, bool(it.key):
        case ("sse-kms" | "", True, True):
            return passed(f"its storage ({it.engine}) is encrypted with {it.key}")
        case "sse-rds", _, _:
            said = f"its storage ({it.engine}) is encrypted with a key that AWS owns (sse-rds)"
            return passed(said) if allow_service_key else failed(f"{said}; a KMS key is required")
        case ("none", False, _):
            return failed(f"its storage ({it.engine}) is not encrypted")
        case ("", False, _) if not allow_service_key:
            # RDS says "not encrypted" of a cluster under a key of its own: either way it is no KMS key.
            return failed(f"its storage ({it.engine}) is not encrypted with a KMS key")
        case _:
            told = f"StorageEncrypted {it.encrypted}, StorageEncryptionType {it.encryption or 'not told'}, key {it.key or 'not told'}"
            return unknown(f"what RDS says of its encryption does not fit together: {told}")

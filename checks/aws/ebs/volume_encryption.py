"""Every volume is encrypted, with a key that works and that belongs to an account we know.

"Encrypted" alone is half of it: a volume under a key of another environment can be read there and lost there, and one whose key is disabled
cannot be attached again. A detached volume counts as much as one in use.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.ec2 import Volume

OURS = "arn:aws:kms:eu-west-1:123456789012:key/1"
THEIRS = "arn:aws:kms:eu-west-1:999999999999:key/1"


def volume(key: str = OURS, state: str = "Enabled") -> Volume:
    described = {"arn": key, "state": state, "manager": "CUSTOMER", "account": key.split(":")[4]}
    return Volume.example(settings={"state": "in-use", "encrypted": True, "key": key}, key=described)


@check(
    title="EBS volumes are encrypted with a usable key of a known account",
    severity="high",
    reads=[Volume.settings, Volume.key],
    remediation="Snapshot the volume, copy the snapshot under a key of this account, and replace the volume by one made from the copy.",
    proves="That the volume is encrypted, whose key it is, and that the key was enabled. Not who may use that key.",
    passes=[volume(), Example((volume(THEIRS),), {"trusted_accounts": ["999999999999"]})],
    fails=[
        Volume.example(settings={"state": "available", "encrypted": False}, key=None),
        volume(THEIRS),
        volume(state="PendingDeletion"),
    ],
)
def judge(volume: Volume, *, trusted_accounts: tuple[str, ...] = ()) -> Verdict:
    disk = volume.settings
    if disk.state in ("deleting", "deleted"):
        return not_applicable(f"the volume is {disk.state}")
    if not disk.encrypted:
        return failed(f"the volume ({disk.state}) is not encrypted")
    if disk.key is None or disk.key.count(":") < 5:
        return unknown("the volume is encrypted, but EC2 does not name the key")
    account = disk.key.split(":")[4]
    if account != volume.target and account not in trusted_accounts:
        return failed(f"the volume is encrypted with a key of account {account}, which is not one that is trusted")
    key = volume.key
    if key is None:
        return unknown(f"the key {disk.key} was not looked at")
    if key.state != "Enabled":
        return failed(f"the key of the volume is {key.state}: {disk.key}")
    return passed(f"the volume is encrypted with {disk.key}")

"""No snapshot of a database can be restored by everybody, or by accounts that are not known.

The value `all` among those who may restore it makes a snapshot public. Only snapshots that were taken by hand can be shared; those of
clusters have a list of their own.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.rds import ClusterSnapshot, Snapshot

OURS = {"account": "123456789012", "encrypted": False}
STRANGER = "999999999999"


@check(
    title="No database snapshot is shared publicly or with unknown accounts",
    severity="critical",
    reads=[Snapshot.settings, Snapshot.shares, ClusterSnapshot.settings, ClusterSnapshot.shares],
    remediation="Remove the value from the restore attribute of the snapshot.",
    proves="Who may restore the snapshot now. Not who did before, nor what was exported.",
    passes=[
        Snapshot.example(settings=OURS, shares=[]),
        Example((ClusterSnapshot.example(settings=OURS, shares=[STRANGER]),), {"known_accounts": [STRANGER]}),
    ],
    fails=[
        Snapshot.example(settings=OURS, shares=["all"]),
        ClusterSnapshot.example(settings=OURS, shares=["all"]),
        Snapshot.example(settings=OURS, shares=[STRANGER]),
    ],
)
def judge(snapshot: Snapshot | ClusterSnapshot, *, known_accounts: tuple[str, ...] = ()) -> Verdict:
    if snapshot.settings.account != snapshot.target:
        return not_applicable(f"it belongs to account {snapshot.settings.account}, where it is judged")
    shares = snapshot.shares
    if "all" in shares:
        return failed("everybody may restore it")
    strangers = [one for one in shares if one != snapshot.target and one not in known_accounts]
    if strangers:
        return failed(f"{', '.join(strangers)} may restore it, which is not a known account")
    return passed(f"{', '.join(shares)} may restore it, and nobody else" if shares else "it is shared with nobody")

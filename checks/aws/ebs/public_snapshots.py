"""No snapshot is open to everybody or to accounts that are not known, and the region does not allow it either.

One that is shared with an account does not show among the public ones. And to block new sharing leaves what is public as it is; a block of
all sharing makes that void, and is one switch away from not doing so.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ebs import Snapshot


def shared(*accounts: str, public: bool = False) -> Snapshot:
    return Snapshot.example(id="snap-1", shares={"public": public, "accounts": accounts})


@check(
    title="No EBS snapshot is public and public sharing is blocked",
    severity="critical",
    reads=[Region.snapshot_sharing, Snapshot.shares],
    remediation="Unshare the snapshot, and block public sharing of snapshots in each region.",
    proves="Whom the snapshots are shared with now, and that the region refuses to share with everybody. Not who copied one before.",
    passes=[
        Region.example(snapshot_sharing="block-all-sharing"),
        Region.example(snapshot_sharing="block-new-sharing"),
        shared(),
        Example((shared("999999999999"),), {"known_accounts": ["999999999999"]}),
    ],
    fails=[Region.example(snapshot_sharing="unblocked"), shared(public=True), shared("999999999999")],
)
def judge(place: Snapshot | Region, *, known_accounts: tuple[str, ...] = ()) -> Verdict:
    if isinstance(place, Region):
        if place.snapshot_sharing == "unblocked":
            return failed("nothing keeps its snapshots from being shared with everybody", severity="high")
        return passed(f"public sharing of snapshots is blocked ({place.snapshot_sharing})")
    shares = place.shares
    if shares.public:
        return failed("it is shared with everybody")
    strangers = [account for account in shares.accounts if account != place.target and account not in known_accounts]
    if strangers:
        return failed(f"it is shared with {', '.join(strangers)}, which is not a known account")
    return passed(f"it is shared with {', '.join(shares.accounts)} only" if shares.accounts else "it is shared with nobody")

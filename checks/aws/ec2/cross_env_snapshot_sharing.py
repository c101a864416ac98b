"""No snapshot or image is shared with the other class of environment.

That a share is with a shared account (backup, log archive) is told by the class of the account, and not by its name. An image may be
shared with a whole unit or organization, and is then shared with whatever accounts it has. Aurora clones cross accounts by RAM: see there.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws import rds
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ebs import Snapshot
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.images import Image
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "333333333333": "shared"}}
ACCOUNTS = Everywhere.of(Account.example(id="123456789012"))


@check(
    title="Production snapshots, images and backups are not shared to non-production",
    severity="critical",
    reads=[*WHERE, Snapshot.shares, rds.Snapshot.shares, rds.ClusterSnapshot.shares, Image.launch],
    remediation="Unshare it, and hand masked data to those who need some.",
    proves="With whom EBS and RDS snapshots and images are shared now. Not what was copied before, nor the policies of backup vaults.",
    passes=[
        Example((Snapshot.example(shares={}), ACCOUNTS), MAP),
        Example((Snapshot.example(shares={"accounts": ["333333333333"]}), ACCOUNTS), MAP),
        Example((rds.Snapshot.example(shares=["333333333333"]), ACCOUNTS), MAP),
        Example((Image.example(launch={}), ACCOUNTS), MAP),
    ],
    fails=[
        Example((Snapshot.example(shares={"accounts": ["222222222222"]}), ACCOUNTS), MAP),
        Example((Snapshot.example(shares={"public": True}), ACCOUNTS), MAP),
        Example((rds.ClusterSnapshot.example(shares=["222222222222"]), ACCOUNTS), MAP),
        Example((Image.example(launch={"accounts": ["222222222222"]}), ACCOUNTS), MAP),
    ],
)
def judge(
    copy: Snapshot | rds.Snapshot | rds.ClusterSnapshot | Image,
    accounts: Everywhere[Account],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    estate = Estate(accounts, environment_map, synonyms)
    public, shared = shares(copy, estate)
    if public:
        return failed("it is shared with everybody, of every environment")
    if not shared:
        return passed("it is shared with nobody")
    own = estate.of(copy.target)
    found = estate.crossing(own, [(account, account) for account in shared if account != copy.target])
    if found.crossed:
        return failed(f"its account is {own.name}, and it is shared with {', '.join(found.crossed)}")
    return unknown(found.unsure) if found.unsure else passed(f"it is shared with {', '.join(shared)}, of its own class or shared")


def shares(copy: Snapshot | rds.Snapshot | rds.ClusterSnapshot | Image, estate: Estate) -> tuple[bool, list[str]]:
    """Whether everybody has it, and which accounts do."""
    if isinstance(copy, Snapshot):
        return copy.shares.public, list(copy.shares.accounts)
    if isinstance(copy, Image):
        launch = copy.launch
        return launch.public, [*launch.accounts, *estate.under(launch.organizations, launch.units)]
    return "all" in copy.shares, [account for account in copy.shares if account != "all"]

"""Each account belongs to one environment, stands where its environment stands, and holds nothing of another.

What is declared decides, then tags, then the names of units and accounts; sources that disagree are a conflict, and not a vote. Networks,
log archives, security tooling and the management account are shared: what they hold may serve any environment. The management account
answers for those accounts of its organization that are not collected from. Who has one account for all must say so.
"""

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account, Region
from controlmon.facts.aws.ec2 import Vpc
from controlmon.facts.aws.environments import WHERE, Estate, said_of, unmapped_elsewhere
from controlmon.facts.environment import SYNONYMS, UNDECLARED

OURS, ROOT = "123456789012", {"id": "r-1", "name": "Root"}


def account(unit: str = "Prod", name: str = "shop", **tags: str) -> Account:
    member = {"id": OURS, "name": name, "units": [ROOT, {"id": "ou-1-a", "name": unit}], "tags": tags}
    tree = {"id": "o-1", "management": "111111111111", "members": {OURS: member}}
    return Account.example(id=OURS, standing={}, organization={"id": "o-1", "management": "111111111111"}, organization_tree=tree)


def case(account: Account, *values: str, vpc: str = "") -> tuple[object, ...]:
    region = Region.example(environment_tags=[{"key": "env", "value": value, "example": "arn:x"} for value in values])
    vpcs = [Vpc.example(id="vpc-1", settings={"owner": OURS, "tags": {"env": vpc} if vpc else {}})]
    return account, Everywhere.of(account), All.of(region), All.of(*vpcs)


@check(
    title="Production and non-production live in different accounts under different units",
    severity="high",
    reads=[Account.standing, *WHERE, Region.environment_tags, Vpc.settings.when("by_vpc")],
    remediation="Move the workload, or declare in environment_map where the account belongs.",
    proves="That the account's environment is told, agrees with its unit, and that no tag in it tells another. Not what carries no tag.",
    passes=[
        case(account(), "production"),
        case(account("Workloads", "shop", env="live")),
        case(account("Infrastructure", "network"), "prod", "dev"),
        Example(case(account("Workloads")), {"environment_map": {OURS: "dev"}}),
        Example(case(account("Workloads"), "prod", "dev", vpc="dev"), {"by_vpc": True}),
    ],
    fails=[
        case(account("Workloads")),
        case(account("Prod", "shop-dev")),
        case(account(), "dev"),
        Example(case(account()), {"environment_map": {OURS: "dev"}}),
        Example(case(account("Workloads")), {"by_vpc": True}),
    ],
)
def judge(
    account: Account,
    accounts: Everywhere[Account],
    regions: All[Region],
    vpcs: All[Vpc],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    by_vpc: bool = False,
) -> Verdict:
    if account.standing.closed:
        return not_applicable(f"the account is {account.standing.status}")
    estate = Estate(accounts, environment_map, synonyms)
    if by_vpc:
        blank = [vpc.name for vpc in vpcs if vpc.settings.owner == account.id and not said_of(estate, vpc.name, vpc.settings.tags).name]
        if blank:
            return failed(f"environments are declared to be separated by VPC, and {', '.join(blank)} is of none")
        return passed("environments are declared to be separated by VPC, and each VPC is of one")
    where = estate.standing(account.id)
    if not where.name:
        return failed(where.why)
    if where.against:
        return failed(f"it is {where.name} ({where.why}), but {where.against}")
    if (elsewhere := unmapped_elsewhere(account, estate)) is not None:
        return failed(f"of the accounts that are not collected from, {elsewhere}")
    if where.cls == "shared":
        return passed(f"it is shared ({where.why})")
    mixed, strange = estate.mixed(where, regions)
    if mixed:
        return failed(f"it is {where.name} ({where.why}), and holds {mixed}")
    return unknown(strange) if strange else passed(f"it is {where.name} ({where.why}), and no tag in it tells another")

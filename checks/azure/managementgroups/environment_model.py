"""Each subscription belongs to one environment, and so does the management group that it stands in.

What is declared decides, then tags, then the names of the subscription and of the groups above it; sources that disagree are a conflict,
and not a vote. The names of tags are one in any case; their values are words, so that `Prod` and `prod` mean the same here, though a policy
of Azure tells them apart. Networks, logs and management are shared: what they hold may serve any environment. Who separates environments
by resource group within a subscription must say so.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.crossing import crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

ROOT = {"name": "t", "title": "Tenant Root Group"}


def subscription(number: str, group: str, resources: dict[str, str] | None = None, **tags: str) -> Subscription:
    groups = [{"name": group.lower(), "title": group}, ROOT]
    tagged = {f"/subscriptions/{number}/resourcegroups/g/providers/{id_}": {"env": value} for id_, value in (resources or {}).items()}
    return Subscription.example(
        id=f"/subscriptions/{number}", place={"tags": tags, "groups": groups}, resource_groups={"g": {}}, tagged=tagged
    )


def case(one: Subscription, *others: Subscription, **parameters: object) -> Example:
    tenant = Tenant.example(id="t", groups={})
    return Example((one, Everywhere.of(one, *others), Everywhere.of(tenant)), parameters)


@check(
    title="Production and non-production subscriptions sit under different management groups",
    severity="high",
    reads=[*WHERE],
    remediation="Move the subscription to a management group of its environment, or declare in environment_map where it belongs.",
    proves="That the subscription's environment is told and agrees with its management groups, that the group it stands in holds no other "
    "class, and that no tag in it tells another environment. Not what carries no tag.",
    passes=[
        case(subscription("1", "Prod")),
        case(subscription("1", "Landing", env="live"), subscription("2", "Sandbox")),
        case(subscription("1", "Platform", env="shared", resources={"a/b/c": "dev"}), subscription("2", "Platform", env="prod")),
        case(subscription("1", "Landing"), environment_map={"1": "dev"}),
        case(subscription("1", "Landing"), environment_map={"g": "dev"}, by_resource_group=True),
    ],
    fails=[
        case(subscription("1", "Landing")),
        case(subscription("1", "Prod", env="dev")),
        case(subscription("1", "Landing", env="prod"), subscription("2", "Landing", env="dev")),
        case(subscription("1", "Prod", resources={"a/b/c": "dev"})),
        case(subscription("1", "Landing"), by_resource_group=True),
        case(subscription("1", "Landing", resources={"a/b/c": "prod"}), environment_map={"g": "dev"}, by_resource_group=True),
    ],
)
def judge(
    subscription: Subscription,
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    by_resource_group: bool = False,
) -> Verdict:
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    number = subscription.id.rpartition("/")[2]
    if by_resource_group:
        return by_group(subscription, estate)
    where = estate.standing(number)
    if not where.name:
        return failed(where.why)
    if where.against:
        return failed(f"it is {where.name} ({where.why}), but {where.against}")
    if where.cls == "shared":
        return passed(f"it is shared ({where.why})")
    beside, unseen = estate.beside(number)
    branch = crossing(where, beside)
    if branch.crossed:
        return failed(f"it is {where.name}, and in its management group is {', '.join(branch.crossed)}")
    mixed, strange = estate.unlike(number, lambda _group: where)
    if mixed:
        return failed(f"it is {where.name} ({where.why}), and {mixed}")
    unsure = strange or branch.unsure or (f"what else is in its management group is not all known: {unseen}" if unseen is not None else "")
    return unknown(unsure) if unsure else passed(f"it is {where.name} ({where.why}), and so is all beside and in it that says so")


def by_group(subscription: Subscription, estate: Estate) -> Verdict:
    """The model in which the resource groups of a subscription are of one environment each."""
    labels = {name: estate.label(f"{subscription.id}/resourcegroups/{name}") for name in subscription.resource_groups}
    blank = [f"{name}: {where.why}" for name, where in labels.items() if not where.name]
    if blank:
        return failed(f"environments are declared to be separated by resource group, and of {'; '.join(blank)}")
    against = [f"{name} is {where.name}, but {where.against}" for name, where in labels.items() if where.against]
    mixed, strange = estate.unlike(subscription.id.rpartition("/")[2], lambda group: labels[group.rpartition("/")[2]])
    wrong = [*against, *([mixed] if mixed else [])]
    if wrong:
        return failed(f"environments are declared to be separated by resource group, and {'; '.join(wrong)}")
    return unknown(strange) if strange else passed("environments are declared to be separated by resource group, and each group is of one")

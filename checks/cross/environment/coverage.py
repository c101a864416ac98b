"""Almost everything that runs is known to be of one environment, and everything that holds data is.

Every check of segregation takes its truth from this: what is of no known environment crosses no border, and so would pass. A resource is of
the environment that is declared of it or that its tags say, else of its account's or subscription's.
"""

from collections.abc import Iterator

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws import environments as aws
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure import estate as azure
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.resource import Resource
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.document.isolation import EnvironmentEntry
from controlmon.facts.document.registers import Company
from controlmon.facts.environment import SYNONYMS, UNDECLARED, Environment
from controlmon.facts.inventory import STORES, Thing, listed, things

US = "123456789012"  # the account of examples
DB, QUEUE = f"arn:aws:rds:eu-west-1:{US}:cluster:db", f"arn:aws:states:eu-west-1:{US}:stateMachine:q"


def case(found: dict[str, str], *declared: str) -> Example:
    entries = [EnvironmentEntry.example(id=one, row={"id": one, "environment": "prod"}) for one in declared]
    account = Account.example(id=US, standing={}, organization=None, organization_tree=None)
    tagged = [TaggedResource.example(id=arn, tags={"env": value} if value else {}) for arn, value in found.items()]
    arguments = (
        *(Company.example(), All.of(*entries), Everywhere.of(account), Everywhere.of(*tagged)),
        *(Everywhere[Subscription].of(), Everywhere[Tenant].of(), Everywhere[Resource].of()),
    )
    return Example(arguments, {"clouds": ("aws",)})


@check(
    title="Every workload resource has a known environment class",
    severity="high",
    reads=[EnvironmentEntry.row, Account.standing, *aws.WHERE, TaggedResource.tags, *azure.WHERE, Resource.listed],
    remediation="Declare the account, subscription or resource in the map of environments, or tag it with a word that the synonyms know.",
    proves="That what was seen is of a known class. AWS lists only what has or had a tag; the rest is as well known as its account, and an "
    "account of no known class ends this as unknown.",
    passes=[case({DB: ""}, US), case({DB: "dev", QUEUE: ""}, US)],
    fails=[case({DB: "purple"}, US), case({DB: "prod", QUEUE: ""}), case({DB: ""})],
)
def judge(
    company: Company,  # noqa: ARG001 - it is the company that is judged
    entries: All[EnvironmentEntry],
    accounts: Everywhere[Account],
    tagged: Everywhere[TaggedResource],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    resources: Everywhere[Resource],
    *,
    max_unknown_percent: float = 2,
    clouds: tuple[str, ...] = ("aws", "azure"),
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    declared = {one.row.id: one.row.environment for one in entries} | environment_map
    seen, gap = things(tagged, resources, clouds)
    ours = aws.Estate(accounts, declared, synonyms)
    theirs = azure.Estate(subscriptions, tenants, declared, synonyms)
    blank = [(one, where.why) for one in seen if not (where := of(one, ours, theirs)).name]
    if held := [f"{one.id}: {why}" for one, why in blank if one.sort in STORES]:
        return failed(f"{len(held)} data stores are of no known environment: {listed(held, 3)}")
    if gap is not None:
        return unknown(f"not every resource was seen: {gap}")
    share = 100 * len(blank) / len(seen) if seen else 0
    said = f"{len(blank)} of {len(seen)} resources ({share:.1f} %) are of no known environment"
    if share > max_unknown_percent:
        return failed(f"{said}: {listed((f'{one.id}: {why}' for one, why in blank), 3)}")
    if strange := list(unknown_accounts(accounts, ours)) if "aws" in clouds else []:
        return unknown(f"what has no tag in {listed(strange)} is of no known environment, and is not counted")
    return passed(said) if seen else not_applicable(f"nothing was seen in {', '.join(clouds) or 'any cloud'}")


def of(one: Thing, ours: aws.Estate, theirs: azure.Estate) -> Environment:
    """Where something belongs: an AWS resource that says nothing itself, where its account does."""
    if one.cloud == "azure":
        return theirs.of(one.id)
    where = aws.said_of(ours, one.id, one.tags)
    says = one.id in ours.model.declared or ours.model.tagged(one.tags, one.id)
    return where if says else ours.of(one.target)


def unknown_accounts(accounts: All[Account], ours: aws.Estate) -> Iterator[str]:
    """The open accounts of no known environment."""
    for account in accounts:
        if not account.standing.closed and not ours.of(account.id).name:
            yield account.id

"""A VPC says which environment it is of, and so does nothing else in it.

The label is the VPC's own tag, or declared by its id; an account that is production does not label its VPCs. A VPC that another account
shares is judged there, where its tags can be seen, with the subnets and instances that participants put into it.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ec2 import Subnet, Vpc
from controlmon.facts.aws.environments import WHERE, Estate, said_of
from controlmon.facts.aws.instances import Instance
from controlmon.facts.aws.networks import unlike
from controlmon.facts.environment import SYNONYMS, UNDECLARED, agree

OURS = "123456789012"
MAP = {OURS: "prod"}


def case(label: str = "prod", instance: str = "", state: str = "running") -> tuple[object, ...]:
    vpc = Vpc.example(id="vpc-1", settings={"owner": OURS, "tags": {"env": label} if label else {}})
    inside = Instance.example(id="i-1", settings={"state": state, "vpc": "vpc-1", "tags": {"env": instance} if instance else {}})
    return vpc, Everywhere.of(Account.example(id=OURS)), Everywhere[Subnet].of(), Everywhere.of(inside)


@check(
    title="Each VPC and its instances carry one consistent environment label",
    severity="medium",
    reads=[*WHERE, Vpc.settings, Subnet.settings, Instance.settings],
    remediation="Label the VPC, or split it.",
    proves="That the VPC's label is its account's environment, and that no subnet or instance in it says otherwise. Not what has none.",
    passes=[
        Example(case(), {"environment_map": MAP}),
        Example(case(instance="live"), {"environment_map": MAP}),
        Example(case("dev"), {"environment_map": {OURS: "shared"}}),
        Example(case(""), {"environment_map": MAP | {"vpc-1": "prod"}}),
        Example(case(instance="dev", state="terminated"), {"environment_map": MAP}),
    ],
    fails=[
        Example(case(""), {"environment_map": MAP}),
        Example(case("blue"), {"environment_map": MAP}),
        Example(case("dev"), {"environment_map": MAP}),
        Example(case(instance="dev"), {"environment_map": MAP}),
    ],
)
def judge(
    vpc: Vpc,
    accounts: Everywhere[Account],
    subnets: Everywhere[Subnet],
    instances: Everywhere[Instance],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    owner = vpc.settings.owner
    estate = Estate(accounts, environment_map, synonyms)
    if owner != vpc.target:
        if any(account.id == owner for account in estate.accounts):
            return not_applicable(f"account {owner} shares it: it is judged there")
        return unknown(f"account {owner} shares it, and is not collected from: its tags cannot be seen from here")
    label = said_of(estate, vpc.name, vpc.settings.tags)
    if not label.name:
        return failed(label.why)
    if other := unlike(label, vpc.name, estate, subnets, instances):
        return failed(f"it is {label.name} ({label.why}), and {other}")
    if vpc.name in environment_map:
        return passed(f"it is {label.name}, as is declared")
    account = estate.of(owner)
    if not account.name:
        return unknown(f"it is {label.name}, and that its account is cannot be told: {account.why}")
    if account.cls != "shared" and not agree(label.name, account.name):
        return failed(f"it is {label.name} ({label.why}), and its account {account.name} ({account.why})")
    return passed(f"it is {label.name}, and so is all in it that says so")

"""No security group of production trusts a network of another class: neither a group there, nor its addresses.

A source such as 10.0.0.0/8 includes every network there is. Where networks of both classes have the same addresses, a block does not tell
which is meant: then routes decide, and the answer is unknown.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ec2 import Vpc
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.networks import Networks, trusted_across
from controlmon.facts.aws.security_groups import SecurityGroup
from controlmon.facts.environment import SYNONYMS, UNDECLARED

OURS = "123456789012"
MAP = {"environment_map": {"vpc-1": "prod", "vpc-2": "dev"}}


def case(*blocks: str, group: str = "") -> Example:
    groups = [{"id": "sg-2", "account": OURS, "vpc": group}] if group else []
    one = SecurityGroup.example(trusted={"vpc": "vpc-1", "blocks": blocks, "groups": groups})
    vpcs = [Vpc.example(id=f"vpc-{n}", settings={"owner": OURS, "ranges": [f"10.{n}.0.0/16"]}) for n in (1, 2)]
    return Example((one, Everywhere.of(Account.example(id=OURS)), Everywhere.of(*vpcs)), MAP)


@check(
    title="Production security groups do not trust non-production networks",
    severity="high",
    reads=[*WHERE, SecurityGroup.trusted, SecurityGroup.prefix_lists, Vpc.settings],
    remediation="Name groups of the same environment as sources, in place of addresses.",
    proves="That no ingress source is a group or an address of a VPC of the other class. Not whether a route leads from there.",
    passes=[case(), case("10.1.0.0/16"), case(group="vpc-1")],
    fails=[case("10.2.3.0/24"), case("10.0.0.0/8"), case(group="vpc-2")],
)
def judge(
    group: SecurityGroup,
    accounts: Everywhere[Account],
    vpcs: Everywhere[Vpc],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    open_to_all_counts: bool = True,
) -> Verdict:
    networks = Networks(vpcs, Estate(accounts, environment_map, synonyms))
    own = networks.of(group.trusted.vpc, group.target)
    if own.cls is None:
        return unknown(f"whether it is of production is not known: {own.why}")
    if own.cls != "prod":
        return not_applicable(f"it is of {own.name}")
    found = trusted_across(group, own, networks, anybody=open_to_all_counts)
    if found.crossed:
        return failed(f"it trusts {', '.join(found.crossed)}")
    return unknown(found.unsure) if found.unsure else passed("its sources are of no network of another class that was seen")

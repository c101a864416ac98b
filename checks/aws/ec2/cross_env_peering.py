"""No peering connection joins a production network with one that is not.

Either side may be in another account or region: its VPC is looked up in all that was seen, and a side that cannot be resolved is unknown.
A connection that no route uses is one route away from being used: that fails too, as less severe.
"""

from datetime import date, datetime

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ec2 import RouteTable, Vpc
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.networks import Networks, routed
from controlmon.facts.aws.peering import Peering
from controlmon.facts.crossing import crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"123456789012": "prod", "222222222222": "dev", "444444444444": "prod"}}


def case(owner: str, state: str = "active", until: str = "") -> Example:
    sides = [{"owner": "123456789012", "vpc": "vpc-1"}, {"owner": owner, "vpc": "vpc-2"}]
    peering = Peering.example(id="pcx-1", settings={"state": state, "sides": sides})
    others = (Everywhere.of(Account.example(id="123456789012")), Everywhere[Vpc].of(), Everywhere[RouteTable].of())
    return Example((peering, *others), MAP | {"allowed_pairs": {"pcx-1": until} if until else {}})


@check(
    title="No VPC peering joins production and non-production",
    severity="critical",
    reads=[*WHERE, Peering.settings, Vpc.settings, RouteTable.settings],
    remediation="Delete the peering connection.",
    proves="That no active peering joins the two classes. Not other paths: transit gateways, VPN, endpoints.",
    passes=[case("444444444444"), case("222222222222", until="2099-12-31")],
    fails=[case("222222222222"), case("222222222222", until="2020-12-31")],
)
def judge(
    peering: Peering,
    accounts: Everywhere[Account],
    vpcs: Everywhere[Vpc],
    tables: Everywhere[RouteTable],
    now: datetime,
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    allowed_pairs: dict[str, str] = UNDECLARED,
) -> Verdict:
    if peering.settings.state not in ("active", "provisioning"):
        return not_applicable(f"it is {peering.settings.state}")
    one, other = peering.settings.sides
    until = next((allowed_pairs[k] for k in (peering.name, f"{one.vpc}+{other.vpc}", f"{other.vpc}+{one.vpc}") if k in allowed_pairs), "")
    networks = Networks(vpcs, Estate(accounts, environment_map, synonyms))
    own = networks.of(one.vpc, one.owner)
    found = crossing(own, [(f"{other.vpc} of {other.owner}", lambda: networks.of(other.vpc, other.owner))])
    if not found.crossed:
        return unknown(found.unsure) if found.unsure else passed(f"{one.vpc} is {own.name}, and {other.vpc} does not differ")
    if until and now.date() <= date.fromisoformat(until):
        return passed(f"it joins {one.vpc} ({own.name}) with {found.crossed[0]}, as is approved until {until}")
    used = routed(peering, tables)
    said = f"it joins {one.vpc} ({own.name}) with {found.crossed[0]}" + (f"; the approval ended on {until}" if until else "")
    if used is False:
        return failed(f"{said}; no route uses it", severity="medium")
    return failed(f"{said}; {'routes use it' if used else 'whether a route uses it was not seen'}")

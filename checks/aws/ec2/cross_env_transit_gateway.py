"""No transit gateway and no core network of Cloud WAN routes between production and what is not production.

To be attached to the same gateway joins nothing: the table that an attachment is associated with decides where its traffic goes. A VPC
that is sent everything, and sends it back, is a way to the other side too, unless its firewall denies that: what it denies is not read, so
that has to be declared. In a core network segments decide: who is in one, and which share their routes.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.cloud_wan import CoreNetwork, joined_by_segments
from controlmon.facts.aws.ec2 import RouteTable, Vpc
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.networks import Networks
from controlmon.facts.aws.transit import TransitGateway
from controlmon.facts.aws.transit_paths import Returns, joined
from controlmon.facts.environment import SYNONYMS, UNDECLARED

OURS = "123456789012"
MAP = {"environment_map": {OURS: "shared", "vpc-1": "prod", "vpc-2": "dev"}}
OTHERS = (Everywhere.of(Account.example(id=OURS)), Everywhere[Vpc].of(), Everywhere[RouteTable].of())


def case(*routes: dict[str, object]) -> Example:
    attached = [{"id": f"tgw-attach-{n}", "type": "vpc", "resource": f"vpc-{n}", "owner": OURS} for n in (1, 2)]
    tables = [{"id": "tgw-rtb-1", "associated": ["tgw-attach-1"], "routes": routes}, {"id": "tgw-rtb-2", "associated": ["tgw-attach-2"]}]
    gateway = TransitGateway.example(id="tgw-1", settings={"owner": OURS, "attachments": attached}, tables=tables)
    return Example((gateway, Everywhere.of(gateway), Everywhere[CoreNetwork].of(), *OTHERS), MAP)


def core(*segments: str, shared: bool = False) -> Example:
    """Our two networks in segments, which may share their routes."""
    joined = [
        {"id": f"attachment-{n}", "type": "VPC", "vpc": f"vpc-{n}", "owner": OURS, "segment": segment}
        for n, segment in enumerate(segments, 1)
    ]
    policy = {"segments": {one: {} for one in segments}, "shares": [{"segment": segments[0], "to": ["*"]}] if shared else []}
    network = CoreNetwork.example(id="core-network-1", owner=OURS, attachments=joined, policy=policy)
    return Example((network, Everywhere[TransitGateway].of(), Everywhere.of(network), *OTHERS), MAP)


@check(
    title="Transit gateways, Cloud WAN and VPN do not route between production and non-production",
    severity="critical",
    reads=[
        *WHERE,
        *(TransitGateway.settings, TransitGateway.tables, Vpc.settings, RouteTable.settings),
        *(CoreNetwork.owner, CoreNetwork.attachments, CoreNetwork.policy),
    ],
    remediation="Associate production and the rest with route tables or segments of their own, without routes to each other.",
    proves="That no route of a gateway's tables leads from one class to the other, nor through a VPC that sends traffic back. What a VPN "
    "or another gateway leads to is judged by what is declared of it. VPNs without a gateway are not read.",
    passes=[case(), case({"block": "10.2.0.0/16", "to": []}), core("prod", "dev")],
    fails=[
        case({"block": "10.2.0.0/16", "to": ["tgw-attach-2"]}),
        case({"block": "0.0.0.0/0", "to": ["tgw-attach-2"]}),
        core("all", "all"),
        core("prod", "dev", shared=True),
    ],
)
def judge(
    gateway: TransitGateway | CoreNetwork,
    gateways: Everywhere[TransitGateway],
    cores: Everywhere[CoreNetwork],
    accounts: Everywhere[Account],
    vpcs: Everywhere[Vpc],
    tables: Everywhere[RouteTable],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    denied_by_firewall: tuple[str, ...] = (),
) -> Verdict:
    transit = isinstance(gateway, TransitGateway)
    owner = gateway.settings.owner if isinstance(gateway, TransitGateway) else gateway.owner
    if owner != gateway.target:
        known = gateways if transit else cores
        if known.some(lambda one: one.id == gateway.id and one.target == owner):
            return not_applicable(f"it is of account {owner}, and judged there")
        return unknown(f"how it routes is told to account {owner} alone, which was not looked into")
    estate = Estate(accounts, environment_map, synonyms)
    networks = Networks(vpcs, estate)
    if isinstance(gateway, TransitGateway):
        found = joined(gateway, estate, networks, Returns(gateway.name, tables), denied_by_firewall)
    else:
        found = joined_by_segments(gateway, estate, networks)
    if found.crossed:
        return failed("; ".join(found.crossed))
    return unknown(found.unsure) if found.unsure else passed("nothing in it leads from one class to the other")

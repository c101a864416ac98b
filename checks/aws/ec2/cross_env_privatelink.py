"""No service that is offered to other networks joins production with what is not.

PrivateLink and VPC Lattice lead into a network without a route or a peering. Whoever may connect, and does not yet, is one request away:
that fails too, as less severe. What serves both sides has to be declared shared.
"""

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Account
from controlmon.facts.aws.ec2 import Vpc
from controlmon.facts.aws.elbv2 import LoadBalancer
from controlmon.facts.aws.endpoints import Endpoint, EndpointService, ServiceNetwork
from controlmon.facts.aws.environments import WHERE, Estate
from controlmon.facts.aws.networks import Networks
from controlmon.facts.aws.private_links import Links
from controlmon.facts.aws.s3 import first_said
from controlmon.facts.crossing import Crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

OURS, DEV = "123456789012", "222222222222"
MAP = {"environment_map": {OURS: "prod", DEV: "dev", "vpce-svc-9": "shared"}}
OTHERS = (Everywhere.of(Account.example(id=OURS)), Everywhere[Vpc].of(), Everywhere[Endpoint].of(), All[LoadBalancer].of())


def case(*owners: str, allowed: str = "", name: str = "vpce-svc-1") -> Example:
    consumers = [{"endpoint": "vpce-1", "owner": owner} for owner in owners]
    service = EndpointService.example(id=name, settings={}, consumers=consumers, allowed=(allowed,) if allowed else ())
    return Example((service, Everywhere[ServiceNetwork].of(), *OTHERS), MAP)


def mesh(vpc: str) -> Example:
    network = ServiceNetwork.example(
        id=f"arn:aws:vpc-lattice:eu-west-1:{OURS}:servicenetwork/sn-1",
        vpcs=[{"id": "vpc-2", "owner": vpc}],
        services=[{"id": "svc-1", "owner": OURS}],
    )
    return Example((network, Everywhere.of(network), *OTHERS), MAP)


@check(
    title="PrivateLink endpoints do not join environments",
    severity="medium",
    reads=[
        *WHERE,
        *(EndpointService.settings, EndpointService.consumers, EndpointService.allowed, ServiceNetwork.vpcs, ServiceNetwork.services),
        *(Endpoint.settings, LoadBalancer.settings, Vpc.settings),
    ],
    remediation="Remove the permission and reject the connection, or declare in environment_map that the service is shared.",
    proves="That no network of the other class is connected, or may be, to a service of this account. Not what a load "
    "balancer behind the service leads to, nor resources that are shared by their addresses (resource configurations).",
    passes=[case(), case(OURS, allowed=OURS), case(DEV, name="vpce-svc-9"), mesh(OURS)],
    fails=[case(DEV), case(allowed="*"), case(allowed=f"arn:aws:iam::{DEV}:root"), mesh(DEV)],
)
def judge(
    service: EndpointService | ServiceNetwork,
    meshes: Everywhere[ServiceNetwork],
    accounts: Everywhere[Account],
    vpcs: Everywhere[Vpc],
    endpoints: Everywhere[Endpoint],
    balancers: All[LoadBalancer],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    estate = Estate(accounts, environment_map, synonyms)
    links = Links(endpoints, Networks(vpcs, estate), estate)
    if isinstance(service, ServiceNetwork):
        owner = service.id.split(":")[4]
        if owner != service.target:
            if meshes.some(lambda one: one.id == service.id and one.target == owner):
                return not_applicable(f"it is of account {owner}, and judged there")
            return unknown(f"what account {owner}, which was not looked into, associates with it is not seen")
        found = links.meshed(service)
        return _verdict(found) or passed("no network of another class uses a service of it")
    wrong = first_said(
        lambda: "everybody may connect to it" if "*" in service.allowed else "",
        lambda: ", ".join(links.used(links.own(service, balancers), service).crossed),
    )
    if wrong:
        return failed(wrong if wrong.startswith("everybody") else f"it is used by {wrong}")
    own = links.own(service, balancers)
    allowed = links.open(own, service)
    if allowed.crossed:
        return failed(f"it is {own.name}, and {', '.join(allowed.crossed)} may connect to it", severity="low")
    return _verdict(links.used(own, service)) or _verdict(allowed) or passed("nobody of another class is connected to it, or may be")


def _verdict(found: Crossing) -> Verdict | None:
    if found.crossed:
        return failed("; ".join(found.crossed))
    return unknown(found.unsure) if found.unsure else None

"""Which networks use a service that is offered to others, by PrivateLink or by VPC Lattice, and which environments that joins."""

from collections.abc import Callable, Iterable
from functools import partial

from controlmon.facts.aws.elbv2 import LoadBalancer
from controlmon.facts.aws.endpoints import Consumer, Endpoint, EndpointService, ServiceNetwork
from controlmon.facts.aws.environments import Estate, said_of
from controlmon.facts.aws.networks import Networks
from controlmon.facts.aws.policy import account_of
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing, whole
from controlmon.facts.environment import Environment

Place = tuple[str, Callable[[], Environment]]


class Links:
    """The endpoints of every target, and where their networks belong."""

    def __init__(self, endpoints: All[Endpoint], networks: Networks, estate: Estate) -> None:
        self._endpoints, self._gap = whole(endpoints)
        self._networks, self._estate = networks, estate

    def own(self, service: EndpointService, balancers: All[LoadBalancer]) -> Environment:
        """Where a service belongs: as declared, else as its tags, the network of its load balancer, or its account say."""
        declared = said_of(self._estate, service.name, service.settings.tags)
        if declared.name:
            return declared
        behind = balancers.first(lambda one: one.id in service.settings.balancers and bool(one.settings.vpc))
        return self._networks.of(behind.settings.vpc, service.target) if behind else self._estate.of(service.target)

    def used(self, own: Environment, service: EndpointService) -> Crossing:
        """The networks of the other class that are connected to a service."""
        return crossing(own, [(f"{one.endpoint} of {one.owner}", partial(self._of, one)) for one in service.consumers])

    def open(self, own: Environment, service: EndpointService) -> Crossing:
        """The accounts of the other class that may connect to a service."""
        return crossing(own, [self._principal(one) for one in service.allowed])

    def meshed(self, network: ServiceNetwork) -> Crossing:
        """The services of a service network that networks of the other class use, by association or by an endpoint."""
        vpcs = {(one.id, one.owner) for one in network.vpcs}
        gap = self._gap
        for endpoint in self._endpoints:
            try:
                there = endpoint.settings
            except Unseen as error:
                gap = gap or error.gap
                continue
            vpcs |= {(there.vpc, there.owner or endpoint.target)} if there.network == network.id else set()
        users: list[Place] = [(f"{vpc} of {owner}", partial(self._networks.of, vpc, owner)) for vpc, owner in sorted(vpcs)]
        crossed: list[str] = []
        unsure = str(gap) if gap and network.services else ""
        for service in network.services if users else ():
            found = self._joined(service.id, service.owner, users)
            crossed += [f"{service.id} is used by {said}" for said in found.crossed]
            unsure = unsure or found.unsure
        return Crossing(crossed=tuple(crossed), unsure=unsure)

    def _joined(self, service: str, owner: str, users: Iterable[Place]) -> Crossing:
        try:
            declared = said_of(self._estate, service, {})
            return crossing(declared if declared.name else self._estate.of(owner), users)
        except Unseen as error:
            return Crossing(unsure=str(error))

    def _of(self, consumer: Consumer) -> Environment:
        """Where a consumer belongs: its network if that was seen, else its account; an endpoint of a shared account has to be seen."""
        seen = next((one for one in self._endpoints if one.name == consumer.endpoint and one.target == consumer.owner), None)
        if seen is None and self._gap is not None and self._estate.of(consumer.owner).cls == "shared":
            raise Unseen(self._gap)
        return self._networks.of(seen.settings.vpc if seen else consumer.endpoint, consumer.owner)

    def _principal(self, principal: str) -> Place:
        account = account_of(principal)
        if account is None:
            return principal, lambda: Environment(why=f"{principal} tells no account")
        return principal, partial(self._estate.of, account)

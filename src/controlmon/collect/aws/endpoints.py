"""PrivateLink and VPC Lattice: the services that an account offers to other networks, and its own endpoints. All of it is regional."""

from collections.abc import Iterator
from typing import Any

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw
from controlmon.facts.aws.endpoints import Endpoint, EndpointService, ServiceNetwork
from controlmon.facts.base import Aspect

endpoints = Service("aws", "endpoints")
KEPT = ("VpcEndpointId", "VpcEndpointType", "VpcId", "OwnerId", "State", "ServiceName", "ServiceNetworkArn")


def _ec2(name: str) -> Operation:
    return Operation("ec2", name, needs=(f"ec2:{name}",))


def _lattice(name: str) -> Operation:
    return Operation("vpc-lattice", name, needs=(f"vpc-lattice:{name}",))


@endpoints.lists(Endpoint, _ec2("DescribeVpcEndpoints"), gives=[Endpoint.settings])
def vpc_endpoints(ask: Ask) -> Iterator[Found]:
    """Every endpoint, without the policy that it has."""
    for item in ask.items("VpcEndpoints", MaxResults=1000):
        owner = item.get("OwnerId") or ask.scope.target
        arn = f"arn:{ask.partition}:ec2:{ask.scope.region}:{owner}:vpc-endpoint/{item['VpcEndpointId']}"
        yield Found(Endpoint, arn, item["VpcEndpointId"], answers={Endpoint.settings: {key: item[key] for key in KEPT if key in item}})


@endpoints.lists(EndpointService, _ec2("DescribeVpcEndpointServiceConfigurations"), gives=[EndpointService.settings])
def services(ask: Ask) -> Iterator[Found]:
    """Every service that the account offers, whether anybody uses it or not."""
    for item in ask.items("ServiceConfigurations", MaxResults=1000):
        arn = f"arn:{ask.partition}:ec2:{ask.scope.region}:{ask.scope.target}:vpc-endpoint-service/{item['ServiceId']}"
        yield Found(EndpointService, arn, item["ServiceId"], answers={EndpointService.settings: item})


@endpoints.answers(EndpointService.consumers, _ec2("DescribeVpcEndpointConnections"))
def consumers(ask: Ask, service: Met) -> Raw:
    """The endpoints of other networks that are connected to one service, or were."""
    wanted = [{"Name": "service-id", "Values": [service.name]}]
    return {"VpcEndpointConnections": list(ask.items("VpcEndpointConnections", Filters=wanted, MaxResults=1000))}


@endpoints.answers(EndpointService.allowed, _ec2("DescribeVpcEndpointServicePermissions"))
def allowed(ask: Ask, service: Met) -> Raw:
    """Who may connect to one service."""
    return {"AllowedPrincipals": list(ask.items("AllowedPrincipals", ServiceId=service.name, MaxResults=1000))}


@endpoints.lists(ServiceNetwork, _lattice("ListServiceNetworks"))
def service_networks(ask: Ask) -> Iterator[Found]:
    """Every service network of VPC Lattice, those that are shared with the account too."""
    for item in ask.items("items", maxResults=100):
        yield Found(ServiceNetwork, item["arn"], item.get("name") or item["id"])


def _about(aspect: Aspect[Any], name: str) -> None:
    """Declare a question about what is associated with a service network."""

    @endpoints.answers(aspect, _lattice(name))
    def answered(ask: Ask, network: Met) -> Raw:
        return {"items": list(ask.items("items", serviceNetworkIdentifier=network.id, maxResults=100))}


_about(ServiceNetwork.vpcs, "ListServiceNetworkVpcAssociations")
_about(ServiceNetwork.services, "ListServiceNetworkServiceAssociations")

"""PrivateLink and VPC Lattice: services that are offered to other networks, and the networks that use them."""

from controlmon.core.fact import Raw
from controlmon.facts.aws import ec2
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect

OVER = ("pendingacceptance", "rejected", "deleting", "deleted", "failed", "expired")
"""The states in which an endpoint is not connected, in lower case: AWS spells them in both ways."""
GONE = ("CREATE_FAILED", "DELETE_IN_PROGRESS")


class EndpointSettings(View, frozen=True):
    """An endpoint: its VPC and account, and the service network that it leads to ("" if it leads to a service)."""

    vpc: str
    owner: str = ""
    network: str = ""


class Endpoint(Kind, name="aws.ec2.vpc_endpoint"):
    """A VPC endpoint. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> EndpointSettings:
        """Where it is and leads (DescribeVpcEndpoints)."""
        return EndpointSettings(vpc=text(raw, "VpcId"), owner=optional(raw, "OwnerId"), network=optional(raw, "ServiceNetworkArn"))


class Offer(View, frozen=True):
    """An endpoint service: its tags, and the load balancers behind it."""

    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    balancers: tuple[str, ...] = ()


class Consumer(View, frozen=True):
    """An endpoint that is connected to a service, and its account."""

    endpoint: str
    owner: str


class EndpointService(Kind, name="aws.ec2.vpc_endpoint_service"):
    """A service that the account offers by PrivateLink. Its name is its id."""

    @aspect()
    def settings(raw: Raw) -> Offer:
        """What it is (DescribeVpcEndpointServiceConfigurations)."""
        members = ("NetworkLoadBalancerArns", "GatewayLoadBalancerArns")
        return Offer(tags=ec2.tags(raw), balancers=tuple(arn for member in members for arn in raw.get(member) or ()))

    @aspect()
    def consumers(raw: Raw) -> tuple[Consumer, ...]:
        """Who is connected to it (DescribeVpcEndpointConnections)."""
        return tuple(
            Consumer(endpoint=text(one, "VpcEndpointId"), owner=text(one, "VpcEndpointOwner"))
            for one in raw["VpcEndpointConnections"]
            if text(one, "VpcEndpointState").lower() not in OVER
        )

    @aspect()
    def allowed(raw: Raw) -> tuple[str, ...]:
        """The principals that may connect to it; `*` is everybody (DescribeVpcEndpointServicePermissions)."""
        return tuple(text(one, "Principal") for one in raw["AllowedPrincipals"])


class Association(View, frozen=True):
    """A VPC or a service of a service network, and its account."""

    id: str
    owner: str


class ServiceNetwork(Kind, name="aws.vpclattice.service_network"):
    """A service network of VPC Lattice."""

    @aspect()
    def vpcs(raw: Raw) -> tuple[Association, ...]:
        """The VPCs that use its services (ListServiceNetworkVpcAssociations)."""
        return tuple(Association(id=text(one, "vpcId"), owner=text(one, "arn").split(":")[4]) for one in _standing(raw))

    @aspect()
    def services(raw: Raw) -> tuple[Association, ...]:
        """Its services (ListServiceNetworkServiceAssociations)."""
        return tuple(Association(id=text(one, "serviceId"), owner=text(one, "serviceArn").split(":")[4]) for one in _standing(raw))


def _standing(raw: Raw) -> list[Raw]:
    return [one for one in raw["items"] if text(one, "status") not in GONE]

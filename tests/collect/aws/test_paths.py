"""The collectors of what leads from one network to another, over HTTP: transit gateways, Cloud WAN, PrivateLink, VPC Lattice."""

import json
from typing import Any

from controlmon.collect.aws.cloud_wan import cloud_wan
from controlmon.collect.aws.endpoints import endpoints
from controlmon.collect.aws.transit import transit
from controlmon.core.fact import Gap, GapKind, is_absent
from controlmon.facts.aws.cloud_wan import CoreNetwork
from controlmon.facts.aws.endpoints import Endpoint, EndpointService, ServiceNetwork
from controlmon.facts.aws.transit import TransitGateway
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsTwin

ME, OTHER = "123456789012", "222222222222"
ATTACHED = {
    "TransitGatewayAttachmentId": "a-1",
    "TransitGatewayId": "tgw-1",
    "State": "available",
    "ResourceType": "vpc",
    "ResourceId": "vpc-1",
}
TABLE = {"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "rtb-1"}]}
ASSOCIATED = {
    "Associations": [
        {"TransitGatewayAttachmentId": "a-1", "State": "associated"},
        {"TransitGatewayAttachmentId": "a-2", "State": "disassociating"},
    ]
}


def attachments(owner: str) -> tuple[str, str, dict[str, Any]]:
    return "ec2", "DescribeTransitGatewayAttachments", {"TransitGatewayAttachments": [ATTACHED | {"TransitGatewayOwnerId": owner}]}


def routes(asked: Any) -> dict[str, Any]:
    """More than a thousand: AWS tells the first thousand, and the rest if it is asked to go on."""
    numbers = range(1000, 1200) if asked.get("NextToken") else range(1000)
    places = [{"TransitGatewayAttachmentId": "a-2"}]
    found = [
        {"DestinationCidrBlock": f"10.{n // 256}.{n % 256}.0/24", "State": "active", "TransitGatewayAttachments": places} for n in numbers
    ]
    return {
        "Routes": found,
        "AdditionalRoutesAvailable": not asked.get("NextToken"),
        **({} if asked.get("NextToken") else {"NextToken": "more"}),
    }


def test_the_tables_of_a_gateway_with_all_their_routes(twin: AwsTwin, collect: Collect) -> None:
    with (
        twin.answer(*attachments(ME)),
        twin.answer("ec2", "DescribeTransitGatewayRouteTables", TABLE),
        twin.answer("ec2", "GetTransitGatewayRouteTableAssociations", ASSOCIATED),
        twin.answer("ec2", "SearchTransitGatewayRoutes", routes),
    ):
        found = collect(transit, TransitGateway.settings, TransitGateway.tables)
    [table] = found.views(TransitGateway.tables)["tgw-1"]
    assert (table.associated, len(table.routes), table.routes[1199].to) == (("a-1",), 1200, ("a-2",))
    assert found.ids(TransitGateway) == {f"arn:aws:ec2:us-east-1:{ME}:transit-gateway/tgw-1"}


def test_routes_that_are_not_all_told_are_a_gap(twin: AwsTwin, collect: Collect) -> None:
    """A partition that does not page says that there are more than the thousand that it tells."""
    with (
        twin.answer(*attachments(ME)),
        twin.answer("ec2", "DescribeTransitGatewayRouteTables", TABLE),
        twin.answer("ec2", "GetTransitGatewayRouteTableAssociations", ASSOCIATED),
        twin.answer("ec2", "SearchTransitGatewayRoutes", {"Routes": [], "AdditionalRoutesAvailable": True}),
    ):
        gap = collect(transit, TransitGateway.tables).of(TransitGateway.tables)["tgw-1"]
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.operation) == (GapKind.TRUNCATED, "ec2:SearchTransitGatewayRoutes")


def test_the_tables_of_somebody_elses_gateway_are_not_asked(twin: AwsTwin, collect: Collect) -> None:
    with twin.answer(*attachments(OTHER)):
        answer = collect(transit, TransitGateway.tables).of(TransitGateway.tables)["tgw-1"]
    assert is_absent(answer)
    assert [call.operation for call in twin.calls("ec2")] == ["DescribeTransitGatewayAttachments"]


def test_services_with_who_uses_them_and_who_may(twin: AwsTwin, collect: Collect) -> None:
    connection = {"ServiceId": "s-1", "VpcEndpointId": "vpce-1", "VpcEndpointOwner": OTHER, "VpcEndpointState": "available"}
    endpoint = {"VpcEndpointId": "vpce-9", "VpcId": "vpc-1", "OwnerId": ME, "PolicyDocument": "a secret of ours"}
    with (
        twin.answer("ec2", "DescribeVpcEndpoints", {"VpcEndpoints": [endpoint]}),
        twin.answer(
            "ec2",
            "DescribeVpcEndpointServiceConfigurations",
            {"ServiceConfigurations": [{"ServiceId": "s-1", "NetworkLoadBalancerArns": ["arn:nlb"]}]},
        ),
        twin.answer("ec2", "DescribeVpcEndpointConnections", {"VpcEndpointConnections": [connection]}),
        twin.answer("ec2", "DescribeVpcEndpointServicePermissions", {"AllowedPrincipals": [{"Principal": "*"}]}),
    ):
        found = collect(endpoints, Endpoint.settings, EndpointService.settings, EndpointService.consumers, EndpointService.allowed)
    assert found.views(Endpoint.settings)["vpce-9"].vpc == "vpc-1"
    assert "secret" not in str(found.facts)
    assert found.views(EndpointService.settings)["s-1"].balancers == ("arn:nlb",)
    assert [one.owner for one in found.views(EndpointService.consumers)["s-1"]] == [OTHER]
    assert found.views(EndpointService.allowed)["s-1"] == ("*",)
    assert twin.calls("ec2", "DescribeVpcEndpointConnections")[0].params["Filters"] == [{"Name": "service-id", "Values": ["s-1"]}]


def test_service_networks_with_their_networks_and_services(twin: AwsTwin, collect: Collect) -> None:
    arn = f"arn:aws:vpc-lattice:us-east-1:{ME}:servicenetwork/sn-1"
    vpc = {"vpcId": "vpc-2", "arn": f"arn:aws:vpc-lattice:us-east-1:{OTHER}:x/1", "status": "ACTIVE"}
    with (
        twin.answer("vpc-lattice", "ListServiceNetworks", {"items": [{"arn": arn, "id": "sn-1", "name": "mesh"}]}),
        twin.answer("vpc-lattice", "ListServiceNetworkVpcAssociations", {"items": [vpc]}),
        twin.answer("vpc-lattice", "ListServiceNetworkServiceAssociations", {"items": []}),
    ):
        found = collect(endpoints, ServiceNetwork.vpcs, ServiceNetwork.services)
    assert [(one.id, one.owner) for one in found.views(ServiceNetwork.vpcs)["mesh"]] == [("vpc-2", OTHER)]
    assert found.views(ServiceNetwork.services) == {"mesh": ()}
    assert twin.calls("vpc-lattice", "ListServiceNetworkVpcAssociations")[0].params == {"serviceNetworkIdentifier": arn, "maxResults": 100}


def test_a_core_network_is_read_where_it_is_owned(twin: AwsTwin, collect: Collect) -> None:
    arn = "arn:aws:networkmanager::{}:core-network/core-{}"
    cores = [
        {"CoreNetworkId": f"core-{n}", "CoreNetworkArn": arn.format(owner, n), "OwnerAccountId": owner}
        for n, owner in ((1, ME), (2, OTHER))
    ]
    place = {
        "ResourceArn": f"arn:aws:ec2:us-east-1:{OTHER}:vpc/vpc-2",
        "OwnerAccountId": OTHER,
        "AttachmentType": "VPC",
        "State": "AVAILABLE",
    }
    document = json.dumps({"segments": [{"name": "prod", "isolate-attachments": True}]})
    with (
        twin.answer("networkmanager", "ListCoreNetworks", {"CoreNetworks": cores}),
        twin.answer("networkmanager", "ListAttachments", {"Attachments": [{"AttachmentId": "a-2", "SegmentName": "prod"} | place]}),
        twin.answer("networkmanager", "GetCoreNetworkPolicy", {"CoreNetworkPolicy": {"PolicyDocument": document}}),
    ):
        found = collect(cloud_wan, CoreNetwork.owner, CoreNetwork.attachments, CoreNetwork.policy)
    assert [(one.vpc, one.segment) for one in found.views(CoreNetwork.attachments)["core-1"]] == [("vpc-2", "prod")]
    assert found.views(CoreNetwork.policy)["core-1"].segments["prod"].isolated
    assert is_absent(found.of(CoreNetwork.attachments)["core-2"])
    assert twin.calls("networkmanager", "GetCoreNetworkPolicy")[0].params == {"CoreNetworkId": "core-1", "Alias": "LIVE"}

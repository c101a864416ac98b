"""What leads from the company's networks to others, for the fault matrix: answers in the shapes of botocore's models."""

import json
from typing import Any

ACCOUNT, OTHER = "111111111111", "123456789012"


def attachment(number: int, owner: str) -> dict[str, Any]:
    of = {"TransitGatewayId": "tgw-1", "TransitGatewayOwnerId": ACCOUNT, "State": "available", "ResourceType": "vpc"}
    return of | {"TransitGatewayAttachmentId": f"tgw-attach-{number}", "ResourceId": f"vpc-{number}", "ResourceOwnerId": owner}


ROUTE = {
    "DestinationCidrBlock": "10.2.0.0/16",
    "State": "active",
    "Type": "propagated",
    "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-2", "ResourceId": "vpc-2", "ResourceType": "vpc"}],
}
CONNECTED = {"ServiceId": "vpce-svc-1", "VpcEndpointId": "vpce-1", "VpcEndpointOwner": OTHER, "VpcEndpointState": "available"}
LATTICE = f"arn:aws:vpc-lattice:us-east-1:{ACCOUNT}"
MESHED = {"vpcId": "vpc-2", "arn": f"arn:aws:vpc-lattice:us-east-1:{OTHER}:servicenetworkvpcassociation/1", "status": "ACTIVE"}
SERVED = {"serviceId": "svc-1", "serviceArn": f"{LATTICE}:service/svc-1", "status": "ACTIVE"}
CORE = {
    "CoreNetworkId": "core-1",
    "CoreNetworkArn": f"arn:aws:networkmanager::{ACCOUNT}:core-network/core-1",
    "OwnerAccountId": ACCOUNT,
    "State": "AVAILABLE",
}


def segment(number: int, owner: str) -> dict[str, Any]:
    of = {"AttachmentId": f"attachment-{number}", "AttachmentType": "VPC", "SegmentName": "all", "State": "AVAILABLE"}
    return of | {"OwnerAccountId": owner, "ResourceArn": f"arn:aws:ec2:us-east-1:{owner}:vpc/vpc-{number}"}


PATHS: list[tuple[str, str, Any]] = [
    ("ec2", "DescribeTransitGatewayAttachments", {"TransitGatewayAttachments": [attachment(1, ACCOUNT), attachment(2, OTHER)]}),
    ("ec2", "DescribeTransitGatewayRouteTables", {"TransitGatewayRouteTables": [{"TransitGatewayRouteTableId": "tgw-rtb-1"}]}),
    (
        "ec2",
        "GetTransitGatewayRouteTableAssociations",
        {"Associations": [{"TransitGatewayAttachmentId": "tgw-attach-1", "State": "associated"}]},
    ),
    ("ec2", "SearchTransitGatewayRoutes", {"Routes": [ROUTE], "AdditionalRoutesAvailable": False}),
    ("ec2", "DescribeVpcEndpoints", {"VpcEndpoints": [{"VpcEndpointId": "vpce-9", "VpcId": "vpc-1", "OwnerId": ACCOUNT}]}),
    ("ec2", "DescribeVpcEndpointServiceConfigurations", {"ServiceConfigurations": [{"ServiceId": "vpce-svc-1", "ServiceName": "s"}]}),
    ("ec2", "DescribeVpcEndpointConnections", {"VpcEndpointConnections": [CONNECTED]}),
    ("ec2", "DescribeVpcEndpointServicePermissions", {"AllowedPrincipals": [{"Principal": f"arn:aws:iam::{OTHER}:root"}]}),
    ("networkmanager", "ListCoreNetworks", {"CoreNetworks": [CORE]}),
    ("networkmanager", "ListAttachments", {"Attachments": [segment(1, ACCOUNT), segment(2, OTHER)]}),
    ("networkmanager", "GetCoreNetworkPolicy", {"CoreNetworkPolicy": {"PolicyDocument": json.dumps({"segments": [{"name": "all"}]})}}),
    ("vpc-lattice", "ListServiceNetworks", {"items": [{"arn": f"{LATTICE}:servicenetwork/sn-1", "id": "sn-1", "name": "mesh"}]}),
    ("vpc-lattice", "ListServiceNetworkVpcAssociations", {"items": [MESHED]}),
    ("vpc-lattice", "ListServiceNetworkServiceAssociations", {"items": [SERVED]}),
]

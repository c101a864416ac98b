"""Whom the services of an account are offered to, on raw answers of PrivateLink and VPC Lattice."""

from typing import Any

import pytest

from controlmon.facts.aws.ec2 import Vpc
from controlmon.facts.aws.elbv2 import LoadBalancer
from controlmon.facts.aws.endpoints import Endpoint, EndpointService, ServiceNetwork
from tests.checks.aws.company import DEV, LOGS, PROD, STRANGER, at, estate
from tests.support import ACCOUNT, DENIED, Given, verdict

CHECK, REGION = "aws.ec2.cross_env_privatelink", "eu-west-1"
NLB = "arn:nlb"


def service(
    *consumers: str, allowed: Any = (), name: str = "vpce-svc-1", account: str = ACCOUNT, state: str = "available", tag: str = ""
) -> Given:
    connections = [{"VpcEndpointId": "vpce-1", "VpcEndpointOwner": owner, "VpcEndpointState": state} for owner in consumers]
    raw: dict[str, Any] = {"ServiceId": name, "NetworkLoadBalancerArns": [NLB], "Tags": [{"Key": "env", "Value": tag}] if tag else []}
    return at(
        account,
        EndpointService,
        name,
        region=REGION,
        settings=raw,
        consumers=DENIED if consumers == ("denied",) else {"VpcEndpointConnections": connections},
        allowed=allowed if allowed is DENIED else {"AllowedPrincipals": [{"Principal": one} for one in allowed]},
    )


def endpoint(owner: str, vpc: str = "vpc-2", network: str = "") -> Given:
    raw = {"VpcEndpointId": "vpce-1", "VpcId": vpc, "OwnerId": owner} | ({"ServiceNetworkArn": network} if network else {})
    return at(owner, Endpoint, "vpce-1", region=REGION, settings=raw)


def vpc(name: str, owner: str, env: str) -> Given:
    return at(owner, Vpc, name, region=REGION, settings={"OwnerId": owner, "IsDefault": False, "Tags": [{"Key": "env", "Value": env}]})


BALANCER = at(LOGS, LoadBalancer, NLB, region=REGION, settings={"Type": "network", "VpcId": "vpc-9"})
ANYBODY = f"arn:aws:iam::{DEV}:root"


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(service(), [], {}, "pass", "nobody", id="used by nobody"),
        pytest.param(service(PROD), [], {}, "pass", "nobody of another class", id="by production"),
        pytest.param(service(DEV), [], {}, "fail", "vpce-1 of 222222222222 (dev)", id="by dev"),
        pytest.param(service(DEV, state="Available"), [], {}, "fail", "(dev)", id="as AWS spells it too"),
        pytest.param(service(DEV, state="rejected"), [], {}, "pass", "nobody", id="that was rejected"),
        pytest.param(service(DEV), [], {"environment_map": {"vpce-svc-1": "shared"}}, "pass", "nobody", id="declared shared"),
        pytest.param(service(DEV, tag="shared"), [], {}, "pass", "nobody", id="or tagged so"),
        pytest.param(service(LOGS), [endpoint(LOGS), vpc("vpc-2", LOGS, "dev")], {}, "fail", "(dev)", id="by a dev network of a shared account"),
        pytest.param(service(LOGS), [], {}, "unknown", "was not seen", id="that was not seen"),
        pytest.param(service(DEV, account=LOGS), [BALANCER, vpc("vpc-9", LOGS, "prod")], {}, "fail", "(dev)", id="offered by a production network of one"),
        pytest.param(service(STRANGER), [], {}, "unknown", "in no organization", id="by a stranger"),
        pytest.param(service(allowed=["*"]), [], {}, "fail", "everybody", id="open to all"),
        pytest.param(service("denied", allowed=["*"]), [], {}, "fail", "everybody", id="which needs nothing else"),
        pytest.param(service(allowed=[ANYBODY]), [], {}, "fail", "may connect", id="open to dev"),
        pytest.param(service(DEV, allowed=DENIED), [], {}, "fail", "used by", id="who may is not seen, who does is"),
        pytest.param(service(allowed=["arn:aws:iam:::x"]), [], {}, "unknown", "no account", id="open to nobody that can be told"),
        pytest.param(service(allowed=DENIED), [], {}, "unknown", "grant", id="who may is not seen"),
        pytest.param(service("denied"), [], {}, "unknown", "grant", id="who does is not seen"),
    ],
)  # fmt: skip
def test_service(subject: Given, others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    empty = (Endpoint, Vpc, LoadBalancer, ServiceNetwork)
    found = verdict(CHECK, subject, *others, *estate(), empty=empty, **parameters)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason
    assert found.severity == ("low" if "may connect" in found.reason and "everybody" not in found.reason else "medium")


MESH = f"arn:aws:vpc-lattice:{REGION}:{ACCOUNT}:servicenetwork/sn-1"


def mesh(*vpcs: str, services: Any = (ACCOUNT,), account: str = ACCOUNT, status: str = "ACTIVE") -> Given:
    joined = [{"vpcId": "vpc-2", "arn": f"arn:aws:vpc-lattice:{REGION}:{one}:x/y", "status": status} for one in vpcs]
    offered = [
        {"serviceId": "svc-1", "serviceArn": f"arn:aws:vpc-lattice:{REGION}:{one}:service/svc-1", "status": "ACTIVE"} for one in services
    ]
    listed = DENIED if vpcs == ("denied",) else {"items": joined}
    return at(account, ServiceNetwork, MESH, region=REGION, vpcs=listed, services={"items": offered})


@pytest.mark.parametrize(
    ("subject", "others", "outcome", "because"),
    [
        pytest.param(mesh(PROD), [], "pass", "no network", id="production in a network of production"),
        pytest.param(mesh(DEV), [], "fail", "svc-1 is used by vpc-2", id="dev in it"),
        pytest.param(mesh(DEV, services=(DEV,)), [], "pass", "no network", id="dev with its own service"),
        pytest.param(mesh(DEV, services=(LOGS,)), [], "pass", "no network", id="with one that is shared"),
        pytest.param(mesh(DEV, services=()), [], "pass", "no network", id="with none"),
        pytest.param(mesh(DEV, status="CREATE_FAILED"), [], "pass", "no network", id="that never came to be"),
        pytest.param(mesh(), [endpoint(DEV, network=MESH)], "fail", "(dev)", id="dev by an endpoint"),
        pytest.param(mesh(), [at(DEV, Endpoint, "vpce-1", settings=DENIED)], "unknown", "grant", id="an endpoint that may not be seen"),
        pytest.param(mesh("denied"), [], "unknown", "grant", id="networks that may not be seen"),
        pytest.param(mesh(DEV, account=DEV), [], "unknown", "was not looked into", id="somebody else's"),
        pytest.param(mesh(DEV, account=DEV), [mesh(DEV)], "not_applicable", "judged there", id="that is seen there"),
    ],
)
def test_service_network(subject: Given, others: list[Given], outcome: str, because: str) -> None:
    """VPC Lattice is a newer way to the same end."""
    found = verdict(CHECK, subject, *others, *estate(), empty=(Endpoint, Vpc, LoadBalancer, EndpointService))
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason

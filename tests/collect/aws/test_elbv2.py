"""The collector of Elastic Load Balancing over HTTP."""

from typing import Any

import pytest

from controlmon.collect.aws.elbv2 import elbv2
from controlmon.core.fact import is_absent
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer
from tests.collect.aws.conftest import Collect
from tests.twins.aws import AwsError, AwsTwin

TO_HTTPS = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
REFUSED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain", "MessageBody": "no"}}


@pytest.fixture
def client(twin: AwsTwin) -> Any:
    return twin.client("elbv2")


def balancer(twin: AwsTwin, name: str, **more: Any) -> str:
    subnets = [subnet["SubnetId"] for subnet in twin.client("ec2").describe_subnets()["Subnets"][:2]]
    made = twin.client("elbv2").create_load_balancer(Name=name, Subnets=subnets, **more)
    arn: str = made["LoadBalancers"][0]["LoadBalancerArn"]
    return arn


def listen(twin: AwsTwin, arn: str, port: int, action: dict[str, Any], policy: str | None = None) -> str:
    tls: dict[str, Any] = {}
    if policy:
        certificate = twin.client("acm").request_certificate(DomainName="example.com")["CertificateArn"]
        tls = {"SslPolicy": policy, "Certificates": [{"CertificateArn": certificate}]}
    made = twin.client("elbv2").create_listener(
        LoadBalancerArn=arn, Protocol="HTTPS" if policy else "HTTP", Port=port, DefaultActions=[action], **tls
    )
    name: str = made["Listeners"][0]["ListenerArn"]
    return name


def test_policies_are_asked_for_once_and_only_where_there_is_one(twin: AwsTwin, collect: Collect) -> None:
    one, two = balancer(twin, "one", Scheme="internet-facing"), balancer(twin, "two", Scheme="internal")
    listen(twin, one, 443, REFUSED, "ELBSecurityPolicy-2016-08")
    listen(twin, two, 8443, REFUSED, "ELBSecurityPolicy-2016-08")
    listen(twin, two, 443, REFUSED, "ELBSecurityPolicy-TLS13-1-2-2021-06")
    listen(twin, one, 80, TO_HTTPS)
    with twin.page_size(1):
        found = collect(elbv2, LoadBalancer.settings, Listener.settings, Listener.ssl_policy)
    assert {name: view.scheme for name, view in found.views(LoadBalancer.settings).items()} == {"one": "internet-facing", "two": "internal"}
    assert {name: view.protocol for name, view in found.views(Listener.settings).items()} == {
        "one:443": "HTTPS", "one:80": "HTTP", "two:443": "HTTPS", "two:8443": "HTTPS",
    }  # fmt: skip
    policies = found.views(Listener.ssl_policy)
    assert "TLSv1" in policies["one:443"].protocols
    assert policies["one:443"] == policies["two:8443"]
    assert policies["two:443"].below((1, 2)) == []
    assert policies["one:80"] is None
    assert found.listings[Listener.kind].complete
    assert len(twin.calls("elbv2", "DescribeSSLPolicies")) == 2


def test_rules_are_asked_for_where_the_default_says_too_little(twin: AwsTwin, client: Any, collect: Collect) -> None:
    arn = balancer(twin, "one")
    group = client.create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=twin.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"])
    forward = {"Type": "forward", "TargetGroupArn": group["TargetGroups"][0]["TargetGroupArn"]}
    listen(twin, arn, 80, TO_HTTPS)
    sly = listen(twin, arn, 81, TO_HTTPS)
    listen(twin, arn, 82, forward)
    listen(twin, arn, 83, REFUSED)
    conditions = [{"Field": "path-pattern", "Values": ["/open/*"]}]
    client.create_rule(ListenerArn=sly, Conditions=conditions, Priority=7, Actions=[forward])
    found = collect(elbv2, Listener.settings, Listener.rules_serving)
    assert found.views(Listener.rules_serving) == {"one:80": (), "one:81": ("7",), "one:82": None, "one:83": ()}
    assert {name: view.plain for name, view in found.views(Listener.settings).items()} == {
        "one:80": False, "one:81": False, "one:82": True, "one:83": False,
    }  # fmt: skip
    assert is_absent(found.of(Listener.rules_serving)["one:82"])
    assert len(twin.calls("elbv2", "DescribeRules")) == 3


def test_a_gateways_listener_has_neither_port_nor_protocol(twin: AwsTwin, collect: Collect) -> None:
    gateway = {"LoadBalancerArn": "arn:lb", "LoadBalancerName": "gw", "Type": "gateway"}
    listener = {"ListenerArn": "arn:l", "LoadBalancerArn": "arn:lb", "DefaultActions": [{"Type": "forward", "TargetGroupArn": "t"}]}
    with (
        twin.answer("elbv2", "DescribeLoadBalancers", {"LoadBalancers": [gateway]}),
        twin.answer("elbv2", "DescribeListeners", {"Listeners": [listener]}),
    ):
        found = collect(elbv2, LoadBalancer.settings, Listener.settings)
    assert found.views(Listener.settings)["gw"].protocol == ""
    assert found.views(LoadBalancer.settings)["gw"].type == "gateway"


def test_listeners_of_one_load_balancer_that_are_refused_are_missed(twin: AwsTwin, collect: Collect) -> None:
    one, two = balancer(twin, "one"), balancer(twin, "two")
    listen(twin, one, 80, TO_HTTPS)
    listen(twin, two, 80, TO_HTTPS)
    with twin.answer(
        "elbv2", "DescribeListeners", lambda asked: AwsError("AccessDenied", 403) if asked["LoadBalancerArn"] == two else None
    ):
        found = collect(elbv2, Listener.settings)
    assert list(found.views(Listener.settings)) == ["one:80"]
    assert not found.listings[Listener.kind].complete

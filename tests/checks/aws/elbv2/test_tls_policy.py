"""aws.elbv2.tls_policy on raw answers of Elastic Load Balancing."""

from typing import Any

import pytest

from controlmon.core.fact import not_asked
from controlmon.core.finding import Finding
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer
from tests.support import DENIED, Given, MemoryEvidence, findings, verdict

CHECK = "aws.elbv2.tls_policy"
PUBLIC = Given(LoadBalancer, "lb-1", settings={"Type": "application", "Scheme": "internet-facing"})
INTERNAL = Given(LoadBalancer, "lb-1", settings={"Type": "network", "Scheme": "internal"})
NOWHERE = Given(LoadBalancer, "lb-1", settings={"Type": "application"})
GATEWAY = Given(LoadBalancer, "lb-1", settings={"Type": "gateway"})
NO_POLICY = not_asked("no TLS ends at the listener")
NO_RULES = not_asked("it is not plain HTTP, or its default action says enough")
FORWARD = {"Type": "forward", "TargetGroupArn": "tg"}
REDIRECT = {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}
FIXED = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
NEW = ("TLSv1.2", "TLSv1.3")


def policy(*protocols: str, name: str = "P") -> dict[str, Any]:
    return {"SslPolicies": [{"Name": name, "SslProtocols": list(protocols), "Ciphers": []}]}


def tls(answer: Any, protocol: str = "HTTPS", ssl: str | None = "P") -> Given:
    raw = {"LoadBalancerArn": "lb-1", "Protocol": protocol, "DefaultActions": [FORWARD]} | ({"SslPolicy": ssl} if ssl else {})
    return Given(Listener, "l-1", settings=raw, ssl_policy=answer, rules_serving=NO_RULES)


def rules(*actions: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [{"Priority": str(n), "Actions": [action]} for n, action in enumerate(actions)]}


def http(*actions: dict[str, Any], others: Any = NO_RULES, protocol: str = "HTTP") -> Given:
    raw = {"LoadBalancerArn": "lb-1", "Protocol": protocol, "DefaultActions": list(actions or [FORWARD])}
    return Given(Listener, "l-1", settings=raw, ssl_policy=NO_POLICY, rules_serving=others)


def judged(listener: Given, *balancers: Given, **more: Any) -> Finding:
    return verdict(CHECK, listener, *(balancers or (PUBLIC,)), **more)


@pytest.mark.parametrize(
    ("listener", "outcome", "because"),
    [
        pytest.param(tls(policy(*NEW)), "pass", "TLSv1.2, TLSv1.3", id="TLS 1.2 and newer"),
        pytest.param(tls(policy("TLSv1.3")), "pass", "accepts TLSv1.3", id="TLS 1.3 alone is fine"),
        pytest.param(tls(policy(*NEW), "TLS"), "pass", "TLSv1.2", id="on a network load balancer"),
        pytest.param(tls(policy("TLSv1", "TLSv1.1", "TLSv1.2")), "fail", "TLSv1, TLSv1.1 must not", id="TLS 1.0"),
        pytest.param(tls(policy("TLSv1.1", *NEW)), "fail", "TLSv1.1 must not", id="TLS 1.1"),
        pytest.param(tls(policy("SSLv3", *NEW)), "fail", "SSLv3 must not", id="SSL"),
        pytest.param(tls(policy("TLSv1"), "TLS"), "fail", "TLSv1", id="TLS 1.0 on a network load balancer"),
        pytest.param(
            tls(policy(*NEW, name="ELBSecurityPolicy-2016-08"), ssl="ELBSecurityPolicy-2016-08"),
            "pass",
            "2016",
            id="a name decides nothing",
        ),
        pytest.param(
            tls(policy("TLSv1", name="ELBSecurityPolicy-TLS13-1-3"), ssl="ELBSecurityPolicy-TLS13-1-3"),
            "fail",
            "TLSv1",
            id="nor a good one",
        ),
        pytest.param(tls(policy("TLSv1.2", "TLSv2")), "pass", "TLSv2", id="a newer TLS is newer"),
        pytest.param(tls(policy("TLSv1.2", "PQv1")), "unknown", "PQv1 cannot be ranked", id="a protocol that is new to us is unknown"),
        pytest.param(tls(policy("TLSv1.1", "PQv1")), "fail", "TLSv1.1", id="unless an old one is there as well"),
        pytest.param(tls(policy()), "unknown", "SslProtocols", id="a policy without protocols is unknown"),
        pytest.param(tls({"SslPolicies": [{"Name": "P", "SslProtocols": ["TLSv1.2", 13]}]}), "unknown", "names", id="or with a number"),
        pytest.param(tls({"SslPolicies": []}), "unknown", "shape", id="so is no policy"),
        pytest.param(tls(policy(*NEW, name="Q")), "unknown", "not seen", id="and another"),
        pytest.param(tls(DENIED), "unknown", "grant svc:Permission", id="a policy that may not be seen is unknown"),
        pytest.param(tls(NO_POLICY, ssl=None), "unknown", "not seen", id="a TLS listener without a policy is unknown"),
        pytest.param(http(), "fail", "plain HTTP", id="plain HTTP"),
        pytest.param(http(REDIRECT, others=rules(REDIRECT)), "pass", "serves nothing", id="plain HTTP that only redirects"),
        pytest.param(http(FIXED, others=rules(FIXED)), "pass", "serves nothing", id="or refuses"),
        pytest.param(http(FIXED, FORWARD), "fail", "plain", id="what serves among other actions serves"),
        pytest.param(http(REDIRECT, others=rules(FORWARD, REDIRECT)), "fail", "rules 0", id="a rule may still serve"),
        pytest.param(http(REDIRECT, others=DENIED), "unknown", "grant svc:Permission", id="rules that may not be seen are unknown"),
        pytest.param(http(REDIRECT), "unknown", "rules were not looked at", id="as are those that were not asked for"),
        pytest.param(http(REDIRECT, others={}), "unknown", "Rules", id="and those of another shape"),
        pytest.param(
            http({"Type": "redirect", "RedirectConfig": {"Protocol": "HTTP", "Port": "81"}}), "fail", "plain", id="a redirect to plain HTTP"
        ),
        pytest.param(http({"Type": "redirect", "RedirectConfig": {"Protocol": "#{protocol}"}}), "fail", "plain", id="or to the same"),
        pytest.param(http({"Type": "redirect", "RedirectConfig": {"Host": "x"}}), "fail", "plain", id="which is its default"),
        pytest.param(http(protocol="TCP"), "unknown", "ends at the target", id="TCP passes on whatever comes"),
        pytest.param(http(protocol="TCP_UDP"), "unknown", "ends at the target", id="as does TCP with UDP"),
        pytest.param(http(protocol="QUIC"), "unknown", "ends at the target", id="and QUIC"),
        pytest.param(http(protocol="UDP"), "not_applicable", "UDP", id="UDP carries no TLS"),
        pytest.param(http(protocol="GENEVE"), "not_applicable", "GENEVE", id="nor does GENEVE"),
        pytest.param(Given(Listener, "l-1", settings=DENIED), "unknown", "grant svc:Permission", id="a denied listener is unknown"),
        pytest.param(Given(Listener, "l-1", settings={"Protocol": "HTTP"}), "unknown", "LoadBalancerArn", id="so is one of another shape"),
    ],
)
def test_listener(listener: Given, outcome: str, because: str) -> None:
    found = judged(listener)
    assert (found.outcome, because in found.reason) == (outcome, True), found.reason


@pytest.mark.parametrize(
    ("listener", "balancer", "outcome"),
    [
        pytest.param(tls(policy("TLSv1.1")), INTERNAL, "fail", id="an old protocol inside is as old"),
        pytest.param(tls(policy(*NEW)), INTERNAL, "pass", id="a new one passes"),
        pytest.param(http(), INTERNAL, "not_applicable", id="plain HTTP inside is not judged"),
        pytest.param(http(protocol="TCP"), INTERNAL, "not_applicable", id="nor is TCP"),
        pytest.param(http(protocol=""), GATEWAY, "not_applicable", id="nor a gateway, whose listener has no protocol"),
        pytest.param(http(protocol=""), PUBLIC, "unknown", id="elsewhere that is unknown"),
        pytest.param(http(), NOWHERE, "unknown", id="nor is it known of one that does not tell where it faces"),
        pytest.param(tls(policy("TLSv1.1")), NOWHERE, "fail", id="where it faces does not matter to an old protocol"),
    ],
)
def test_where_it_faces(listener: Given, balancer: Given, outcome: str) -> None:
    assert judged(listener, balancer).outcome == outcome


@pytest.mark.parametrize(
    ("listener", "balancer", "outcome"),
    [
        pytest.param(tls(policy("TLSv1.1")), INTERNAL, "not_applicable", id="inside"),
        pytest.param(tls(policy("TLSv1.1")), PUBLIC, "fail", id="outside, an old protocol"),
        pytest.param(tls(policy(*NEW)), PUBLIC, "pass", id="outside, a new one"),
        pytest.param(http(), PUBLIC, "fail", id="outside, plain HTTP"),
    ],
)
def test_only_what_faces_the_internet_may_be_judged(listener: Given, balancer: Given, outcome: str) -> None:
    assert judged(listener, balancer, internet_facing_only=True).outcome == outcome


OTHER = Given(LoadBalancer, "lb-2", settings={"Type": "application", "Scheme": "internal"})


def test_a_load_balancer_that_was_not_seen_decides_nothing() -> None:
    assert judged(http(), OTHER).outcome == "unknown"
    assert judged(http(), OTHER, gaps={LoadBalancer: DENIED}).outcome == "unknown"
    assert judged(http(), PUBLIC, gaps={LoadBalancer: DENIED}).outcome == "fail"
    assert judged(tls(policy("TLSv1.1")), OTHER, gaps={LoadBalancer: DENIED}).outcome == "fail"


def test_listeners_that_could_not_be_listed_are_unknown() -> None:
    assert [f.outcome for f in findings(CHECK, MemoryEvidence(gaps={Listener: DENIED}))] == ["unknown"]

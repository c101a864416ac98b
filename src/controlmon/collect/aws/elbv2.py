"""Elastic Load Balancing v2: load balancers, their listeners, and what those accept."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer

elbv2 = Service("aws", "elbv2")


@elbv2.lists(
    LoadBalancer,
    Operation("elbv2", "DescribeLoadBalancers", needs=("elasticloadbalancing:DescribeLoadBalancers",)),
    gives=[LoadBalancer.settings],
)
def load_balancers(ask: Ask) -> Iterator[Found]:
    """Every application, network and gateway load balancer."""
    for item in ask.items("LoadBalancers"):
        yield Found(LoadBalancer, item["LoadBalancerArn"], item["LoadBalancerName"], answers={LoadBalancer.settings: item})


@elbv2.lists(
    Listener,
    Operation("elbv2", "DescribeListeners", needs=("elasticloadbalancing:DescribeListeners",)),
    gives=[Listener.settings],
    under=LoadBalancer,
)
def listeners(ask: Ask, balancer: Met) -> Iterator[Found]:
    """The listeners of one load balancer: they cannot be listed together."""
    for item in ask.items("Listeners", LoadBalancerArn=balancer.id):
        name = f"{balancer.name}:{item['Port']}" if "Port" in item else balancer.name
        yield Found(Listener, item["ListenerArn"], name, answers={Listener.settings: item})


@elbv2.answers(
    Listener.ssl_policy,
    Operation("elbv2", "DescribeSSLPolicies", needs=("elasticloadbalancing:DescribeSSLPolicies",), shared=True),
    after=[Listener.settings],
)
def ssl_policy(ask: Ask, listener: Met) -> Raw:
    """What the listener's TLS policy accepts: many listeners, few policies."""
    settings = Listener.settings.view(listener.answer(Listener.settings))
    return ask(Names=[settings.policy]) if settings.encrypted and settings.policy else not_asked("no TLS ends at the listener")


@elbv2.answers(
    Listener.rules_serving,
    Operation("elbv2", "DescribeRules", needs=("elasticloadbalancing:DescribeRules",)),
    after=[Listener.settings],
)
def rules_serving(ask: Ask, listener: Met) -> Raw:
    """The rules of a plain HTTP listener whose default is harmless: one of them may still let requests through in the clear."""
    settings = Listener.settings.view(listener.answer(Listener.settings))
    if settings.protocol != "HTTP" or settings.plain:
        return not_asked("it is not plain HTTP, or its default action says enough")
    return {"Rules": list(ask.items("Rules", ListenerArn=listener.id))}

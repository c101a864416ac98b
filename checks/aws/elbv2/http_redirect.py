"""A listener on plain HTTP does nothing but send its callers to HTTPS.

The default action may redirect while a rule forwards. A redirect to the protocol that the request came by, which is what `#{protocol}`
means, upgrades nobody. Where only prefix lists get through to the listener, these may be CloudFront's, whose origin policy then decides.
"""

from controlmon.check import All, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer
from controlmon.facts.aws.security_groups import SecurityGroup

BALANCERS = All.of(LoadBalancer.example(id="lb-1", settings={"type": "application", "groups": ["sg-1"]}))
GROUPS = All.of(SecurityGroup.example(id="sg-1", rules=[{"protocol": "tcp", "first": 80, "last": 80, "sources": ["0.0.0.0/0"]}]))


def http(*serving: str, plain: bool = False) -> Listener:
    return Listener.example(settings={"balancer": "lb-1", "protocol": "HTTP", "port": 80, "plain": plain}, rules_serving=serving)


@check(
    title="Plain HTTP listeners only redirect to HTTPS",
    severity="medium",
    reads=[Listener.settings, Listener.rules_serving, LoadBalancer.settings, SecurityGroup.rules],
    remediation="Let the default action and every rule redirect to HTTPS with status 301.",
    proves="That no rule of the listener passes a request on in the clear. Not that HTTPS listens where it redirects to.",
    passes=(http(), BALANCERS, GROUPS),
    fails=[(http(plain=True), BALANCERS, GROUPS), (http("10"), BALANCERS, GROUPS)],
)
def judge(listener: Listener, balancers: All[LoadBalancer], groups: All[SecurityGroup]) -> Verdict:
    it = listener.settings
    if it.protocol != "HTTP":
        return not_applicable(f"it listens on {it.protocol or 'an unnamed protocol'}")
    serving = None if it.plain else listener.rules_serving
    if serving is None and not it.plain:
        return unknown("its rules were not looked at")
    if not it.plain and not serving:
        return passed("its default action and every rule redirect to HTTPS or answer by themselves")
    what = "its default action" if it.plain else f"its rules {', '.join(serving or ())}"
    if lists := _only_lists(listener, balancers.beside(listener), groups.beside(listener)):
        return unknown(f"{what} passes requests on in the clear, but only the prefix lists {', '.join(lists)} reach it: if these are "
                       "CloudFront's, what it sends to the origin decides")  # fmt: skip
    return failed(f"{what} passes requests on in the clear: only redirects to HTTPS are allowed")


def _only_lists(listener: Listener, balancers: All[LoadBalancer], groups: All[SecurityGroup]) -> list[str]:
    """The prefix lists that alone reach the listener through the groups of its load balancer; empty if others do, or nobody."""
    it = listener.settings
    balancer = balancers.first(lambda one: one.id == it.balancer)
    if balancer is None or not balancer.settings.groups or it.port is None:
        return []
    port = it.port
    rules = [rule for group in groups if group.name in balancer.settings.groups for rule in group.rules if rule.opens("tcp", port)]
    if any(rule.sources or not rule.prefix_lists for rule in rules):
        return []
    return sorted({name for rule in rules for name in rule.prefix_lists})

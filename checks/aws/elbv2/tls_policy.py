"""Load balancers accept TLS 1.2 or newer only, and serve nothing to the internet in the clear.

What a policy accepts is in its protocols, not in its name: ELBSecurityPolicy-2016-08, the API's default, still takes TLS 1.0. A listener on
plain HTTP may be there only to redirect, if none of its rules lets a request through. One on TCP passes on whatever comes: where TLS ends,
if there is any, is not the load balancer's to say.
"""

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.elbv2 import Listener, LoadBalancer

BALANCERS = All.of(
    LoadBalancer.example(id="lb-1", settings={"type": "application", "scheme": "internet-facing"}),
    LoadBalancer.example(id="lb-2", settings={"type": "application", "scheme": "internal"}),
)


def https(*protocols: str, balancer: str = "lb-1") -> Listener:
    policy = {"name": "P", "protocols": protocols}
    return Listener.example(settings={"balancer": balancer, "protocol": "HTTPS", "policy": "P"}, ssl_policy=policy, rules_serving=None)


def redirect(*others: str, **settings: object) -> Listener:
    http = {"balancer": "lb-1", "protocol": "HTTP", "plain": False} | settings
    return Listener.example(settings=http, ssl_policy=None, rules_serving=others)


@check(
    title="Load balancer listeners accept TLS 1.2 or newer only",
    severity="high",
    reads=[LoadBalancer.settings, Listener.settings, Listener.ssl_policy, Listener.rules_serving],
    remediation="Set the policy ELBSecurityPolicy-TLS13-1-2-2021-06 or newer, and let HTTP listeners only redirect to HTTPS.",
    proves="Which protocols the load balancer agrees to. Not its ciphers, nor what it speaks to its targets.",
    passes=[(https("TLSv1.2", "TLSv1.3"), BALANCERS), (https("TLSv1.3"), BALANCERS), (redirect(), BALANCERS)],
    fails=[
        (https("TLSv1", "TLSv1.1", "TLSv1.2"), BALANCERS),
        (https("TLSv1.1", "TLSv1.2", balancer="lb-2"), BALANCERS),
        (redirect(plain=True), BALANCERS),
        (redirect("10"), BALANCERS),
        Example((https("TLSv1.1"), BALANCERS), {"internet_facing_only": True}),
    ],
)
def judge(listener: Listener, balancers: All[LoadBalancer], *, internet_facing_only: bool = False) -> Verdict:
    it = listener.settings
    if it.encrypted and not internet_facing_only:
        return _tls(listener)
    if it.protocol in ("UDP", "GENEVE"):
        return not_applicable(f"it listens on {it.protocol}, which carries no TLS")
    balancer = balancers.beside(listener).first(lambda one: one.id == it.balancer)
    if balancer is None:
        return unknown(f"its load balancer {it.balancer} was not seen")
    if balancer.settings.type == "gateway":
        return not_applicable("it belongs to a gateway load balancer, which carries no TLS of its own")
    scheme = balancer.settings.scheme
    if scheme == "internal":
        return not_applicable(f"it listens on {it.protocol} and does not face the internet")
    if scheme != "internet-facing":
        return unknown(f"whether its load balancer faces the internet is not told ({scheme or 'no scheme'})")
    return _tls(listener) if it.encrypted else _plain(listener)


def _plain(listener: Listener) -> Verdict:
    """A listener without TLS of its own that faces the internet."""
    it = listener.settings
    if it.protocol != "HTTP":
        return unknown(f"it faces the internet on {it.protocol or 'an unnamed protocol'}: TLS, if there is any, ends at the target")
    if it.plain:
        return failed("it faces the internet on plain HTTP and does more than redirect to HTTPS")
    serving = listener.rules_serving
    if serving is None:
        return unknown("it faces the internet on plain HTTP, and its rules were not looked at")
    if serving:
        return failed(f"it faces the internet on plain HTTP, and its rules {', '.join(serving)} do more than redirect to HTTPS")
    return passed("it is plain HTTP that serves nothing: every rule redirects to HTTPS or answers by itself")


def _tls(listener: Listener) -> Verdict:
    policy = listener.ssl_policy
    if policy is None or policy.name != listener.settings.policy:
        return unknown("what its TLS policy accepts was not seen")
    said = f"its policy {policy.name} accepts {', '.join(policy.protocols)}"
    if old := policy.below((1, 2)):
        return failed(f"{said}: {', '.join(old)} must not be accepted")
    if policy.unheard_of:
        return unknown(f"{said}, of which {', '.join(policy.unheard_of)} cannot be ranked")
    return passed(said)

"""Elastic Load Balancing v2: application, network and gateway load balancers, and what they listen on."""

import re

from controlmon.core.fact import Raw
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect

TLS = re.compile(r"TLSv(\d+)(?:\.(\d+))?")


class Facing(View, frozen=True):
    """A load balancer: its type and scheme (that of a gateway, a bump in the wire, is empty), its security groups and its VPC."""

    type: str
    scheme: str = ""
    groups: tuple[str, ...] = ()
    vpc: str = ""


class Listening(View, frozen=True):
    """A listener: its load balancer, its protocol (empty for a gateway's), its TLS policy, and what it does with each request."""

    balancer: str
    protocol: str = ""
    policy: str = ""
    port: int | None = None
    plain: bool = True
    """Whether by default it serves requests in the clear: false if all that it does is redirect to HTTPS or answer by itself."""

    @property
    def encrypted(self) -> bool:
        """True if TLS ends at it."""
        return self.protocol in ("HTTPS", "TLS")


class SslPolicy(View, frozen=True):
    """The protocols that a TLS policy accepts, as AWS spells them: `TLSv1.2`, `TLSv1.3` ..."""

    name: str
    protocols: tuple[str, ...]

    def below(self, version: tuple[int, int]) -> list[str]:
        """The protocols older than `version`. Every SSL is older than any TLS."""
        return [name for name in self.protocols if (rank := tls_version(name)) is not None and rank < version]

    @property
    def unheard_of(self) -> list[str]:
        """The protocols that cannot be ranked."""
        return [name for name in self.protocols if tls_version(name) is None]


def tls_version(name: str) -> tuple[int, int] | None:
    """The rank of a protocol: (1, 2) for TLSv1.2, (0, 0) for any SSL, None for one that is not known."""
    if name.startswith("SSLv"):
        return 0, 0
    found = TLS.fullmatch(name)
    return (int(found[1]), int(found[2] or 0)) if found else None


class LoadBalancer(Kind, name="aws.elbv2.load_balancer"):
    """A load balancer."""

    @aspect()
    def settings(raw: Raw) -> Facing:
        """What it is and where it faces (DescribeLoadBalancers)."""
        groups = tuple(raw.get("SecurityGroups") or ())
        return Facing(type=text(raw, "Type"), scheme=optional(raw, "Scheme"), groups=groups, vpc=optional(raw, "VpcId"))


class Listener(Kind, name="aws.elbv2.listener"):
    """A listener of a load balancer."""

    @aspect()
    def settings(raw: Raw) -> Listening:
        """What it listens for (DescribeListeners)."""
        return Listening(
            balancer=text(raw, "LoadBalancerArn"),
            protocol=optional(raw, "Protocol"),
            policy=optional(raw, "SslPolicy"),
            port=raw.get("Port"),
            plain=_serves(raw["DefaultActions"]),
        )

    @aspect()
    def ssl_policy(raw: Raw) -> SslPolicy | None:
        """The protocols of its TLS policy (DescribeSSLPolicies); None if it has none."""
        policy = raw["SslPolicies"][0]
        protocols = tuple(policy["SslProtocols"])
        if not protocols or not all(isinstance(name, str) for name in protocols):
            raise TypeError("SslProtocols is not a list of names")
        return SslPolicy(name=text(policy, "Name"), protocols=protocols)

    @aspect()
    def rules_serving(raw: Raw) -> tuple[str, ...] | None:
        """The priorities of its rules that serve requests in the clear (DescribeRules); None where the default action does so anyway."""
        return tuple(text(rule, "Priority") for rule in raw["Rules"] if _serves(rule["Actions"]))


def _serves(actions: Raw) -> bool:
    """True unless all that is done with a request is to redirect it to HTTPS or to answer it with a fixed response."""
    return not actions or not all(
        text(action, "Type") == "fixed-response"
        or (text(action, "Type") == "redirect" and optional(action["RedirectConfig"], "Protocol") == "HTTPS")
        for action in actions
    )

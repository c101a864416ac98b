"""Azure networks: the firewall that a service keeps for itself, and security groups."""

from controlmon.core.fact import Raw
from controlmon.facts import net
from controlmon.facts.azure import read
from controlmon.facts.base import View


def is_closed(access: str) -> bool:
    """Whether a publicNetworkAccess keeps the internet out. Services differ in its case."""
    return access.lower() in ("disabled", "securedbyperimeter")


class Firewall(View, frozen=True):
    """Whom a service lets in from the network, as many services of Azure say it.

    `access` is its publicNetworkAccess and `default` the defaultAction of its networkAcls, both empty if not set: the service then lets
    everybody in. `sources` are CIDR blocks, `bypass` the exceptions for services of Azure, `resources` the ids of resources let in.
    """

    access: str = ""
    default: str = ""
    sources: tuple[str, ...] = ()
    bypass: str = ""
    resources: tuple[str, ...] = ()

    @property
    def closed(self) -> str:
        """What keeps the internet out; empty if nothing does."""
        if is_closed(self.access):
            return f"public network access is {self.access}"
        if self.default.lower() == "deny" and not self.wide:
            return f"networks are denied by default ({len(self.sources)} narrow ranges are let in)"
        return ""

    @property
    def opened(self) -> str:
        """What lets the internet in; empty if nothing does."""
        if self.closed:
            return ""
        if self.default.lower() == "deny":
            return f"networks are denied by default, but its rules admit {', '.join(self.wide)}"
        access, default = self.access or "Enabled (not set)", self.default or "Allow (not set)"
        return f"public network access is {access}, and the default action is {default}"

    @property
    def wide(self) -> tuple[str, ...]:
        """The parts of its sources, taken together, that are as wide as the internet."""
        return tuple(str(block) for block in net.public(self.sources))

    @property
    def exceptions(self) -> str:
        """The paths that stay open beside its rules, in a few words; empty if there are none."""
        services = [] if self.bypass in ("", "None") else [f"{self.bypass} may pass"]
        named = [f"{len(self.resources)} resources may pass"] if self.resources else []
        return "; ".join([*services, *named])


def firewall(properties: Raw) -> Firewall:
    """The firewall in the properties of a storage account, a vault or an AI account."""
    rules = read.part(properties, "networkAcls")
    listed = [*read.many(rules, "ipRules"), *read.many(rules, "ipv6Rules")]
    blocks = [one["value"] for one in listed if read.text(one, "action") in ("", "Allow")]
    return Firewall(
        access=read.text(properties, "publicNetworkAccess"),
        default=read.text(rules, "defaultAction"),
        sources=tuple(str(net.network(block)) for block in blocks),
        bypass=read.text(rules, "bypass"),
        resources=tuple(read.text(one, "resourceId") for one in read.many(rules, "resourceAccessRules")),
    )

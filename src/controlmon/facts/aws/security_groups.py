"""Security groups of Amazon EC2: what their rules let in."""

from collections.abc import Mapping

from msgspec.structs import replace

from controlmon.core.fact import Gap, GapKind, Raw
from controlmon.facts import net
from controlmon.facts.aws.ec2 import optional, text
from controlmon.facts.base import Kind, View, aspect


class Rule(net.Opening, frozen=True):
    """One ingress rule. Its sources are CIDR blocks, and the entries of the prefix lists that it names."""

    prefix_lists: tuple[str, ...] = ()

    def through(self, lists: Mapping[str, "PrefixList"]) -> "Rule":
        """The rule with the entries of those prefix lists that were seen among its sources."""
        entries = [cidr for name in self.prefix_lists if name in lists for cidr in lists[name].cidrs]
        return replace(self, sources=(*self.sources, *entries))

    def unresolved(self, lists: Mapping[str, "PrefixList"]) -> str | None:
        """Why the sources of the rule are not all known; None if they are."""
        for name in self.prefix_lists:
            if name not in lists:
                return f"the entries of {name} were not seen"
            if (gap := lists[name].refused) is not None:
                return f"the entries of {name} were not seen: {gap}"
        return None


class PrefixList(View, frozen=True):
    """A prefix list: its entries, or why they were refused."""

    cidrs: tuple[str, ...] = ()
    refused: Gap | None = None


class GroupSource(View, frozen=True):
    """A security group that a rule names as its source: its id, account and VPC (empty: that of the rule)."""

    id: str
    account: str = ""
    vpc: str = ""


class Trusted(View, frozen=True):
    """Whom ingress rules trust, whatever the port: CIDR blocks, prefix lists by id, other groups. `vpc` is that of the group."""

    vpc: str
    blocks: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()
    groups: tuple[GroupSource, ...] = ()


class SecurityGroup(Kind, name="aws.ec2.security_group"):
    """A security group. Its name is its id."""

    @aspect()
    def rules(raw: Raw) -> tuple[Rule, ...]:
        """Its ingress rules (DescribeSecurityGroups)."""
        return tuple(_rule(rule) for rule in raw["IpPermissions"])

    @aspect()
    def trusted(raw: Raw) -> Trusted:
        """Whom those rules trust, and the VPC that it is of (DescribeSecurityGroups)."""
        rules = [_rule(rule) for rule in raw["IpPermissions"]]
        pairs = [pair for rule in raw["IpPermissions"] for pair in rule.get("UserIdGroupPairs") or ()]
        return Trusted(
            vpc=optional(raw, "VpcId"),
            blocks=tuple(dict.fromkeys(block for rule in rules for block in rule.sources)),
            prefix_lists=tuple(dict.fromkeys(name for rule in rules for name in rule.prefix_lists)),
            groups=tuple(GroupSource(id=text(p, "GroupId"), account=optional(p, "UserId"), vpc=optional(p, "VpcId")) for p in pairs),
        )

    @aspect(absent={})
    def prefix_lists(raw: Raw) -> dict[str, PrefixList]:
        """The prefix lists that its ingress rules name, by id (GetManagedPrefixListEntries)."""
        return {name: _prefix_list(answer) for name, answer in raw["PrefixLists"].items()}


def _rule(raw: Raw) -> Rule:
    """One member of IpPermissions. FromPort and ToPort are ports for TCP and UDP only: ICMP's types and codes are left out."""
    protocol = net.protocol(raw["IpProtocol"])
    first, last = net.span(raw["FromPort"], raw["ToPort"]) if protocol in net.WITH_PORTS else (0, net.LAST_PORT)
    blocks = [source["CidrIp"] for source in raw["IpRanges"]] + [source["CidrIpv6"] for source in raw["Ipv6Ranges"]]
    return Rule(
        protocol=protocol,
        first=first,
        last=last,
        sources=tuple(str(net.network(block)) for block in blocks),
        prefix_lists=tuple(text(named, "PrefixListId") for named in raw["PrefixListIds"]),
    )


def _prefix_list(raw: Raw) -> PrefixList:
    if "Refused" in raw:
        refused = raw["Refused"]
        return PrefixList(refused=Gap(GapKind(refused["kind"]), refused["operation"], refused["detail"], tuple(refused["needs"])))
    return PrefixList(cidrs=tuple(str(net.network(entry["Cidr"])) for entry in raw["Entries"]))

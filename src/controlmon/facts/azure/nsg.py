"""Network security groups: what their inbound rules, in the order of their priorities, let in."""

from collections.abc import Iterable, Iterator
from typing import Any

from controlmon.core.fact import Raw
from controlmon.facts import net
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.net import Exposure, Network

EVERYWHERE = ("0.0.0.0/0", "::/0")
ANY = ("*", "any", "0.0.0.0/0", "::/0")
PUBLIC_TAGS = ("internet", "azurecloud")
"""Service tags that strangers have addresses in. AzureCloud is every customer of Azure."""
PORT_BY = net.WITH_PORTS


class Rule(View, frozen=True):
    """An inbound rule. `sources` are CIDR blocks; a service tag or an application security group that is not public has none.

    `first` and `last` are pairs of ports. `destinations` are as written, in lower case. `whole` is False if it holds for some source
    ports only: that narrows a denial, and nothing else, for it is the sender who chooses that port.
    """

    name: str
    priority: int
    allows: bool
    protocol: str
    ports: tuple[tuple[int, int], ...]
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ("*",)
    whole: bool = True

    def speaks_of(self, protocol: str, port: int) -> bool:
        """Whether it holds for packets of that protocol to that port."""
        return self.protocol in (net.EVERY, protocol) and any(first <= port <= last for first, last in self.ports)

    def covers(self, other: "Rule") -> bool:
        """Whether its destinations are all of another's, so that what it denies is denied to the other."""
        if any(one in ANY for one in self.destinations):
            return True
        named = bool(other.destinations)  # an application security group is no address
        return named and all(any(_within(theirs, ours) for ours in self.destinations) for theirs in other.destinations)


class Rules(View, frozen=True):
    """The inbound rules of a group by their priority, and whether any subnet or interface uses it."""

    inbound: tuple[Rule, ...]
    attached: bool

    def exposures(self, ports: Iterable[int]) -> Iterator[Exposure]:
        """The ports out of `ports` that are open to a part of the internet that is too wide, after every denial that comes first."""
        for port in ports:
            for by in PORT_BY:
                for block in net.public(str(one) for one in self._let_in(by, port)):
                    yield Exposure(protocol=by, port=port, source=str(block))

    def edges(self) -> tuple[int, ...]:
        """The ports at which the rules begin or cease to speak of: between two of them, all ports are alike."""
        first = {port for rule in self.inbound for span in rule.ports for port in (span[0], span[1] + 1) if port <= net.LAST_PORT}
        return tuple(sorted({0, *first}))

    def _let_in(self, by: str, port: int) -> Iterator[Network]:
        denials: list[Rule] = []
        for rule in self.inbound:
            if not rule.speaks_of(by, port):
                continue
            if rule.allows:
                denied = [source for denial in denials if denial.covers(rule) for source in denial.sources]
                yield from _less(net.union(rule.sources), net.union(denied))
            elif rule.whole:
                denials.append(rule)


def _less(blocks: tuple[Network, ...], denied: tuple[Network, ...]) -> Iterator[Network]:
    """The addresses of `blocks` that are in none of `denied`."""
    left: list[Any] = list(blocks)
    for gone in denied:
        apart = [block for block in left if block.version != gone.version or not block.overlaps(gone)]
        cut = [block for block in left if block.version == gone.version and block.overlaps(gone) and block.prefixlen < gone.prefixlen]
        left = [*apart, *(piece for block in cut for piece in block.address_exclude(gone))]
    yield from left


def _within(inner: str, outer: str) -> bool:
    if inner == outer:
        return True
    try:
        one, other = net.network(inner), net.network(outer)
    except ValueError:
        return False
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type] # of the same version


class SecurityGroup(Kind, name="azure.network.security_group"):
    """A network security group."""

    @aspect()
    def rules(raw: Raw) -> Rules:
        """Its inbound rules, Azure's default ones among them (Resource Graph)."""
        set_ = read.inside(raw)
        every = [*read.listed(set_, "securityRules"), *read.listed(set_, "defaultSecurityRules")]
        inbound = [_rule(one) for one in every if read.named(one["properties"], "direction").lower() == "inbound"]
        return Rules(
            inbound=tuple(sorted(inbound, key=lambda rule: rule.priority)),
            attached=bool(read.many(set_, "subnets") or read.many(set_, "networkInterfaces")),
        )


def _rule(raw: Raw) -> Rule:
    set_ = read.inside(raw)
    access = read.named(set_, "access").lower()
    if access not in ("allow", "deny"):
        raise ValueError(f"access is {access!r}")
    priority = read.number(set_, "priority")
    if priority is None:
        raise TypeError("a rule has no priority")
    prefixes = _both(set_, "sourceAddressPrefix", "sourceAddressPrefixes")
    return Rule(
        name=read.named(raw, "name"),
        priority=priority,
        allows=access == "allow",
        protocol=net.protocol(read.named(set_, "protocol")),
        ports=tuple(_span(one) for one in _both(set_, "destinationPortRange", "destinationPortRanges")),
        sources=tuple(block for prefix in prefixes for block in _blocks(prefix)),
        destinations=tuple(one.lower() for one in _both(set_, "destinationAddressPrefix", "destinationAddressPrefixes")),
        whole=any(one == "*" for one in _both(set_, "sourcePortRange", "sourcePortRanges")),
    )


def _both(raw: Raw, one: str, several: str) -> list[str]:
    """What stands in either of the two members that Azure keeps for it."""
    alone = read.text(raw, one)
    return [*([alone] if alone else []), *(str(value) for value in read.many(raw, several))]


def _span(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if text == "*":
        return (0, net.LAST_PORT)
    return net.span(int(first), int(last) if dash else int(first))


def _blocks(prefix: str) -> tuple[str, ...]:
    """The CIDR blocks of a source: an address, a block, a service tag. A tag that is not public gives none."""
    if prefix == "*" or prefix.lower().partition(".")[0] in (*PUBLIC_TAGS, "any"):
        return EVERYWHERE
    if prefix[:1].isalpha() and ":" not in prefix:
        return ()
    return (str(net.network(prefix)),)

"""Ports and addresses as sets: what a list of firewall rules lets in, all of its rules taken together.

Any provider's rules can be put in these words: a protocol, a span of ports and sources in CIDR notation. Nothing here knows a provider.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network

from controlmon.facts.base import View

Network = IPv4Network | IPv6Network

WIDE_V4 = 8
"""Prefixes this short or shorter are the internet rather than somebody's own network: a 256th of it, or more."""
WIDE_V6 = 16
"""The same for IPv6. 2002::/16 stands for all of IPv4, whole continents are allotted a /12, and nearly nobody holds more than a /16."""

EVERY = "all"
"""The protocol of a rule that is open to every protocol, and so to every port."""
WITH_PORTS = ("tcp", "udp")
"""The protocols whose ports a service listens on. ICMP's numbers are types and codes; AWS keeps no ports for any other."""
PROTOCOLS = {"-1": EVERY, "*": EVERY, "any": EVERY, "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
LAST_PORT = 65535

NOT_THE_INTERNET = tuple(
    IPv4Network(block)
    for block in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),  # RFC 1918
        *("0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "198.18.0.0/15"),  # RFC 6890
        "224.0.0.0/3",  # multicast and reserved: no packet comes from there
    )
)
THE_INTERNET_V6 = tuple(IPv6Network(block) for block in ("2000::/3", "64:ff9b::/96"))
"""Global unicast (RFC 4291), and IPv4 as NAT64 shows it (RFC 6052). All else is private, local or reserved."""


class Opening(View, frozen=True):
    """What one rule lets in: a protocol, its ports from `first` to `last`, and the sources (CIDR)."""

    protocol: str
    first: int = 0
    last: int = LAST_PORT
    sources: tuple[str, ...] = ()

    def opens(self, protocol: str, port: int) -> bool:
        """Whether packets of that protocol reach that port through it."""
        return self.protocol in (EVERY, protocol) and self.first <= port <= self.last

    def opens_any(self, ports: Iterable[int]) -> bool:
        """Whether it opens any of the ports, by any protocol that has ports."""
        return any(self.opens(protocol, port) for port in ports for protocol in WITH_PORTS)


class Exposure(View, frozen=True):
    """A port that is open to a part of the internet which is too wide."""

    protocol: str
    port: int
    source: str


def protocol(value: str) -> str:
    """The name of a protocol that may be given by its number: `6` is `tcp`, `-1` is every protocol."""
    if not isinstance(value, str):
        raise TypeError(f"the protocol {value!r} is not text")
    return PROTOCOLS.get(value.lower(), value.lower())


def span(first: int, last: int) -> tuple[int, int]:
    """A range of ports. Raises `TypeError` or `ValueError` for what is none."""
    if type(first) is not int or type(last) is not int:
        raise TypeError(f"{first!r} to {last!r} is no range of ports")
    if not 0 <= first <= last <= LAST_PORT:
        raise ValueError(f"{first} to {last} is no range of ports")
    return first, last


@cache
def network(cidr: str) -> Network:
    """One block of addresses. Raises `TypeError` or `ValueError` for what is none."""
    if not isinstance(cidr, str):
        raise TypeError(f"{cidr!r} is no block of addresses")
    return ip_network(cidr, strict=False)


def union(cidrs: Iterable[str]) -> tuple[Network, ...]:
    """The addresses of all blocks together, in the fewest blocks: 0.0.0.0/1 and 128.0.0.0/1 are 0.0.0.0/0."""
    blocks = [network(cidr) for cidr in cidrs]
    v4 = [block for block in blocks if isinstance(block, IPv4Network)]
    v6 = [block for block in blocks if isinstance(block, IPv6Network)]
    return (*collapse_addresses(v4), *collapse_addresses(v6))


def on_the_internet(block: Network) -> bool:
    """Whether any address of the block can be that of a stranger."""
    if isinstance(block, IPv4Network):
        return not any(block.subnet_of(private) for private in NOT_THE_INTERNET)
    return any(block.overlaps(public) for public in THE_INTERNET_V6)


def public(cidrs: Iterable[str], *, wide_v4: int = WIDE_V4, wide_v6: int = WIDE_V6) -> tuple[Network, ...]:
    """The parts of `cidrs`, taken together, that are as wide as the internet.

    Args:
        cidrs: blocks of addresses; blocks that add up to a wide one count as that one.
        wide_v4: IPv4 prefixes this short or shorter are wide. 10.0.0.0/8 is not: nobody on the internet has such an address.
        wide_v6: the same for IPv6.

    """
    limit = {4: wide_v4, 6: wide_v6}
    return tuple(block for block in union(cidrs) if block.prefixlen <= limit[block.version] and on_the_internet(block))


def exposures(openings: Iterable[Opening], ports: Iterable[int], *, wide_v4: int = WIDE_V4, wide_v6: int = WIDE_V6) -> Iterator[Exposure]:
    """The ports out of `ports` that are open to the internet, by all the openings taken together.

    Two rules that each open half of the internet expose a port as one that opens all of it does.
    """
    rules = tuple(openings)
    for port in ports:
        for by in WITH_PORTS:
            sources = [source for rule in rules if rule.opens(by, port) for source in rule.sources]
            for block in public(sources, wide_v4=wide_v4, wide_v6=wide_v6):
                yield Exposure(protocol=by, port=port, source=str(block))


def told(exposed: Iterable[Exposure]) -> str:
    """Exposures in a few words: `tcp 22, 3389 to 0.0.0.0/0; udp 3389 to 0.0.0.0/0`."""
    ports: dict[tuple[str, str], list[str]] = {}
    for one in exposed:
        ports.setdefault((one.protocol, one.source), []).append(str(one.port))
    return "; ".join(f"{by} {', '.join(several)} to {source}" for (by, source), several in ports.items())

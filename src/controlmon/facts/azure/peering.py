"""What joins virtual networks: peerings, the hubs of a virtual WAN, and the firewalls between."""

from controlmon.core.fact import Raw
from controlmon.facts import net
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect

ANY = "0.0.0.0/0"


class Joint(View, frozen=True):
    """One side of a peering: the id of the network on the other side, whose addresses `prefixes` are.

    `forwarded` is whether it takes what the other side forwards for a third, `gateway` whether it uses the other side's gateway.
    """

    remote: str
    state: str
    forwarded: bool = False
    gateway: bool = False
    prefixes: tuple[str, ...] = ()


class Wan(View, frozen=True):
    """A hub of a virtual WAN: the ids of the WAN, and of the firewall in the hub if there is one."""

    wan: str = ""
    firewall: str = ""


class Connection(View, frozen=True):
    """A network's connection to a hub: the table that it is routed by, and the tables that it is made known in, by id or by label."""

    name: str
    network: str
    table: str = ""
    known_in: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Table(View, frozen=True):
    """A route table of a hub: its labels, and what its static routes send where, as pairs of a block of addresses and a resource's id."""

    id: str
    labels: tuple[str, ...] = ()
    routes: tuple[tuple[str, str], ...] = ()


class Guard(View, frozen=True):
    """A firewall: the networks or the hub that it stands in, and its policy (empty if it has rules of its own)."""

    places: tuple[str, ...] = ()
    policy: str = ""


class Rule(View, frozen=True):
    """A network rule of a firewall's policy. `sure` is False if it names addresses in a way that is not told here, such as IP groups."""

    name: str
    allows: bool
    sources: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    everything: bool = False
    sure: bool = True


class Peering(Kind, name="azure.network.peering"):
    """One side of a peering of two virtual networks, as the network has it that its id names."""

    @aspect()
    def settings(raw: Raw) -> Joint:
        """How it is set (Resource Graph, of its network)."""
        set_ = read.inside(raw)
        space = read.part(set_, "remoteVirtualNetworkAddressSpace") or read.part(set_, "remoteAddressSpace")
        return Joint(
            remote=read.named(read.part(set_, "remoteVirtualNetwork"), "id").lower(),
            state=read.named(set_, "peeringState"),
            forwarded=read.flag(set_, "allowForwardedTraffic") is True,
            gateway=read.flag(set_, "useRemoteGateways") is True,
            prefixes=_blocks(read.many(space, "addressPrefixes")),
        )

    @property
    def network(self) -> str:
        """The id of the network whose side it is."""
        return self.id.partition("/virtualnetworkpeerings/")[0]


class VirtualHub(Kind, name="azure.network.virtual_hub"):
    """A hub of a virtual WAN."""

    @aspect()
    def settings(raw: Raw) -> Wan:
        """What it belongs to (Resource Graph)."""
        set_ = read.inside(raw)
        return Wan(
            wan=read.text(read.part(set_, "virtualWan"), "id").lower(), firewall=read.text(read.part(set_, "azureFirewall"), "id").lower()
        )

    @aspect()
    def connections(raw: Raw) -> tuple[Connection, ...]:
        """The networks that are connected to it (HubVirtualNetworkConnections_List)."""
        return tuple(_connection(one) for one in read.listed(raw, "value"))

    @aspect()
    def tables(raw: Raw) -> tuple[Table, ...]:
        """Its route tables (HubRouteTables_List). What routing intent sends to a firewall shows as static routes."""
        return tuple(_table(one) for one in read.listed(raw, "value"))


class Firewall(Kind, name="azure.network.firewall"):
    """An Azure Firewall."""

    @aspect()
    def settings(raw: Raw) -> Guard:
        """Where it stands, and its policy (Resource Graph)."""
        set_ = read.inside(raw)
        subnets = [read.text(read.part(read.inside(one), "subnet"), "id").lower() for one in read.many(set_, "ipConfigurations")]
        places = [one.partition("/subnets/")[0] for one in subnets] + [read.text(read.part(set_, "virtualHub"), "id").lower()]
        policy = read.text(read.part(set_, "firewallPolicy"), "id").lower()
        return Guard(places=tuple(dict.fromkeys(one for one in places if one)), policy=policy)


class FirewallPolicy(Kind, name="azure.network.firewall_policy"):
    """A policy of Azure Firewalls."""

    @aspect()
    def base(raw: Raw) -> str:
        """The id of the policy that it inherits from, whose rules come first (Resource Graph); empty if it has none."""
        return read.text(read.part(read.inside(raw), "basePolicy"), "id").lower()

    @aspect()
    def rules(raw: Raw) -> tuple[Rule, ...]:
        """Its network rules, in the order in which they are tried (FirewallPolicyRuleCollectionGroups_List)."""
        groups = sorted(map(read.inside, read.listed(raw, "value")), key=_priority)
        collections = [one for group in groups for one in sorted(read.many(group, "ruleCollections"), key=_priority)]
        filters = [one for one in collections if read.named(one, "ruleCollectionType") == "FirewallPolicyFilterRuleCollection"]
        return tuple(
            _rule(rule, allows=read.named(read.part(one, "action"), "type") == "Allow")
            for one in filters
            for rule in read.many(one, "rules")
            if read.named(rule, "ruleType") == "NetworkRule"
        )


def _blocks(listed: list[Raw]) -> tuple[str, ...]:
    return tuple(str(net.network(block)) for block in listed)


def _priority(raw: Raw) -> int:
    return read.number(raw, "priority") or 0


def _connection(raw: Raw) -> Connection:
    set_ = read.inside(raw)
    routing = read.part(set_, "routingConfiguration")
    known = read.part(routing, "propagatedRouteTables")
    return Connection(
        name=read.named(raw, "name"),
        network=read.named(read.part(set_, "remoteVirtualNetwork"), "id").lower(),
        table=read.text(read.part(routing, "associatedRouteTable"), "id").lower(),
        known_in=tuple(read.named(one, "id").lower() for one in read.many(known, "ids")),
        labels=tuple(str(one).lower() for one in read.many(known, "labels")),
    )


def _table(raw: Raw) -> Table:
    set_ = read.inside(raw)
    routes = [
        (str(net.network(block)), read.text(one, "nextHop").lower())
        for one in read.many(set_, "routes")
        if read.text(one, "destinationType").upper() == "CIDR"
        for block in read.many(one, "destinations")
    ]
    return Table(
        id=read.named(raw, "id").lower(), labels=tuple(str(one).lower() for one in read.many(set_, "labels")), routes=tuple(routes)
    )


def _rule(raw: Raw, *, allows: bool) -> Rule:
    sources, sure_from = _addresses(read.many(raw, "sourceAddresses"))
    destinations, sure_to = _addresses(read.many(raw, "destinationAddresses"))
    groups = read.many(raw, "sourceIpGroups") or read.many(raw, "destinationIpGroups")
    everything = "Any" in read.many(raw, "ipProtocols") and "*" in read.many(raw, "destinationPorts")
    return Rule(
        name=read.text(raw, "name"),
        allows=allows,
        sources=sources,
        destinations=destinations,
        everything=everything,
        sure=sure_from and sure_to and not groups,
    )


def _addresses(listed: list[Raw]) -> tuple[tuple[str, ...], bool]:
    """Blocks of addresses, and whether those are all: a service tag or a span of addresses is told in no block."""
    found = [ANY if one == "*" else one for one in listed]
    blocks = [one for one in found if _is_block(one)]
    return _blocks(blocks), len(blocks) == len(found)


def _is_block(text: str) -> bool:
    """Whether a text is an address or a block of them."""
    try:
        net.network(text)
    except ValueError:
        return False
    return True

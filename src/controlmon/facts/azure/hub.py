"""What may pass from one network to another through a third: a hub that forwards, or a virtual WAN, and the firewall on the way."""

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from controlmon.facts.azure.estate import Estate
from controlmon.facts.azure.peering import Connection, Firewall, FirewallPolicy, Peering, Rule, Table, VirtualHub
from controlmon.facts.azure.vnet import VirtualNetwork
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, together
from controlmon.facts.environment import Environment, crosses
from controlmon.facts.net import network

CONNECTED = "Connected"


class Spoke(NamedTuple):
    """A network on the far side of a hub: whether what the hub forwards reaches it (None if that was not seen)."""

    id: str
    where: Environment
    takes: bool | None
    prefixes: tuple[str, ...]


class Guards:
    """The firewalls of every target, and their policies."""

    def __init__(self, firewalls: All[Firewall], policies: All[FirewallPolicy]) -> None:
        self._firewalls, self._policies = firewalls, policies

    def between(self, place: str, one: tuple[str, ...], other: tuple[str, ...]) -> Crossing:
        """What lets two sets of addresses meet in a hub: no firewall there, or a rule of its policy.

        Raises:
            Unseen: if there may be a firewall, or a policy of it, that was not seen.
        """
        guard = self._firewalls.first(lambda firewall: place in firewall.settings.places)
        if guard is None:
            return Crossing(crossed=("no firewall stands in it",))
        policy = guard.settings.policy
        if not policy:
            return Crossing(crossed=(f"the firewall {guard.name} has no policy",))
        rules = self._rules(policy)
        return together(_passing(rules, one, other), _passing(rules, other, one))

    def _rules(self, policy: str) -> list[Rule]:
        found: list[Rule] = []
        passed: set[str] = set()
        while policy and policy not in passed:
            passed.add(policy)
            one = self._policies.first(lambda known, wanted=policy: known.id == wanted)  # type: ignore[misc]
            if one is None:
                return [*found, Rule(name=f"the policy {policy}, which was not seen", allows=True, sure=False)]
            found = [*one.rules, *found]
            policy = one.base
        return found


def _passing(rules: Iterable[Rule], sources: tuple[str, ...], destinations: tuple[str, ...]) -> Crossing:
    """The first rule that lets some of the sources reach some of the destinations, unless one before denies them everything."""
    unsure = ""
    for rule in rules:
        overlaps = _meet(rule.sources, sources) and _meet(rule.destinations, destinations)
        if not rule.allows and rule.everything and rule.sure and _hold(rule.sources, sources) and _hold(rule.destinations, destinations):
            break
        if rule.allows and overlaps:
            return Crossing(crossed=(f"its rule {rule.name} allows it",), unsure=unsure)
        if rule.allows and not rule.sure:
            unsure = unsure or f"whether it is allowed by {rule.name} is not known"
    return Crossing(unsure=unsure)


def _meet(blocks: Iterable[str], others: tuple[str, ...]) -> bool:
    return any(network(a).version == network(b).version and network(a).overlaps(network(b)) for a in blocks for b in others)


def _hold(blocks: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether blocks hold all of the others."""
    return all(any(_within(network(other), network(block)) for block in blocks) for other in others)


def _within(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and one.subnet_of(other)  # type: ignore[arg-type] # both are of one version


def spokes(hub: VirtualNetwork, peerings: All[Peering], estate: Estate) -> list[Spoke]:
    """The networks that are connected to one, and whether each takes what it forwards. Peering is not transitive unless they do.

    Raises:
        Unseen: if the peerings of the hub, or where a spoke belongs, cannot be told.
    """
    mine = [one for one in peerings.beside(hub) if one.network == hub.id and one.settings.state == CONNECTED]
    found: list[Spoke] = []
    for one in mine:
        try:
            side = peerings.first(lambda other, spoke=one.settings.remote: other.network == spoke and other.settings.remote == hub.id)  # type: ignore[misc]
            takes = side.settings.forwarded or side.settings.gateway if side else None
        except Unseen:
            takes = None
        found.append(Spoke(one.settings.remote, estate.of(one.settings.remote), takes, one.settings.prefixes))
    return found


def through_hub(hub: VirtualNetwork, found: list[Spoke], guards: Guards) -> Crossing:
    """What of production meets what is not through a network that both are connected to."""
    result: list[Crossing] = []
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            joins, known = crosses(one.where, other.where), one.takes and other.takes
            if joins is False or one.takes is False or other.takes is False:
                continue
            said = f"{_said(one.id, one.where)} and {_said(other.id, other.where)}"
            passing = _between(guards, hub.id, one.prefixes, other.prefixes)
            result.append(_told(said, passing, sure=bool(joins and known)))
    return together(*result)


def _between(guards: Guards, place: str, one: tuple[str, ...], other: tuple[str, ...]) -> Crossing:
    try:
        return guards.between(place, one, other)
    except Unseen as error:
        return Crossing(unsure=str(error))


def _told(said: str, passing: Crossing, *, sure: bool) -> Crossing:
    if passing.crossed and sure:
        return Crossing(crossed=(f"{said} meet: {passing.crossed[0]}",))
    if passing.crossed or passing.unsure:
        return Crossing(unsure=f"whether {said} meet is not known: {passing.unsure or passing.crossed[0]}")
    return passing


def through_wan(hub: VirtualHub, hubs: All[VirtualHub], networks: All[VirtualNetwork], guards: Guards, estate: Estate) -> Crossing:
    """What of production meets what is not through a virtual WAN: it is its route tables that decide, over all hubs of the WAN."""
    result: list[Crossing] = []
    tables = {table.id: table for table in hub.tables}
    try:
        near = [one for one in hubs if one.id == hub.id or (one.settings.wan and one.settings.wan == hub.settings.wan)]
    except Unseen as error:
        near = [hub]
        result.append(Crossing(unsure=f"the other hubs of the WAN are not all known: {error}"))
    for mine in hub.connections:
        for far in near:
            try:
                others = [one for one in far.connections if one.network != mine.network and _known(one, mine.table, tables)]
                result += [_joined(hub, mine, other, tables, networks, guards, estate) for other in others]
            except Unseen as error:
                result.append(Crossing(unsure=f"what {mine.name} meets is not all known: {error}"))
    return together(*result)


def _known(other: Connection, table: str, tables: dict[str, Table]) -> bool:
    """Whether a connection is made known in a route table, by the table's id or by a label of it."""
    labels = tables[table].labels if table in tables else ()
    return table in other.known_in or any(label in labels for label in other.labels)


def _joined(
    hub: VirtualHub,
    mine: Connection,
    other: Connection,
    tables: dict[str, Table],
    networks: All[VirtualNetwork],
    guards: Guards,
    estate: Estate,
) -> Crossing:
    own, there = estate.of(mine.network), estate.of(other.network)
    joins = crosses(own, there)
    if joins is False:
        return Crossing()
    said = f"{_said(mine.network, own)} and {_said(other.network, there)}"
    firewall = hub.settings.firewall
    if not firewall:
        return _told(said, Crossing(crossed=("no firewall stands in it",)), sure=bool(joins))
    one, another = (networks.first(lambda net, wanted=end.network: net.id == wanted) for end in (mine, other))  # type: ignore[misc]
    if one is None or another is None:
        return Crossing(unsure=f"whether {said} meet is not known: their addresses were not seen")
    sent = tuple(block for block, hop in (tables[mine.table].routes if mine.table in tables else ()) if hop == firewall)
    if not _hold(sent, another.settings.prefixes):
        return _told(said, Crossing(crossed=("the route table does not send it to the firewall",)), sure=bool(joins))
    return _told(said, _between(guards, hub.id, one.settings.prefixes, another.settings.prefixes), sure=bool(joins))


def _said(id_: str, where: Environment) -> str:
    return f"{id_.rpartition('/')[2]} ({where.name or where.why})"

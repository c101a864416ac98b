"""Which attachments of a transit gateway reach each other: by a route of their table, or through a VPC that sends traffic back."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from controlmon.facts.aws.ec2 import RouteTable
from controlmon.facts.aws.environments import Estate, said_of
from controlmon.facts.aws.networks import Networks
from controlmon.facts.aws.transit import Attachment, TransitGateway, TransitRoute, TransitTable
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing, whole
from controlmon.facts.environment import Environment
from controlmon.facts.net import network

Place = tuple[str, Callable[[], Environment]]


class Returns:
    """Which VPCs send what a transit gateway brings them back to it."""

    def __init__(self, gateway: str, tables: All[RouteTable]) -> None:
        found, self._gap = whole(tables)
        self._open: dict[str, bool] = {}
        self._boxed: set[str] = set()
        for table in found:
            try:
                routes = table.settings
            except Unseen as error:
                self._gap = self._gap or error.gap
                continue
            self._open[routes.vpc] = self._open.get(routes.vpc, False) or gateway in routes.transits
            self._boxed |= {routes.vpc} if routes.boxes else set()

    def doubt(self, vpc: str) -> str | None:
        """Why it is not certain that a VPC sends traffic back; "" if it does for certain, None if it does not."""
        if not self._open.get(vpc):
            if self._gap is not None:
                return f"the route tables of {vpc} were not all seen: {self._gap}"
            return f"no route table of {vpc} was seen" if vpc not in self._open else None
        return f"what the firewall or appliance in {vpc} denies is not read" if vpc in self._boxed else ""


def joined(gateway: TransitGateway, estate: Estate, networks: Networks, returns: Returns, denied: Iterable[str]) -> Crossing:
    """What of the two classes a gateway joins. What is sent back by a VPC of `denied` is let through by its firewall to nobody else."""
    attached = {one.id: one for one in gateway.settings.attachments}
    routing = {end: table for table in gateway.tables for end in table.associated}
    shut = frozenset(denied)

    def where(one: Attachment) -> Environment:
        declared = said_of(estate, one.id, one.tags)
        return declared if one.type != "vpc" or declared.name else networks.of(one.resource, one.owner)

    def place(end: str, way: str = "") -> Place:
        there = attached.get(end)
        if there is None:
            return f"{end}{way}", lambda: Environment(why=f"{end} is not among its attachments")
        return f"{there.resource or end}{way}", partial(where, there)

    crossed: list[str] = []
    unsure = ""
    for one in attached.values():
        table = routing.get(one.id)
        if table is None:
            continue
        others = [(place(end), "") for end in _ends(table) if end != one.id]
        for end, middle in _sent_back(one.id, table, routing, attached):
            doubt = None if {middle.id, middle.resource} & shut else returns.doubt(middle.resource)
            if doubt is not None:
                others.append((place(end, f" through {middle.resource}"), doubt))
        found, why = _from(partial(where, one), others)
        crossed += [f"{one.resource or one.id} reaches {said}" for said in found]
        unsure = unsure or why
    return Crossing(crossed=tuple(dict.fromkeys(crossed)), unsure=unsure)


def _from(where: Callable[[], Environment], others: Iterable[tuple[Place, str]]) -> tuple[list[str], str]:
    """What of the other class is reached, and what cannot be told. Each place is given with a doubt whether it is reached."""
    places = list(others)
    if not places:
        return [], ""
    try:
        own = where()
    except Unseen as error:
        return [], str(error)
    sure = crossing(own, [place for place, doubt in places if not doubt])
    unsure = sure.unsure
    for place, doubt in places:
        if doubt and not unsure:
            found = crossing(own, [place])
            unsure = f"whether {found.crossed[0]} is reached is not known: {doubt}" if found.crossed else found.unsure
    return [*sure.crossed], unsure


def _sent_back(
    start: str, table: TransitTable, routing: dict[str, TransitTable], attached: dict[str, Attachment]
) -> Iterator[tuple[str, Attachment]]:
    """The attachments that a VPC's own table leads to, for what it is sent by a route of `table`."""
    for way in _ends(table):
        middle, beyond = attached.get(way), routing.get(way)
        if way == start or middle is None or middle.type != "vpc" or beyond is None:
            continue
        for route in beyond.routes:
            if any(_leads(table, one, route) for one in table.routes if way in one.to):
                yield from ((end, middle) for end in route.to if end not in (start, way))


def _ends(table: TransitTable) -> list[str]:
    """The attachments that a table leads to."""
    return list(dict.fromkeys(end for route in table.routes for end in route.to))


def _leads(table: TransitTable, way: TransitRoute, beyond: TransitRoute) -> bool:
    """Whether addresses of `beyond` take `way` in a table: they overlap, and no nearer route into nothing takes all of them."""
    first, last = network(way.block), network(beyond.block)
    if first.version != last.version or not first.overlaps(last):
        return False
    meant = last if last.prefixlen >= first.prefixlen else first
    sinks = [network(route.block) for route in table.routes if not route.to]
    return not any(
        sink.version == meant.version and sink.prefixlen > first.prefixlen and sink.prefixlen <= meant.prefixlen and sink.overlaps(meant)
        for sink in sinks
    )

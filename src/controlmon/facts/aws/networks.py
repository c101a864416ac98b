"""Which environment a VPC belongs to: by itself, and by its account."""

from collections.abc import Mapping
from functools import partial

from controlmon.facts.aws.ec2 import RouteTable, Subnet, Vpc
from controlmon.facts.aws.environments import Estate, said_of
from controlmon.facts.aws.instances import Instance
from controlmon.facts.aws.peering import Peering
from controlmon.facts.aws.s3 import first_said
from controlmon.facts.aws.security_groups import SecurityGroup
from controlmon.facts.base import All, Unseen
from controlmon.facts.crossing import Crossing, crossing, whole
from controlmon.facts.environment import Environment, agree, crosses, resolve
from controlmon.facts.net import network


class Networks:
    """The VPCs of every target."""

    def __init__(self, vpcs: All[Vpc], estate: Estate) -> None:
        self._estate = estate
        self._found, self._gap = whole(vpcs)

    def own(self, vpc: Vpc) -> Environment:
        """What the VPC says itself: as declared, else by its tags."""
        return said_of(self._estate, vpc.name, vpc.settings.tags)

    def of(self, vpc: str, owner: str) -> Environment:
        """Where a VPC belongs: as declared, else as its tags and its account say; a shared account may hold VPCs of any environment.

        Raises:
            Unseen: if neither it nor where its account belongs was seen.
        """
        if declared := self._estate.model.declaration(vpc):
            return resolve(declared, (), vpc)
        seen = next((one for one in self._found if one.name == vpc and one.target == owner), None)
        own = self.own(seen) if seen is not None else Environment(why=f"{vpc} was not seen")
        try:
            account = self._estate.of(owner)
        except Unseen:
            if own.name:
                return own
            raise
        if seen is not None and account.cls == "shared":
            return own
        if seen is None or not own.name:
            strange = seen is not None and self._estate.model.tagged(seen.settings.tags, vpc)
            return own if strange else self._unlabelled(vpc, account, seen=seen is not None)
        if account.name and not agree(own.name, account.name):
            return Environment(why=f"{own.why} says {own.name}, its account is {account.name} ({account.why})")
        return own

    def overlapping(self, block: str, own: Environment) -> Crossing:
        """The VPCs of the other class that a block of addresses overlaps; where one of its own class does as well, none is told."""
        source, crossed, unsure = network(block), list[str](), ""
        ranges = [(vpc, network(one)) for vpc in self._found if vpc.settings.owner == vpc.target for one in vpc.settings.ranges]
        near = [(vpc, one) for vpc, one in ranges if one.version == source.version and one.overlaps(source)]
        wheres = {vpc.id: vpc for vpc, _ in near}
        known: dict[str, Environment] = {}
        for vpc in wheres.values():
            try:
                known[vpc.id] = self.of(vpc.name, vpc.settings.owner)
            except Unseen as error:
                unsure = unsure or f"whether {block} is of {vpc.name}, and that of the other class, is not known: {error}"
        for vpc, one in near:
            where = known.get(vpc.id)
            crossing = crosses(own, where) if where else False
            if crossing is None and where:
                unsure = unsure or f"{block} overlaps {vpc.name}, of which {where.why}"
            if not crossing or not where:
                continue
            wide = source.prefixlen < one.prefixlen
            same = [v.name for v, other in near if known.get(v.id, where).cls == own.cls and other.overlaps(one)]
            if same and not wide:
                unsure = unsure or f"{block} is of {vpc.name} ({where.name}) and of {same[0]} alike: routes decide"
            else:
                crossed.append(f"{block}, which includes {vpc.name} ({where.name})")
        if self._gap is not None and not crossed:
            unsure = unsure or str(self._gap)
        return Crossing(crossed=tuple(dict.fromkeys(crossed)), unsure=unsure)

    def _unlabelled(self, vpc: str, account: Environment, *, seen: bool) -> Environment:
        """What its account says of a VPC that says nothing itself, or was not seen: enough, unless the account serves several."""
        if account.cls == "shared" and not seen:
            if self._gap is not None:
                raise Unseen(self._gap)
            return Environment(why=f"{vpc} of a shared account was not seen")
        return account


def unlike(label: Environment, vpc: str, estate: Estate, subnets: All[Subnet], instances: All[Instance]) -> str:
    """What in a VPC says that it is of another environment, or of none that is known; "" if nothing does.

    Raises:
        Unseen: if nothing does, and something was not seen.
    """
    model = estate.model

    def differs(tags: Mapping[str, str], whose: str) -> str:
        for said in model.tagged(tags, whose):
            if not said.environment or not agree(said.environment, label.name):
                return f"{said.source} says {said.environment or 'what is no environment'}"
        return ""

    def of_subnet(subnet: Subnet) -> str:
        return differs(subnet.settings.tags, subnet.name) if subnet.settings.vpc == vpc else ""

    def of_instance(instance: Instance) -> str:
        machine = instance.settings
        return differs(machine.tags, instance.name) if machine.vpc == vpc and not machine.gone else ""

    return first_said(
        lambda: of_subnet(found) if (found := subnets.first(lambda one: bool(of_subnet(one)))) else "",
        lambda: of_instance(found) if (found := instances.first(lambda one: bool(of_instance(one)))) else "",
    )


def routed(peering: Peering, tables: All[RouteTable]) -> bool | None:
    """Whether an active route leads to a peering connection; None if that was not seen."""
    try:
        return tables.some(lambda table: peering.name in table.settings.peerings)
    except Unseen:
        return None


def trusted_across(group: SecurityGroup, own: Environment, networks: Networks, *, anybody: bool) -> Crossing:
    """What of the other class the ingress rules of a security group trust; blocks of all addresses count if `anybody` does."""
    trusted = group.trusted
    others = [one for one in trusted.groups if one.vpc and one.vpc != trusted.vpc]
    found = [crossing(own, [(f"{one.id} of {one.vpc}", partial(networks.of, one.vpc, one.account or group.target)) for one in others])]
    blocks, unsure = [*trusted.blocks], ""
    for name in trusted.prefix_lists:
        try:
            listed = group.prefix_lists[name]
        except Unseen as error:
            unsure = unsure or str(error)
            continue
        blocks += listed.cidrs
        unsure = unsure or (f"the entries of {name} were not seen: {listed.refused}" if listed.refused else "")
    found += [networks.overlapping(block, own) for block in blocks if anybody or network(block).prefixlen]
    crossed = tuple(dict.fromkeys(said for one in found for said in one.crossed))
    return Crossing(crossed=crossed, unsure=next((one.unsure for one in found if one.unsure), unsure))

"""Virtual networks and their flow logs."""

from controlmon.core.fact import Raw
from controlmon.facts import net
from controlmon.facts.azure import read
from controlmon.facts.base import Kind, View, aspect


class Subnet(View, frozen=True):
    """A subnet: its id, that of its security group (empty if it has none), and those of the interfaces in it. All in lower case."""

    id: str
    group: str = ""
    interfaces: tuple[str, ...] = ()


class Net(View, frozen=True):
    """A virtual network: its subnets, its tags, whose names are in lower case, and its addresses (CIDR)."""

    subnets: tuple[Subnet, ...] = ()
    tags: dict[str, str] = {}  # noqa: RUF012 - msgspec copies it
    prefixes: tuple[str, ...] = ()


class Logging(View, frozen=True):
    """A flow log: the id of what it watches, whether it is on, and the days that it is kept (None: for ever)."""

    target: str
    enabled: bool
    days: int | None = None


class VirtualNetwork(Kind, name="azure.network.virtual_network"):
    """A virtual network."""

    @aspect()
    def settings(raw: Raw) -> Net:
        """Its subnets, tags and addresses (Resource Graph)."""
        set_ = read.inside(raw)
        blocks = read.many(read.part(set_, "addressSpace"), "addressPrefixes")
        return Net(
            subnets=tuple(_subnet(one) for one in read.listed(set_, "subnets")),
            tags=read.tags(raw),
            prefixes=tuple(str(net.network(block)) for block in blocks),
        )


class NetworkWatcher(Kind, name="azure.network.watcher"):
    """A network watcher."""


class FlowLog(Kind, name="azure.network.flow_log"):
    """A flow log."""

    @aspect()
    def settings(raw: Raw) -> Logging:
        """What it watches and keeps (FlowLogs_List). Days that are 0, or a retention that is off, mean that nothing is deleted."""
        set_ = read.inside(raw)
        retention = read.part(set_, "retentionPolicy")
        days = read.number(retention, "days") or 0
        limited = read.flag(retention, "enabled") is True and days > 0
        return Logging(
            target=read.named(set_, "targetResourceId").lower(),
            enabled=read.flag(set_, "enabled") is True,
            days=days if limited else None,
        )


def _subnet(raw: Raw) -> Subnet:
    set_ = read.inside(raw)
    configurations = [read.named(one, "id").lower() for one in read.many(set_, "ipConfigurations")]
    return Subnet(
        id=read.named(raw, "id").lower(),
        group=read.text(read.part(set_, "networkSecurityGroup"), "id").lower(),
        interfaces=tuple(sorted({one.partition("/ipconfigurations/")[0] for one in configurations})),
    )

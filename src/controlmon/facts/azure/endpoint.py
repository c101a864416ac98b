"""Private endpoints, and the private DNS zones that networks are linked to."""

from controlmon.core.fact import Raw
from controlmon.facts.azure import read
from controlmon.facts.base import All, Kind, Unseen, View, aspect


class Link(View, frozen=True):
    """What an endpoint is connected to: the id of the resource (in lower case), and the state, such as `Approved` or `Pending`."""

    resource: str
    state: str


class Endpoint(View, frozen=True):
    """A private endpoint: the id of its subnet, and its connections, those that were asked for by hand too."""

    subnet: str
    links: tuple[Link, ...] = ()


class PrivateEndpoint(Kind, name="azure.network.private_endpoint"):
    """A private endpoint."""

    @aspect()
    def settings(raw: Raw) -> Endpoint:
        """Where it is, and what it leads to (Resource Graph)."""
        set_ = read.inside(raw)
        lists = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
        return Endpoint(
            subnet=read.named(read.part(set_, "subnet"), "id").lower(),
            links=tuple(_link(read.inside(one)) for name in lists for one in read.many(set_, name)),
        )


class DnsLink(Kind, name="azure.network.dns_link"):
    """The link of a network to a private DNS zone, whose names it then resolves."""

    @aspect()
    def network(raw: Raw) -> str:
        """The id of the network, in lower case (Resource Graph)."""
        return read.named(read.part(read.inside(raw), "virtualNetwork"), "id").lower()

    @property
    def zone(self) -> str:
        """The id of the zone."""
        return self.id.partition("/virtualnetworklinks/")[0]


def beside(link: DnsLink, links: All[DnsLink]) -> tuple[list[str], str]:
    """The networks that are linked to the same zone too, and why they may not be all ("" if they are). Links stand where the zone does."""
    found: list[str] = []
    unseen = ""

    def look(other: DnsLink) -> bool:
        if other.zone == link.zone and other.id != link.id:
            found.append(other.network)
        return False

    try:
        links.beside(link).some(look)
    except Unseen as error:
        unseen = str(error)
    return found, unseen


def _link(set_: Raw) -> Link:
    state = read.part(set_, "privateLinkServiceConnectionState")
    return Link(resource=read.text(set_, "privateLinkServiceId").lower(), state=read.text(state, "status"))

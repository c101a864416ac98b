"""No private endpoint brings data of one class into a network of the other.

Connections that were asked for by hand stand in a list of their own. One that is pending, rejected or gone carries nothing. A private DNS
zone that networks of both classes are linked to tells each the names of the other: that leaks names, and is less severe.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.endpoint import DnsLink, PrivateEndpoint, beside
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.crossing import crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"1": "prod", "2": "dev"}}
ID = "/subscriptions/{}/resourcegroups/g/providers/{}"
NET = "microsoft.network/virtualnetworks/net"
ZONE = ID.format(1, "microsoft.network/privatednszones/z/virtualnetworklinks/{}")


def known(*links: DnsLink) -> tuple[object, ...]:
    some = [Subscription.example(id=f"/subscriptions/{n}", place={}, resource_groups={}, tagged={}) for n in ("1", "2")]
    return Everywhere.of(*links), Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={}))


def endpoint(*links: tuple[str, str]) -> Example:
    made = [{"resource": ID.format(n, "microsoft.sql/servers/s"), "state": state} for n, state in links]
    return Example((PrivateEndpoint.example(settings={"subnet": ID.format(2, f"{NET}/subnets/a"), "links": made}), *known()), MAP)


def zone(*numbers: str) -> Example:
    links = [DnsLink.example(id=ZONE.format(n), network=ID.format(n, NET)) for n in numbers]
    return Example((links[0], *known(*links)), MAP)


@check(
    title="Private endpoints do not connect non-production networks to production data",
    severity="high",
    reads=[*WHERE, PrivateEndpoint.settings, DnsLink.network],
    remediation="Delete the endpoint, or the link of the DNS zone.",
    proves="That no approved connection of a private endpoint leads to a resource of the other class, and that no private DNS zone is "
    "linked to networks of both. Not service endpoints, nor what is reached through a peering.",
    passes=[endpoint(("2", "Approved")), endpoint(("1", "Pending")), zone("1")],
    fails=[endpoint(("1", "Approved")), zone("1", "2")],
)
def judge(
    subject: PrivateEndpoint | DnsLink,
    links: Everywhere[DnsLink],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    if isinstance(subject, DnsLink):
        return of_link(subject, links, estate)
    approved = [one.resource for one in subject.settings.links if one.state == "Approved"]
    if not approved:
        return passed("no connection of it is approved")
    own = estate.of(subject.settings.subnet)
    found = crossing(own, map(estate.at, approved))
    if found.crossed:
        return failed(f"its subnet is {own.name}, and it leads to {', '.join(found.crossed)}")
    return unknown(found.unsure) if found.unsure else passed(f"its subnet is {own.name}, and what it leads to does not differ")


def of_link(link: DnsLink, links: Everywhere[DnsLink], estate: Estate) -> Verdict:
    """A link of a zone, beside the others of the same zone, which stand in the zone's own subscription."""
    others, unseen = beside(link, links)
    own = estate.of(link.network)
    found = crossing(own, map(estate.at, others))
    if found.crossed:
        return failed(f"{link.network} is {own.name}, and the zone is linked to {', '.join(found.crossed)} too", severity="low")
    unsure = found.unsure or unseen
    return unknown(unsure) if unsure else passed("the zone is linked to no network of another class")

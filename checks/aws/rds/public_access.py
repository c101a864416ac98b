"""No database has a public address.

One that has, in a subnet without a way in, is a single route away from the internet: that fails too, and matters less. Only routes, or
security groups, that were all seen make it matter less.
"""

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.aws.ec2 import RouteTable
from controlmon.facts.aws.rds import Cluster, Database, Instance
from controlmon.facts.aws.security_groups import SecurityGroup
from controlmon.facts.net import on_the_internet, union

PRIVATE = {"engine": "postgres", "status": "available", "public": False, "vpc": "vpc-1", "subnets": ["subnet-1"], "groups": ["sg-1"]}
TABLES = All.of(RouteTable.example(settings={"vpc": "vpc-1", "main": True, "open": False}))
GROUPS = All.of(SecurityGroup.example(id="sg-1", rules=[{"protocol": "tcp", "sources": ["0.0.0.0/0"]}]))


@check(
    title="Databases are not publicly accessible",
    severity="critical",
    reads=[Instance.settings, Cluster.settings, RouteTable.settings, SecurityGroup.rules],
    remediation="Set PubliclyAccessible to false, and reach the database from inside its network.",
    proves="That the database has no public address. Not who reaches it from inside, nor by a load balancer or a proxy in front of it.",
    passes=(Instance.example(settings=PRIVATE), TABLES, GROUPS),
    fails=[
        (Instance.example(settings=PRIVATE | {"public": True}), TABLES, GROUPS),
        (Cluster.example(settings=PRIVATE | {"public": True}), TABLES, GROUPS),
        (Cluster.example(settings=PRIVATE | {"public": None, "gateway": True}), TABLES, GROUPS),
    ],
)
def judge(database: Instance | Cluster, tables: All[RouteTable], groups: All[SecurityGroup]) -> Verdict:
    it = database.settings
    if it.account != database.target:
        return not_applicable(f"it belongs to account {it.account}, where it is judged")
    if it.status == "deleting":
        return not_applicable("it is being deleted")
    if it.gateway:
        return failed("its internet access gateway is enabled")
    if it.public is None and it.gateway is None:
        return not_applicable("each of its instances says whether it is public, and is judged")
    if not it.public:
        return passed(f"its endpoint ({it.engine}) has no public address")
    if _no_way_in(it, tables.beside(database)):
        return failed(
            "it is publicly accessible; none of its subnets has a way in from the internet, but it is one route away", severity="high"
        )
    if _shut(it, groups.beside(database)):
        return failed(
            "it is publicly accessible; its security groups let in nobody from the internet, but it is one rule away", severity="high"
        )
    return failed("it is publicly accessible, and nothing that was seen keeps the internet out")


def _no_way_in(it: Database, tables: All[RouteTable]) -> bool:
    """Whether it is proved that the internet finds no route to any subnet that the database may be in."""
    if not tables.complete or not it.subnets:
        return False
    routes = [table.settings for table in tables if table.settings.vpc == it.vpc]
    main = [table for table in routes if table.main]
    ways = [[table for table in routes if subnet in table.subnets] or main for subnet in it.subnets]
    return all(way and not any(table.open for table in way) for way in ways)


def _shut(it: Database, groups: All[SecurityGroup]) -> bool:
    """Whether it is proved that no security group lets any address of the internet in. A prefix list may hold any."""
    if not groups.complete or not it.groups:
        return False
    found = {group.name: group.rules for group in groups if group.name in it.groups}
    rules = [rule for several in found.values() for rule in several if it.port is None or rule.opens("tcp", it.port)]
    return set(found) == set(it.groups) and not any(
        rule.prefix_lists or any(on_the_internet(block) for block in union(rule.sources)) for rule in rules
    )

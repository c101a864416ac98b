"""No security group lets the internet reach a port on which data stores listen.

What holds of data-store ports holds here: a rule of protocol -1 has no ports and opens them all, a range contains what it does not name,
two halves of the internet are the internet, and a prefix list may hold any of these. A group that nothing uses is one call away from being
used.
"""

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.ec2 import NetworkInterface
from controlmon.facts.aws.openings import exposed
from controlmon.facts.aws.security_groups import PrefixList, SecurityGroup
from controlmon.facts.net import WIDE_V6, told

PORTS = (1433, 1434, 1521, 3306, 5432, 5439, 6379, 9042, 9092, 9200, 9300, 11211, 27017, 27018, 8086, 2049, 445)
INTERFACES = All.of(NetworkInterface.example(settings={"vpc": "vpc-1", "groups": ["sg-1"]}))


def group(*rules: dict[str, object], lists: dict[str, PrefixList] | None = None) -> SecurityGroup:
    return SecurityGroup.example(id="sg-1", rules=rules, prefix_lists=lists or {})


def sql(*sources: str, **more: object) -> dict[str, object]:
    return {"protocol": "tcp", "first": 5432, "last": 5432, "sources": sources} | more


@check(
    title="No security group opens data-store ports to the internet",
    severity="critical",
    reads=[SecurityGroup.rules, SecurityGroup.prefix_lists, NetworkInterface.settings],
    remediation="Open the port to the groups of the applications that use it, and to nobody else.",
    proves="That no ingress rule of the group opens these ports to the internet. Routes, network ACLs and VPC block public access are not "
    "looked at: they may make such a rule harmless today, not right. A narrow public address counts as somebody known.",
    passes=[
        (group(sql("10.0.0.0/8"), {"protocol": "tcp", "first": 443, "last": 443, "sources": ["0.0.0.0/0", "::/0"]}), INTERFACES),
        (group({"protocol": "icmp", "sources": ["0.0.0.0/0"]}), INTERFACES),
    ],
    fails=[
        (group(sql("0.0.0.0/0")), INTERFACES),
        (group({"protocol": "all", "sources": ["::/0"]}), INTERFACES),
        (group(sql("0.0.0.0/1"), {"protocol": "tcp", "first": 5000, "last": 6000, "sources": ["128.0.0.0/1"]}), INTERFACES),
        (group(sql(prefix_lists=["pl-1"]), lists={"pl-1": PrefixList(cidrs=("0.0.0.0/0",))}), INTERFACES),
        (group(sql("0.0.0.0/0")), All[NetworkInterface].of()),
    ],
)
def judge(
    group: SecurityGroup,
    interfaces: All[NetworkInterface],
    *,
    ports: tuple[int, ...] = PORTS,
    wide_prefix_v4: int = 8,
    wide_prefix_v6: int = WIDE_V6,
) -> Verdict:
    found, unseen = exposed(group, ports, wide_prefix_v4, wide_prefix_v6)
    if not found and unseen:
        return unknown(f"a rule opens data-store ports to a prefix list, and {unseen}")
    if not found:
        return passed(f"none of its {len(group.rules)} ingress rules opens a data-store port to the internet")
    said = f"its ingress rules open {told(found)}"
    nearby = interfaces.beside(group)
    if nearby.complete and not nearby.some(lambda interface: group.name in interface.settings.groups):
        return failed(f"{said}; no network interface uses it now, but attaching it is one call away", severity="medium")
    return failed(said)

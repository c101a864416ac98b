"""No security group lets the internet reach a port that is not meant for it.

Asking for a list of forbidden ports misses the one that nobody thought of; this asks for the ones that are meant to be public, and refuses
every other, with the same reading of priorities, sources and ranges as for admin ports.
"""

from controlmon.check import Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.nsg import Rule, Rules, SecurityGroup
from controlmon.facts.net import told

ALL = ("0.0.0.0/0", "::/0")


def rule(priority: int, first: int, last: int, *, allows: bool = True, protocol: str = "tcp") -> Rule:
    return Rule(name=f"r{priority}", priority=priority, allows=allows, protocol=protocol, ports=((first, last),), sources=ALL)


def group(*rules: Rule, attached: bool = True) -> SecurityGroup:
    return SecurityGroup.example(rules=Rules(inbound=rules, attached=attached))


DENY = rule(65500, 0, 65535, allows=False, protocol="all")


@check(
    title="No NSG admits data-store or unexpected ports from the internet",
    severity="high",
    reads=[SecurityGroup.rules],
    remediation="Narrow the rule to the sources or ports that are meant, or declare the port as public.",
    proves="That the group's own rules open no other port than those declared to the internet, by TCP or UDP. Not what listens there.",
    passes=[
        group(rule(100, 443, 443), rule(110, 80, 80), DENY),
        group(rule(100, 5432, 5432, allows=False), rule(200, 5432, 5432), DENY),
        Example((group(rule(100, 8443, 8443), DENY),), {"allowed_ports": [8443]}),
    ],
    fails=[
        group(rule(100, 5432, 5432), DENY),
        group(rule(100, 80, 443), DENY),
        group(rule(100, 0, 65535, protocol="udp"), DENY),
    ],
)
def judge(group: SecurityGroup, *, allowed_ports: tuple[int, ...] = (80, 443)) -> Verdict:
    rules = group.rules
    if not rules.attached:
        return not_applicable("no subnet and no network interface uses it: it exposes nothing")
    # Between two edges all ports are alike; an allowed port is an edge too, so that what follows it is looked at by itself.
    edges = {*rules.edges(), *(port + 1 for port in allowed_ports if port < 65535)} - set(allowed_ports)
    found = list(rules.exposures(sorted(edges)))
    if found:
        return failed(
            f"its inbound rules open {told(found)} (the first of each range); {', '.join(map(str, allowed_ports))} are meant to be"
        )
    return passed(f"its {len(rules.inbound)} inbound rules open at most {', '.join(map(str, allowed_ports))} to the internet")

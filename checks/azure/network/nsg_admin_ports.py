"""No security group lets the internet reach a port that administers machines.

Rules are read in the order of their priorities, as Azure does: a denial at 100 makes an allowance at 200 void, for the addresses that it
speaks of. Ports and sources stand in either of two members each; `*` alone opens 22; AzureCloud is every customer of Azure; halves of the
internet add up. A group that nothing uses exposes nothing.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.nsg import Rule, Rules, SecurityGroup
from controlmon.facts.net import told

ALL = ("0.0.0.0/0", "::/0")


def rule(priority: int, first: int, last: int, *sources: str, allows: bool = True, protocol: str = "tcp") -> Rule:
    return Rule(name=f"r{priority}", priority=priority, allows=allows, protocol=protocol, ports=((first, last),), sources=sources or ALL)


def group(*rules: Rule, attached: bool = True) -> SecurityGroup:
    return SecurityGroup.example(rules=Rules(inbound=rules, attached=attached))


DENY = rule(65500, 0, 65535, allows=False, protocol="all")


@check(
    title="No NSG admits admin ports from the internet",
    severity="critical",
    reads=[SecurityGroup.rules],
    remediation="Remove the rule, and reach machines through Bastion or just-in-time access.",
    proves="That the group's own rules open none of these ports to the internet. Not that every subnet and interface has a group; nor what "
    "security admin rules of Network Manager, which come first, may open or close.",
    passes=[
        group(DENY),
        group(rule(100, 22, 22, allows=False), rule(200, 22, 22), DENY),
        group(rule(100, 443, 443), rule(110, 22, 22, "10.0.0.0/8"), DENY),
    ],
    fails=[
        group(rule(100, 22, 22), DENY),
        group(rule(100, 0, 65535, protocol="all"), DENY),
        group(rule(100, 3389, 3389, protocol="udp"), DENY),
        group(rule(100, 22, 22, "0.0.0.0/1"), rule(110, 20, 25, "128.0.0.0/1"), DENY),
        group(rule(100, 22, 22), rule(200, 22, 22, allows=False), DENY),
    ],
)
def judge(group: SecurityGroup, *, ports: tuple[int, ...] = (22, 3389, 5985, 5986)) -> Verdict:
    rules = group.rules
    if not rules.attached:
        return not_applicable("no subnet and no network interface uses it: it exposes nothing")
    found = list(rules.exposures(ports))
    if found:
        return failed(f"its inbound rules open {told(found)}")
    return passed(f"none of its {len(rules.inbound)} inbound rules opens an admin port to the internet")

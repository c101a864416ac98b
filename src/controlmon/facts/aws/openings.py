"""What the rules of a security group open to the internet, prefix lists and all."""

from controlmon.facts.aws.security_groups import SecurityGroup
from controlmon.facts.net import Exposure, exposures


def exposed(group: SecurityGroup, ports: tuple[int, ...], wide_v4: int, wide_v6: int) -> tuple[list[Exposure], str]:
    """The ports that its ingress rules open to the internet; if there are none, why there may be some after all ("" if there are not)."""
    relevant = [rule for rule in group.rules if rule.opens_any(ports)]
    found = list(exposures(relevant, ports, wide_v4=wide_v4, wide_v6=wide_v6))
    if found or not any(rule.prefix_lists for rule in relevant):
        return found, ""
    lists = group.prefix_lists
    found = list(exposures((rule.through(lists) for rule in relevant), ports, wide_v4=wide_v4, wide_v6=wide_v6))
    unseen = [why for rule in relevant if (why := rule.unresolved(lists))]
    return found, unseen[0] if unseen else ""

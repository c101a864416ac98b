"""SQL servers are closed to the networks of strangers.

The rule from 0.0.0.0 to 0.0.0.0 looks like nothing and lets every tenant of Azure in. Rules for IPv6 are a list of their own, and rules
inside a database can only be seen in T-SQL.
"""

from collections.abc import Iterable

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.azure.network import is_closed
from controlmon.facts.azure.sql import AZURE as ANYWHERE
from controlmon.facts.azure.sql import SqlServer
from controlmon.facts.net import Network, network, public


def server(*rules: tuple[str, str, list[str]], access: str = "Enabled", six: bool = False) -> SqlServer:
    made = [{"name": "r", "first": first, "last": last, "blocks": blocks} for first, last, blocks in rules]
    return SqlServer.example(settings={"access": access}, firewall=[] if six else made, firewall_v6=made if six else [])


AZURE = (ANYWHERE, ANYWHERE, ["0.0.0.0/32"])
OFFICE = ("203.0.113.0", "203.0.113.255", ["203.0.113.0/24"])


@check(
    title="SQL servers are closed to public networks",
    severity="critical",
    reads=[SqlServer.settings, SqlServer.firewall, SqlServer.firewall_v6],
    remediation="Reach the server through a private endpoint, and set its public network access to Disabled.",
    proves="That no rule of the server admits a wide range. Not rules inside its databases (sys.database_firewall_rules), nor virtual "
    "network rules, which name networks of our own.",
    passes=[
        server(access="Disabled"),
        server(OFFICE),
        Example((server(AZURE),), {"accept_azure_services": True}),
        Example((server(OFFICE),), {"known": ["203.0.113.0/24"]}),
    ],
    fails=[
        server(AZURE),
        server((ANYWHERE, "255.255.255.255", ["0.0.0.0/0"])),
        server((ANYWHERE, "127.255.255.255", ["0.0.0.0/1"]), ("128.0.0.0", "255.255.255.255", ["128.0.0.0/1"])),
        server(("::", "ffff::", ["::/1"]), six=True),
        Example((server(OFFICE),), {"known": ["198.51.100.0/24"]}),
    ],
)
def judge(
    server: SqlServer,
    *,
    accept_azure_services: bool = False,
    known: tuple[str, ...] = (),
    wide_prefix_v4: int = 16,
    wide_prefix_v6: int = 32,
) -> Verdict:
    access = server.settings.access
    if is_closed(access):
        return passed(f"public network access is {access}")
    rules = [*server.firewall, *server.firewall_v6]
    if any(rule.azure for rule in rules) and not accept_azure_services:
        return failed("a rule from 0.0.0.0 to 0.0.0.0 lets every tenant of Azure in")
    others = [rule for rule in rules if not rule.azure]
    wide = public([block for rule in others for block in rule.blocks], wide_v4=wide_prefix_v4, wide_v6=wide_prefix_v6)
    if wide:
        return failed(f"its firewall rules admit {', '.join(map(str, wide))}")
    declared = [network(one) for one in known]
    strange = [rule.name for rule in others if known and not all(_in(block, declared) for block in rule.blocks)]
    if strange:
        return failed(f"these firewall rules admit addresses that are not declared: {', '.join(strange)}")
    return passed(f"public network access is {access or 'Enabled (not set)'}, and its {len(rules)} firewall rules are narrow")


def _in(block: str, declared: Iterable[Network]) -> bool:
    one = network(block)
    return any(one.version == other.version and one.subnet_of(other) for other in declared)  # type: ignore[arg-type] # of one version

"""Each virtual network of production has a record of its traffic.

Flow logs of security groups are being retired (no new ones since mid-2025, the end in 2027), and those of networks take their place: a
network is covered by a log of its own, or of each of its subnets, their groups or their interfaces. Days that are 0, or a retention that
is off, keep for ever.
"""

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.azure.vnet import FlowLog, Subnet, VirtualNetwork

SUBNET = {"id": "/vnet/subnets/a", "group": "/nsg", "interfaces": ["/nic"]}
NET = VirtualNetwork.example(id="/vnet", settings={"subnets": [SUBNET]})
PROD = Subscription.example(listed={"state": "Enabled", "tags": {"environment": "production"}})
TEST = Subscription.example(listed={"state": "Enabled", "tags": {"environment": "test"}})


def log(target: str, *, enabled: bool = True, days: int | None = None) -> FlowLog:
    return FlowLog.example(id=target, settings={"target": target, "enabled": enabled, "days": days})


@check(
    title="Virtual networks in production have flow logs",
    severity="high",
    reads=[VirtualNetwork.settings, FlowLog.settings, Subscription.listed],
    remediation="Create a flow log for the virtual network, to storage that keeps it long enough.",
    proves="That flow logs are on for the whole network and set to be kept. Not that their storage still holds them. A network whose "
    "environment is not known is held to what production is held to.",
    passes=[
        (NET, All.of(log("/vnet", days=90)), PROD),
        (NET, All.of(log("/vnet/subnets/a")), PROD),
        (NET, All.of(log("/nic")), PROD),
        (NET, All.of(log("/nsg")), PROD),
        Example((NET, All.of(log("/vnet", days=30)), PROD), {"min_days": 30}),
    ],
    fails=[
        (NET, All.of(FlowLog.example(settings={"target": "/other", "enabled": True})), PROD),
        (NET, All.of(log("/vnet", enabled=False)), PROD),
        (NET, All.of(log("/vnet", days=30)), PROD),
        (NET, All[FlowLog].of(), Subscription.example(listed={"state": "Enabled"})),
    ],
)
def judge(
    network: VirtualNetwork,
    logs: All[FlowLog],
    subscription: Subscription,
    *,
    min_days: int = 90,
    environment_tags: tuple[str, ...] = ("environment", "env"),
    production: tuple[str, ...] = ("production", "prod", "prd"),
) -> Verdict:
    settings = network.settings
    own = next((settings.tags[tag.lower()] for tag in environment_tags if settings.tags.get(tag.lower())), "")
    environment = own or subscription.listed.tag(environment_tags)
    if environment and environment.lower() not in production:
        return not_applicable(f"its environment is {environment}")
    if not settings.subnets:
        return not_applicable("it has no subnet, and so no traffic")

    def is_logged(*targets: str) -> bool:
        good = (one.settings for one in logs.beside(network))
        return any(one.enabled and one.target in targets and (one.days is None or one.days >= min_days) for one in good)

    def is_covered(subnet: Subnet) -> bool:
        if is_logged(subnet.id, *([subnet.group] if subnet.group else [])):
            return True
        return bool(subnet.interfaces) and all(is_logged(interface) for interface in subnet.interfaces)

    if is_logged(network.id):
        return passed("a flow log of the network is on")
    bare = [subnet.id.rpartition("/")[2] for subnet in settings.subnets if not is_covered(subnet)]
    if bare:
        return failed(f"no flow log that is on and kept {min_days} days covers {', '.join(bare)}")
    return passed("flow logs of all of its subnets are on")

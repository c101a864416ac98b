"""Every VPC has flow logs that are active, capture what is required, and arrive.

A flow log may watch the VPC or each of its subnets: to look at one of the two is to miss the other. One that exists may have failed for
months. And of deliveries to S3 EC2 may say nothing: there, only a recent file shows that they arrive.
"""

from collections.abc import Callable

from controlmon.check import All, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.ec2 import FlowLog, NetworkInterface, Subnet, TrafficType, Vpc

VPC = Vpc.example(id="vpc-1", settings={"owner": "123456789012"})
EMPTY = Vpc.example(id="vpc-1", settings={"owner": "123456789012", "default": True})
SUBNETS = All.of(*(Subnet.example(id=name, settings={"vpc": "vpc-1"}) for name in ("subnet-1", "subnet-2")))
NOTHING = All[NetworkInterface].of()


def logs(*several: dict[str, str]) -> All[FlowLog]:
    settings = [{"resource": "vpc-1", "delivery": "SUCCESS"} | one for one in several]
    return All.of(*(FlowLog.example(id=f"fl-{n}", settings=one, latest_object=None) for n, one in enumerate(settings)))


@check(
    title="VPCs have an active flow log that delivers",
    severity="high",
    reads=[Vpc.settings, FlowLog.settings, FlowLog.latest_object, Subnet.settings, NetworkInterface.settings],
    remediation="Create a flow log on the VPC that captures all traffic, or mend what keeps its log from delivering.",
    proves="That the traffic of the whole VPC is captured, and that logs arrived lately. Not that anybody reads them.",
    passes=[
        (VPC, logs({}), SUBNETS, NOTHING),
        (VPC, logs({"resource": "subnet-1"}, {"resource": "subnet-2"}), SUBNETS, NOTHING),
        (VPC, logs({"traffic": "ACCEPT"}, {"traffic": "REJECT"}), SUBNETS, NOTHING),
    ],
    fails=[
        (VPC, logs(), SUBNETS, NOTHING),
        (VPC, logs({"resource": "subnet-1"}), SUBNETS, NOTHING),
        (VPC, logs({"traffic": "REJECT"}), SUBNETS, NOTHING),
        (VPC, logs({"delivery": "FAILED", "error": "Access error"}), SUBNETS, NOTHING),
    ],
)
def judge(
    vpc: Vpc, logs: All[FlowLog], subnets: All[Subnet], interfaces: All[NetworkInterface], *, traffic_type: TrafficType = "ALL"
) -> Verdict:
    if vpc.settings.owner != vpc.target:
        return not_applicable(f"it is shared by account {vpc.settings.owner}, where it is judged")
    verdict = _logged(vpc, logs.beside(vpc), subnets.beside(vpc), ("ACCEPT", "REJECT") if traffic_type == "ALL" else ("REJECT",))
    if verdict.outcome == "pass" or not vpc.settings.default:
        return verdict
    if interfaces.beside(vpc).some(lambda interface: interface.settings.vpc == vpc.name):
        return verdict
    return not_applicable("it is a default VPC without network interfaces: better deleted")


def _logged(vpc: Vpc, logs: All[FlowLog], subnets: All[Subnet], wanted: tuple[str, ...]) -> Verdict:
    """Whether every wanted kind of traffic is captured, by logs on the VPC or on each of its subnets."""

    def everywhere(good: Callable[[FlowLog], bool]) -> bool:
        def on(resource: str, kind: str) -> bool:
            return logs.some(lambda log: log.settings.resource == resource and kind in log.settings.captures and good(log))

        def on_each_subnet(kind: str) -> bool:
            parts = [subnet.name for subnet in subnets if subnet.settings.vpc == vpc.name]
            return bool(parts) and all(on(part, kind) for part in parts)

        return all(on(vpc.name, kind) or on_each_subnet(kind) for kind in wanted)

    said = f"{' and '.join(wanted)} traffic of the whole VPC"
    if everywhere(_may_deliver):
        if everywhere(_delivers):
            return passed(f"{said} is captured and delivered")
        return unknown(
            f"{said} is captured, but AWS tells of no delivery, and no file of the last hours is seen: no traffic, or none arrives"
        )
    names = {vpc.name} | {subnet.name for subnet in subnets if subnet.settings.vpc == vpc.name}
    watching = [_described(log) for log in logs if log.settings.resource in names]
    return failed(f"{'; '.join(watching) or 'no flow log watches it or its subnets'}: {said}, or of each subnet, is required")


def _may_deliver(log: FlowLog) -> bool:
    return log.settings.active and log.settings.delivery in ("", "SUCCESS")


def _delivers(log: FlowLog) -> bool:
    if log.settings.delivery:
        return _may_deliver(log)
    latest = log.latest_object if _may_deliver(log) and log.settings.destination == "s3" else None
    return latest is not None and latest.key is not None


def _described(log: FlowLog) -> str:
    one = log.settings
    how = f"delivery {one.delivery or 'not told'} {one.error}".strip() if one.active else "not active"
    return f"{log.name} captures {one.traffic} of {one.resource} ({how})"

"""Whatever runs is scanned for vulnerabilities: instances, functions and images.

Inspector may be on for one type and off for another, and may know a resource without scanning it. Why it does not matters: a machine
without an agent is a gap, an old inventory a lag, a tag the decision of somebody who has to own it as an exception. What Inspector does
not even know is not scanned either.
"""

from fnmatch import fnmatchcase

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.aws.account import Region
from controlmon.facts.aws.ecr import Repository
from controlmon.facts.aws.functions import Function
from controlmon.facts.aws.inspector2 import Coverage, Covered
from controlmon.facts.aws.instances import Instance

ON = {"ec2": "ENABLED", "ecr": "ENABLED", "lambda": "ENABLED"}
MACHINE = All.of(Instance.example(id="i-1", settings={"state": "running"}))
NO_FUNCTIONS, NO_IMAGES = All[Function].of(), All[Repository].of()
GONE = ("RESOURCE_TERMINATED", "EC2_INSTANCE_STOPPED", "RESOURCE_STOPPED", "NO_RESOURCES_FOUND", "IMAGE_ARCHIVED")
FOR_NOW = ("PENDING_INITIAL_SCAN", "PENDING_REVIVAL_SCAN", "SCAN_IN_PROGRESS", "INTERNAL_ERROR", "")
AGED = ("SCAN_FREQUENCY_SCAN_ON_PUSH", "SCAN_FREQUENCY_MANUAL", "SCAN_ELIGIBILITY_EXPIRED")


def covered(*, active: bool = True, reason: str = "SUCCESSFUL", **more: object) -> Covered:
    settings = {"type": "AWS_EC2_INSTANCE", "resource": "i-1", "scan": "PACKAGE", "active": active, "reason": reason}
    return Covered.example(coverage=settings | more)


NOTHING = (All[Covered].of(), All[Instance].of(), NO_FUNCTIONS, NO_IMAGES)


@check(
    title="Vulnerability scanning covers all running instances, images and functions",
    severity="high",
    reads=[Region.inspector_types, Covered.coverage, Instance.settings],
    remediation="Enable the type in Inspector, install the SSM agent, scan continuously.",
    proves="That Inspector scans what it knows and what runs in the region. Not what another scanner does, unless it is declared in "
    "other_scanner.",
    passes=[
        (Region.example(inspector_types=ON), All.of(covered()), MACHINE, NO_FUNCTIONS, NO_IMAGES),
        (covered(), *NOTHING),
        Example((covered(active=False, reason="UNMANAGED_EC2_INSTANCE"), *NOTHING), {"other_scanner": ["i-*"]}),
    ],
    fails=[
        (Region.example(inspector_types=ON | {"ec2": "DISABLED"}), All.of(covered()), MACHINE, NO_FUNCTIONS, NO_IMAGES),
        (Region.example(inspector_types=ON), All[Covered].of(), MACHINE, NO_FUNCTIONS, NO_IMAGES),
        (covered(active=False, reason="UNMANAGED_EC2_INSTANCE"), *NOTHING),
    ],
)
def judge(
    place: Region | Covered,
    covered: All[Covered],
    instances: All[Instance],
    functions: All[Function],
    repositories: All[Repository],
    *,
    other_scanner: tuple[str, ...] = (),
) -> Verdict:
    if isinstance(place, Covered):
        return _covered(place.coverage, other_scanner)
    running = [one.name for one in instances.beside(place) if one.settings.state == "running"]
    calls = [one.id for one in functions.beside(place)]
    images = [one.name for one in repositories.beside(place)]
    used = {"ec2": running, "lambda": calls, "ecr": images}
    others = {name for several in used.values() for name in several if any(fnmatchcase(name, glob) for glob in other_scanner)}
    needed = {kind: left for kind, names in used.items() if (left := [name for name in names if name not in others])}
    if not needed:
        return not_applicable("nothing in the region needs a scan by Inspector")
    types = place.inspector_types
    off = [f"{kind} is {types.get(kind, 'not told of')}" for kind in needed if types.get(kind) != "ENABLED"]
    if off:
        return failed(f"in Inspector {', '.join(off)}, and there are {', '.join(needed)}")
    known = {one.coverage.resource for one in covered.beside(place)}
    lost = [name for kind in ("ec2", "lambda") for name in needed.get(kind, ()) if not _known(name, known)]
    if lost:
        return failed(f"Inspector does not know {', '.join(lost)}")
    return passed(f"Inspector scans {', '.join(needed)}, and knows all that runs")


def _known(name: str, known: set[str]) -> bool:
    """Whether a resource is known, a function in any of its versions."""
    return name in known or (":function:" in name and any(one.startswith(f"{name}:") for one in known))


def _covered(it: Coverage, other_scanner: tuple[str, ...]) -> Verdict:
    if it.active:
        return passed(f"{it.scan} scans are active")
    if it.reason in GONE:
        return not_applicable(f"it does not run ({it.reason})")
    if any(fnmatchcase(it.resource, glob) for glob in other_scanner):
        return passed(f"another scanner is declared to cover it ({it.reason})")
    said = f"{it.scan} scans are not active ({it.reason or 'no reason is told'})"
    if it.reason in FOR_NOW:
        return unknown(f"{said}, which may be for a moment only")
    if it.reason in AGED and it.type == "AWS_ECR_CONTAINER_IMAGE":
        if it.in_use is None:
            return unknown(f"{said}, and whether the image runs is not told")
        return failed(f"{said}, and {it.in_use} tasks or pods run the image") if it.in_use else not_applicable("nothing runs the image")
    return failed(said, severity="low") if it.reason == "STALE_INVENTORY" else failed(said)

"""Nothing that holds a machine's data was made from one of the other class of environment.

A copy names its source even when that is gone, and a copy of a copy is followed as far as copies were seen. What was imported from a blob,
or uploaded, names no source: its origin is unknown, unless the blob's account is of the other class already. An image of the marketplace
holds nobody's data.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import Tenant
from controlmon.facts.azure.compute import Disk, ImageVersion, Snapshot
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.origin import hidden, origins
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.crossing import crossing
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"1": "prod", "2": "dev", "3": "shared"}}
ID = "/subscriptions/{}/resourcegroups/g/providers/microsoft.compute/snapshots/{}"


def case(*sources: str, made: str = "Copy", account: str = "", own: str = "2") -> Example:
    disk = Disk.example(id=ID.format(own, "d"), settings={"made": made, "sources": sources, "account": account})
    between = Snapshot.example(id=ID.format("3", "between"), settings={"made": "Copy", "sources": [ID.format("1", "s")]})
    some = [Subscription.example(id=f"/subscriptions/{n}", place={}, resource_groups={"g": {}}, tagged={}) for n in ("1", "2", "3")]
    copies = (Everywhere.of(disk), Everywhere.of(between), Everywhere[ImageVersion].of())
    return Example((disk, *copies, Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={}))), MAP)


@check(
    title="Snapshots, disks and gallery images of production are not used in non-production",
    severity="high",
    reads=[*WHERE, Disk.settings, Snapshot.settings, ImageVersion.settings],
    remediation="Delete the copy, and hand masked data to those who need some.",
    proves="That each disk, snapshot and image version was made from its own class, as far as it names its source. Not restore points, "
    "managed images, nor what was copied file by file.",
    passes=[case(ID.format("2", "s")), case(made="Empty"), case(ID.format("3", "s")), case(ID.format("1", "s"), own="1")],
    fails=[
        case(ID.format("1", "s")),
        case(ID.format("2", "s"), own="1"),
        case(ID.format("3", "between")),
        case(made="Import", account=ID.format("1", "a")),
    ],
)
def judge(
    copy: Disk | Snapshot | ImageVersion,
    disks: Everywhere[Disk],
    snapshots: Everywhere[Snapshot],
    images: Everywhere[ImageVersion],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
) -> Verdict:
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    own = estate.of(copy.id)
    if own.cls == "shared":
        return not_applicable(f"it is shared ({own.why}); what is made from it is judged where that is")
    named, unseen = origins(copy, (disks, snapshots, images), estate)
    unsure = f"what its source was made from is not all known: {unseen}" if unseen else hidden(copy)
    found = crossing(own, named)
    if found.crossed:
        return failed(f"it is {own.name}, and was made from {', '.join(found.crossed)}")
    unsure = found.unsure or unsure
    return unknown(unsure) if unsure else passed(f"it is {own.name or 'of no known environment'}, and so is all that it was made from")

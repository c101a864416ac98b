"""The register of assets, the clouds and the people who own things agree, and the register was reviewed within the year.

A list that is made from the clouds each day is complete and reviewed by nobody; one that people keep is reviewed and goes stale. So each is
held against the other. Assets are more than what clouds hold: services, repositories, domains, devices, models and data sets stand in it
too.
"""

from datetime import datetime
from fnmatch import fnmatchcase

from controlmon.check import All, Everywhere, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.aws.tagged import TaggedResource
from controlmon.facts.azure.resource import Resource
from controlmon.facts.document.kept import unreviewed, worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.facts.document.systems import ASSETS, Asset, AssetRow
from controlmon.facts.inventory import Thing, listed, things

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CTO", "start": "2020-01-01"})
BUCKET = "arn:aws:s3:::acme"


def case(
    registered: str,
    *found: str,
    owner: str | None = "ada",
    company: bool = True,
    reviewed: str = "2026-05-01",
    kinds: tuple[str, ...] = ASSETS,
) -> Example:
    row: dict[str, object] = {"id": "a", "name": "A", "owner": owner}
    assets = [
        Asset.example(id=kind, row=row | {"id": kind, "kind": kind, "resource": registered if kind == "cloud" else ""}) for kind in kinds
    ]
    head = RegisterFile.example(id="assets", file={"about": {"reviewed_at": reviewed, "reviewed_by": "ada"}})
    tagged = [TaggedResource.example(id=arn, tags={}) for arn in found]
    subject = Company.example() if company else assets[0]
    return Example(
        (subject, All.of(*assets), All.of(head), All.of(ADA), Everywhere.of(*tagged), Everywhere[Resource].of()), {"clouds": ("aws",)}
    )


@check(
    title="Inventory, cloud reality and owners agree, reviewed each year",
    severity="medium",
    reads=[Asset.row, RegisterFile.file, Person.row, TaggedResource.tags, Resource.listed],
    remediation="Register what is new, remove what is gone, give each asset an owner who works here, and note the review in the head.",
    proves="That the register names what was seen in the clouds, or nearly so, and was reviewed. AWS lists only what has or had a tag.",
    passes=[case(BUCKET, BUCKET), case("arn:aws:s3:::*", BUCKET, f"{BUCKET}-2"), case(BUCKET, company=False)],
    fails=[
        case(BUCKET, BUCKET, f"{BUCKET}-2"),
        case(BUCKET, f"{BUCKET}-2"),
        case(BUCKET, BUCKET, kinds=("cloud",)),
        case(BUCKET, BUCKET, reviewed="2025-05-01"),
        case(BUCKET, owner="bob", company=False),
        case(BUCKET, owner=None, company=False),
    ],
)
def judge(
    subject: Asset | Company,
    assets: All[Asset],
    files: All[RegisterFile],
    people: All[Person],
    tagged: Everywhere[TaggedResource],
    resources: Everywhere[Resource],
    now: datetime,
    *,
    max_percent: float = 10,
    clouds: tuple[str, ...] = ("aws", "azure"),
    kinds: tuple[str, ...] = ASSETS,
    review_days: int = 365,
) -> Verdict:
    if isinstance(subject, Asset):
        owner = subject.row.owner
        if owner is None or not worked_here(people, owner, now):
            return failed(f"its owner {owner} does not work here" if owner else "it has no owner")
        return passed(f"{owner} owns it")
    rows = [one.row for one in assets]
    if absent := [kind for kind in kinds if not any(row.kind == kind for row in rows)]:
        return failed(f"the register has no asset that is a {', '.join(absent)}")
    if why := unreviewed(files, "assets", people, now, review_days):
        return failed(f"of the register, {why}")
    seen, gap = things(tagged, resources, clouds)
    if gap is not None:
        return unknown(f"not every resource was seen: {gap}")
    if clouds and not seen:
        return unknown(f"nothing was seen in {', '.join(clouds)}")
    new, gone = drift(rows, seen)
    share = 100 * (len(new) + len(gone)) / max(1, len(seen) + len(gone))
    said = f"{len(new)} resources are not registered, and {len(gone)} that are registered are not there ({share:.1f} %)"
    return failed(f"{said}: {listed([*new, *gone])}") if share > max_percent else passed(said)


def drift(rows: list[AssetRow], seen: list[Thing]) -> tuple[list[str], list[str]]:
    """What is there and not registered, and what is registered and not there."""
    registered = {
        row.resource.lower() if row.resource.startswith("/") else row.resource for row in rows if row.kind == "cloud" and row.resource
    }
    patterns = sorted(one for one in registered if set("*?[") & set(one))
    live = {one.id for one in seen}
    new = sorted(id_ for id_ in live - registered if not any(fnmatchcase(id_, pattern) for pattern in patterns))
    gone = sorted(registered - live - set(patterns)) + [one for one in patterns if not any(fnmatchcase(id_, one) for id_ in live)]
    return new, gone

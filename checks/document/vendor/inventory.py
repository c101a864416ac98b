"""Every vendor is in the register, whole, with an owner who still works here; so is every subprocessor that we publish.

A list of names proves nothing: what a vendor sees, where, under which contract, and who answers for it is what later checks rest on. The
published list is held against the register and not the other way round, since a name that is missing here is assessed by nobody.
"""

from datetime import datetime

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.kept import unreviewed, worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.facts.document.vendors import PUBLISHED, Vendor

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"})
SIGNED = {"signed_at": "2024-01-02", "sha256": "sha256:" + "0" * 64}
GOOD: dict[str, object] = {
    "id": "aws", "name": "AWS", "services": ["hosting"], "tier": "critical", "customer_data": True, "phi": False, "region": "eu-west-1",
    "owner": "ada", "first_use": "2024-02-01", "contract": SIGNED, "dpa": SIGNED, "report": "vendor_reports aws-soc2",
    "assessments": [{"at": "2024-01-01", "by": "ada", "conclusion": "accepted"}],
}  # fmt: skip


def case(row: dict[str, object], *, company: bool = False, **about: str) -> Example:
    vendor = Vendor.example(id="aws", row=GOOD | row)
    head = {"about": {"reviewed_at": "2026-11-01", "reviewed_by": "ada"} | about}
    files = All.of(RegisterFile.example(id="vendors", file=head))
    subject = Company.example() if company else vendor
    return Example((subject, All.of(vendor), files, All.of(ADA)), {"published": ("AWS",)})


@check(
    title="Vendor inventory is complete with tier, data access and owner",
    severity="high",
    frequency="weekly",
    reads=[Vendor.row, RegisterFile.file, Person.row],
    remediation="Fill in what the vendor's row lacks, add the vendor that is missing, and note the review at the head of the register.",
    proves="That each row is whole and owned, and that the published subprocessors are registered. Not that no other vendor is in use.",
    passes=[case({}), case({}, company=True)],
    fails=[case({"tier": None}), case({"dpa": {}}), case({"owner": "bob"}), case({"name": "Azure", "id": "azure"}, company=True),
           case({}, company=True, reviewed_at="2026-01-01")],
)  # fmt: skip
def judge(
    subject: Vendor | Company,
    vendors: All[Vendor],
    files: All[RegisterFile],
    people: All[Person],
    now: datetime,
    *,
    published: tuple[str, ...] = PUBLISHED,
    review_days: int = 92,
) -> Verdict:
    if isinstance(subject, Vendor):
        return of_vendor(subject, people, now)
    used = [one.row for one in vendors if one.row.is_used(now)]
    if absent := [name for name in published if not any(row.goes_by([name]) for row in used)]:
        return failed(f"the register has no vendor in use for the published {', '.join(absent)}")
    if why := unreviewed(files, "vendors", people, now, review_days):
        return failed(f"of the register, {why}")
    return passed(f"the register has {len(used)} vendors in use, the {len(published)} that are published among them, and was reviewed")


def of_vendor(vendor: Vendor, people: All[Person], now: datetime) -> Verdict:
    """One row."""
    row = vendor.row
    if not row.is_used(now):
        return not_applicable("it is not in use")
    absent = lacks(
        services=row.services, tier=row.tier, customer_data=row.customer_data, phi=row.phi, region=row.region, owner=row.owner,
        first_use=row.first_use, contract=row.contract.signed_at, assessment=row.assessments, report=row.report,
        dpa=row.dpa.signed_at if row.customer_data else True, baa=row.baa.signed_at if row.phi else True,
    )  # fmt: skip
    if absent:
        return failed(f"its row does not tell {', '.join(absent)}")
    if not worked_here(people, row.owner, now):
        return failed(f"its owner {row.owner} does not work here")
    return passed(f"its row is whole: {row.tier}, owned by {row.owner}, {'sees' if row.customer_data else 'sees no'} customer data")

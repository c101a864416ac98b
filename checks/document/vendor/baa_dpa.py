"""A vendor that sees customer data has signed a data processing agreement, and one that sees health information a BAA that covers the use.

"We have a BAA with them" is often true of a plan that nobody bought, or of other products than those in use. So the plan and the services
that the BAA was signed for are held against the plan and the services that the register says are used.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.document.vendors import Vendor, VendorRow

SIGNED: dict[str, object] = {"signed_at": "2024-01-02", "sha256": "sha256:" + "0" * 64}


def case(**row: object) -> Vendor:
    about: dict[str, object] = {"id": "datadog", "name": "Datadog", "customer_data": True, "phi": True, "plan": "Enterprise", "dpa": SIGNED}
    baa = SIGNED | {"plan": "Enterprise", "services": ["Logs"]}
    return Vendor.example(id="datadog", row=about | {"services": ["logs"], "baa": baa} | row)


@check(
    title="Vendors with customer data have DPA, and BAA where PHI flows",
    severity="high",
    frequency="weekly",
    reads=[Vendor.row],
    remediation="Have the agreement signed and register its digest, plan and services, or stop the flow of data to the vendor.",
    proves="What was signed and registered. Not that only the services that are registered are used.",
    passes=[case(), case(phi=False, baa={})],
    fails=[case(dpa={}), case(baa={}), case(services=["logs", "APM"]), case(plan="Pro")],
)
def judge(
    vendor: Vendor,
    now: datetime,
    *,
    by_plan: tuple[str, ...] = ("Datadog", "Auth0", "GitHub", "Atlassian", "Jira"),
) -> Verdict:
    row = vendor.row
    if not row.is_used(now):
        return not_applicable("it is not in use")
    if row.customer_data is None or row.phi is None:
        return unknown("the register does not say whether it sees customer data, or health information")
    if not row.customer_data and not row.phi:
        return not_applicable("it sees no customer data")
    if why := row.dpa.lacking(now):
        return failed(f"the data processing agreement {why}")
    if not row.phi:
        return passed("the data processing agreement is signed, and it sees no health information")
    why = unprotected(row, now, by_plan=row.goes_by(by_plan))
    if why:
        return failed(f"it sees health information, and {why}")
    return passed("the data processing agreement is signed, and so is a BAA that covers the use")


def unprotected(row: VendorRow, now: datetime, *, by_plan: bool) -> str:
    """Why the BAA does not hold for what is used; empty if it does."""
    if why := row.baa.lacking(now):
        return f"the BAA {why}"
    if not row.services:
        return "the register does not say which of its services are used"
    if uncovered := row.baa.uncovered(row.services):
        return f"the BAA does not cover {', '.join(uncovered)}"
    if by_plan and not row.baa.plan:
        return "its BAA depends on the plan, which is not registered"
    if row.baa.plan and row.baa.plan.casefold() != row.plan.casefold():
        return f"the BAA is for the plan {row.baa.plan}, and the plan in use is {row.plan or 'not told'}"
    return ""

"""A vendor that was taken on within the period was assessed before it was first used.

An assessment that is dated after the contract explains a decision and does not make one. The first use is the first of all signs of it:
the day that the register gives, and the day on which the contract was signed.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.schema import days_between
from controlmon.facts.document.vendors import Vendor


def case(*assessed: str, conclusion: str = "accepted", **row: object) -> Vendor:
    many = [{"at": day, "by": "ada", "conclusion": conclusion} for day in assessed]
    return Vendor.example(id="x", row={"id": "x", "name": "X", "first_use": "2026-06-01", "assessments": many} | row)


@check(
    title="New vendors were assessed before first use",
    severity="high",
    frequency="weekly",
    reads=[Vendor.row],
    remediation="Assess the vendor now, record why it was used before, and have requests for vendors go through the assessment.",
    proves="That the register's first assessment is no later than the first use that it gives, or than the contract. Not held "
    "against consents in Entra, or invoices: a use that nobody registered is not seen.",
    passes=[case("2026-05-30"), case("2026-06-01", "2026-07-01")],
    fails=[case(), case("2026-06-02"), case("2026-05-30", contract={"signed_at": "2026-05-01"}), case("2026-05-30", conclusion="rejected")],
)
def judge(vendor: Vendor, now: datetime, *, period_days: int = 365) -> Verdict:
    row = vendor.row
    used = min((day for day in (row.first_use, row.contract.signed_at) if day), default=None)
    if used is None:
        return failed("the register gives no first use, and no contract")
    if days_between(used, now) > period_days:
        return not_applicable(f"it was first used on {used.isoformat()}, before the period")
    if used > now.date():
        return not_applicable(f"it is to be used from {used.isoformat()}")
    first = min(row.assessments, key=lambda one: one.at, default=None)
    if first is None:
        return failed(f"it was first used on {used.isoformat()}, and never assessed")
    before = [one for one in row.assessments if one.at <= used]
    if not before:
        return failed(f"it was first used on {used.isoformat()}, and first assessed on {first.at.isoformat()}")
    last = max(before, key=lambda one: one.at)
    if last.conclusion == "rejected":
        return failed(f"it was rejected on {last.at.isoformat()}, and used from {used.isoformat()}")
    return passed(f"it was assessed on {last.at.isoformat()} ({last.conclusion}), and first used on {used.isoformat()}")

"""Every vendor in use was assessed again within the year, or sooner where its tier asks for that.

The assessment of the first day ages: vendors change hands, subprocessors and products. What counts is the last one, whatever the first
found.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.schema import days_between
from controlmon.facts.document.vendors import Vendor

BY_TIER = {"critical": 365, "high": 365, "medium": 365, "low": 365}
"""For each tier in scope, the most days between two assessments."""


def case(*assessed: str, tier: str | None = "critical", conclusion: str = "accepted") -> Vendor:
    many = [{"at": day, "by": "ada", "conclusion": conclusion} for day in assessed]
    return Vendor.example(id="x", row={"id": "x", "name": "X", "tier": tier, "first_use": "2020-01-01", "assessments": many})


@check(
    title="Vendors are re-assessed yearly by tier",
    severity="medium",
    frequency="weekly",
    reads=[Vendor.row],
    remediation="Assess the vendor again, and add the assessment to its row.",
    proves="When the vendor was last assessed, and how that ended. Not how thorough it was.",
    passes=[case("2020-01-01", "2026-01-01")],
    fails=[case(), case("2025-01-01"), case("2026-01-01", conclusion="rejected"), case("2026-01-01", tier=None)],
)
def judge(vendor: Vendor, now: datetime, *, max_age_days: dict[str, int] = BY_TIER) -> Verdict:
    row = vendor.row
    if not row.is_used(now):
        return not_applicable("it is not in use")
    if row.tier is None:
        return failed("its row tells no tier")
    if row.tier not in max_age_days:
        return not_applicable(f"it is {row.tier}, which is not in scope")
    last = max(row.assessments, key=lambda one: one.at, default=None)
    if last is None:
        return failed("it was never assessed")
    if (age := days_between(last.at, now)) > max_age_days[row.tier]:
        return failed(
            f"it was last assessed on {last.at.isoformat()}, {age} days ago; {max_age_days[row.tier]} are allowed when {row.tier}"
        )
    if last.conclusion == "rejected":
        return failed(f"it was rejected on {last.at.isoformat()}, and is in use")
    return passed(f"it was last assessed on {last.at.isoformat()} ({last.conclusion})")

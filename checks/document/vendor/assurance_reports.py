"""A critical vendor's assurance report is there, covers the year, and somebody here read it to its end.

A report in a folder is not a review. What matters stands in the back: exceptions, controls that the report expects of us, and organisations
that it carves out, so that the hoster below is nobody's. A SOC 3 tells nothing of that, and a Type 1 tells of one day: neither is enough.
"""

from collections.abc import Mapping
from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import days_between, in_force
from controlmon.facts.document.vendors import Vendor, VendorReport, VendorReportRow

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"})
SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "auth0-26", "vendor": "auth0", "type": "soc2_type2", "period_end": "2026-06-30", "opinion": "unqualified", "sha256": SHA,
    "cuecs": {"review of users": "access-review"}, "method": "carve-out", "subservices": {"AWS": "infrastructure alone: aws-26"},
    "reviewer": "ada", "reviewed_at": "2026-08-01",
}  # fmt: skip
SOC = ("soc2_type2", "soc2_type1", "soc3")


def case(row: dict[str, object] | None, tier: str = "critical") -> tuple[object, ...]:
    reports = [VendorReport.example(id="auth0-26", row=GOOD | row)] if row is not None else []
    return Vendor.example(id="auth0", row={"id": "auth0", "name": "Auth0", "tier": tier}), All.of(*reports), All.of(ADA)


@check(
    title="Vendor assurance reports are collected, current and reviewed",
    severity="high",
    frequency="weekly",
    reads=[Vendor.row, VendorReport.row, Person.row],
    remediation="Obtain the current report, review it with its exceptions, user controls and subservice organisations, and register it.",
    proves="That a sufficient report was registered and what its reviewer noted. Not that the vendor's controls work.",
    passes=[case({}), case({"type": "iso27001", "opinion": None, "cuecs": None, "method": None, "subservices": {}})],
    fails=[case(None), case({"type": "soc3"}), case({"subservices": {}}), case({"exceptions": [{"finding": "late leavers"}]})],
)
def judge(
    vendor: Vendor,
    reports: All[VendorReport],
    people: All[Person],
    now: datetime,
    *,
    tiers: tuple[str, ...] = ("critical",),
    accepted: tuple[str, ...] = ("soc2_type2", "iso27001", "hitrust", "fedramp"),
    max_age_days: int = 365,
    bridge_days: int = 92,
) -> Verdict:
    if not vendor.row.is_used(now):
        return not_applicable("it is not in use")
    if vendor.row.tier is None:
        return failed("its row tells no tier")
    if vendor.row.tier not in tiers:
        return not_applicable(f"it is {vendor.row.tier}, and reports are asked of vendors that are {' or '.join(tiers)}")
    held = {one.row.id: one.row for one in in_force(reports)}
    ours = sorted((row for row in held.values() if row.vendor == vendor.id), key=lambda row: row.period_end, reverse=True)
    good = [row for row in ours if row.type in accepted]
    if not good:
        weaker = f", and {', '.join(sorted({row.type for row in ours}))} is weaker" if ours else ""
        return failed(f"the register has no report of type {', '.join(accepted)}{weaker}")
    told = {
        row.id: lapsed(row, now, max_age_days, bridge_days) or unread(row, people, now, max_age_days) or below(row, held, now, max_age_days)
        for row in good
    }
    best = next((row for row in good if not told[row.id]), None)
    if best is None:
        return failed(f"report {good[0].id} ({good[0].type}) {told[good[0].id]}")
    return passed(f"report {best.id} ({best.type}) ends on {best.period_end.isoformat()}, and {best.reviewer} reviewed it")


def lapsed(row: VendorReportRow, now: datetime, max_age_days: int, bridge_days: int) -> str:
    """Why a report does not reach to today; empty if it does."""
    if row.valid_until is not None and row.valid_until < now.date():
        return f"was valid until {row.valid_until.isoformat()}"
    if (age := days_between(row.period_end, now)) <= max_age_days:
        return ""
    bridged = row.bridge_sha256 is not None and (row.bridge_until or date.min) >= now.date()
    if bridged and age <= max_age_days + bridge_days:
        return ""
    return f"ends on {row.period_end.isoformat()}, {age} days ago" + (", more than its bridge letter can span" if bridged else "")


def unread(row: VendorReportRow, people: All[Person], now: datetime, max_age_days: int) -> str:
    """What its review lacks; empty if nothing."""
    if row.sha256 is None:
        return "is registered without the digest of its file"
    if row.reviewed_at is None or not worked_here(people, row.reviewer, row.reviewed_at):
        return "was reviewed by nobody who worked here on the day"
    if (age := days_between(row.reviewed_at, now)) > max_age_days:
        return f"was reviewed {age} days ago"
    if row.type in SOC and row.opinion not in ("unqualified", "qualified"):
        return f"has the opinion {row.opinion or 'of nobody'}"
    if row.opinion == "qualified" and not row.exceptions:
        return "is qualified, and no exception was noted"
    if open_ := [one.finding for one in row.exceptions if not one.assessment.strip()]:
        return f"has exceptions that nobody assessed: {', '.join(open_)}"
    if row.type in SOC and row.cuecs is None:
        return "was not searched for complementary user entity controls"
    unmet = [what for what, ours in (row.cuecs or {}).items() if not ours.strip()]
    return f"expects controls of us that are mapped to none: {', '.join(unmet)}" if unmet else ""


def below(row: VendorReportRow, held: Mapping[str, VendorReportRow], now: datetime, max_age_days: int) -> str:
    """What is not known of the organisations that the vendor rests on; empty if nothing."""
    if row.type in SOC and row.method is None:
        return "does not tell how subservice organisations are covered"
    if row.method != "carve-out":
        return ""
    if not row.subservices:
        return "carves out subservice organisations, and none is named"
    if unsaid := [name for name, how in row.subservices.items() if not how.strip()]:
        return f"carves out {', '.join(unsaid)}, which nobody looked at"
    theirs = {name: held[how] for name, how in row.subservices.items() if how in held}
    old = [name for name, other in theirs.items() if lapsed(other, now, max_age_days, 0)]
    return f"carves out {', '.join(old)}, whose own report is out of date" if old else ""

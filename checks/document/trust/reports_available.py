"""A SOC 2 report is on file, and a bridge letter covers the time since it.

A report speaks of a day (Type 1) or a period (Type 2) that is over: for every day since, a customer has the word of a letter, and a
letter that is itself old is no word. An auditor examines or attests; nobody is "certified" by SOC 2.
"""

from datetime import date, datetime, timedelta

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.document.papers import version_of
from controlmon.facts.document.policies import Document, DocumentRow, Policy
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between

SHA = "sha256:" + "0" * 64
BASE: dict[str, object] = {"version": "1", "file": "x.pdf", "sha256": SHA, "owner": "ada"}
TYPE_1 = {"soc_type": "1", "report_date": "2026-03-31", "window_start": "2026-04-01", "window_end": "2027-03-31"}
TYPE_2 = {"soc_type": "2", "period_start": "2025-10-01", "period_end": "2026-09-30"}
SINCE = {"covers_from": "2026-04-01", "covers_until": "2026-11-01"}


def case(report: dict[str, str], letter: dict[str, str] | None, title: str = "SOC 2 report") -> tuple[Company, All[Document], All[Policy]]:
    several = [("soc2_report", "report", report)] + ([("bridge_letter", "letter", letter)] if letter else [])
    documents = [
        Document.example(
            id=name,
            versions=[BASE | {"id": name, "document": name, "type": kind, "facts": facts, "title": title, "approved_at": "2026-11-01"}],
            contents={name: {"sha256": SHA}},
        )
        for name, kind, facts in several
    ]
    return Company.example(), All.of(*documents), All.of()


@check(
    title="SOC 2 report and bridge letter are available and current",
    severity="medium",
    frequency="weekly",
    reads=[Document.versions, Document.contents, Policy.versions, Policy.contents],
    remediation="Issue a bridge letter that covers the time since the report, and register both with their dates in `facts`.",
    proves="That both files are there and, by their registered dates, cover the time since. Not what the auditor found.",
    passes=[case(TYPE_1, SINCE), case(TYPE_2, {"covers_from": "2026-10-01", "covers_until": "2026-11-01"})],
    fails=[
        case(TYPE_1, None),
        case(TYPE_1, {"covers_from": "2026-05-01", "covers_until": "2026-11-01"}),
        case(TYPE_1, {"covers_from": "2026-04-01", "covers_until": "2026-07-01"}),
        case({"soc_type": "2", "period_end": "2026-09-30"}, SINCE),
        case(TYPE_1, SINCE, "SOC 2 certified"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    documents: All[Document],
    policies: All[Policy],
    now: datetime,
    *,
    report: str = "soc2_report",
    letter: str = "bridge_letter",
    bridge_days: int = 92,
) -> Verdict:
    soc, why = version_of(report, documents, policies, now)
    if soc is None:
        return failed(why)
    wanted = {"1": ("report_date", "window_start", "window_end"), "2": ("period_start", "period_end")}.get(soc.facts.get("soc_type", ""))
    if wanted is None:
        return failed(f"{report} does not say in `facts.soc_type` whether it is of type 1 or 2")
    days = {name: day_in(soc, name) for name in wanted}
    if absent := [name for name, day in days.items() if day is None]:
        return failed(f"{report} records no {', no '.join(absent)}")
    end = days.get("report_date") or days.get("period_end") or date.max
    if end >= now.date():
        return failed(f"{report} speaks of a time that is not over: {end}")
    bridge, why = version_of(letter, documents, policies, now)
    if bridge is None:
        return failed(f"the time since {end} is not covered: {why}")
    begin, until = day_in(bridge, "covers_from"), day_in(bridge, "covers_until")
    if begin is None or until is None or begin > end + timedelta(days=1) or until <= end:
        return failed(f"{letter} covers {begin or '?'} to {until or '?'}, and the report ends on {end}")
    if (age := days_between(until, now)) > bridge_days:
        return failed(f"{letter} covers the time until {until}, {age} days ago; {bridge_days} are allowed")
    if wrong := [one.title for one in (soc, bridge) if "certif" in " ".join((one.title, *one.facts.values())).casefold()]:
        return failed(f"{', '.join(wrong)}: say examined or attested; SOC 2 certifies nobody")
    return passed(f"type {soc.facts['soc_type']} report to {end}, and a letter until {until}")


def day_in(version: DocumentRow, name: str) -> date | None:
    try:
        return date.fromisoformat(version.facts.get(name, ""))
    except ValueError:
        return None

"""Capacity was reviewed within half a year, with a forecast and what follows from it.

Autoscaling hides the question until a quota or the budget answers it. A review counts only with a forecast: a look at today's load is not
one. The review is a document: its version or a later review by somebody else carries the date.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.papers import outdated, uncovered, version_of
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company

SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "capacity-4", "document": "capacity_plan", "version": "4", "type": "other", "file": "capacity.pdf", "sha256": SHA, "owner": "ada",
    "approved_at": "2026-09-01", "topics": {"forecast": "1", "actions": "2"},
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Document], All[Policy]]:
    return (
        Company.example(),
        All.of(Document.example(id="capacity_plan", versions=[row], contents={"capacity-4": {"sha256": SHA}})),
        All.of(),
    )


@check(
    title="Capacity needs are reviewed",
    severity="low",
    frequency="quarterly",
    reads=[Document.versions, Document.contents, Policy.versions, Policy.contents],
    remediation="Review the capacity, with a forecast and actions, and register the review.",
    proves="That a dated review with a forecast and actions is on file. Not that the forecast was right.",
    passes=case(GOOD),
    fails=[case(GOOD | {"approved_at": "2026-03-01"}), case(GOOD | {"topics": {"forecast": "1"}}), case(GOOD | {"status": "draft"})],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    documents: All[Document],
    policies: All[Policy],
    now: datetime,
    *,
    document: str = "capacity_plan",
    max_age_days: int = 185,
    topics: tuple[str, ...] = ("forecast", "actions"),
    first_due: date | None = None,
) -> Verdict:
    version, why = version_of(document, documents, policies, now)
    if version is None:
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if told := outdated(document, version, now, max_age_days):
        return failed(told)
    if absent := uncovered(version, topics):
        return failed(f"version {version.version} has no {', no '.join(absent)}")
    return passed(f"version {version.version} has {' and '.join(topics)}")

"""Everybody who has been employed for more than a year had a performance review within it.

The population is the roster. Only the fact is kept, who was reviewed by whom and when: what was said is personal data, and a register
that holds more than the fact is refused.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.people import PerformanceReview, Person
from controlmon.facts.document.schema import days_between, in_force


def case(at: str, reviewer: str = "bob") -> tuple[Person, All[PerformanceReview]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    row = {"id": "r-1", "person": "ada", "reviewer": reviewer, "completed_at": at}
    return Person.example(id="ada", row=ada), All.of(PerformanceReview.example(id="r-1", row=row))


@check(
    title="Every eligible person had a formal performance review in the last year",
    severity="medium",
    frequency="weekly",
    reads=[Person.row, PerformanceReview.row],
    remediation="Hold the review, and add the fact of it to the register.",
    proves="That the register has a review of each person by somebody else. Not what was said, which is kept nowhere here.",
    passes=[case("2026-06-01"), case("2025-11-10")],
    fails=[case("2025-06-01"), case("2026-06-01", "ada")],
)
def judge(
    person: Person,
    performance_reviews: All[PerformanceReview],
    now: datetime,
    *,
    max_age_days: int = 365,
    grace_days: int = 30,
    types: tuple[str, ...] = ("employee",),
) -> Verdict:
    one = person.row
    if not one.is_active(now):
        return not_applicable("they do not work here, or not yet")
    if one.type not in types:
        return not_applicable(f"they are a {one.type}")
    if days_between(one.start, now) <= max_age_days:
        return not_applicable(f"they joined on {one.start}")
    days = [r.row.completed_at for r in in_force(performance_reviews) if r.row.person == person.id and r.row.reviewer != person.id]
    if not days:
        return failed("no review by anybody else is recorded")
    age = days_between(max(days), now)
    said = f"last reviewed on {max(days)}, {age} days ago"
    if age > max_age_days + grace_days:
        return failed(f"{said}; {max_age_days} and {grace_days} of grace are allowed")
    return passed(f"{said}: overdue, and fails {max_age_days + grace_days - age + 1} days from now" if age > max_age_days else said)

"""Everybody who works here completed security training within the year, and those who joined did soon after.

The population is the roster, not the list of certificates: who is missing from that list is the finding.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.people import Person, Training
from controlmon.facts.document.schema import days_between, in_force


def case(*done: tuple[str, str], **more: object) -> tuple[Person, All[Training]]:
    about = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"} | more
    courses = [
        Training.example(id=f"{course}-{day}", row={"id": f"{course}-{day}", "person": "ada", "course": course, "completed_at": day})
        for course, day in done
    ]
    return Person.example(id="ada", row=about), All.of(*courses)


@check(
    title="Everybody completed security training within the year",
    severity="high",
    reads=[Person.row, Training.row],
    remediation="Have them take the course, and add the completion to the register.",
    proves="That the register has a completion for each person of the roster. Not what they learned.",
    passes=[
        case(("security", "2026-03-01")),
        case(start="2026-11-10"),
        case(("security", "2026-03-01"), ("hipaa", "2026-03-02"), phi=True),
    ],
    fails=[case(), case(("security", "2025-03-01")), case(("security", "2026-03-01"), phi=True)],
)
def judge(
    person: Person,
    training: All[Training],
    now: datetime,
    *,
    max_age_days: int = 365,
    new_hire_days: int = 30,
    courses: tuple[str, ...] = ("security",),
    phi_courses: tuple[str, ...] = ("hipaa",),
) -> Verdict:
    one = person.row
    if not one.is_active(now):
        return not_applicable("they do not work here, or not yet")
    if one.is_away(now):
        return not_applicable("they are on long leave, as the roster says with its dates")
    taken = sorted((t.row for t in in_force(training) if t.row.person == person.id), key=lambda row: row.completed_at)
    done = {row.course: row.completed_at for row in taken}
    wanted = (*courses, *(phi_courses if one.phi else ()))
    late = [course for course in wanted if course not in done or days_between(done[course], now) > max_age_days]
    if not late:
        return passed(f"completed {', '.join(f'{course} on {done[course].isoformat()}' for course in wanted)}")
    until = one.start + timedelta(days=new_hire_days)
    if now.date() <= until and not any(course in done for course in late):
        return passed(f"joined on {one.start.isoformat()}, and has until {until.isoformat()} for {', '.join(late)}")
    told = "; ".join(f"{course} on {done[course].isoformat()}" if course in done else f"{course} never" for course in late)
    return failed(f"completed {told}")

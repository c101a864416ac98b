"""Senior management or the board met within the year on goals, initiatives, resources and risk, and there are minutes.

A meeting in a calendar is no meeting. What counts is who was there, by the role that they held on that day, what was talked about, and
minutes whose digest is on record, so that they are those of that meeting.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Meeting
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role, active, holders
from controlmon.facts.document.schema import days_between, in_force

GOOD: dict[str, object] = {
    "id": "board-2026-3", "type": "board", "held_at": "2026-09-01", "attendees": ["ada", "bob"], "minutes": "https://wiki/board-3",
    "sha256": "sha256:" + "0" * 64, "topics": ["goals", "initiatives", "resources", "risk"],
}  # fmt: skip


def case(*rows: dict[str, object], role: str = "executive") -> tuple[Company, All[Meeting], All[Role], All[Person]]:
    people = [
        Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "CEO", "start": "2020-01-01"})
        for who in ("ada", "bob")
    ]
    held = Role.example(id="r", row={"id": "r", "role": role, "holder": "ada"})
    return Company.example(), All.of(*(Meeting.example(id=str(r["id"]), row=r) for r in rows)), All.of(held), All.of(*people)


@check(
    title="Senior management or board met on business goals, risk and security",
    severity="medium",
    frequency="weekly",
    reads=[Meeting.row, Role.row, Person.row],
    remediation="Hold the meeting, and register it with its minutes, attendees and topics.",
    proves="That the register has meetings at the required level on each topic. Not what was said: read the minutes by their digest.",
    passes=[case(GOOD), case(GOOD | {"topics": ["goals", "risk"]}, GOOD | {"id": "b", "topics": ["Initiatives", "Resources"]})],
    fails=[
        case(),
        case(GOOD | {"held_at": "2025-09-01"}),
        case(GOOD | {"topics": ["goals"]}),
        case(GOOD | {"minutes": ""}),
        case(GOOD, role="engineer"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    meetings: All[Meeting],
    roles: All[Role],
    people: All[Person],
    now: datetime,
    *,
    types: tuple[str, ...] = ("management", "board"),
    levels: tuple[str, ...] = ("executive", "board"),
    topics: tuple[str, ...] = ("goals", "initiatives", "resources", "risk"),
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = [one.row for one in in_force(meetings) if one.row.type in types and days_between(one.row.held_at, now) <= max_age_days]
    if not rows:
        why = f"no meeting of {' or '.join(types)} was held within {max_age_days} days"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    good, wrong = [], []
    for row in rows:
        there = set(row.attendees) & active(people, row.held_at)
        if not row.minutes or row.sha256 is None:
            wrong.append(f"{row.id} has no minutes with a digest")
        elif len(there) + len(row.guests) < 2 or not there & holders(roles, levels, row.held_at):
            wrong.append(f"nobody of {' or '.join(levels)} met anybody at {row.id}")
        else:
            good.append(row)
    spoken = {topic.casefold() for row in good for topic in row.topics}
    if not good or (absent := [topic for topic in topics if topic.casefold() not in spoken]):
        return failed("; ".join([*wrong, *([f"no meeting was about {', '.join(absent)}"] if good else [])]))
    return passed(f"{', '.join(sorted(row.id for row in good))} were about {', '.join(topics)}")

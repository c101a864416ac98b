"""The security team met within the year on risks, roles, controls, changes and audit results, and follows what it decided.

Minutes without action items are a conversation. Those that have an owner and a day are followed only if none is open past its day: a
later record supersedes the meeting's and says what was closed.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Meeting, late
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import active
from controlmon.facts.document.schema import days_between, in_force

TOPICS = ("risks", "roles", "controls", "changes", "audit results")
ACTION = {"what": "rotate keys", "owner": "bob", "due": "2026-09-20", "closed_at": "2026-09-18"}
GOOD: dict[str, object] = {
    "id": "sec-9", "type": "security_team", "held_at": "2026-09-01", "attendees": ["ada", "bob"], "minutes": "https://wiki/sec-9",
    "sha256": "sha256:" + "0" * 64, "topics": list(TOPICS), "actions": [ACTION],
}  # fmt: skip


def case(*rows: dict[str, object]) -> tuple[Company, All[Meeting], All[Person]]:
    people = [
        Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "engineer", "start": "2020-01-01"})
        for who in ("ada", "bob")
    ]
    return Company.example(), All.of(*(Meeting.example(id=str(r["id"]), row=r) for r in rows)), All.of(*people)


@check(
    title="The information security team met on risks, roles, controls, changes and audit results",
    severity="medium",
    frequency="weekly",
    reads=[Meeting.row, Person.row],
    remediation="Hold the meeting, register it with topics and actions, and tell what was closed in a record that supersedes it.",
    proves="That the register has meetings on each topic, with actions none of which is overdue. Not that closed means done.",
    passes=case(GOOD),
    fails=[
        case(),
        case(GOOD | {"topics": ["risks"]}),
        case(GOOD | {"actions": []}),
        case(GOOD | {"actions": [ACTION | {"closed_at": None}]}),
        case(GOOD | {"sha256": None}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    meetings: All[Meeting],
    people: All[Person],
    now: datetime,
    *,
    types: tuple[str, ...] = ("security_team",),
    topics: tuple[str, ...] = TOPICS,
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = [one.row for one in in_force(meetings) if one.row.type in types and days_between(one.row.held_at, now) <= max_age_days]
    if not rows:
        why = f"no meeting of {' or '.join(types)} was held within {max_age_days} days"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    good = [
        row for row in rows if row.minutes and row.sha256 and len(set(row.attendees) & active(people, row.held_at)) + len(row.guests) >= 2
    ]
    if not good:
        return failed("no meeting has minutes with a digest and two who worked here")
    spoken = {topic.casefold() for row in good for topic in row.topics}
    if absent := [topic for topic in topics if topic.casefold() not in spoken]:
        return failed(f"no meeting was about {', '.join(absent)}")
    if not any(row.actions for row in good):
        return failed("no meeting recorded an action item")
    if overdue := [told for row in good for told in late(row.actions, row.held_at, now, max_age_days)]:
        return failed(f"open past its day: {'; '.join(overdue)}")
    return passed(f"{', '.join(sorted(row.id for row in good))} were about {', '.join(topics)}, and no action is overdue")

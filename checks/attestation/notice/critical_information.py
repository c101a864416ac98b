"""Whoever outside had to be told of an incident, an outage, new terms or a new subprocessor was told in time.

A list of notices that were sent shows none that was forgotten. So the register holds each event that called for one, with its last day,
whether or not it was sent; and for each quarter somebody signs that there was no other.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.exercises import Notice, NoticeRow
from controlmon.facts.document.governance import Attestation, about, of_quarter, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between, in_force

GOOD: dict[str, object] = {
    "id": "n-1", "event": "INC-7", "type": "incident", "known_at": "2026-09-01", "due_at": "2026-09-04", "audience": "acme",
    "sent_at": "2026-09-03", "sha256": "sha256:" + "0" * 64,
}  # fmt: skip
NO_OTHER: dict[str, object] = {
    "id": "q3", "topic": "notices", "statement": "No other event called for a notice.", "signer": "ada", "role": "CISO",
    "signed_at": "2026-10-05", "period_start": "2026-07-01", "period_end": "2026-09-30",
}  # fmt: skip


def case(row: dict[str, object], *signed: dict[str, object]) -> tuple[Company, All[Notice], All[Attestation], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"}
    statements = [Attestation.example(id=str(one["id"]), row=one) for one in signed]
    return (
        Company.example(),
        All.of(Notice.example(id="n-1", row=row)),
        All.of(*statements),
        All.of(Person.example(id="ada", row=ada)),
        All.of(),
    )


@check(
    title="Critical information was communicated to external parties when due",
    severity="medium",
    frequency="weekly",
    reads=[Notice.row, Attestation.row, Person.row, Role.row],
    remediation="Send the notice, record it with the digest of its text, and have the quarter signed.",
    proves=(
        "That each registered event of the last quarters had its notice in time, and that somebody signed that there was no other. "
        "Events that are in no register (tickets, changes of vendors) are not compared."
    ),
    passes=[case(GOOD, NO_OTHER), case(GOOD | {"known_at": "2026-11-20", "due_at": "2026-12-20", "sent_at": None}, NO_OTHER)],
    fails=[
        case(GOOD | {"sent_at": "2026-09-05"}, NO_OTHER),
        case(GOOD | {"sent_at": None}, NO_OTHER),
        case(GOOD | {"known_at": "2026-06-01"}, NO_OTHER),
        case(GOOD | {"sha256": None}, NO_OTHER),
        case(GOOD),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    notices: All[Notice],
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "notices",
    signers: tuple[str, ...] = (),
    max_incident_days: int = 60,
    look_back_days: int = 365,
    grace_days: int = 30,
    first_due: date | None = None,
) -> Verdict:
    rows = [one.row for one in in_force(notices)]
    lately = [row for row in rows if row.sent_at is None or days_between(row.due_at, now) <= look_back_days]
    if wrong := [f"{row.event} to {row.audience}: {told}" for row in lately if (told := flaw(row, now, max_incident_days))]:
        return failed("; ".join(wrong))
    row, quarter, soon = of_quarter(about(attestations, topic), now, grace_days)
    if row is None:
        why = f"nobody states that no other notice was due from {quarter}"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"statement {row.id}: {told}")
    pending = sum(row.sent_at is None for row in lately)
    return passed(
        f"{len(lately) - pending} notices were sent in time, {pending} are not due yet; {row.signer} signed that no other was due{soon}"
    )


def flaw(row: NoticeRow, now: datetime, max_incident_days: int) -> str:
    if row.type == "incident" and (days := days_between(row.known_at, row.due_at)) > max_incident_days:
        return f"its last day is {days} days after it was known; the law allows {max_incident_days}"
    if row.sent_at is None:
        return f"due on {row.due_at}, and not sent" if row.due_at < now.date() else ""
    if row.sent_at > row.due_at:
        return f"sent on {row.sent_at}, due on {row.due_at}"
    return "" if row.sha256 else "sent without the digest of its text"

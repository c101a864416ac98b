"""Every open risk is owned, graded, treated and followed up, and the register was looked at within the quarter.

A register that nobody touches looks just like one that is kept: so a risk past its day without a word since is a finding, and so is one
whose owner left.
"""

from datetime import datetime

from controlmon.check import All, Example, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.kept import unreviewed, worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.facts.document.risks import Risk
from controlmon.facts.document.schema import days_between

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"})
GOOD: dict[str, object] = {
    "id": "r1", "title": "One region", "owner": "ada", "likelihood": 2, "impact": 4, "treatment": "mitigate", "due": "2027-01-31",
    "updated_at": "2026-10-01", "controls": ["bcdr"], "about": ["aws-backup"],
}  # fmt: skip


def case(row: dict[str, object], *, company: bool = False, reviewed: str = "2026-11-01", must: tuple[str, ...] = ()) -> Example:
    risk = Risk.example(id="r1", row=GOOD | row)
    head = RegisterFile.example(id="risks", file={"about": {"reviewed_at": reviewed, "reviewed_by": "ada"}})
    return Example((Company.example() if company else risk, All.of(risk), All.of(head), All.of(ADA)), {"must_appear": must})


@check(
    title="Risk register is maintained",
    severity="medium",
    frequency="weekly",
    reads=[Risk.row, RegisterFile.file, Person.row],
    remediation="Complete the risk, write down where its treatment stands and a new day, or close it; note the review in the head.",
    proves="That open risks are whole and followed up, and that the failed controls and accepted exceptions which `must_appear` "
    "names are there. Which those are is not known to a check: without the parameter none is asked for.",
    passes=[case({}), case({"due": "2026-11-10", "updated_at": "2026-11-20"}), case({}, company=True, must=("aws-backup", "bcdr"))],
    fails=[
        case({"owner": None}),
        case({"owner": "bob"}),
        case({"controls": []}),
        case({"due": "2026-10-10"}),
        case({}, company=True, reviewed="2026-05-01"),
        case({}, company=True, must=("access-review",)),
    ],
)
def judge(
    subject: Risk | Company,
    risks: All[Risk],
    files: All[RegisterFile],
    people: All[Person],
    now: datetime,
    *,
    review_days: int = 92,
    update_days: int = 31,
    must_appear: tuple[str, ...] = (),
) -> Verdict:
    if isinstance(subject, Risk):
        return of_risk(subject, people, now, update_days)
    several = [one.row for one in risks if one.row.status == "open"]
    named = {name for row in several for name in (*row.controls, *row.about)}
    if absent := [name for name in must_appear if name not in named]:
        return failed(f"no open risk names {', '.join(absent)}")
    if why := unreviewed(files, "risks", people, now, review_days):
        return failed(f"of the register, {why}")
    return passed(f"the register was reviewed, and has {len(several)} open risks") if several else failed("the register has no open risk")


def of_risk(risk: Risk, people: All[Person], now: datetime, update_days: int) -> Verdict:
    """One risk."""
    row = risk.row
    if row.status == "closed":
        return not_applicable("it is closed")
    absent = lacks(
        owner=row.owner, likelihood=row.likelihood, impact=row.impact, treatment=row.treatment, due_date=row.due, control=row.controls
    )
    if absent:
        return failed(f"its row does not tell {', '.join(absent)}")
    if not worked_here(people, row.owner, now):
        return failed(f"its owner {row.owner} does not work here")
    if row.due is None or row.due >= now.date():
        return passed(f"{row.owner} is to {row.treatment} it by {row.due.isoformat() if row.due else 'no day'}")
    overdue = f"it was due on {row.due.isoformat()}"
    if row.updated_at is None or row.updated_at <= row.due or days_between(row.updated_at, now) > update_days:
        return failed(f"{overdue}, and nobody wrote of it {'since' if row.updated_at else 'ever'}")
    return passed(f"{overdue}, and was written of on {row.updated_at.isoformat()}: without another word it fails after {update_days} days")

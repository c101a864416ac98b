"""Within the month somebody looked at a sample of what each AI use case put out.

A sample is of a size that was set beforehand; one of three answers is an anecdote. Where there were fewer answers than that, all of them
are the sample.
"""

from datetime import datetime, timedelta

from controlmon.check import All, Verdict, check, failed, not_applicable, passed, waiting
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.ai import AiReview, AiUseCase
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.schema import days_between, in_force

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "QA", "start": "2020-01-01"})
GOOD: dict[str, object] = {
    "id": "o1", "use_case": "triage", "at": "2026-11-10", "sample": 25, "reviewer": "ada", "method": "blind second read",
    "result": "24 of 25 upheld",
}  # fmt: skip


def case(row: dict[str, object] | None, size: int | None = None) -> tuple[object, ...]:
    reviews = [AiReview.example(id="o1", row=GOOD | row)] if row is not None else []
    return AiUseCase.example(id="triage", row={"id": "triage", "name": "Triage", "sample_size": size}), All.of(*reviews), All.of(ADA)


@check(
    title="AI outputs were sampled and reviewed",
    severity="medium",
    frequency="weekly",
    reads=[AiUseCase.row, AiReview.row, Person.row],
    remediation="Draw the sample, review it, and add the review to the register.",
    proves="That a review of the size that was set is registered. Not how the sample was drawn.",
    passes=[case({}), case({"sample": 9, "population": 9}), case({}, 20)],
    fails=[case(None), case({"at": "2026-10-01"}), case({"sample": 9}), case({}, 30), case({"result": ""}), case({"reviewer": "bob"})],
)
def judge(
    use_case: AiUseCase, reviews: All[AiReview], people: All[Person], now: datetime, *, interval_days: int = 31, sample_size: int = 25
) -> Verdict:
    row = use_case.row
    if row.status != "live":
        return not_applicable(f"it is {row.status}")
    size = row.sample_size or sample_size
    ours = sorted((one.row for one in in_force(reviews) if one.row.use_case == row.id), key=lambda one: one.at, reverse=True)
    if not ours:
        due = row.live_since + timedelta(days=interval_days) if row.live_since else None
        why = "none of its outputs were reviewed"
        return waiting(why, due=due) if due and now.date() <= due else failed(why)
    lately = [one for one in ours if days_between(one.at, now) <= interval_days]
    if not lately:
        return failed(f"its outputs were last reviewed on {ours[0].at.isoformat()}, and are to be every {interval_days} days")
    told: list[str] = []
    for one in lately:
        if absent := lacks(reviewer=one.reviewer, method=one.method.strip(), result=one.result.strip()):
            told.append(f"the review of {one.at.isoformat()} does not tell {', '.join(absent)}")
        elif not worked_here(people, one.reviewer, one.at):
            told.append(f"{one.reviewer} reviewed outputs on {one.at.isoformat()}, and did not work here on that day")
        elif one.sample < min(size, size if one.population is None else one.population) or not one.sample:
            told.append(f"the sample of {one.at.isoformat()} was of {one.sample}, and {size} are asked for")
        else:
            return passed(f"{one.reviewer} reviewed {one.sample} outputs on {one.at.isoformat()}: {one.result}")
    return failed(told[0])

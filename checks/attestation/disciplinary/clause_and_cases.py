"""A policy in force says what follows a violation, and HR states each quarter how many there were and that all were handled.

A clause that was never used and a clause that is never looked at read the same. The statement tells them apart, with numbers and no
names: who was disciplined is nobody's business here, so a name in it is a failure.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, of_quarter, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.policies import Policy, current
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role

CLAUSE: dict[str, object] = {
    "id": "coc-1", "document": "code_of_conduct", "version": "1", "owner": "ada", "approved_at": "2026-06-01",
    "topics": {"consequences": "7"},
}  # fmt: skip
GOOD: dict[str, object] = {
    "id": "hr-3", "topic": "disciplinary", "statement": "Two violations, both handled.", "signer": "ada", "role": "HR",
    "signed_at": "2026-10-05", "period_start": "2026-07-01", "period_end": "2026-09-30", "counts": {"violations": 2, "handled": 2},
}  # fmt: skip


def case(
    row: dict[str, object], clause: dict[str, object] = CLAUSE
) -> tuple[Company, All[Policy], All[Attestation], All[Person], All[Role]]:
    people = [
        Person.example(id=who, row={"id": who, "name": name, "email": f"{who}@x.io", "role": "HR", "start": "2020-01-01"})
        for who, name in (("ada", "Ada Lovelace"), ("bob", "Bob Hope"))
    ]
    held = Role.example(id="hr", row={"id": "hr", "role": "hr", "holder": "ada"})
    policy = Policy.example(id="code_of_conduct", versions=[clause])
    return Company.example(), All.of(policy), All.of(Attestation.example(id="hr-3", row=row)), All.of(*people), All.of(held)


@check(
    title="Sanctions clause exists and violations were handled",
    severity="low",
    frequency="quarterly",
    reads=[Policy.versions, Attestation.row, Person.row, Role.row],
    remediation="Register the section of the clause under the policy's topics, and have HR sign the numbers of the quarter, without names.",
    proves="That a clause is in force and that HR signed its numbers for the last quarter. Not that each violation was found.",
    passes=[case(GOOD), case(GOOD | {"counts": {"violations": 0, "handled": 0}})],
    fails=[
        case(GOOD, CLAUSE | {"topics": {}}),
        case(GOOD | {"counts": {"violations": 2, "handled": 1}}),
        case(GOOD | {"statement": "Bob Hope was warned."}),
        case(GOOD | {"period_end": "2026-06-30", "period_start": "2026-04-01"}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    policies: All[Policy],
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    clause: tuple[str, ...] = ("consequences", "sanctions", "disciplinary action"),
    topic: str = "disciplinary",
    signers: tuple[str, ...] = ("hr",),
    grace_days: int = 30,
    first_due: date | None = None,
) -> Verdict:
    section = next(
        (f"{p.id} {v.topics[c]}" for p in policies for v in current(p.versions, now) for c in clause if v.topics.get(c, "").strip()), ""
    )
    if not section:
        return failed(f"no policy in force has a section on {' or '.join(clause)}")
    row, quarter, soon = of_quarter(about(attestations, topic), now, grace_days)
    if row is None:
        why = f"no statement speaks of {quarter}"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"statement {row.id}: {told}")
    if absent := [name for name in ("violations", "handled") if name not in row.counts]:
        return failed(f"statement {row.id} gives no number of {', '.join(absent)}")
    text = " ".join((row.statement, *row.facts.values(), *row.outcomes.values())).casefold()
    if any(said.casefold() in text for one in people for said in (one.row.name, one.row.email)):
        return failed(f"statement {row.id} names somebody: it is to give numbers only")
    if (violations := row.counts["violations"]) != (handled := row.counts["handled"]):
        return failed(f"{violations} violations from {quarter}, and {handled} handled")
    return passed(f"the clause is {section}; {violations} violations from {quarter}, all handled{soon}")

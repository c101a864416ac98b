"""Management reviewed the security programme within the year: each policy with its outcome, the metrics, and what was decided.

A security team that reviews itself is no review by management. And a review that lists no policy is a signature: the population is the
policies that the company promises or has in force, and the one that was left out is the finding.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.policies import Policy, current
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role, holders
from controlmon.facts.document.schema import days_between

GOOD: dict[str, object] = {
    "id": "review-2026", "topic": "program_review", "statement": "We reviewed the programme.", "signer": "ada", "role": "CEO",
    "signed_at": "2026-03-01", "outcomes": {"code_of_conduct": "kept as it is"}, "facts": {"metrics": "deck 4",
    "decisions": "budget doubled"},
}  # fmt: skip


def case(row: dict[str, object], *held: str) -> tuple[Company, All[Attestation], All[Policy], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CEO", "start": "2020-01-01"}
    roles = [Role.example(id=role, row={"id": role, "role": role, "holder": "ada"}) for role in held or ("executive",)]
    return (
        Company.example(),
        All.of(Attestation.example(id="review-2026", row=row)),
        All.of(Policy.example(id="code_of_conduct", versions=[])),
        All.of(Person.example(id="ada", row=ada)),
        All.of(*roles),
    )


@check(
    title="Management reviewed the security programme, policies and procedures",
    severity="high",
    reads=[Attestation.row, Policy.versions, Person.row, Role.row],
    remediation="Hold the review, and have an executive sign its outcome for each policy, the metrics and the decisions.",
    proves="That an executive signed a review that names each policy. Not that the review was deep, nor what the metrics say.",
    passes=case(GOOD),
    fails=[case(GOOD | {"signed_at": "2025-03-01"}), case(GOOD | {"outcomes": {}}), case(GOOD, "executive", "security_officer")],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    policies: All[Policy],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "program_review",
    signers: tuple[str, ...] = ("executive", "board"),
    reviewed_team: tuple[str, ...] = ("security_officer", "security_team"),
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = about(attestations, topic)
    if not rows and first_due and now.date() <= first_due:
        return waiting("no review is recorded", due=first_due)
    if not rows:
        return failed("no review is recorded")
    row = rows[0]
    if (age := days_between(row.signed_at, now)) > max_age_days:
        return failed(f"the last review was signed {age} days ago; {max_age_days} are allowed")
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"review {row.id}: {told}")
    if row.signer in holders(roles, reviewed_team, row.signed_at):
        return failed(f"review {row.id}: {row.signer} signed it and is of {' or '.join(reviewed_team)}: a team does not review itself")
    promised = sorted(one.id for one in policies if not one.versions or current(one.versions, now))
    if absent := [name for name in promised if not row.outcomes.get(name, "").strip()]:
        return failed(f"review {row.id} has no outcome for {', '.join(absent)}")
    if absent := [name for name in ("metrics", "decisions") if not row.facts.get(name, "").strip()]:
        return failed(f"review {row.id} tells no {', no '.join(absent)}")
    return passed(f"{row.signer} signed on {row.signed_at} a review of {len(promised)} policies")

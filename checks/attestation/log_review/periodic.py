"""Access logs and alerts were reviewed within the month, and the review says what was looked at and what came of it.

Alerts find what somebody thought of; a review finds the rest, if it was made. A record that names its sources, query, findings and
tickets can be made again by another; a signature alone cannot.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between

FACTS = {"sources": "datadog", "query": "https://app/logs?query=x", "findings": "none", "tickets": "none"}
GOOD: dict[str, object] = {
    "id": "logs-11", "topic": "log_review", "statement": "Reviewed.", "signer": "ada", "role": "CISO", "signed_at": "2026-11-10",
    "facts": FACTS,
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Attestation], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"}
    return Company.example(), All.of(Attestation.example(id="logs-11", row=row)), All.of(Person.example(id="ada", row=ada)), All.of()


@check(
    title="Access-log and alert review was performed and signed",
    severity="high",
    frequency="weekly",
    reads=[Attestation.row, Person.row, Role.row],
    remediation="Review the logs, and sign what was looked at, by which query, what was found and the tickets that follow.",
    proves="That somebody who worked here signed a review that can be made again. Not that they looked closely.",
    passes=case(GOOD),
    fails=[case(GOOD | {"signed_at": "2026-10-01"}), case(GOOD | {"facts": FACTS | {"query": " "}}), case(GOOD | {"signer": "eve"})],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "log_review",
    signers: tuple[str, ...] = (),
    max_age_days: int = 31,
    told: tuple[str, ...] = ("sources", "query", "findings", "tickets"),
    first_due: date | None = None,
) -> Verdict:
    rows = about(attestations, topic)
    if not rows:
        return waiting("no review is recorded", due=first_due) if first_due and now.date() <= first_due else failed("no review is recorded")
    row = rows[0]
    if (age := days_between(row.signed_at, now)) > max_age_days:
        return failed(f"the last review was signed {age} days ago; {max_age_days} are allowed")
    if why := unsigned(row, people, roles, signers, now):
        return failed(f"review {row.id}: {why}")
    if absent := [name for name in told if not row.facts.get(name, "").strip()]:
        return failed(f"review {row.id} tells no {', no '.join(absent)}: write `none` where there are none")
    return passed(
        f"{row.signer} signed on {row.signed_at} a review of {row.facts['sources']}" if "sources" in told else f"signed on {row.signed_at}"
    )

"""What is physically in scope is stated within the year: offices that were walked through, remote work, and data centres of providers.

A company without server rooms still has doors. The statement says which, each office's walk-through has a day, and data centres are
carved out only where a provider's report that is on file covers them.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, listed, unsigned
from controlmon.facts.document.papers import version_of
from controlmon.facts.document.people import Person
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between

SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "physical-2026", "topic": "physical_scope", "statement": "One office; all else is remote.", "signer": "ada", "role": "CISO",
    "signed_at": "2026-05-01", "facts": {"offices": "berlin", "remote": "laptops", "data_centres": "aws"}, "days": {"berlin": "2026-04-20"},
    "outcomes": {"aws": "aws_soc2"},
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Attestation], All[Document], All[Policy], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"}
    report = {
        "id": "aws-1",
        "document": "aws_soc2",
        "version": "1",
        "type": "report",
        "owner": "ada",
        "sha256": SHA,
        "approved_at": "2026-01-01",
    }
    document = Document.example(id="aws_soc2", versions=[report], contents={"aws-1": {"sha256": SHA}})
    statement = Attestation.example(id="physical-2026", row=row)
    return Company.example(), All.of(statement), All.of(document), All.of(), All.of(Person.example(id="ada", row=ada)), All.of()


@check(
    title="Physical scope is stated (offices, remote, carve-out) and office checks are done",
    severity="low",
    frequency="annual",
    reads=[Attestation.row, Document.versions, Document.contents, Policy.versions, Policy.contents, Person.row, Role.row],
    remediation="State the scope, walk through each office, and register each provider's report.",
    proves="That a signed statement has a walk-through of each office and a report for each provider. Not what was seen there.",
    passes=[case(GOOD), case(GOOD | {"facts": {"offices": "none", "remote": "all", "data_centres": "aws"}, "days": {}})],
    fails=[
        case(GOOD | {"signed_at": "2025-05-01"}),
        case(GOOD | {"days": {}}),
        case(GOOD | {"days": {"berlin": "2025-01-01"}}),
        case(GOOD | {"outcomes": {}}),
        case(GOOD | {"outcomes": {"aws": "lost"}}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    documents: All[Document],
    policies: All[Policy],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "physical_scope",
    signers: tuple[str, ...] = (),
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = about(attestations, topic)
    if not rows:
        return (
            waiting("no statement is recorded", due=first_due)
            if first_due and now.date() <= first_due
            else failed("no statement is recorded")
        )
    row = rows[0]
    if (age := days_between(row.signed_at, now)) > max_age_days:
        return failed(f"the last statement was signed {age} days ago; {max_age_days} are allowed")
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"statement {row.id}: {told}")
    if absent := [name for name in ("offices", "remote", "data_centres") if not row.facts.get(name, "").strip()]:
        return failed(f"statement {row.id} says nothing of {', '.join(absent)}: write `none` where there are none")
    offices, centres = ([one for one in listed(row.facts[name]) if one != "none"] for name in ("offices", "data_centres"))
    if missed := [one for one in offices if one not in row.days or days_between(row.days[one], now) > max_age_days]:
        return failed(f"no walk-through within {max_age_days} days of {', '.join(missed)}")
    for centre in centres:
        version, why = version_of(row.outcomes.get(centre, ""), documents, policies, now)
        if version is None:
            return failed(f"no report covers the data centres of {centre}: {why}")
    return passed(f"stated on {row.signed_at}: offices {', '.join(offices) or 'none'}; data centres {', '.join(centres) or 'none'}")

"""The security officer states for each quarter how many incidents there were, by severity, also when there were none.

An empty list of incidents and a list that nobody keeps look the same. A signed zero is somebody's word; no statement is nobody's. It
speaks of a quarter that is over, so that none can be signed ahead.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, of_quarter, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role

NONE = {"critical": 0, "high": 0, "medium": 0, "low": 0}
GOOD: dict[str, object] = {
    "id": "incidents-2026-3", "topic": "incidents", "statement": "There was one incident.", "signer": "ada", "role": "security officer",
    "signed_at": "2026-10-05", "period_start": "2026-07-01", "period_end": "2026-09-30", "counts": NONE | {"low": 1},
}  # fmt: skip


def case(row: dict[str, object], role: str = "security_officer") -> tuple[Company, All[Attestation], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01"}
    held = Role.example(id="r", row={"id": "r", "role": role, "holder": "ada"})
    return (
        Company.example(),
        All.of(Attestation.example(id=str(row["id"]), row=row)),
        All.of(Person.example(id="ada", row=ada)),
        All.of(held),
    )


@check(
    title="Incident population of the period is confirmed, also when it is zero",
    severity="medium",
    frequency="quarterly",
    reads=[Attestation.row, Person.row, Role.row],
    remediation="Have the security officer sign the number of incidents of the quarter, by severity.",
    proves=(
        "That the security officer signed numbers for the quarter that ended last. Not yet that they are those of the tickets: they are"
        " compared with the incidents in Jira once that population is collected."
    ),
    passes=[case(GOOD), case(GOOD | {"counts": NONE})],
    fails=[
        case(GOOD | {"period_start": "2026-04-01", "period_end": "2026-06-30"}),
        case(GOOD | {"signed_at": "2026-09-30"}),
        case(GOOD | {"counts": {"high": 0}}),
        case(GOOD, "engineer"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "incidents",
    signers: tuple[str, ...] = ("security_officer",),
    severities: tuple[str, ...] = ("critical", "high", "medium", "low"),
    grace_days: int = 30,
    first_due: date | None = None,
) -> Verdict:
    row, quarter, soon = of_quarter(about(attestations, topic), now, grace_days)
    if row is None:
        why = f"no statement speaks of {quarter}"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"statement {row.id}: {told}")
    if absent := [name for name in severities if name not in row.counts]:
        return failed(f"statement {row.id} gives no number of severity {', '.join(absent)}: write 0 where there was none")
    return passed(f"{row.signer} signed for {quarter}: {', '.join(f'{n} {name}' for name, n in row.counts.items())}{soon}")

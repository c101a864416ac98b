"""Each customer has a current engagement that names its engineers, its approver, and how fast it has to be back.

"Only named engineers enter production" can be judged only against names. An engagement that ended, or names somebody who left, names
nobody. The population is the register of customers: the one that has no engagement is the finding.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.people import Person
from controlmon.facts.document.roles import active

GOOD: dict[str, object] = {
    "id": "acme-1", "customer": "acme", "accounts": ["123456789012"], "people": ["ada"], "start": "2026-01-01", "approver": "ada",
    "approved_at": "2025-12-20", "rto_hours": 8, "rpo_hours": 1,
}  # fmt: skip


def case(*rows: dict[str, object]) -> tuple[Customer, All[Engagement], All[Person]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "engineer", "start": "2020-01-01"}
    customer = Customer.example(id="acme", row={"id": "acme", "name": "Acme", "start": "2025-01-01"})
    engagements = [Engagement.example(id=str(row["id"]), row=row) for row in rows]
    return customer, All.of(*engagements), All.of(Person.example(id="ada", row=ada))


@check(
    title="Engagement roster names the engineers per customer with dates and targets",
    severity="high",
    reads=[Customer.row, Engagement.row, Person.row],
    remediation="Complete the customer's row in the register of engagements, and have it approved.",
    proves="That each active customer has named, active engineers, an approver and targets. Not that nobody else entered its accounts.",
    passes=case(GOOD),
    fails=[case(), case(GOOD | {"end": "2026-06-30"}), case(GOOD | {"rto_hours": None}), case(GOOD | {"people": ["bob"]})],
)
def judge(customer: Customer, engagements: All[Engagement], people: All[Person], now: datetime) -> Verdict:
    if not customer.row.is_active(now):
        return not_applicable("its contract does not run")
    rows = [one.row for one in engagements if one.row.customer == customer.id and one.row.is_current(now)]
    if not rows:
        return failed("no current engagement names its engineers")
    here = active(people, now)
    for row in rows:
        told = {
            "people": row.people,
            "approver": row.approver and row.approved_at,
            "RTO": row.rto_hours is not None,
            "RPO": row.rpo_hours is not None,
        }
        if lacks := [name for name, value in told.items() if not value]:
            return failed(f"engagement {row.id} has no {', no '.join(lacks)}")
        if gone := sorted(who for who in {*row.people, str(row.approver)} if who not in here):
            return failed(f"engagement {row.id} names {', '.join(gone)}, who do not work here")
    return passed("; ".join(f"{row.id}: {', '.join(row.people)}, RTO {row.rto_hours:g} h, RPO {row.rpo_hours:g} h" for row in rows))

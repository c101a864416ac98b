"""What is kept of a customer who left is kept on a ground that can be named, and not for longer than that ground lasts.

"Where required by law or contract" covers anything until somebody says which law. A legal hold has no natural end, so it has an approver
and a day on which it is looked at again.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.customers import RetentionException
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person

ADA = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "counsel", "start": "2020-01-01"})
GOOD: dict[str, object] = {
    "id": "x1", "customer": "acme", "item": "signed contract", "data_class": "proof of contract", "basis": "law",
    "reference": "HGB 257", "until": "2032-12-31",
}  # fmt: skip
HOLD: dict[str, object] = {"basis": "legal hold", "reference": "matter 12", "approver": "ada", "approved_at": "2026-05-01"}


def case(**row: object) -> tuple[RetentionException, All[Person]]:
    return RetentionException.example(id="x1", row=GOOD | row), All.of(ADA)


@check(
    title="Retained records after termination are limited and justified",
    severity="medium",
    frequency="quarterly",
    reads=[RetentionException.row, Person.row],
    remediation="Name the law, clause or matter and the day, have a hold approved, or delete what is kept and register the day.",
    proves="That what is registered as kept is justified. What is kept and not registered is for cross.disposal.tenant_resources_gone.",
    passes=[case(), case(**HOLD)],
    fails=[case(basis=None), case(data_class=""), case(until=None), case(until="2026-11-01"), case(**HOLD | {"approver": "bob"})],
)
def judge(one: RetentionException, people: All[Person], now: datetime, *, classes: tuple[str, ...] = ()) -> Verdict:
    row = one.row
    if row.deleted_at is not None:
        return not_applicable(f"it was deleted on {row.deleted_at.isoformat()}")
    if absent := lacks(basis=row.basis, reference=row.reference.strip(), data_class=row.data_class.strip(), until=row.until):
        return failed(f"its row does not tell {', '.join(absent)}")
    if classes and row.data_class not in classes:
        return failed(f"it is {row.data_class}, and only {', '.join(classes)} may be kept")
    if row.until is not None and row.until < now.date():
        return failed(f"it was to be kept until {row.until.isoformat()}, and no deletion is registered")
    if row.basis == "legal hold" and (row.approved_at is None or not worked_here(people, row.approver, row.approved_at)):
        return failed("it is a legal hold that was approved by nobody who worked here on the day")
    return passed(f"{row.data_class} is kept until {row.until.isoformat() if row.until else 'no day'} by {row.basis}: {row.reference}")

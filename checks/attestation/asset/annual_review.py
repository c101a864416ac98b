"""The list of assets and their owners was reviewed within the year, and the review names the list by its digest.

"We reviewed the inventory" leaves open which one. A review that is bound to the digest of the list can be held against that list for
ever; one that is not may be of any.
"""

import re
from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.governance import Attestation, about, unsigned
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role
from controlmon.facts.document.schema import days_between

GOOD: dict[str, object] = {
    "id": "assets-2026", "topic": "asset_review", "statement": "Reviewed: list and owners.", "signer": "ada", "role": "CISO",
    "signed_at": "2026-05-01", "facts": {"inventory_sha256": "sha256:" + "0" * 64},
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Attestation], All[Person], All[Role]]:
    ada = {"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CISO", "start": "2020-01-01", "end": "2026-10-01"}
    return Company.example(), All.of(Attestation.example(id="assets-2026", row=row)), All.of(Person.example(id="ada", row=ada)), All.of()


@check(
    title="Asset list and owners were reviewed in the last year",
    severity="medium",
    frequency="weekly",
    reads=[Attestation.row, Person.row, Role.row],
    remediation="Review the list with its owners, and sign a statement with the digest of the list in `facts.inventory_sha256`.",
    proves="That somebody who worked here signed a review of a list of that digest. Not that the list was whole.",
    passes=case(GOOD),
    fails=[case(GOOD | {"signed_at": "2025-05-01"}), case(GOOD | {"facts": {}}), case(GOOD | {"signed_at": "2026-11-01"})],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    attestations: All[Attestation],
    people: All[Person],
    roles: All[Role],
    now: datetime,
    *,
    topic: str = "asset_review",
    signers: tuple[str, ...] = (),
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    rows = about(attestations, topic)
    if not rows:
        return waiting("no review is recorded", due=first_due) if first_due and now.date() <= first_due else failed("no review is recorded")
    row = rows[0]
    if (age := days_between(row.signed_at, now)) > max_age_days:
        return failed(f"the last review was signed {age} days ago; {max_age_days} are allowed")
    if told := unsigned(row, people, roles, signers, now):
        return failed(f"review {row.id}: {told}")
    bound = row.facts.get("inventory_sha256", "")
    if not re.fullmatch("sha256:[0-9a-f]{64}", bound):
        return failed(f"review {row.id} names no list by its digest (`facts.inventory_sha256`)")
    return passed(f"{row.signer} signed on {row.signed_at} a review of the list {bound}")

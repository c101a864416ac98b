"""The matrix of breach notices covers each law and each customer's contract, and was reviewed within the year.

The law's last day (60 days under HIPAA, 45 CFR 164.410) is seldom the one that counts: contracts ask for hours. A matrix that leaves out
one active customer leaves out the deadline that will be missed.
"""

from datetime import datetime

from controlmon.check import All, Verdict, check, failed, passed
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.governance import listed
from controlmon.facts.document.papers import outdated, uncovered, version_of
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company

SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "breach-1", "document": "breach_notification_matrix", "version": "1", "type": "other", "file": "matrix.pdf", "sha256": SHA,
    "owner": "ada", "author": "ada", "approved_at": "2026-06-01", "facts": {"customers": "acme"},
    "topics": {"HIPAA": "1", "state laws": "2", "GDPR": "not relevant: no one in the EU"},
}  # fmt: skip


def case(row: dict[str, object]) -> tuple[Company, All[Document], All[Policy], All[Customer]]:
    document = Document.example(id="breach_notification_matrix", versions=[row], contents={"breach-1": {"sha256": SHA}})
    customer = Customer.example(id="acme", row={"id": "acme", "name": "Acme", "start": "2025-01-01"})
    return Company.example(), All.of(document), All.of(), All.of(customer)


@check(
    title="Breach notification duties per law and contract are listed with deadlines",
    severity="medium",
    frequency="annual",
    reads=[Document.versions, Document.contents, Policy.versions, Policy.contents, Customer.row],
    remediation="Add the missing law or contract with its deadline, review the matrix, and list in `facts.customers` whom it covers.",
    proves="That a reviewed matrix has a section for each law and names each active customer. Not that its deadlines are right.",
    passes=case(GOOD),
    fails=[
        case(GOOD | {"facts": {}}),
        case(GOOD | {"topics": {"HIPAA": "1", "state laws": "2"}}),
        case(GOOD | {"approved_at": "2025-06-01"}),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    documents: All[Document],
    policies: All[Policy],
    customers: All[Customer],
    now: datetime,
    *,
    document: str = "breach_notification_matrix",
    laws: tuple[str, ...] = ("HIPAA", "state laws", "GDPR"),
    max_age_days: int = 365,
) -> Verdict:
    version, why = version_of(document, documents, policies, now)
    if version is None:
        return failed(why)
    if told := outdated(document, version, now, max_age_days):
        return failed(told)
    if absent := uncovered(version, laws):
        return failed(f"version {version.version} has no section for {', '.join(absent)}, nor why it is not relevant")
    covered = set(listed(version.facts.get("customers", "")))
    running = {one.id for one in customers if one.row.is_active(now)}
    if absent := sorted(running - covered):
        return failed(f"version {version.version} does not cover the contracts of {', '.join(absent)}")
    return passed(f"version {version.version} covers {', '.join(laws)} and the contracts of {len(running)} customers")

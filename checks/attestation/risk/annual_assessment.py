"""A formal risk assessment was made within the year, about this company's own assets, and management approved it.

A template that would fit any company assesses none: it is the usual finding of HIPAA's enforcers. So it has to name the systems that the
register calls critical, and, where a business associate agreement holds, the risks to health information (45 CFR 164.308(a)(1)(ii)(A)).
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.customers import Customer
from controlmon.facts.document.engagements import Engagement
from controlmon.facts.document.governance import listed
from controlmon.facts.document.papers import uncovered, version_of
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company
from controlmon.facts.document.roles import Role, SystemOwner, holders
from controlmon.facts.document.schema import days_between

Case = tuple[Company, All[Document], All[Policy], All[SystemOwner], All[Engagement], All[Customer], All[Role]]
SHA = "sha256:" + "0" * 64
TOPICS = ("security", "availability", "confidentiality", "fraud", "internal threats", "external threats")
GOOD: dict[str, object] = {
    "id": "risk-2026", "document": "risk_assessment", "version": "2026", "type": "report", "file": "risk.pdf", "sha256": SHA,
    "owner": "bob",
    "author": "bob", "approver": "ada", "approved_at": "2026-03-01", "topics": dict.fromkeys(TOPICS, "1"), "facts": {"assets": "db | app"},
}  # fmt: skip


def case(row: dict[str, object], *, baa: bool = False, role: str = "executive") -> Case:
    document = Document.example(id="risk_assessment", versions=[row], contents={"risk-2026": {"sha256": SHA}})
    system = SystemOwner.example(id="db", row={"id": "db", "name": "Database", "owner": "bob", "critical": True})
    engagement = Engagement.example(id="e-1", row={"id": "e-1", "customer": "acme", "start": "2026-01-01", "baa": baa})
    held = Role.example(id="r", row={"id": "r", "role": role, "holder": "ada"})
    return Company.example(), All.of(document), All.of(), All.of(system), All.of(engagement), All.of(), All.of(held)


@check(
    title="Formal risk assessment done in the last year",
    severity="high",
    frequency="weekly",
    reads=[
        *(Document.versions, Document.contents, Policy.versions, Policy.contents),
        *(SystemOwner.row, Engagement.row, Customer.row, Role.row),
    ],
    remediation="Assess the risks of your own assets, list them in `facts.assets`, and have management approve the report.",
    proves="That an approved report within the year covers each topic and each critical system. Not that its ratings are right.",
    passes=[case(GOOD), case(GOOD | {"topics": dict.fromkeys((*TOPICS, "HIPAA risk analysis"), "1")}, baa=True)],
    fails=[
        case(GOOD | {"approved_at": "2025-03-01"}),
        case(GOOD | {"topics": {"security": "1"}}),
        case(GOOD | {"facts": {}}),
        case(GOOD, baa=True),
        case(GOOD, role="engineer"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    documents: All[Document],
    policies: All[Policy],
    system_owners: All[SystemOwner],
    engagements: All[Engagement],
    customers: All[Customer],
    roles: All[Role],
    now: datetime,
    *,
    document: str = "risk_assessment",
    topics: tuple[str, ...] = TOPICS,
    phi_topic: str = "HIPAA risk analysis",
    approvers: tuple[str, ...] = ("executive", "board"),
    max_age_days: int = 365,
    first_due: date | None = None,
) -> Verdict:
    version, why = version_of(document, documents, policies, now)
    if version is None:
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if version.approved_at is None or (age := days_between(version.approved_at, now)) > max_age_days:
        return failed(f"it was approved {f'{age} days ago; {max_age_days} are allowed' if version.approved_at else 'on no day'}")
    if version.approver not in holders(roles, approvers, version.approved_at) or version.approver == version.author:
        return failed(f"{version.approver or 'nobody'} approved it: somebody of {' or '.join(approvers)} has to, and not its author")
    agreed = any(one.row.baa and one.row.is_current(now) for one in engagements)
    agreed = agreed or customers.some(lambda one: one.row.is_active(now) and not one.row.baa.lacking(now))
    if absent := uncovered(version, (*topics, *((phi_topic,) if agreed else ()))):
        return failed(f"version {version.version} has no section for {', '.join(absent)}")
    assets = listed(version.facts.get("assets", ""))
    if not assets:
        return failed(f"version {version.version} names no asset of the company's own (`facts.assets`): a template assesses none")
    if absent := sorted({one.id for one in system_owners if one.row.critical} - set(assets)):
        return failed(f"version {version.version} does not assess {', '.join(absent)}")
    return passed(f"version {version.version}, approved by {version.approver} on {version.approved_at}, covers {len(assets)} assets")

"""Each exception was approved by another person, is narrower than its check, and ends soon enough.

An exception without an end is a control that was given up quietly; one for every subject is the same in other words. Expired ones are not
lenient by accident: what they covered fails again, and they fail here until they are renewed or taken back.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.controlmon.exceptions import Exception_
from controlmon.facts.document.schema import days_between


def case(**more: object) -> Exception_:
    terms = {
        "id": "EX-1", "check": "aws.s3.versioning", "subjects": ["arn:aws:s3:::logs"], "owner": "bob", "approver": "ada",
        "reason": "It moves to another bucket", "approved_at": "2026-11-01", "expires": "2026-12-31",
    }  # fmt: skip
    return Exception_.example(id="EX-1", terms=terms | more)


@check(
    title="Exceptions are approved, limited and unexpired",
    severity="high",
    reads=[Exception_.terms],
    remediation="Mend what is excepted, renew the exception with a new approval, or take it back with `controlmon exceptions revoke`.",
    proves="That each names its owner, another person who approved it, its subjects and its end. Not that the reason is good.",
    passes=[case(), case(subjects=["arn:aws:s3:::logs-*"])],
    fails=[case(subjects=["*"]), case(expires="2027-12-31"), case(approver="Bob "), case(expires="2026-11-22")],
)
def judge(exception: Exception_, now: datetime, *, max_days: int = 90, warn_days: int = 14) -> Verdict:
    terms = exception.terms
    if terms.revoked_at is not None and terms.revoked_at <= now.date():
        return not_applicable(f"it was revoked on {terms.revoked_at.isoformat()}")
    if terms.owner.strip().lower() == terms.approver.strip().lower():
        return failed(f"{terms.owner} owns and approved it: another person has to accept the risk")
    if any(not subject.strip("*?.:[]!") for subject in terms.subjects):
        return failed(f"it covers every subject of {terms.check}")
    days = days_between(terms.approved_at, terms.expires)
    if days > max_days:
        return failed(f"it holds for {days} days, and {max_days} are the most")
    left = days_between(now, terms.expires)
    if left < 0:
        return failed(f"it expired on {terms.expires.isoformat()}, and was neither renewed nor taken back")
    said = f"approved by {terms.approver}, until {terms.expires.isoformat()}"
    return passed(f"{said}: {left} days are left, renew it or mend what it covers" if left <= warn_days else said)

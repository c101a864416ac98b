"""Each policy and plan that the trust center promises is approved, current, and the file that people read.

A policy is a promise only while one version of it is in force, was approved by somebody other than its author, covers what it has to, and
is the very file that was approved. A draft, however new, replaces nothing; a review that left it as it is counts with its own date.
"""

from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, waiting
from controlmon.facts.document.people import Person
from controlmon.facts.document.policies import POLICIES, Policy, current, stands_by_its_file
from controlmon.facts.document.schema import days_between

ADA, BOB = (
    Person.example(id=who, row={"id": who, "name": who, "email": f"{who}@x.io", "role": "manager", "start": "2020-01-01"})
    for who in ("ada", "bob")
)
SHA = "sha256:" + "0" * 64
GOOD: dict[str, object] = {
    "id": "coc-2", "document": "code_of_conduct", "version": "2", "file": "coc.pdf", "sha256": SHA, "location": "https://wiki/coc",
    "owner": "ada", "author": "bob", "approver": "ada", "approved_at": "2026-06-01", "effective_at": "2026-06-01",
    "topics": {"ethics": "1", "behaviour": "2", "consequences": "3"},
}  # fmt: skip


def case(*versions: dict[str, object], files: dict[str, str] | None = None) -> tuple[Policy, All[Person]]:
    contents = {str(v["id"]): {"sha256": SHA} for v in versions} | {key: {"missing": why} for key, why in (files or {}).items()}
    return Policy.example(id="code_of_conduct", versions=list(versions), contents=contents), All.of(ADA, BOB)


@check(
    title="Policies and plans are approved, current and available to staff",
    severity="high",
    reads=[Policy.versions, Policy.contents, Person.row],
    remediation="Review the document, have somebody other than its author approve it, and register the new version with its digest.",
    proves="That one version is in force, who approved it and when, and that its file is that one. Not that people follow it.",
    passes=[case(GOOD), case(GOOD, GOOD | {"id": "coc-3", "version": "3", "status": "draft"})],
    fails=[case(), case(GOOD | {"approver": "bob"}), case(GOOD, files={"coc-2": "there is no file coc.pdf"}), case(GOOD | {"topics": {}})],
)
def judge(
    policy: Policy,
    people: All[Person],
    now: datetime,
    *,
    max_age_days: int = 365,
    grace_days: int = 30,
    topics: dict[str, tuple[str, ...]] = POLICIES,
    first_due: date | None = None,
) -> Verdict:
    there = current(policy.versions, now)
    if not there:
        drafts = ", ".join(v.version for v in policy.versions if v.status == "draft")
        why = f"no version is approved and in force{f' (there is a draft: {drafts})' if drafts else ''}"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if len(there) > 1:
        return failed(f"{len(there)} versions are in force at once: {', '.join(v.version for v in there)}")
    one = there[0]
    if one.approver is None or one.approved_at is None:
        return failed(f"version {one.version} names no approver, or no day of approval")
    if one.author is None or one.approver == one.author:
        return failed(f"version {one.version} {'names no author' if one.author is None else 'was approved by its author'}")
    approver = people.first(lambda person: person.id == one.approver)
    if approver is None or not approver.row.is_active(one.approved_at):
        return failed(f"{one.approver} approved version {one.version}, and did not work here on that day")
    if told := stands_by_its_file(one, policy.contents):
        return failed(told)
    if not one.location:
        return failed(f"version {one.version} has no location where staff can read it")
    if absent := [topic for topic in topics.get(policy.id, ()) if not one.topics.get(topic, "").strip()]:
        return failed(f"version {one.version} has no section for {', '.join(absent)}")
    reviewed = max(one.approved_at, *(review.at for review in one.reviews if review.by != one.author), one.approved_at)
    age = days_between(reviewed, now)
    overdue = max(age - max_age_days, days_between(one.next_review_at, now) if one.next_review_at and one.next_review_at > reviewed else 0)
    said = f"version {one.version}, approved by {one.approver}, was last reviewed on {reviewed.isoformat()}"
    if overdue > grace_days:
        return failed(f"{said}: the review is {overdue} days overdue")
    return passed(f"{said}, and the review is {overdue} days overdue: by {grace_days} it fails" if overdue > 0 else said)

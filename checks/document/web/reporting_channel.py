"""Who has something to report, inside or outside, finds a channel that answers, and may stay unnamed.

A channel that nobody finds is none, and one that nobody reads is worse. Researchers look for security.txt, customers for a page, staff for
the internal one; and a test message that somebody answered shows that the mailbox behind it lives.
"""

from collections.abc import Iterator
from datetime import date, datetime

from controlmon.check import All, Verdict, check, failed, passed, unknown, waiting
from controlmon.facts.document.exercises import Exercise
from controlmon.facts.document.papers import version_of
from controlmon.facts.document.policies import Document, Policy
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between, in_force
from controlmon.facts.document.systems import Page
from controlmon.facts.document.web import SecurityTxt

SHA = "sha256:" + "0" * 64
ROW: dict[str, object] = {"id": "report", "name": "Report", "kind": "reporting", "url": "https://x.io/report", "markers": ["Report"]}
SEEN: dict[str, object] = {
    "url": "https://x.io/report",
    "status": 200,
    "digest": SHA,
    "words": 90,
    "markers": {"Report": True},
    "anonymous": True,
}
TXT: dict[str, object] = {"url": "https://x.io/.well-known/security.txt", "status": 200, "type": "text/plain; charset=utf-8"}
FIELDS = {"contact": ["mailto:security@x.io"], "expires": ["2027-06-01T00:00:00Z"]}
INTERNAL: dict[str, object] = {"id": "r1", "document": "reporting_channel", "version": "1", "type": "statement", "owner": "ada"}
INTERNAL |= {"approved_at": "2026-01-31", "file": "r.md", "sha256": SHA, "location": "https://wiki.x.io/report"}


def case(held: str = "2026-10-01", fields: object = FIELDS, location: str = "https://wiki", **seen: object) -> tuple[object, ...]:
    page = Page.example(id="report", row=ROW, fetched=SEEN | seen, contact=TXT | {"fields": fields})
    internal = Document.example(id="reporting_channel", versions=[INTERNAL | {"location": location}], contents={"r1": {"sha256": SHA}})
    drill = {"id": "e1", "type": "reporting_channel", "held_at": held, "findings": ["answered within a day"]}
    drills = All.of(*([Exercise.example(id="e1", row=drill)] if held else []))
    return Company.example(), All.of(page), All.of(internal), All[Policy].of(), drills


@check(
    title="Confidential reporting channel is published inside and outside",
    severity="medium",
    frequency="weekly",
    reads=[
        *(Page.row, Page.fetched, Page.contact, Exercise.row),
        *(Document.versions, Document.contents, Policy.versions, Policy.contents),
    ],
    remediation="Publish security.txt and the page, register the internal one as the document `reporting_channel` with its location, and "
    "record a test message that was answered as an exercise.",
    proves="That security.txt is valid (RFC 9116; a signature is noted, not verified), the page is live and speaks of anonymity, an "
    "internal page is registered, and a test was answered. The internal page itself is not fetched.",
    passes=[case()],
    fails=[
        case(fields={"contact": ["mailto:security@x.io"], "expires": ["2026-06-01T00:00:00Z"]}),
        case(fields={"expires": ["2027-06-01T00:00:00Z"]}),
        case(status=404),
        case(anonymous=False),
        case(location=""),
        case(held=""),
        case(held="2026-01-01"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    pages: All[Page],
    documents: All[Document],
    policies: All[Policy],
    exercises: All[Exercise],
    now: datetime,
    *,
    days: int = 185,
    internal: str = "reporting_channel",
    drill: str = "reporting_channel",
    shell_words: int = 50,
    first_due: date | None = None,
) -> Verdict:
    found = pages.first(lambda one: one.row.kind == "reporting")
    if found is None:
        return failed("the register has no page that tells how to report")
    contact = found.contact
    flaws = [*_public(found, shell_words), *_researchers(contact, now)]
    version, why = version_of(internal, documents, policies, now)
    if version is None or not version.location:
        flaws.append((why or f"{internal} has no location where staff can read it", True))
    if wrong := next((told for told, sure in flaws if sure), ""):
        return failed(wrong)
    if flaws:
        return unknown(flaws[0][0])
    answered = [one.row for one in in_force(exercises) if one.row.type == drill and one.row.findings]
    last = max((one.held_at for one in answered if one.held_at <= now.date()), default=None)
    if last is None:
        why = f"no test message was recorded as answered (exercises of type {drill}, with what came back in findings)"
        return waiting(why, due=first_due) if first_due and now.date() <= first_due else failed(why)
    if (age := days_between(last, now)) > days:
        return failed(f"the last test message was answered on {last}, {age} days ago; {days} are allowed")
    signed = ", signed," if contact and contact.signed else ""
    return passed(f"security.txt{signed} is valid, {found.row.url} is live, staff find it, and a test was answered on {last}")


def _public(found: Page, shell_words: int) -> Iterator[tuple[str, bool]]:
    """What is wrong with the page, and whether that is certain."""
    page, where = found.fetched, found.row.url
    if page.walled:
        yield f"a wall against robots may stand before {where}: it answers {page.status}", False
    elif told := page.dead():
        yield f"{where}: {told}", True
    else:
        absent = [marker for marker in found.row.markers if not page.markers.get(marker)]
        lacks = [*absent, *([] if page.anonymous else ["that one may report anonymously"])]
        if lacks:
            yield f"{where} does not show {', '.join(lacks)}", not page.shell(shell_words)


def _researchers(contact: SecurityTxt | None, now: datetime) -> Iterator[tuple[str, bool]]:
    """What is wrong with security.txt, and whether that is certain."""
    if contact is None or contact.walled:
        yield "security.txt was not seen: a wall against robots may stand before it", False
    elif told := contact.wrong(now):
        yield f"security.txt: {told}", True

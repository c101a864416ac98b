"""The list of subprocessors is published, is the approved one, and whoever asks to be told of a change is told.

A list that changes without notice takes from customers the right to object that their contract gives them. So there has to be a way to
subscribe, and a subscription of our own that received the last notice.
"""

from collections.abc import Iterator
from datetime import datetime

from controlmon.check import All, Verdict, check, failed, passed, unknown
from controlmon.facts.document.exercises import Exercise, Notice
from controlmon.facts.document.people import Person
from controlmon.facts.document.published import departures, unapproved
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between, in_force
from controlmon.facts.document.systems import Page, PageRow
from controlmon.facts.document.web import Fetched

SHA = "sha256:" + "0" * 64
ROW: dict[str, object] = {"id": "subs", "name": "Subprocessors", "kind": "subprocessors", "url": "https://x.io/subprocessors"}
ROW |= {"approved": SHA, "approved_at": "2026-01-31", "approved_by": "ada"}
SEEN: dict[str, object] = {"url": "https://x.io/subprocessors", "status": 200, "digest": SHA, "words": 90, "listed": ["AWS"]}
SEEN |= {"subscribe": ["form"], "updated": {"said": "Last updated: January 31, 2026", "day": "2026-01-31"}}


def case(received: str = "2026-02-03", **seen: object) -> tuple[object, ...]:
    ada = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CEO", "start": "2020-01-01"})
    notice = {"id": "n1", "event": "c1", "type": "subprocessor_change", "known_at": "2026-01-20", "due_at": "2026-02-28"}
    notice |= {"audience": "subscribers", "sent_at": "2026-02-01", "sha256": SHA}
    drill = {"id": "e1", "type": "subscription", "held_at": received, "findings": ["received"]}
    drills = All.of(*([Exercise.example(id="e1", row=drill)] if received else []))
    page = Page.example(id="subs", row=ROW, fetched=SEEN | seen)
    return Company.example(), All.of(page), All.of(Notice.example(id="n1", row=notice)), drills, All.of(ada)


@check(
    title="Subprocessor page is live, dated and offers change subscription",
    severity="medium",
    reads=[Page.row, Page.fetched, Notice.row, Exercise.row, Person.row],
    remediation="Publish the approved list with its date and a form or feed, and record that the test subscription received the notice.",
    proves="That the page shows the approved text, a list that can be read and a way to subscribe, and that somebody recorded that "
    "the last notice arrived. Not that every subscriber received it.",
    passes=[case()],
    fails=[
        case(status=500),
        case(digest="sha256:" + "1" * 64),
        case(subscribe=[]),
        case(updated=None),
        case(received=""),
        case(received="2026-01-10"),
    ],
)
def judge(
    company: Company,  # noqa: ARG001 - the subject
    pages: All[Page],
    notices: All[Notice],
    exercises: All[Exercise],
    people: All[Person],
    now: datetime,
    *,
    drill: str = "subscription",
    grace_days: int = 7,
    shell_words: int = 50,
) -> Verdict:
    found = pages.first(lambda one: one.row.kind == "subprocessors")
    if found is None:
        return failed("the register has no page of subprocessors")
    row, page = found.row, found.fetched
    if told := page.dead() or unapproved(row, page, people):
        return _walled(row, page) if page.walled else failed(f"{row.url}: {told}")
    flaw = next(_flaws(row, page), "")
    if page.shell(shell_words) and (flaw or not page.listed):
        return unknown(
            f"{row.url} shows {page.words} words and has {page.scripts} scripts: it is made in the browser, which was not done here"
        )
    if flaw:
        return failed(f"{row.url}: {flaw}")
    if not page.listed:
        return unknown(f"no list could be read on {row.url}: it needs a table with a column of names, a list under its heading, or JSON")
    if page.updated and page.updated.day is None:
        return unknown(f"the day of the last update of {row.url} cannot be read: {page.updated.said}")
    said = f"{len(page.listed)} subprocessors are listed as approved on {row.approved_at}; changes are told by {', '.join(page.subscribe)}"
    return _notified(said, notices, exercises, now, drill, grace_days)


def _walled(row: PageRow, page: Fetched) -> Verdict:
    return unknown(f"a wall against robots may stand before {row.url}: it answers {page.status}")


def _notified(said: str, notices: All[Notice], exercises: All[Exercise], now: datetime, drill: str, grace_days: int) -> Verdict:
    """Whether the last notice of a change came to the test subscription."""
    sent = max((one.row.sent_at for one in in_force(notices) if one.row.type == "subprocessor_change" and one.row.sent_at), default=None)
    if sent is None:
        return passed(f"{said}; no notice of a change was sent so far")
    tests = [one.row for one in in_force(exercises) if one.row.type == drill and one.row.held_at >= sent]
    if any(one.findings for one in tests):
        return passed(f"{said}; the test subscription received the notice of {sent}")
    if (days := days_between(sent, now)) <= grace_days:
        return passed(f"{said}; the receipt of the notice of {sent} is to be recorded within {grace_days - days} days")
    return failed(f"nobody recorded that a test subscription received the notice of {sent} (exercises of type {drill})")


def _flaws(row: PageRow, page: Fetched) -> Iterator[str]:
    yield from departures(row, page)
    if page.updated is None:
        yield "it does not say when it was last updated"
    if not page.subscribe:
        yield "it has no form, feed or link to be told of changes"

"""What we publish is there, says what it has to say, and is the version that somebody approved.

A page can be changed by whoever may edit the site, and a promise that vanished is noticed by customers first. So the text that a visitor
reads is held against the digest of the approved one. A wall against robots and a page that is made in the browser show nothing of it.
"""

from collections.abc import Iterator
from datetime import datetime

from controlmon.check import All, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.document.people import Person
from controlmon.facts.document.published import departures, unapproved
from controlmon.facts.document.registers import Company
from controlmon.facts.document.schema import days_between
from controlmon.facts.document.systems import Page
from controlmon.facts.document.web import Fetched

SHA = "sha256:" + "0" * 64
PRIVACY: dict[str, object] = {"id": "privacy", "name": "Privacy", "kind": "privacy", "url": "https://x.io/privacy", "markers": ["Privacy"]}
PRIVACY |= {"approved": SHA, "approved_at": "2026-01-31", "approved_by": "ada"}
SEEN: dict[str, object] = {"url": "https://x.io/privacy", "status": 200, "digest": SHA, "words": 900, "markers": {"Privacy": True}}
SEEN |= {"updated": {"said": "Last updated: January 31, 2026", "day": "2026-01-31"}}


def case(**seen: object) -> tuple[Page, All[Page], All[Person]]:
    ada = Person.example(id="ada", row={"id": "ada", "name": "Ada", "email": "ada@x.io", "role": "CEO", "start": "2020-01-01"})
    return Page.example(id="privacy", row=PRIVACY, fetched=SEEN | seen), All[Page].of(), All.of(ada)


@check(
    title="Published commitments, service description, privacy and terms pages are live and unchanged without approval",
    severity="medium",
    reads=[Page.row, Page.fetched, Person.row],
    remediation="Restore the approved page; or approve the new one, and register its digest with who approved it and when.",
    proves="That the text of each registered page is the approved one and has its markers. Not that what it says is true.",
    passes=[case()],
    fails=[
        case(status=404),
        case(markers={"Privacy": False}),
        case(digest="sha256:" + "1" * 64),
        case(updated=None),
        case(updated={"said": "Last updated: 2025-01-31", "day": "2025-01-31"}),
    ],
)
def judge(
    subject: Page | Company,
    pages: All[Page],
    people: All[Person],
    now: datetime,
    *,
    kinds: tuple[str, ...] = ("privacy", "terms", "security", "other"),
    required: tuple[str, ...] = ("privacy", "terms", "security"),
    dated: tuple[str, ...] = ("privacy", "terms"),
    max_age_days: int = 365,
    shell_words: int = 50,
) -> Verdict:
    if isinstance(subject, Company):
        there = [one.row.kind for one in pages]
        absent = [kind for kind in required if kind not in there]
        return failed(f"no page is registered that is of {', '.join(absent)}") if absent else passed(f"{len(there)} pages are registered")
    row, page = subject.row, subject.fetched
    if row.kind not in kinds:
        return not_applicable(f"pages of {row.kind} have a check of their own")
    if page.walled:
        return unknown(f"a wall against robots may stand before it: it answers {page.status}")
    if told := page.dead() or unapproved(row, page, people):
        return failed(told)
    if not row.markers:
        return failed("the register names no word that it has to show")
    flaws = [*departures(row, page), *(_aged(page, now, max_age_days) if row.kind in dated else ())]
    if flaws and page.shell(shell_words):
        return unknown(f"it shows {page.words} words and has {page.scripts} scripts: it is made in the browser, which was not done here")
    if flaws:
        return failed(flaws[0])
    if row.kind in dated and page.updated and page.updated.day is None:
        return unknown(f"the day of its last update cannot be read: {page.updated.said}")
    return passed(f"it is the version that {row.approved_by} approved on {row.approved_at}, with {len(row.markers)} markers")


def _aged(page: Fetched, now: datetime, max_age_days: int) -> Iterator[str]:
    if page.updated is None:
        yield "it does not say when it was last updated"
    elif page.updated.day is not None and (age := days_between(page.updated.day, now)) > max_age_days:
        yield f"it was last updated {age} days ago ({page.updated.said}); {max_age_days} are allowed"

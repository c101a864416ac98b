"""Whether a page is the version that somebody approved."""

from collections.abc import Iterator

from controlmon.facts.base import All
from controlmon.facts.document.kept import worked_here
from controlmon.facts.document.people import Person
from controlmon.facts.document.systems import Page, PageRow
from controlmon.facts.document.web import Fetched


def unapproved(row: PageRow, page: Fetched, people: All[Person]) -> str:
    """Why no version of a page counts as approved; empty if one does. Raises `Unseen` as `worked_here` does."""
    if row.approved is None or row.approved_at is None or row.approved_by is None:
        return f"no version of it was approved: the register needs its digest (now {page.digest}), who approved it and when"
    here = worked_here(people, row.approved_by, row.approved_at)
    return "" if here else f"{row.approved_by}, who approved it, did not work here on {row.approved_at}"


def departures(row: PageRow, page: Fetched) -> Iterator[str]:
    """How what is shown differs from what was approved."""
    if absent := [marker for marker in row.markers if not page.markers.get(marker)]:
        yield f"it does not show {', '.join(absent)}"
    if page.digest != row.approved:
        yield f"its text is {page.digest}, and {row.approved} was approved on {row.approved_at}"


def shown_statuses(pages: All[Page]) -> tuple[dict[str, str], str]:
    """What the status page shows of each control, and why it shows nothing, if so. Raises `Unseen` if the page was not seen."""
    page = pages.first(lambda one: one.row.kind == "status")
    if page is None:
        return {}, "the register has no page of kind `status`"
    seen = page.fetched
    why = seen.dead() or ("" if seen.statuses else "it shows no status that can be read: it needs JSON, {CONTROL: STATUS}")
    return ({}, f"{page.row.url}: {why}") if why else (seen.statuses, "")

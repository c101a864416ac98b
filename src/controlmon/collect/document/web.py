"""Published pages: fetched as a visitor would, and told by what they show, not kept whole."""

from urllib.parse import urlsplit

from controlmon.collect.base import Ask, Met, Operation, Service
from controlmon.collect.document.shown import security_txt, shown
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.document.systems import Page

web = Service("document", "web")
GET = Operation("http", "GET", needs=("reach the pages of the register",))


@web.answers(Page.fetched, GET, after=(Page.row,))
def fetched(ask: Ask, page: Met) -> Raw:
    """The page, where it redirects to."""
    row = Page.row.view(page.answer(Page.row))
    raw = ask(url=row.url)
    told = _about(raw)
    if raw.get("status") != 200:
        return told
    return {**told, **shown(raw["text"], told["type"].partition(";")[0].strip().lower(), row.markers, row.kind), "bytes": raw["bytes"]}


@web.answers(Page.contact, GET, after=(Page.row,))
def contact(ask: Ask, page: Met) -> Raw:
    """The security.txt of its host, if it tells how to report."""
    row = Page.row.view(page.answer(Page.row))
    if row.kind != "reporting":
        return not_asked("it is no page that tells how to report")
    parts = urlsplit(row.url)
    raw = ask(url=f"{parts.scheme}://{parts.netloc}/.well-known/security.txt")
    return {**_about(raw), **(security_txt(raw["text"]) if raw.get("status") == 200 else {})}


def _about(raw: Raw) -> Raw:
    told = {name: raw[name] for name in ("url", "status", "tls", "hops") if name in raw}
    return {**told, "type": raw.get("headers", {}).get("content-type", "")}

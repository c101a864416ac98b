"""Pure. What a page shows: the digest of its text, its markers, the day of its last update, the list and the statuses that it publishes."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from controlmon.collect.document.markup import Markup, plain
from controlmon.core.canonical import digest

DAY = (
    r"(\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2}|[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\d{1,2}(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?,? \d{4})"
)
BEFORE = (r"last\s+(?:update|updated|modified|revised|change|changed)", r"(?:updated|revised)", r"effective(?:\s+date|\s+as\s+of)?")
"""What stands before the day of a last update, the strongest first."""
NAMED = re.compile(r"sub-?processor|vendor|provider|third.part|\bname\b|entity|company|supplier", re.IGNORECASE)
"""The head of a column that names subprocessors."""


def shown(text: str, kind: str, markers: Iterable[str], sort: str) -> dict[str, Any]:
    """What a page shows, as `facts.document.web.Fetched` has it.

    Args:
        text: the body.
        kind: its media type.
        markers: the words to look for.
        sort: the page's kind in the register: what is looked for besides.

    """
    html = "html" in kind or (not kind and "<html" in text[:1000].lower())
    page = Markup(text) if html else None
    words = page.text if page else plain(text)
    title = plain(page.title) if page else ""
    told: dict[str, Any] = {
        "digest": digest(words.encode("utf-8", "replace")),
        "words": len(words.split()),
        "scripts": page.scripts if page else 0,
        "title": title,
        "markers": {one: plain(one).casefold() in f"{title} {words}".casefold() for one in sorted(markers)},
        "updated": updated(words),
    }
    if sort == "subprocessors":
        told |= {"listed": listed(page, text), "subscribe": sorted(page.subscribe) if page else []}
    if sort == "reporting":
        told["anonymous"] = "anonym" in words.casefold()
    if sort == "status":
        told["statuses"] = statuses(text)
    return told


def updated(text: str) -> dict[str, str | None] | None:
    """The words about the last update and the day that they tell; None if there are no such words."""
    for before in BEFORE:
        if found := re.search(rf"\b{before}(?:\s+(?:on|as\s+of|date))?\s*[:\u2013-]?\s*{DAY}", text, re.IGNORECASE):
            return {"said": found[0], "day": _day(found[1])}
    if found := re.search(rf"\b{BEFORE[0]}.{{0,30}}", text, re.IGNORECASE):
        return {"said": found[0], "day": None}
    return None


def _day(said: str) -> str | None:
    bare = re.sub(r"(?<=\d)(st|nd|rd|th)\b|[.,]", "", said, flags=re.IGNORECASE).title()
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y"):
        try:
            return date.isoformat(datetime.strptime(bare, form).date())  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def listed(page: Markup | None, text: str) -> list[str]:
    """The subprocessors that a page lists, sorted: of JSON, of tables with a column of names, or of lists under such a heading."""
    if page is None:
        return _names(_of_json(text))
    found: list[str] = []
    for head, *rows in (table for table in page.tables if table):
        column = next((i for i, cell in enumerate(head) if NAMED.search(cell)), None)
        if column is not None:
            found += [row[column] for row in rows if column < len(row)]
    found = found or [item for heading, item in page.items if re.search(r"sub-?processor", heading, re.IGNORECASE)]
    return _names(found)


def _names(found: Iterable[str]) -> list[str]:
    return sorted({name for one in found if (name := plain(re.split(r"\s[(\u2013\u2014-]|[:(\u2013\u2014]", one)[0]))})


def _of_json(text: str) -> list[str]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    several = (
        data if isinstance(data, list) else next((v for v in data.values() if isinstance(v, list)), []) if isinstance(data, dict) else []
    )
    names = [one.get("name") or one.get("subprocessor") if isinstance(one, dict) else one for one in several]
    return [one for one in names if isinstance(one, str)]


def statuses(text: str) -> dict[str, str]:
    """What a status page shows of each control: `{CONTROL: STATUS}` or a list of `{"id", "status"}`, bare or as `controls`."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    data = data.get("controls", data) if isinstance(data, dict) else data
    if isinstance(data, list):
        data = {one.get("id"): one.get("status") for one in data if isinstance(one, dict)}
    pairs = data.items() if isinstance(data, dict) else ()
    return {name: status for name, status in pairs if isinstance(name, str) and isinstance(status, str)}


def security_txt(text: str) -> dict[str, Any]:
    """The fields of a security.txt by name in lower case, lines that are none, and whether it is signed (RFC 9116 sections 2.3, 4)."""
    body = text.replace("\r\n", "\n")
    signed = body.startswith("-----BEGIN PGP SIGNED MESSAGE-----")
    if signed:
        body = body.partition("\n\n")[2].partition("-----BEGIN PGP SIGNATURE-----")[0]
    fields: dict[str, list[str]] = {}
    strange = []
    for line in (one.removeprefix("- ") if signed else one for one in body.split("\n")):
        name, colon, value = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) and value.strip():
            fields.setdefault(name.lower(), []).append(value.strip())
        else:
            strange.append(line[:100])
    return {"fields": fields, "strange": strange, "signed": signed}

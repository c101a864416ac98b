"""A published page as it was found: what it shows, what it lists, and its security.txt."""

from datetime import date, datetime

from msgspec import field

from controlmon.core.fact import Raw
from controlmon.facts.base import View
from controlmon.facts.document.schema import converted

BOT_WALLS = (403, 429, 503)
"""Statuses with which a site keeps out who is no browser: they say nothing of the page."""


class Hop(View, frozen=True):
    """A redirect that was followed."""

    url: str
    status: int


class Updated(View, frozen=True):
    """The words of a page about its last update, and the day that they tell (None: it cannot be read)."""

    said: str
    day: date | None = None


class Fetched(View, frozen=True):
    """A page.

    Attributes:
        url: where it was in the end, after `hops`.
        status: of HTTP; 0 if the server's certificate is not to be believed, as `tls` says.
        digest: of the text that it shows: without scripts, styles and markup, white space as one blank, in Unicode's form C, as UTF-8.
        words: how many words that text has; `scripts` how many scripts the page has: one of few words is made in the browser.
        markers: for each word of the register, whether the text or the title has it, in any case.
        listed: the subprocessors that it lists.
        subscribe: how one can be told of changes: `feed`, `form`, `link`.
        anonymous: whether it speaks of reporting anonymously.
        statuses: of a status page, what it shows of each control.

    """

    url: str
    status: int = 0
    tls: str = ""
    hops: tuple[Hop, ...] = ()
    type: str = ""
    digest: str = ""
    bytes: int = 0
    words: int = 0
    scripts: int = 0
    title: str = ""
    markers: dict[str, bool] = field(default_factory=dict)
    updated: Updated | None = None
    listed: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    anonymous: bool = False
    statuses: dict[str, str] = field(default_factory=dict)

    @property
    def walled(self) -> bool:
        """Whether a wall against robots answered in its place."""
        return self.status in BOT_WALLS

    def dead(self) -> str:
        """Why it is not live over TLS; empty if it is."""
        if self.tls:
            return f"its certificate is not to be believed: {self.tls}"
        if bare := next((url for url in (*(hop.url for hop in self.hops), self.url) if not url.startswith("https://")), ""):
            return f"{bare} is not over TLS"
        return "" if self.status == 200 else f"it answers {self.status}"

    def shell(self, words: int) -> bool:
        """Whether it shows fewer than so many words, and has scripts that may show the rest."""
        return self.scripts > 0 and self.words < words


class SecurityTxt(View, frozen=True):
    """A security.txt (RFC 9116): each field's values by its name in lower case, and lines that are none.

    Attributes:
        url: where it was found in the end.
        signed: whether it is wrapped in an OpenPGP cleartext signature, which is not verified.

    """

    url: str
    status: int = 0
    tls: str = ""
    hops: tuple[Hop, ...] = ()
    type: str = ""
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    strange: tuple[str, ...] = ()
    signed: bool = False

    @property
    def walled(self) -> bool:
        """Whether a wall against robots answered in its place."""
        return self.status in BOT_WALLS

    def wrong(self, now: datetime) -> str:
        """Why it is no valid security.txt at a time; empty if it is. The numbers are sections of RFC 9116."""
        if self.tls or self.status != 200:
            return f"its certificate is not to be believed: {self.tls}" if self.tls else f"{self.url} answers {self.status}"
        kind, _, rest = self.type.lower().partition(";")
        if not self.url.startswith("https://"):
            return f"{self.url} is not over TLS (3)"
        if kind.strip() != "text/plain" or (rest and "utf-8" not in rest):
            return f"it is served as {self.type or 'nothing that is told'}, not text/plain in UTF-8 (3)"
        return self._flaw() or _late(self.fields["expires"][0], now)

    def _flaw(self) -> str:
        contacts, expires, languages = (self.fields.get(name, ()) for name in ("contact", "expires", "preferred-languages"))
        bad = next((one for one in contacts if not one.lower().startswith(("https://", "mailto:", "tel:"))), "")
        canonical, places = self.fields.get("canonical", ()), {self.url, *(hop.url for hop in self.hops)}
        flaws = (
            (not contacts, "it has no Contact (2.5.3)"),
            (bool(bad), f"the Contact {bad} is no https, mailto or tel address (2.5.3)"),
            (len(expires) != 1, f"it has {len(expires) or 'no'} Expires, and needs one (2.5.5)"),
            (len(languages) > 1, "it has several Preferred-Languages (2.5.8)"),
            (bool(canonical) and not places & set(canonical), f"its Canonical is not where it was found, {self.url} (2.5.2)"),
            (bool(self.strange), f"it has the line {', '.join(self.strange[:1])}, which is no field (4)"),
        )
        return next((said for wrong, said in flaws if wrong), "")


def _late(said: str, now: datetime) -> str:
    try:
        until = datetime.fromisoformat(said)
    except ValueError:
        return f"its Expires {said} is no time (2.5.5)"
    if until.tzinfo is None:
        return f"its Expires {said} has no offset (2.5.5)"
    return f"it expired at {said}" if until <= now else ""


def fetched_of(raw: Raw) -> Fetched:
    """The page as it was found."""
    return converted(raw, Fetched)


def contact_of(raw: Raw) -> SecurityTxt | None:
    """The security.txt of the page's host; None for a page that tells of no reporting."""
    return converted(raw, SecurityTxt)

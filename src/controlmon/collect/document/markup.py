"""Pure. HTML as what it shows: its text, title, tables and lists, and the ways in which it offers to tell of changes."""

import re
import unicodedata
from html.parser import HTMLParser

HIDDEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object", "title"})
INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span"}
)
INLINE |= {"strong", "sub", "sup", "time", "u", "var", "wbr"}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CELLS = frozenset({"td", "th"})
KEPT = HEADINGS | CELLS | {"table", "tr", "ul", "ol", "li"}
OPTIONAL = {
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "td": (CELLS, frozenset({"tr", "table"})),
    "th": (CELLS, frozenset({"tr", "table"})),
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
}
"""What a tag closes that was left open before it, and how far that reaches (HTML section 13.1.2.4)."""
DEEPEST = 500
"""Tables and lists within each other; what lies deeper is text only."""
SIGN_UP = re.compile(r"subscri|\brss\b|\batom\b|notif|(?:^|[/.])feed", re.IGNORECASE)


def plain(text: str) -> str:
    """Text in Unicode's form C, white space as one blank."""
    return " ".join(unicodedata.normalize("NFC", text).split())


class Markup(HTMLParser):
    """A page that was read. Feed it once.

    Attributes:
        tables: rows of cells; `items` of lists, each with the heading above it.
        subscribe: `feed`, `form` or `link`, as far as there is one.

    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts, self.title, self.heading = 0, "", ""
        self.tables: list[list[list[str]]] = []
        self.items: list[tuple[str, str]] = []
        self.subscribe: set[str] = set()
        self._text: list[str] = []
        self._hidden: list[str] = []
        self._open: list[tuple[str, list[str], list[list[str]]]] = []
        self._link = ""
        self.feed(html)
        self.close()
        while self._open:
            self._pop()
        self.text = plain("".join(self._text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens."""
        about = {name: value or "" for name, value in attrs}
        self.scripts += tag == "script"
        self._offers(tag, about)
        if tag in HIDDEN:
            self._hidden.append(tag)
        elif tag in KEPT and len(self._open) < DEEPEST:
            self._shut(*OPTIONAL.get(tag, (frozenset(), frozenset())))
            self._open.append((tag, [], []))
        if tag not in INLINE:
            self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        """A tag closes, with what stands open in it."""
        if tag in self._hidden:
            while self._hidden.pop() != tag:
                pass
        elif tag in KEPT:
            self._shut(frozenset({tag}), frozenset() if tag in ("table", "ul", "ol") else frozenset({"table"}))
        if tag == "a":
            self._link = ""
        if tag not in INLINE:
            self._say(" ")

    def handle_data(self, data: str) -> None:
        """Text; that of a link may offer to subscribe."""
        if self._hidden:
            self.title += data if self._hidden == ["title"] else ""
            return
        if self._link and SIGN_UP.search(data):
            self.subscribe.add("link")
        self._say(data)

    def _say(self, data: str) -> None:
        if self._hidden:
            return
        self._text.append(data)
        if self._open:
            self._open[-1][1].append(data)

    def _offers(self, tag: str, about: dict[str, str]) -> None:
        if tag == "link" and "alternate" in about.get("rel", "").lower() and re.search("rss|atom", about.get("type", ""), re.IGNORECASE):
            self.subscribe.add("feed")
        if tag == "input" and "email" in (about.get("type", "").lower(), about.get("name", "").lower()):
            self.subscribe.add("form")
        if tag == "a" and about.get("href"):
            self._link = about["href"]
            if SIGN_UP.search(self._link):
                self.subscribe.add("link")

    def _shut(self, tags: frozenset[str], bounds: frozenset[str]) -> None:
        """Close the innermost of some tags, and all within it, unless one of the bounds is nearer."""
        for i in range(len(self._open) - 1, -1, -1):
            if self._open[i][0] in tags:
                while len(self._open) > i:
                    self._pop()
                return
            if self._open[i][0] in bounds:
                return

    def _pop(self) -> None:
        tag, said, rows = self._open.pop()
        text = plain("".join(said))
        if tag in HEADINGS:
            self.heading = text
            if self._open:
                self._open[-1][1].append(text)
        elif tag in CELLS and self._open and self._open[-1][0] == "tr":
            self._open[-1][2].append([text])
        elif tag == "tr" and self._open and self._open[-1][0] == "table":
            self._open[-1][2].append([cell for (cell,) in rows])
        elif tag == "table":
            self.tables.append(rows)
        elif tag == "li":
            self.items.append((self.heading, text))

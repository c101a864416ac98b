"""One operation of Azure, asked: pages to their end, rows of the graph kept apart by subscription, how it was seen remembered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from controlmon.collect.azure.operations import Arm, Directory, Query
from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, absent, is_absent

if TYPE_CHECKING:
    from controlmon.collect.azure.session import AzureSession

GRAPH_PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
PAGE_LIMIT = 100_000
"""Pages after which a listing that goes on is taken for one that never ends."""
ROWS = 1000
"""The most rows that the graph gives in a page."""


class Trail:
    """How the answers to one question were obtained: shared by an ask and those made from it."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.pages = seen, 0
        self.parameters: dict[str, Any] | None = None


class AzureAsk:
    """One operation, ready to be asked in one scope of a session."""

    def __init__(self, session: AzureSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        self._session, self.operation, self.scope = session, operation, scope
        self._wire = session.directory if isinstance(operation, Directory) else session.wire
        self._trail = trail or Trail(Seen(operation.id, timestamp(session.clock()), endpoint=self._wire.endpoint))

    @property
    def pages(self) -> int:
        """How many answers it has had."""
        return self._trail.pages

    @property
    def parameters(self) -> dict[str, Any]:
        """What the first question was asked with."""
        return self._trail.parameters or {}

    @property
    def partition(self) -> str:
        """`public`, `usgov` or `china`."""
        return self._session.cloud

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """How the last answer was obtained."""
        return self._trail.seen

    def to(self, operation: Operation) -> AzureAsk:
        """Another operation in the same scope."""
        return AzureAsk(self._session, operation, self.scope, self._trail)

    def at(self, region: str) -> AzureAsk:  # noqa: ARG002 - Resource Manager is asked in one place for all regions
        """The same operation."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if self.operation.shared:
            return next(self.whole(**parameters))  # its first page, or the refusal
        return self._get(self._url(parameters))

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member` of every page; of a query, the rows of this scope's subscription. What may not be seen is refused."""
        self._session.prove(self.operation, self.scope)
        if isinstance(self.operation, Query):
            yield from self._rows()
            return
        for page in self.whole(**parameters):
            if is_absent(page):  # "not configured", of a list, is a list without items
                return
            if not isinstance(page.get(member), list):
                raise Refused(Gap(GapKind.MALFORMED, self.operation.id, f"there is no list of {member}", self.operation.needs))
            yield from page[member]

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page. Raises `Refused` if one is missing, or if they go round in circles."""
        url = self._url(parameters)
        if not self.operation.shared:
            yield from self._pages(url, parameters if isinstance(self.operation, Directory) and self.operation.posts else None)
            return
        pages, gap = self._session.once(self, url, lambda: gathered(self._pages(url)))
        yield from pages
        if gap is not None:
            raise Refused(gap)

    def _pages(self, url: str, body: Raw = None) -> Iterator[Raw]:
        passed: set[str] = set()
        while url:
            if url in passed or len(passed) > PAGE_LIMIT:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(url)
            page = self._get(url, body)
            yield page
            url, body = page.get("nextLink") or page.get("@odata.nextLink") or "", None
            if url and not self._is_ours(url):
                raise Refused(self._cut("the next page is said to be on another host, which is not sent our token"))

    def _is_ours(self, url: object) -> bool:
        ours, theirs = urlsplit(self._wire.endpoint), urlsplit(str(url))
        return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())

    def _rows(self) -> Iterator[Raw]:
        rows, gap = self._session.once(self, "", self._query)
        yield from rows.get(self.scope.target, ())
        if gap is not None:
            raise Refused(gap)

    def query(self) -> tuple[dict[str, list[Raw]], Gap | None]:
        """Every row of a query by its subscription, and why they are not all, if so."""
        return self._session.once(self, "", self._query)  # type: ignore[no-any-return] # what _query gives

    def _query(self) -> tuple[dict[str, list[Raw]], Gap | None]:
        subscriptions = sorted(self._session.subscriptions)
        rows: dict[str, list[Raw]] = {}
        assert isinstance(self.operation, Query)  # noqa: S101 - for the type checker
        self._trail.parameters = {"query": self.operation.text, "subscriptions": len(subscriptions)}
        try:
            size = self.operation.subscriptions
            for start in range(0, len(subscriptions), size):
                for row in self._batch(self.operation, subscriptions[start : start + size]):
                    rows.setdefault(row["subscriptionId"].lower(), []).append(row)
        except Refused as refused:
            return rows, refused.gap
        except (KeyError, TypeError, AttributeError) as error:
            what = f"there is no {error}" if isinstance(error, KeyError) else str(error)
            return rows, Gap(GapKind.MALFORMED, self.operation.id, what, self.operation.needs)
        return rows, None

    def _batch(self, query: Query, subscriptions: list[str]) -> Iterator[Raw]:
        token, passed, count = "", set[str](), 0
        while True:
            options = {"resultFormat": "objectArray", "$top": ROWS} | ({"$skipToken": token} if token else {})
            body = {"query": query.text, "subscriptions": subscriptions, "options": options}
            page = self._get(f"{self._wire.endpoint}{GRAPH_PATH}", body)
            if not isinstance(page["data"], list) or type(page["totalRecords"]) is not int:
                raise TypeError("data is not a list of rows, or totalRecords no number")
            for row in page["data"]:
                if row["type"].lower() not in query.types or not (query.counts or row["id"].startswith("/")):
                    raise TypeError(f"a row of {row['type']} is not what was asked for")
                yield row
            count += len(page["data"])
            token = page.get("$skipToken") or ""
            if not token:
                if str(page["resultTruncated"]).lower() == "true" or count != page["totalRecords"]:
                    raise Refused(self._cut(f"there are {count} rows of {page['totalRecords']}, and no way to the rest"))
                return
            if token in passed or len(passed) > PAGE_LIMIT:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(token)

    def _cut(self, why: str) -> Gap:
        return Gap(GapKind.TRUNCATED, self.operation.id, f"after {self.pages} pages {why}", self.operation.needs)

    def _url(self, parameters: dict[str, object]) -> str:
        operation = self.operation
        if isinstance(operation, Directory):
            if self._trail.parameters is None:
                self._trail.parameters = dict(parameters)
            return f"{self._wire.endpoint}/v1.0{operation.path.format_map(parameters)}"
        if not isinstance(operation, Arm):
            raise TypeError(f"{operation.id} is no operation of Resource Manager")
        if self._trail.parameters is None:
            self._trail.parameters = {"api-version": operation.api, **({"where": operation.where} if operation.where else {}), **parameters}
        here = {"subscription": self.scope.target, "tenant": self._session.tenant, **parameters}
        path = quote(operation.path.format_map(here), safe="/()'")
        return f"{self._wire.endpoint}{path}?api-version={operation.api}" + (f"&{operation.where}" if operation.where else "")

    def _get(self, url: str, body: Raw = None) -> Raw:
        answer = self._wire.send(self.operation, url, body)
        self._trail.pages += answer.gap is None
        now = timestamp(self._session.clock())
        endpoint = self._wire.endpoint
        self._trail.seen = Seen(self.operation.id, now, answer.request_id, answer.date, self.pages, endpoint)
        if answer.code and answer.code in self.operation.absent:
            return absent(answer.code)
        if answer.gap is not None:
            raise Refused(answer.gap)
        if not isinstance(answer.body, dict):
            raise Refused(Gap(GapKind.MALFORMED, self.operation.id, "the answer is no object", self.operation.needs))
        return plain(answer.body, self.operation.drops)

    def adopt(self, trail: Trail) -> None:
        """Take over how another ask obtained the answer that both are given."""
        self._trail.seen, self._trail.pages = trail.seen, trail.pages
        if self._trail.parameters is None:
            self._trail.parameters = trail.parameters

    @property
    def trail(self) -> Trail:
        """How its answers were obtained."""
        return self._trail


def gathered(pages: Iterator[Raw]) -> tuple[list[Raw], Gap | None]:
    """The pages there are, and why there are no more, if they do not come to their end."""
    found: list[Raw] = []
    try:
        found.extend(pages)
    except Refused as refused:
        return found, refused.gap
    return found, None


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any, drops: tuple[str, ...] = ()) -> Raw:  # noqa: ANN401 - JSON
    """An answer without the members named in `drops`, which says so in their place. Numbers beyond JSON's (RFC 8785) become text."""
    if isinstance(value, dict):
        return {k: DROPPED if k in drops else plain(v, drops) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v, drops) for v in value]
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)
    return value


DROPPED = "[dropped: it may hold a secret]"

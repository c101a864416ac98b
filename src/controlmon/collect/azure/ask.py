"""One operation of Azure, asked: pages to their end, rows of the graph kept apart by subscription."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from controlmon.collect.ask import SHAPE_ERRORS, BaseAsk, Trail, misshapen, plain
from controlmon.collect.azure.operations import Arm, Directory, Query
from controlmon.collect.base import Operation, Refused
from controlmon.collect.microsoft_wire import gap_of
from controlmon.core.fact import Gap, Raw, Scope, absent

if TYPE_CHECKING:
    from controlmon.collect.azure.session import AzureSession

GRAPH_PATH = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01"
ROWS = 1000
"""The most rows that the graph gives in a page."""


class AzureAsk(BaseAsk):
    """One operation, ready to be asked in one scope of a session."""

    def __init__(self, session: AzureSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        super().__init__(session, operation, scope, trail)
        self._session = session
        self._wire = session.way(operation)

    @property
    def partition(self) -> str:
        """`public`, `usgov` or `china`."""
        return self._session.cloud

    def to(self, operation: Operation) -> AzureAsk:
        """Another operation in the same scope."""
        return AzureAsk(self._session, operation, self.scope, self._trail)

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if self.operation.shared:
            return next(self.whole(**parameters))  # its first page, or the refusal
        return self._answer(parameters)

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member` of every page; of a query, the rows of this scope's subscription. What may not be seen is refused."""
        self._session.prove(self.operation, self.scope)
        yield from self._rows() if isinstance(self.operation, Query) else super().items(member, **parameters)

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page. Raises `Refused` if one is missing, or if they go round in circles."""
        url = self._url(parameters)
        if not self.operation.shared:
            yield from self._pages(url, parameters if isinstance(self.operation, Directory) and self.operation.posts else None)
            return
        pages, gap = self._session.once((self.operation.id, url), self._trail, lambda: gathered(self._pages(url)))
        yield from pages
        if gap is not None:
            raise Refused(gap)

    def _pages(self, url: str, body: Raw = None) -> Iterator[Raw]:
        passed: set[Hashable] = set()
        while url:
            self._pass(url, passed)
            page = self._get(url, body)
            yield page
            url, body = page.get("nextLink") or page.get("@odata.nextLink") or "", None
            if url and not self._wire.owns(url):
                raise self._cut("the next page is said to be on another host, which is not sent our token")

    def _rows(self) -> Iterator[Raw]:
        rows, gap = self.query()
        yield from rows.get(self.scope.target, ())
        if gap is not None:
            raise Refused(gap)

    def query(self) -> tuple[dict[str, list[Raw]], Gap | None]:
        """Every row of a query by its subscription, and why they are not all, if so."""
        return self._session.once(self.operation.id, self._trail, self._query)  # type: ignore[no-any-return] # what _query gives

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
        except SHAPE_ERRORS as error:
            return rows, misshapen(self.operation, error)
        return rows, None

    def _batch(self, query: Query, subscriptions: list[str]) -> Iterator[Raw]:
        token, passed, count = "", set[Hashable](), 0
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
                    raise self._cut(f"there are {count} rows of {page['totalRecords']}, and no way to the rest")
                return
            self._pass(token, passed)

    def _answer(self, parameters: dict[str, Any]) -> Raw:
        return self._get(self._url(parameters))

    def _url(self, parameters: dict[str, object]) -> str:
        operation = self.operation
        if isinstance(operation, Directory):
            self._began(parameters)
            return f"{self._wire.endpoint}/v1.0{operation.path.format_map(parameters)}"
        if not isinstance(operation, Arm):
            raise TypeError(f"{operation.id} is no operation of Resource Manager")
        self._began({"api-version": operation.api, **({"where": operation.where} if operation.where else {}), **parameters})
        here = {"subscription": self.scope.target, "tenant": self._session.tenant, **parameters}
        path = quote(operation.path.format_map(here), safe="/()'")
        return f"{self._wire.endpoint}{path}?api-version={operation.api}" + (f"&{operation.where}" if operation.where else "")

    def _get(self, url: str, body: Raw = None) -> Raw:
        answer = self._wire.send(url, body)
        self._trail.pages += answer.good
        self._remember(answer.request_id, answer.headers.get("date", ""), self._wire.endpoint)
        if answer.good:
            return plain(answer.body, self.operation.drops)
        if answer.code in self.operation.absent:
            return absent(answer.code)
        raise Refused(gap_of(answer, self.operation))


def gathered(pages: Iterator[Raw]) -> tuple[list[Raw], Gap | None]:
    """The pages there are, and why there are no more, if they do not come to their end."""
    found: list[Raw] = []
    try:
        found.extend(pages)
    except Refused as refused:
        return found, refused.gap
    return found, None

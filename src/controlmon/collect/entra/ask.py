"""One operation of Graph, asked: pages to their end, errors told apart, how it was seen remembered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from controlmon.collect.base import Operation, Refused
from controlmon.collect.entra.errors import Answer, gap_of
from controlmon.collect.entra.operations import TOKEN
from controlmon.collect.microsoft import timestamp, without
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, absent, is_absent

if TYPE_CHECKING:
    from controlmon.collect.entra.session import EntraSession

NEXT = {"graph": "@odata.nextLink", "arm": "nextLink"}
PAGE_LIMIT = 100_000
"""Pages after which a listing that goes on is taken for one that never ends."""


class Trail:
    """How the answers to one question were obtained: shared by an ask and those made from it."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.pages = seen, 0
        self.parameters: dict[str, Any] | None = None


class GraphAsk:
    """One operation, ready to be asked. What its path names in braces is filled in; all other parameters are query options."""

    def __init__(self, session: EntraSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        self._session, self.operation, self.scope = session, operation, scope
        self._trail = trail or Trail(Seen(operation.id, timestamp(session.terms.clock())))

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
        """The cloud: `public`, `usgov` or `china`."""
        return self._session.cloud

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """How the last answer was obtained."""
        return self._trail.seen

    def to(self, operation: Operation) -> GraphAsk:
        """Another operation in the same tenant."""
        return GraphAsk(self._session, operation, self.scope, self._trail)

    def at(self, region: str) -> GraphAsk:  # noqa: ARG002 - a tenant has no regions
        """The same operation."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret; a collection with all its pages. Raises `Refused` if there is none."""
        if self.operation == TOKEN:
            return self._session.bearer
        if not self.operation.shared:
            return self.gathered(parameters)
        answer, self._trail.seen = self._session.once(self, parameters)
        if isinstance(answer, Gap):
            raise Refused(answer)
        return answer

    def gathered(self, parameters: dict[str, Any]) -> Raw:
        """One answer out of all pages. Raises `Refused` as `whole` does."""
        first: Raw = None
        for page in self._pages(parameters):
            if first is None:
                first = page
            else:
                first["value"] = [*first["value"], *page["value"]]
        if not is_absent(first):
            first.pop(NEXT[self.operation.service], None)
        return first

    def items(self, member: str = "value", **parameters: object) -> Iterator[Raw]:
        """The items of `member` of every page; none if the answer is that the thing is not there."""
        for page in self.whole(**parameters):
            if not isinstance(page[member], list):
                raise TypeError(f"{member} is not a list")
            yield from page[member]

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page; none if the answer is that the thing is not there.

        Raises:
            Refused: if a page is missing, or if the link to the next one leads elsewhere or round in circles.

        """
        for page in self._pages(parameters):
            if not is_absent(page):
                yield page

    def _pages(self, parameters: dict[str, Any]) -> Iterator[Raw]:
        page = self._call(parameters)
        passed: set[str] = set()
        link = NEXT[self.operation.service]
        while True:
            yield page
            following = None if is_absent(page) else page.get(link)
            if following is None:
                return
            if not isinstance(following, str) or not self._session.is_ours(self.operation.service, following):
                raise Refused(self._cut("the link to the next page leads elsewhere"))
            if following in passed or len(passed) > PAGE_LIMIT:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(following)
            page = self._read(self._session.get(self.operation.service, following))

    def _cut(self, why: str) -> Gap:
        return Gap(GapKind.TRUNCATED, self.operation.id, f"after {self.pages} pages {why}", self.operation.needs)

    def _call(self, parameters: dict[str, Any]) -> Raw:
        if self._trail.parameters is None:
            self._trail.parameters = dict(parameters)
        template = self.operation.name.partition(" ")[2]
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        path = template.format(**{name: quote(str(parameters[name]), safe="") for name in names})
        options = {f"${name}": value for name, value in parameters.items() if name not in names}
        if options:
            path += "?" + urlencode(options, safe="$,()'/:", quote_via=quote)
        # A question about one object travels with others; a listing goes by itself.
        return self._read(self._session.together(self.operation, path) if names else self._session.get(self.operation.service, path))

    def _read(self, answer: Answer) -> Raw:
        good = answer.error is None and isinstance(answer.body, dict)
        self._trail.pages += good
        headers, at = answer.headers, timestamp(self._session.terms.clock())
        endpoint = self._session.base(self.operation.service)
        self._trail.seen = Seen(self.operation.id, at, headers.get("request-id", ""), headers.get("date", ""), self.pages, endpoint)
        if good:
            return without(answer.body, self.operation.drops)
        if answer.error is not None and answer.code in self.operation.absent:
            return absent(answer.code, answer.said)
        raise Refused(gap_of(answer, self.operation))

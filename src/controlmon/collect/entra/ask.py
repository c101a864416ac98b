"""One operation of Graph, asked: pages to their end, and single objects in batches."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from string import Formatter
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from controlmon.collect.ask import BaseAsk, Trail, plain
from controlmon.collect.base import Operation, Refused
from controlmon.collect.entra.errors import code_of, gap_of
from controlmon.collect.entra.operations import TOKEN
from controlmon.collect.microsoft_wire import Answer, Wire
from controlmon.core.fact import Raw, Scope, absent, is_absent

if TYPE_CHECKING:
    from controlmon.collect.entra.session import EntraSession

NEXT = {"graph": "@odata.nextLink", "arm": "nextLink"}


class GraphAsk(BaseAsk):
    """One operation, ready to be asked. What its path names in braces is filled in; all other parameters are query options."""

    def __init__(self, session: EntraSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        super().__init__(session, operation, scope, trail)
        self._session = session

    @property
    def partition(self) -> str:
        """The cloud: `public`, `usgov` or `china`."""
        return self._session.cloud

    def to(self, operation: Operation) -> GraphAsk:
        """Another operation in the same tenant."""
        return GraphAsk(self._session, operation, self.scope, self._trail)

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret; a collection with all its pages. Raises `Refused` if there is none."""
        return self._session.bearer if self.operation == TOKEN else super().__call__(**parameters)

    def items(self, member: str = "value", **parameters: object) -> Iterator[Raw]:
        """The items of every page; none if the answer is that the thing is not there."""
        return super().items(member, **parameters)

    def _answer(self, parameters: dict[str, Any]) -> Raw:
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
        passed: set[Hashable] = set()
        link = NEXT[self.operation.service]
        while True:
            yield page
            following = None if is_absent(page) else page.get(link)
            if following is None:
                return
            if not isinstance(following, str) or not self._wire.owns(following):
                raise self._cut("the link to the next page leads to another host, which is not sent our token")
            self._pass(following, passed)
            page = self._read(self._wire.send(following))

    @property
    def _wire(self) -> Wire:
        return self._session.wires[self.operation.service]

    def _call(self, parameters: dict[str, Any]) -> Raw:
        self._began(parameters)
        template = self.operation.name.partition(" ")[2]
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        path = template.format(**{name: quote(str(parameters[name]), safe="") for name in names})
        options = {f"${name}": value for name, value in parameters.items() if name not in names}
        if options:
            path += ("&" if "?" in path else "?") + urlencode(options, safe="$,()'/:", quote_via=quote)
        # A question about one object travels with others; a listing goes by itself.
        return self._read(self._session.together(self.operation, path) if names else self._wire.send(path))

    def _read(self, answer: Answer) -> Raw:
        self._trail.pages += answer.good
        self._remember(answer.request_id, answer.headers.get("date", ""), self._wire.endpoint)
        if answer.good:
            return plain(answer.body, self.operation.drops)
        if code_of(answer) in self.operation.absent:
            return absent(code_of(answer), answer.said)
        raise Refused(gap_of(answer, self.operation))

"""One Datadog operation, asked: the raw JSON, pages to their end, errors told apart."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from controlmon.collect.ask import PAGE_LIMIT, BaseAsk, Trail, plain
from controlmon.collect.base import Operation, Refused
from controlmon.collect.datadog.errors import CALL_ERRORS, Unreadable, gap_of, status_of
from controlmon.collect.datadog.operation import WHO, Paging, Read
from controlmon.core.fact import Raw, Scope, absent, is_absent

if TYPE_CHECKING:
    from controlmon.collect.datadog.session import DatadogSession


class DatadogAsk(BaseAsk):
    """One operation, ready to be asked of an organization. Its parameters are those of datadog-api-client's method."""

    def __init__(self, session: DatadogSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        super().__init__(session, operation, scope, trail)
        self._session = session

    def to(self, operation: Operation) -> DatadogAsk:
        """Another operation of the same organization."""
        return DatadogAsk(self._session, operation, self.scope, self._trail)

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if self.operation == WHO and (identity := getattr(self._session, "identity", None)):
            self._trail.seen, self._trail.pages = identity.seen, 1
            return identity.raw
        return super().__call__(**parameters)

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page.

        Raises:
            Refused: if a page is missing, if there are fewer items than the answer says, or if it goes round in circles.

        """
        paging = self.operation.paging if isinstance(self.operation, Read) else Paging.NONE
        if paging is Paging.NUMBER:
            yield from self._numbered(dict(parameters))
        elif paging is Paging.CURSOR:
            yield from self._by_cursor(dict(parameters))
        else:
            yield self._answer(dict(parameters))

    def _numbered(self, parameters: dict[str, Any]) -> Iterator[Raw]:
        """Pages by number, to the count that the answer tells, or else to the first that is empty: a short one may be Datadog's limit."""
        passed: set[Hashable] = set()
        count = 0
        for number in range(PAGE_LIMIT):
            page = self._answer({**parameters, "page_size": self._size, "page_number": number})
            items, total = self._listed(page), _total(page)
            if not items:
                if total is not None and count < total:
                    raise self._cut(f"there were {count} of {total}")
                yield page
                return
            self._pass(hash(json.dumps(items, sort_keys=True)), passed)
            count += len(items)
            yield page
            if total is not None and count >= total:
                return
        raise self._cut("it still goes on")

    def _by_cursor(self, parameters: dict[str, Any]) -> Iterator[Raw]:
        """Pages by the cursor that each gives for the next, in the body of the question."""
        passed: set[Hashable] = set()
        body = dict(parameters.pop("body", {}))
        if self._size:
            body["page"] = {"limit": self._size, **body.get("page", {})}
        while True:
            page = self._answer({**parameters, "body": body})
            self._listed(page)
            yield page
            cursor = ((page.get("meta") or {}).get("page") or {}).get("after")
            if not cursor:
                return
            self._pass(cursor, passed)
            body = {**body, "page": {**body.get("page", {}), "cursor": cursor}}

    @property
    def _size(self) -> int:
        return self.operation.size if isinstance(self.operation, Read) else 100

    @property
    def _member(self) -> str:
        return self.operation.member if isinstance(self.operation, Read) else "data"

    def _listed(self, page: Raw) -> list[Raw]:
        """The items of a page; none where Datadog says that there is no such thing."""
        return [] if is_absent(page) else self._list(page, self._member)

    def _answer(self, parameters: dict[str, Any]) -> Raw:
        self._began(parameters)
        try:
            headers, answer = self._send(parameters)
        except (*CALL_ERRORS, Unreadable) as error:
            self._told(getattr(error, "headers", None) or {}, None)
            if str(status_of(error)) in self.operation.absent:
                return absent(str(status_of(error)))
            raise Refused(self._session.without_secrets(gap_of(error, self.operation))) from error
        self._trail.pages += 1
        self._told(headers, answer)
        return plain(answer, self.operation.drops)

    def _send(self, parameters: dict[str, Any]) -> tuple[Mapping[str, str], Raw]:
        endpoint = self._session.endpoint_of(self.operation)
        made, settings, client = endpoint.gather_params(parameters), endpoint.settings, self._session.client
        response = client.call_api(
            settings["endpoint_path"],
            settings["http_method"],
            made["path"],
            made["query"],
            made["header"],
            body=made["body"],
            collection_formats=made["collection_format"],
            preload_content=False,
            request_timeout=client.configuration.request_timeout,
            host=self._session.host_of(self.operation),
        )
        try:
            answer = json.loads(response.data, parse_constant=_no_number)
        except ValueError as error:
            raise Unreadable(f"no JSON: {error}") from error
        if not isinstance(answer, dict | list) or (isinstance(answer, dict) and answer and set(answer) <= {"errors", "error"}):
            raise Unreadable("neither an object nor a list that Datadog would send")
        return response.headers, answer

    def _told(self, headers: Mapping[str, str], answer: Raw) -> None:
        low = {name.lower(): value for name, value in headers.items()}
        meta = answer.get("meta") if isinstance(answer, dict) else None
        request = low.get("x-request-id") or low.get("dd-request-id") or ""
        if not request and isinstance(meta, dict):
            request = str(meta.get("request_id") or "")
        self._remember(request, low.get("date", ""), self._session.endpoint)


def _total(page: Raw) -> int | None:
    """How many items there are in all, where the answer says so; under a filter, how many match it."""
    meta = page.get("meta") or {} if isinstance(page, dict) else {}
    paged, other = meta.get("page") or {}, meta.get("pagination") or {}
    for value in (paged.get("total_filtered_count"), paged.get("total_count"), other.get("total")):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _no_number(word: str) -> Any:  # noqa: ANN401
    raise ValueError(f"{word} is not JSON")

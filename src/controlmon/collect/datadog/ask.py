"""One Datadog operation, asked: the raw JSON, pages to their end, errors told apart, how it was seen remembered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from controlmon.collect.base import Operation, Refused
from controlmon.collect.datadog.errors import CALL_ERRORS, Unreadable, gap_of, status_of
from controlmon.collect.datadog.operation import WHO, Paging, Read
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, absent, is_absent

if TYPE_CHECKING:
    from controlmon.collect.datadog.session import DatadogSession

PAGE_LIMIT = 100_000
"""Pages after which a listing that goes on is taken for one that never ends."""
DROPPED = "[dropped: it may hold a secret]"


class Trail:
    """How the answers to one question were obtained: shared by an ask and those made from it."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.pages = seen, 0
        self.parameters: dict[str, Any] | None = None


class DatadogAsk:
    """One operation, ready to be asked of an organization. Its parameters are those of datadog-api-client's method."""

    partition = ""

    def __init__(self, session: DatadogSession, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        self._session, self.operation, self.scope = session, operation, scope
        self._trail = trail or Trail(Seen(operation.id, timestamp(session.clock())))

    @property
    def pages(self) -> int:
        """How many answers it has had."""
        return self._trail.pages

    @property
    def parameters(self) -> dict[str, Any]:
        """What the first question was asked with."""
        return self._trail.parameters or {}

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """How the last answer was obtained."""
        return self._trail.seen

    def to(self, operation: Operation) -> DatadogAsk:
        """Another operation of the same organization."""
        return DatadogAsk(self._session, operation, self.scope, self._trail)

    def at(self, region: str) -> DatadogAsk:  # noqa: ARG002 - Datadog has no regions within an organization
        """The same operation."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if self.operation == WHO and (identity := getattr(self._session, "identity", None)):
            self._trail.seen, self._trail.pages = identity.seen, 1
            return identity.raw
        if not self.operation.shared:
            return self.call(parameters)
        answer, self._trail.seen = self._session.once(self, parameters)
        if isinstance(answer, Gap):
            raise Refused(answer)
        return answer

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member` of every page."""
        for page in self.whole(**parameters):
            yield from _list(page, member)

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
            yield self.call(dict(parameters))

    def _numbered(self, parameters: dict[str, Any]) -> Iterator[Raw]:
        """Pages by number, to the count that the answer tells, or else to the first that is empty: a short one may be Datadog's limit."""
        passed: set[str] = set()
        count = 0
        for number in range(PAGE_LIMIT):
            page = self.call({**parameters, "page_size": self._size, "page_number": number})
            items, total = _list(page, self._member), _total(page)
            if not items:
                if total is not None and count < total:
                    raise Refused(self._cut(f"there were {count} of {total}"))
                yield page
                return
            if (print_ := json.dumps(items, sort_keys=True)) in passed:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(print_)
            count += len(items)
            yield page
            if total is not None and count >= total:
                return
        raise Refused(self._cut("it still goes on"))

    def _by_cursor(self, parameters: dict[str, Any]) -> Iterator[Raw]:
        """Pages by the cursor that each gives for the next, in the body of the question."""
        passed: set[str] = set()
        body = dict(parameters.pop("body", {}))
        if self._size:
            body["page"] = {"limit": self._size, **body.get("page", {})}
        while True:
            page = self.call({**parameters, "body": body})
            _list(page, self._member)
            yield page
            cursor = ((page.get("meta") or {}).get("page") or {}).get("after")
            if not cursor:
                return
            if cursor in passed or len(passed) > PAGE_LIMIT:
                raise Refused(self._cut("the answer leads round in circles"))
            passed.add(cursor)
            body = {**body, "page": {**body.get("page", {}), "cursor": cursor}}

    @property
    def _size(self) -> int:
        return self.operation.size if isinstance(self.operation, Read) else 100

    @property
    def _member(self) -> str:
        return self.operation.member if isinstance(self.operation, Read) else "data"

    def _cut(self, why: str) -> Gap:
        return Gap(GapKind.TRUNCATED, self.operation.id, f"after {self.pages} pages {why}", self.operation.needs)

    def call(self, parameters: Mapping[str, Any]) -> Raw:
        """Ask once. Raises `Refused` if there is no answer."""
        if self._trail.parameters is None:
            self._trail.parameters = plain(dict(parameters))
        try:
            headers, answer = self._send(dict(parameters))
        except (*CALL_ERRORS, Unreadable) as error:
            self._remember(getattr(error, "headers", None) or {}, None)
            if str(status_of(error)) in self.operation.absent:
                return absent(str(status_of(error)))
            raise Refused(self._session.without_secrets(gap_of(error, self.operation))) from error
        self._trail.pages += 1
        self._remember(headers, answer)
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

    def _remember(self, headers: Mapping[str, str], answer: Raw) -> None:
        low = {name.lower(): value for name, value in headers.items()}
        meta = answer.get("meta") if isinstance(answer, dict) else None
        request = low.get("x-request-id") or low.get("dd-request-id") or ""
        if not request and isinstance(meta, dict):
            request = str(meta.get("request_id") or "")
        at = timestamp(self._session.clock())
        self._trail.seen = Seen(self.operation.id, at, request, low.get("date", ""), self.pages, self._session.endpoint)


def _list(page: Raw, member: str) -> list[Raw]:
    """The items of a page; none where Datadog says that there is no such thing."""
    if is_absent(page):
        return []
    items = page
    for name in member.split("."):
        items = items[name]
    if not isinstance(items, list):
        raise TypeError(f"{member} is not a list")
    return items


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


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any, drops: tuple[str, ...] = ()) -> Raw:  # noqa: ANN401 - whatever JSON there was
    """An answer without the members named in `drops`, which says so in their place; integers that JSON cannot hold (RFC 8785) as text."""
    if isinstance(value, dict):
        return {k: DROPPED if k in drops else plain(v, drops) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, drops) for v in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return str(value)
    return value

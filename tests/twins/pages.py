"""Pages: where botocore's models say that an answer is a list, it can be cut, and its way on given, withheld or looped."""

import itertools
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape

from .route import operation_model, paginators
from .wire import AwsError

DEAD_END = "dead-end"
LOOP = "the-same-again"
_TOKENS = ("NextToken", "nextToken", "NextMarker", "Marker", "PaginationToken", "ContinuationToken")


@dataclass(frozen=True)
class Paging:
    """How one operation turns its pages: the parameter that asks, the places of the token, of "more" and of the items."""

    ask: str
    token: str
    more: str | None
    items: tuple[str, ...]

    def cut(self, result: Mapping[str, Any], start: int, size: int) -> tuple[dict[str, Any], bool]:
        """The items from `start`, at most `size` of them over all lists together; and whether any are left."""
        page, left, skip = dict(result), size, start
        for path in self.items:
            whole = _get(result, path)
            if not isinstance(whole, list):
                continue
            part = whole[skip : skip + left] if left else []
            skip, left = max(0, skip - len(whole)), left - len(part)
            page = _set(page, path, part)
        if "KeyCount" in page:
            page["KeyCount"] = size - left
        return page, start + size < self.count(result)

    def count(self, result: Mapping[str, Any]) -> int:
        """How many items an answer holds."""
        return sum(len(each) for path in self.items if isinstance(each := _get(result, path), list))

    def leading_to(self, page: Mapping[str, Any], token: str | None) -> dict[str, Any]:
        """The page, saying that there is more, with this token or with none."""
        marked = _set(dict(page), self.token, token)
        return _set(marked, self.more, True) if self.more else marked

    def truncated(self, result: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any] | AwsError:
        """Half of the answer, and no way on: no token beside "more", or else a token that is refused when used."""
        if params.get(self.ask) == DEAD_END:
            return AwsError("InvalidNextToken", 400, "The token is not valid.")
        page, _ = self.cut(result, 0, self.count(result) // 2)
        return self.leading_to(page, None if self.more else DEAD_END)

    def looping(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Half of the answer, with a token that leads to itself for ever."""
        return self.leading_to(self.cut(result, 0, self.count(result) // 2)[0], LOOP)


@cache
def paging(service: str, operation: str) -> Paging | None:
    """How an operation turns its pages; None if it answers in one piece."""
    model = operation_model(service, operation)
    found = _modelled(paginators(service).get(operation)) or _guessed(model)
    shape = _shape(model.output_shape, found.token) if found else None
    return found if shape is not None and shape.type_name == "string" else None


def _modelled(config: Mapping[str, Any] | None) -> Paging | None:
    if config is None:
        return None
    first = _first(config["output_token"]).partition("||")[0].strip()
    keys = config["result_key"]
    return Paging(_first(config["input_token"]), first, config.get("more_results"), tuple(keys) if isinstance(keys, list) else (keys,))


def _guessed(model: OperationModel) -> Paging | None:
    """botocore has no paginator for some lists that do have a token on both sides."""
    asked, given = (getattr(each, "members", {}) for each in (model.input_shape, model.output_shape))
    ask, token = (next((name for name in _TOKENS if name in each), None) for each in (asked, given))
    items = tuple(name for name, shape in given.items() if shape.type_name == "list")
    return Paging(ask, token, None, items) if ask and token and len(items) == 1 else None


class Pager:
    """Cuts whole answers into pages of `size`, and remembers the rest of each under a token of its own."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._rest: dict[str, tuple[dict[str, Any], int]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def knows(self, token: object) -> bool:
        """Whether this pager gave that token."""
        return token in self._rest

    def first(self, how: Paging, whole: dict[str, Any]) -> dict[str, Any]:
        """The first page of an answer."""
        return self._page(how, whole, 0)

    def following(self, how: Paging, token: str) -> dict[str, Any]:
        """The page that a token leads to."""
        return self._page(how, *self._rest[token])

    def _page(self, how: Paging, whole: dict[str, Any], start: int) -> dict[str, Any]:
        page, more = how.cut(whole, start, self.size)
        if not more:
            return page
        with self._lock:
            token = f"page-{next(self._numbers):06}"
            self._rest[token] = (whole, start + self.size)
        return how.leading_to(page, token)


def _first(names: str | list[str]) -> str:
    return names[0] if isinstance(names, list) else names


def _get(result: Any, path: str) -> Any:
    for name in path.split("."):
        result = result.get(name) if isinstance(result, Mapping) else None
    return result


def _set(result: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    name, _, rest = path.partition(".")
    return {**result, name: _set(result.get(name) or {}, rest, value) if rest else value}


def _shape(shape: Shape | None, path: str) -> Shape | None:
    for name in path.split("."):
        shape = getattr(shape, "members", {}).get(name)
    return shape

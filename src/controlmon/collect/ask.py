"""One operation, asked: what the asks of all providers share.

How answers were obtained is remembered, a question that several put is asked once, pages go to their end and not round in circles, and what
is recorded is JSON without what may be secret. A provider adds how it sends a question, how its answers page, and what its errors mean.
"""

import base64
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol, Self

from msgspec import Struct

from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw, Scope, Seen, is_absent

PAGE_LIMIT = 100_000
"""Pages after which a listing that goes on is taken for one that never ends: 100 million items at the usual page size."""
SHAPE_ERRORS = (KeyError, IndexError, TypeError, ValueError, AttributeError)
"""What Python raises when an answer does not have the shape that the API promises."""
DROPPED = "[dropped: it may hold a secret]"


class Trail:
    """How the answers to one question were obtained: shared by an ask and those made from it."""

    def __init__(self, seen: Seen) -> None:
        self.seen, self.pages = seen, 0
        self.parameters: dict[str, Any] | None = None


class Told(Struct, frozen=True):
    """What was answered once, or the gap in its place, and how: for all who ask the same."""

    answer: Raw | Gap
    seen: Seen
    pages: int
    parameters: dict[str, Any] | None


class Once:
    """Questions that several may put: the first asks, the others wait for the same answer. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, Future[Told]] = {}

    def __call__(self, key: Hashable, trail: Trail, ask: Callable[[], Raw]) -> Raw:
        """The answer of `ask` to the first who comes with `key`; every `trail` is left as if it had asked. Raises what `ask` does."""
        with self._lock:
            known = self._known.get(key)
            mine = None if known else self._known.setdefault(key, Future())
        if known is not None:
            told = known.result()
            trail.seen, trail.pages = told.seen, trail.pages + told.pages
            trail.parameters = told.parameters if trail.parameters is None else trail.parameters
        else:
            assert mine is not None  # noqa: S101 - one of the two is set above
            told = self._ask(mine, trail, ask)
        if isinstance(told.answer, Gap):
            raise Refused(told.answer)
        return told.answer

    def _ask(self, mine: "Future[Told]", trail: Trail, ask: Callable[[], Raw]) -> Told:
        before = trail.pages
        try:
            answer = ask()
        except Refused as refused:
            answer = refused.gap
        except BaseException as error:
            mine.set_exception(error)
            raise
        told = Told(answer, trail.seen, trail.pages - before, trail.parameters)
        mine.set_result(told)
        return told


class Asked(Protocol):
    """What an ask takes from its session."""

    @property
    def now(self) -> datetime:
        """The clock of the run (UTC)."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The clock on the wall."""

    @property
    def once(self) -> Once:
        """What was asked once."""


class BaseAsk(ABC):
    """One operation, ready to be asked in one scope of a session."""

    def __init__(self, session: Asked, operation: Operation, scope: Scope, trail: Trail | None = None) -> None:
        self._asked, self.operation, self.scope = session, operation, scope
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
    def partition(self) -> str:
        """The provider's partition or cloud; empty where there is one only."""
        return ""

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._asked.now

    def seen(self) -> Seen:
        """How the last answer was obtained."""
        return self._trail.seen

    @abstractmethod
    def to(self, operation: Operation) -> "BaseAsk":
        """Another operation in the same scope."""

    def at(self, region: str) -> Self:  # noqa: ARG002 - most providers are asked in one place
        """The same operation in another region; where there are none, the same."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer, without what may be secret. Raises `Refused` if there is none."""
        if not self.operation.shared:
            return self._answer(parameters)
        return self._asked.once(self._key(parameters), self._trail, lambda: self._answer(parameters))

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member` (`a.b`: of b in a) of every page; none if the answer is that there is no such thing.

        Raises:
            Refused: as `whole`, and if a page has no such list.

        """
        for page in self.whole(**parameters):
            if not is_absent(page):
                yield from self._list(page, member)

    @abstractmethod
    def whole(self, **parameters: object) -> Iterator[Raw]:
        """Every page. Raises `Refused` if one is missing, or if they lead elsewhere or round in circles."""

    @abstractmethod
    def _answer(self, parameters: dict[str, Any]) -> Raw:
        """Ask."""

    def _key(self, parameters: dict[str, Any]) -> Hashable:
        """What makes two questions the same."""
        return self.operation.id, repr(sorted(parameters.items()))

    def _list(self, page: Raw, member: str) -> list[Raw]:
        with shaped(self.operation):
            items = page
            for name in member.split("."):
                items = items[name]
            if not isinstance(items, list):
                raise TypeError(f"{member} is not a list")
            return items

    def _began(self, parameters: dict[str, Any]) -> None:
        """Remember what the first question was asked with."""
        if self._trail.parameters is None:
            self._trail.parameters = plain(parameters)

    def _remember(self, request_id: str, date: str, endpoint: str) -> None:
        """Remember how the last answer was obtained."""
        at = timestamp(self._asked.clock())
        self._trail.seen = Seen(self.operation.id, at, request_id, date, self.pages, endpoint)

    def _pass(self, token: Hashable, passed: set[Hashable]) -> None:
        """Go on to the page behind `token`. Raises `Refused` if that was there before, or if there is no end of pages."""
        if token in passed or len(passed) > PAGE_LIMIT:
            raise self._cut("the answer leads round in circles")
        passed.add(token)

    def _cut(self, why: str) -> Refused:
        return Refused(Gap(GapKind.TRUNCATED, self.operation.id, f"after {self.pages} pages {why}", self.operation.needs))


@contextmanager
def shaped(operation: Operation) -> Iterator[None]:
    """Read an answer to `operation`, where a question asks several: what is not of its shape is that one's gap.

    Raises:
        Refused: for an answer of another shape.

    """
    try:
        yield
    except SHAPE_ERRORS as error:
        raise Refused(misshapen(operation, error)) from error


def misshapen(operation: Operation, error: Exception) -> Gap:
    """The gap that an answer leaves which does not have the shape that the API promises."""
    what = f"there is no {error}" if isinstance(error, KeyError) else str(error)
    return Gap(GapKind.MALFORMED, operation.id, what, operation.needs)


def plain(value: Any, drops: tuple[str, ...] = ()) -> Raw:  # noqa: ANN401 - whatever a client made of an answer
    """An answer as JSON: times in RFC 3339, bytes in base64, integers beyond JSON's numbers (RFC 8785, section 3.2.2.3) as text.

    The members named in `drops` are left out, and say so in their place; null holds no secret, and stays.
    """
    if isinstance(value, dict):
        return {k: DROPPED if k in drops and v is not None else plain(v, drops) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, drops) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, int) and abs(value) >= 2**53:
        return str(value)
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    return value


def timestamp(at: datetime) -> str:
    """RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def skew(seen: Seen | None) -> int:
    """How many seconds the provider's clock was ahead of ours; 0 if it did not tell."""
    if seen is None or not seen.date:
        return 0
    return round((parsedate_to_datetime(seen.date) - datetime.fromisoformat(seen.at)).total_seconds())

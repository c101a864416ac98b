"""What the agent knows of itself, asked operation by operation. What it knows is handed in: a collector opens no ledger."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from controlmon.collect.base import Operation, Place, Refused
from controlmon.core.errors import ControlmonError
from controlmon.core.fact import Gap, GapKind, Login, Raw, Scope, Seen
from controlmon.core.times import stamp

Answer = Callable[[datetime], Raw]
"""One thing that the agent knows, as of a time. Raises `ControlmonError` where it cannot be known."""


class SelfTarget(Struct, frozen=True):
    """The agent on this host. `answers` gives what it knows, by the name of the operation; `release` is called when a run has asked."""

    name: str
    answers: Callable[[], Mapping[str, Answer]]

    @property
    def provider(self) -> str:
        """Always `controlmon`."""
        return "controlmon"

    def open(self, now: datetime, *, regional: bool) -> "SelfSession":  # noqa: ARG002 - there are no regions
        """Nothing to log in to."""
        return SelfSession(self.name, self.answers(), now)


class SelfSession:
    """The agent at one time."""

    unplaced: Gap | None = None

    def __init__(self, name: str, answers: Mapping[str, Answer], now: datetime) -> None:
        self.name, self.answers, self.now = name, answers, now

    def scopes(self, place: Place) -> list[Scope]:
        """The agent."""
        return [] if place is Place.REGION else [Scope("controlmon", self.name)]

    def login(self, name: str) -> Login:
        """Itself."""
        return Login("controlmon", self.name, name, identity=self.name)

    def ask(self, operation: Operation, scope: Scope) -> "SelfAsk":
        """One thing that it knows."""
        return SelfAsk(self, operation, scope)


class SelfAsk:
    """One operation, ready to be asked."""

    partition = ""

    def __init__(self, session: SelfSession, operation: Operation, scope: Scope) -> None:
        self._session, self.operation, self.scope, self.pages = session, operation, scope, 0
        self.parameters: dict[str, Any] = {}
        self._at = stamp(datetime.now(UTC))

    @property
    def now(self) -> datetime:
        """The clock of the run."""
        return self._session.now

    def seen(self) -> Seen:
        """When it was asked."""
        return Seen(self.operation.id, self._at)

    def to(self, operation: Operation) -> "SelfAsk":
        """Another thing that it knows."""
        return SelfAsk(self._session, operation, self.scope)

    def at(self, region: str) -> "SelfAsk":  # noqa: ARG002 - there are no regions
        """The same."""
        return self

    def __call__(self, **parameters: object) -> Raw:
        """The answer. Raises `Refused` if it cannot be known."""
        self.parameters = dict(parameters)
        self.pages += 1
        self._at = stamp(datetime.now(UTC))
        try:
            return self._session.answers[self.operation.name](self._session.now)
        except ControlmonError as error:
            raise Refused(Gap(GapKind.UNAVAILABLE, self.operation.id, str(error))) from error

    def items(self, member: str, **parameters: object) -> Iterator[Raw]:
        """The items of `member`."""
        yield from self(**parameters)[member]

    def whole(self, **parameters: object) -> Iterator[Raw]:
        """The one page that there is."""
        yield self(**parameters)

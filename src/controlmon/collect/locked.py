"""A target that could not be logged in to: every question is refused for the same reason."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Never

from controlmon.collect.ask import BaseAsk, Once, Trail, timestamp
from controlmon.collect.base import Operation, Place, Refused
from controlmon.core.fact import Gap, Login, Scope, Seen


class Locked:
    """The session of such a target.

    Args:
        whole: the scope of the target, as far as it is known without having been there.
        gap: why nobody could log in.
        now: the clock of the run.
        clock: the clock on the wall.
        endpoint: where it would have been asked, if that is told.
        accounts: those below the target that the configuration names.

    """

    def __init__(
        self,
        whole: Scope,
        gap: Gap,
        now: datetime,
        clock: Callable[[], datetime],
        endpoint: str = "",
        accounts: tuple[str, ...] = (),
    ) -> None:
        self.whole, self.unplaced, self.now, self.clock, self._endpoint = whole, gap, now, clock, endpoint
        self.accounts, self.once = accounts, Once()

    def scopes(self, place: Place) -> list[Scope]:
        """The target, or its accounts; its regions are not known."""
        if place is Place.REGION:
            return []
        named = [Scope(self.whole.provider, one) for one in self.accounts]
        return named if named and place is Place.ACCOUNT else [self.whole]

    def login(self, name: str) -> Login:
        """That nobody could log in, and why."""
        return Login(self.whole.provider, self.whole.target, name, regions=dict.fromkeys(self.accounts, "not visible"), gap=self.unplaced)

    def ask(self, operation: Operation, scope: Scope) -> "LockedAsk":
        """A question that will be refused."""
        return LockedAsk(self, operation, scope, Trail(Seen(operation.id, timestamp(self.clock()), endpoint=self._endpoint)))


class LockedAsk(BaseAsk):
    """A question that will be refused."""

    def __init__(self, session: Locked, operation: Operation, scope: Scope, trail: Trail) -> None:
        super().__init__(session, operation, scope, trail)
        self._session = session

    def to(self, operation: Operation) -> BaseAsk:
        """Another question that will be refused."""
        return LockedAsk(self._session, operation, self.scope, self._trail)

    def __call__(self, **parameters: object) -> Never:  # noqa: ARG002
        """Refused."""
        raise Refused(self._session.unplaced)

    def whole(self, **parameters: object) -> Iterator[Any]:  # noqa: ARG002
        """Refused."""
        raise Refused(self._session.unplaced)

    def _answer(self, parameters: dict[str, Any]) -> Never:  # noqa: ARG002
        raise Refused(self._session.unplaced)

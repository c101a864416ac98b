"""A tenant that was logged in to: its subscriptions, what may be seen in each, and questions that are asked once for all of them."""

from collections.abc import Callable
from datetime import datetime

from controlmon.collect.ask import Once, misshapen, skew
from controlmon.collect.azure.ask import AzureAsk
from controlmon.collect.azure.byid import ById
from controlmon.collect.azure.operations import PERMISSIONS, SEARCHED, SUBSCRIPTIONS, Arm, Directory, Query
from controlmon.collect.base import Operation, Place, Refused
from controlmon.collect.microsoft_wire import Wire
from controlmon.core.fact import Gap, GapKind, Login, Raw, Scope, Seen
from controlmon.facts.azure.permission import Permission, permissions

READABLE = "Enabled"
"""The state of a subscription in which what is seen of it counts. Those that are disabled, or about to be, may hide what they hold."""


class AzureSession:
    """A tenant that was logged in to. Thread-safe."""

    def __init__(
        self, tenant: str, identity: str, cloud: str, wire: Wire, directory: Wire, now: datetime, clock: Callable[[], datetime]
    ) -> None:
        self.tenant, self._identity, self.cloud, self.now, self.clock = tenant, identity, cloud, now, clock
        self.wire, self.directory, self.by_id = wire, directory, ById(wire)
        self.subscriptions: dict[str, Raw] = {}
        self.chosen: tuple[str, ...] = ()
        self.unlisted: Gap | None = None
        self.once = Once()
        self._greeted: Seen | None = None

    @property
    def unplaced(self) -> Gap | None:
        """Nothing is asked region by region."""
        return None

    def find(self, chosen: tuple[str, ...]) -> None:
        """List the subscriptions: those that are `chosen` (ids), or every one that the identity can see."""
        self.chosen = tuple(one.lower() for one in chosen)
        ask = AzureAsk(self, SUBSCRIPTIONS, Scope("azure", self.tenant))
        try:
            for one in ask.items("value"):
                self.subscriptions[str(one["subscriptionId"]).lower()] = one
        except Refused as refused:
            self.unlisted = refused.gap
        except (KeyError, TypeError) as error:
            self.unlisted = misshapen(SUBSCRIPTIONS, error)
        self._greeted = ask.seen()
        if not self.subscriptions and self.unlisted is None:
            # An identity without a role anywhere is answered with an empty list, and not with an error.
            self.unlisted = Gap(GapKind.DENIED, SUBSCRIPTIONS.id, "the identity sees no subscription", SUBSCRIPTIONS.needs)
        if self.chosen:
            self.subscriptions = {name: one for name, one in self.subscriptions.items() if name in self.chosen}

    def scopes(self, place: Place) -> list[Scope]:
        """The tenant; or each of its subscriptions, and the tenant in the place of those that could not be listed."""
        if place is Place.TENANT:
            return [Scope("azure", self.tenant)]
        if place is Place.REGION:
            return []
        names = self.chosen or sorted(self.subscriptions)
        beyond = [self.tenant] if self.unlisted is not None and not self.chosen else []
        return [Scope("azure", name) for name in (*names, *beyond)]

    def login(self, name: str) -> Login:
        """Who we are, as the token says, which subscriptions there are in what state, and how far the clock of Azure was from ours."""
        states = {one: str(self.subscriptions.get(one, {}).get("state", "not visible")) for one in self.chosen or self.subscriptions}
        return Login("azure", self.tenant, name, self._identity, states, skew(self._greeted))

    def way(self, operation: Operation) -> Wire | ById:
        """Whom an operation asks: the directory, Resource Manager, or that by a resource's id."""
        if isinstance(operation, Directory):
            return self.directory
        return self.by_id if isinstance(operation, Arm) and operation.by_id else self.wire

    def ask(self, operation: Operation, scope: Scope) -> AzureAsk:
        """One operation in one scope."""
        return AzureAsk(self, operation, scope)

    def prove(self, operation: Operation, scope: Scope) -> None:
        """See to it that an empty answer about a subscription means that there is nothing.

        1. The subscription is one that the identity's own list names.
        2. It is enabled.
        3. Our roles there, taken together, hold every permission that the operation needs.
        4. The graph, if it is the graph that answers, searches the subscription.

        Raises:
            Refused: if any of these cannot be seen to hold.

        """
        of_subscription = isinstance(operation, Query) or (isinstance(operation, Arm) and operation.of_subscription)
        if not of_subscription:
            return
        # (1) the identity's own list names it
        one = self.subscriptions.get(scope.target)
        if one is None:
            why = "the identity's list of subscriptions does not name it: it is not there, or not to be seen"
            raise Refused(self.unlisted or Gap(GapKind.DENIED, SUBSCRIPTIONS.id, why, SUBSCRIPTIONS.needs))
        # (2) it is enabled
        if one.get("state") != READABLE:
            why = f"the subscription is {one.get('state')}: what is seen of it may not be all"
            raise Refused(Gap(GapKind.UNAVAILABLE, operation.id, why, operation.needs))
        if operation == PERMISSIONS:
            return
        # (3) our roles hold every permission
        missing = tuple(need for need in operation.needs if not any(p.allows(need) for p in self.permissions(scope)))
        if missing:
            why = "the identity's roles in the subscription do not hold it, and what may not be seen looks like nothing"
            raise Refused(Gap(GapKind.DENIED, operation.id, why, missing))
        # (4) the graph searches it
        if isinstance(operation, Query):
            searched, gap = AzureAsk(self, SEARCHED, scope).query()
            if scope.target not in searched:
                why = "the graph does not search the subscription for this identity"
                raise Refused(gap or Gap(GapKind.DENIED, SEARCHED.id, why, SEARCHED.needs))

    def permissions(self, scope: Scope) -> tuple[Permission, ...]:
        """What we may do in a subscription. Raises `Refused` if Azure does not say."""
        try:
            return permissions({"value": list(AzureAsk(self, PERMISSIONS, scope).items("value"))})
        except (KeyError, TypeError, AttributeError) as error:
            gap = Gap(GapKind.MALFORMED, PERMISSIONS.id, f"no list of permissions: {error}", PERMISSIONS.needs)
            raise Refused(gap) from error

"""A tenant that was logged in to: who we are there, and the ways to Graph and to Azure Resource Manager."""

import threading
from collections.abc import Mapping
from datetime import datetime

from controlmon.collect.ask import Once
from controlmon.collect.base import Operation, Place
from controlmon.collect.entra.ask import GraphAsk
from controlmon.collect.entra.lane import Lane
from controlmon.collect.microsoft import Terms
from controlmon.collect.microsoft_wire import Answer, Wire
from controlmon.core.fact import Gap, Login, Raw, Scope


class EntraSession:
    """A tenant. Thread-safe.

    Args:
        tenant: its id.
        bearer: what our token says of us.
        wires: the way to each service, by the name that operations give it (`graph`, `arm`).

    """

    def __init__(self, tenant: str, bearer: Raw, wires: Mapping[str, Wire], terms: Terms, now: datetime, cloud: str) -> None:
        self.tenant, self.bearer, self.wires, self.now, self.cloud = tenant, bearer, wires, now, cloud
        self.clock, self._terms = terms.clock, terms
        self.unplaced: Gap | None = None
        self.once = Once()
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()

    def scopes(self, place: Place) -> list[Scope]:  # noqa: ARG002 - a tenant has no regions
        """The tenant."""
        return [Scope("entra", self.tenant)]

    def login(self, name: str) -> Login:
        """Who we are, as our token says: the application, or the person of a developer's shell."""
        who = self.bearer.get("app_displayname") or self.bearer.get("upn") or self.bearer.get("appid") or self.bearer.get("oid") or ""
        return Login("entra", self.tenant, name, f"{who} ({self.bearer.get('oid', '')})")

    def ask(self, operation: Operation, scope: Scope) -> GraphAsk:
        """One operation in the tenant."""
        return GraphAsk(self, operation, scope)

    def together(self, operation: Operation, path: str) -> Answer:
        """The same, in one request with others of its operation: what goes wrong with one operation does not touch another."""
        version, _, rest = path.removeprefix("/").partition("/")
        with self._lock:
            lane = self._lanes.get(operation.id)
            if lane is None:
                lane = self._lanes[operation.id] = self._new_lane(operation.service, version)
        return lane.ask(f"/{rest}")

    def _new_lane(self, service: str, version: str) -> Lane:
        def single(path: str) -> Answer:
            return self.wires[service].send(f"/{version}{path}")

        def several(asked: Raw) -> Answer:
            return self.wires[service].send(f"/{version}/$batch", asked)

        return Lane(single, several, self._terms.attempts, self._terms.patience)

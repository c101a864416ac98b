"""An Entra tenant to collect from."""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.collect import microsoft
from controlmon.collect.base import Operation, Place, Refused
from controlmon.collect.entra.ask import Trail
from controlmon.collect.entra.operations import TOKEN
from controlmon.collect.entra.session import EntraSession
from controlmon.collect.microsoft import CALL_ERRORS, CLOUDS, Credential, Terms, claims_of, said_of, timestamp
from controlmon.core.fact import Gap, Raw, Scope, Seen
from controlmon.core.fact import Login as Told

BEARER = ("tid", "oid", "appid", "app_displayname", "upn", "idtyp", "roles")
"""What is kept of our token: who we are, and the permissions that we were granted. The token itself is a secret."""


class EntraTarget(Struct, frozen=True):
    """A tenant, as the configuration names it.

    Attributes:
        name: what to call it until it has told its id.
        log_in: how.
        endpoints: where `graph` and `arm` answer, if not at the cloud's own places.

    """

    name: str = "ambient"
    log_in: microsoft.Login = microsoft.Login()
    endpoints: Mapping[str, str] = {}
    terms: Terms = Terms()

    @property
    def provider(self) -> str:
        """Always `entra`."""
        return "entra"

    def open(self, now: datetime, *, regional: bool) -> "EntraSession | Locked":  # noqa: ARG002 - a tenant has no regions
        """Log in, and say who we are. What is refused makes a session that refuses."""
        cloud = CLOUDS[self.log_in.cloud]
        resources = {"graph": cloud.graph, "arm": cloud.arm}
        try:
            credential = Credential(self.log_in, self.terms)
            token = credential.get_token(f"{cloud.graph}/.default").token
            bearer = {name: value for name, value in claims_of(token).items() if name in BEARER}
            tenant = self.log_in.tenant or bearer.get("tid") or os.environ.get("AZURE_TENANT_ID") or self.name
            bases = {**resources, **self.endpoints}
            return EntraSession(str(tenant), bearer, credential, self.terms, now, self.log_in.cloud, bases, resources)
        except CALL_ERRORS as error:
            gap = Gap(microsoft.kind_of_failure(error), TOKEN.id, said_of(error))
            return Locked(self._tenant(), gap, now, timestamp(self.terms.clock()))

    def _tenant(self) -> str:
        return self.log_in.tenant or os.environ.get("AZURE_TENANT_ID") or self.name


class Locked:
    """A tenant that could not be logged in to: every question is refused for the same reason."""

    def __init__(self, tenant: str, gap: Gap, now: datetime, at: str) -> None:
        self.tenant, self._gap, self._now, self._at = tenant, gap, now, at
        self.unplaced: Gap | None = None

    def scopes(self, place: Place) -> list[Scope]:  # noqa: ARG002
        """The tenant."""
        return [Scope("entra", self.tenant)]

    def login(self, name: str) -> Told:
        """That nobody could log in, and why."""
        return Told("entra", self.tenant, name, gap=self._gap)

    def ask(self, operation: Operation, scope: Scope) -> "LockedAsk":
        """A question that will be refused."""
        return LockedAsk(scope, self._gap, self._now, Trail(Seen(operation.id, self._at)))


class LockedAsk:
    """A question to a tenant that could not be logged in to."""

    def __init__(self, scope: Scope, gap: Gap, now: datetime, trail: Trail) -> None:
        self.scope, self.now, self._gap, self._trail = scope, now, gap, trail
        self.partition, self.pages, self.parameters = "", 0, dict[str, Any]()

    def seen(self) -> Seen:
        """When it was refused."""
        return self._trail.seen

    def to(self, operation: Operation) -> "LockedAsk":  # noqa: ARG002 - each is refused
        """Another question, refused too."""
        return self

    def at(self, region: str) -> "LockedAsk":  # noqa: ARG002
        """The same question, refused."""
        return self

    def __call__(self, **parameters: object) -> Raw:  # noqa: ARG002
        """Refused."""
        raise Refused(self._gap)

    def items(self, member: str = "value", **parameters: object) -> Iterator[Raw]:  # noqa: ARG002
        """Refused."""
        raise Refused(self._gap)

    def whole(self, **parameters: object) -> Iterator[Raw]:  # noqa: ARG002
        """Refused."""
        raise Refused(self._gap)

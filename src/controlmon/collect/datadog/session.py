"""A Datadog organization that was logged in to: who we are, the client, and questions that are put once."""

import importlib
import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from msgspec import Struct

from controlmon.collect.base import Operation, Place, Refused
from controlmon.collect.datadog.ask import DatadogAsk, timestamp
from controlmon.collect.datadog.client import Client, Terms
from controlmon.core.fact import Gap, Login, Raw, Scope, Seen


class Identity(Struct, frozen=True):
    """Who we are to Datadog: what get_current_user answered. `organization` is its public id, or its UUID if no public id was told."""

    organization: str
    name: str
    user: str
    raw: Raw
    seen: Seen


class DatadogSession:
    """An organization that was logged in to. Thread-safe; a client is of the whole organization."""

    def __init__(self, client: Client, site: str, secrets: tuple[str, ...], terms: Terms, now: datetime) -> None:
        self.client, self.site, self._secrets, self.now, self.clock = client, site, secrets, now, terms.clock
        self.identity: Identity
        self.unplaced: Gap | None = None
        self._apis: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._once: dict[tuple[str, str], Future[tuple[Raw | Gap, Seen]]] = {}

    @property
    def endpoint(self) -> str:
        """Where it is asked."""
        return str(self.client.configuration.host)

    def scopes(self, place: Place) -> list[Scope]:  # noqa: ARG002 - Datadog has no regions within an organization
        """The organization."""
        return [Scope("datadog", self.identity.organization)]

    def login(self, name: str) -> Login:
        """Who we are, and how far Datadog's clock was from ours."""
        seen, skew = self.identity.seen, 0
        if seen.date:
            skew = round((parsedate_to_datetime(seen.date) - datetime.fromisoformat(seen.at)).total_seconds())
        return Login("datadog", self.identity.organization, name, self.identity.user, skew=skew)

    def ask(self, operation: Operation, scope: Scope) -> DatadogAsk:
        """One operation."""
        return DatadogAsk(self, operation, scope)

    def endpoint_of(self, operation: Operation) -> Any:  # noqa: ANN401 - the client's own description of an operation
        """How the client describes an operation: path, method, parameters.

        Its own gate for unstable operations stands before its methods, and is not passed here: what is declared is meant to be called.
        """
        version, name = operation.service.split(".")
        with self._lock:
            if operation.service not in self._apis:
                module = "".join(f"_{c.lower()}" if start else c.lower() for c, start in _words(name))
                api = getattr(importlib.import_module(f"datadog_api_client.{version}.api.{module}"), name)
                self._apis[operation.service] = api(self.client)
        return getattr(self._apis[operation.service], f"_{operation.name}_endpoint")

    def host_of(self, operation: Operation) -> str | None:
        """Where an operation has a host of its own (the intake of logs), unless an endpoint was given for all; else None."""
        servers = self.endpoint_of(operation).settings.get("servers")
        if not servers or self.endpoint != f"https://api.{self.site}":
            return None
        subdomain = servers[0]["variables"]["subdomain"]["default_value"]
        return f"https://{subdomain}.{self.site}"

    def without_secrets(self, gap: Gap) -> Gap:
        """A gap in whose words no key stands, whatever it was that failed."""
        detail = gap.detail
        for secret in self._secrets:
            detail = detail.replace(secret, "[key]") if secret else detail
        return Gap(gap.kind, gap.operation, detail, gap.needs)

    def once(self, ask: DatadogAsk, parameters: dict[str, Any]) -> tuple[Raw | Gap, Seen]:
        """The answer to a question that several may put: the first asks, the others wait for the same answer."""
        key = (ask.operation.id, repr(sorted(parameters.items())))
        with self._lock:
            known = self._once.get(key)
            mine = None if known else Future[tuple[Raw | Gap, Seen]]()
            if mine is not None:
                self._once[key] = mine
        if mine is None:
            assert known is not None  # noqa: S101 - one of the two is set above
            return known.result()
        try:
            answer: Raw | Gap = ask.call(parameters)
        except Refused as refused:
            answer = refused.gap
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result((answer, ask.seen()))
        return mine.result()


def _words(name: str) -> list[tuple[str, bool]]:
    """The letters of a class's name, and where a word begins: `AWSIntegrationApi` is in the module `aws_integration_api`."""
    found = []
    for i, letter in enumerate(name):
        after_small = i > 0 and name[i - 1].islower()
        before_small = i + 1 < len(name) and name[i + 1].islower()
        found.append((letter, i > 0 and letter.isupper() and (after_small or before_small)))
    return found


class Locked:
    """An organization that could not be logged in to: every question is refused for the same reason."""

    def __init__(self, name: str, gap: Gap, terms: Terms, now: datetime) -> None:
        self._name, self.unplaced, self._terms, self._now = name, gap, terms, now

    def scopes(self, place: Place) -> list[Scope]:
        """The organization, by the name that the configuration gives it: its own is not known."""
        return [Scope("datadog", self._name)] if place is not Place.REGION else []

    def login(self, name: str) -> Login:
        """That nobody could log in, and why."""
        return Login("datadog", self._name, name, gap=self.unplaced)

    def ask(self, operation: Operation, scope: Scope) -> "LockedAsk":
        """A question that will be refused."""
        return LockedAsk(operation, scope, self.unplaced, self._now, Seen(operation.id, timestamp(self._terms.clock())))


class LockedAsk:
    """A question to an organization that could not be logged in to."""

    partition, pages = "", 0

    def __init__(self, operation: Operation, scope: Scope, gap: Gap, now: datetime, seen: Seen) -> None:
        self.operation, self.scope, self._gap, self.now, self._seen = operation, scope, gap, now.astimezone(UTC), seen
        self.parameters: dict[str, Any] = {}

    def seen(self) -> Seen:
        """When it was refused."""
        return self._seen

    def to(self, operation: Operation) -> "LockedAsk":
        """Another question that will be refused."""
        return LockedAsk(operation, self.scope, self._gap, self.now, self._seen)

    def at(self, region: str) -> "LockedAsk":  # noqa: ARG002 - there are no regions
        """The same question, refused."""
        return self

    def __call__(self, **parameters: object) -> Raw:  # noqa: ARG002
        """Refused."""
        raise Refused(self._gap)

    def items(self, member: str, **parameters: object) -> Any:  # noqa: ANN401, ARG002
        """Refused."""
        raise Refused(self._gap)

    def whole(self, **parameters: object) -> Any:  # noqa: ANN401, ARG002
        """Refused."""
        raise Refused(self._gap)

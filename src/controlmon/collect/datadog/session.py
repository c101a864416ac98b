"""A Datadog organization that was logged in to: who we are, the client, and questions that are put once."""

import importlib
import threading
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.collect.ask import Once, skew
from controlmon.collect.base import Operation, Place
from controlmon.collect.datadog.ask import DatadogAsk
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
        self.once = Once()

    @property
    def endpoint(self) -> str:
        """Where it is asked."""
        return str(self.client.configuration.host)

    def scopes(self, place: Place) -> list[Scope]:  # noqa: ARG002 - Datadog has no regions within an organization
        """The organization."""
        return [Scope("datadog", self.identity.organization)]

    def login(self, name: str) -> Login:
        """Who we are, and how far Datadog's clock was from ours."""
        return Login("datadog", self.identity.organization, name, self.identity.user, skew=skew(self.identity.seen))

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


def _words(name: str) -> list[tuple[str, bool]]:
    """The letters of a class's name, and where a word begins: `AWSIntegrationApi` is in the module `aws_integration_api`."""
    found = []
    for i, letter in enumerate(name):
        after_small = i > 0 and name[i - 1].islower()
        before_small = i + 1 < len(name) and name[i + 1].islower()
        found.append((letter, i > 0 and letter.isupper() and (after_small or before_small)))
    return found

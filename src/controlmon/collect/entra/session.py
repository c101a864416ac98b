"""A tenant that was logged in to: who we are there, and the ways to Graph and to Azure Resource Manager."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from azure.core.rest import HttpRequest, HttpResponse

from controlmon.collect.base import Operation, Place, Refused
from controlmon.collect.entra.ask import GraphAsk
from controlmon.collect.entra.errors import Answer
from controlmon.collect.entra.lane import Lane
from controlmon.collect.microsoft import CALL_ERRORS, Credential, Terms, kind_of_failure, pipeline, read_json, said_of
from controlmon.core.fact import Gap, Login, Raw, Scope, Seen


class EntraSession:
    """A tenant. Thread-safe.

    Args:
        tenant: its id.
        bearer: what our token says of us.
        bases: the endpoint of each service, by the name that operations give it (`graph`, `arm`).
        resources: what to ask tokens for, for each.

    """

    def __init__(
        self,
        tenant: str,
        bearer: Raw,
        credential: Credential,
        terms: Terms,
        now: datetime,
        cloud: str,
        bases: Mapping[str, str],
        resources: Mapping[str, str],
    ) -> None:
        self.tenant, self.bearer, self.terms, self.now, self.cloud = tenant, bearer, terms, now, cloud
        self.unplaced: Gap | None = None
        self._bases = {service: base.rstrip("/") for service, base in bases.items()}
        self._clients = {service: pipeline(base, resources[service], credential, terms) for service, base in self._bases.items()}
        self._lanes: dict[str, Lane] = {}
        self._once: dict[tuple[str, str], Future[tuple[Raw | Gap, Seen]]] = {}
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

    def base(self, service: str) -> str:
        """Where a service answers."""
        return self._bases.get(service, "")

    def is_ours(self, service: str, url: str) -> bool:
        """Whether a URL leads to the service: to any other host the token must not be sent."""
        return url.startswith(f"{self._bases[service]}/")

    def get(self, service: str, path: str) -> Answer:
        """The answer to `GET path`, which is a path or a URL that is ours."""
        return self._send(service, HttpRequest("GET", path if path.startswith("https:") else self._bases[service] + path))

    def together(self, operation: Operation, path: str) -> Answer:
        """The same, in one request with others of its operation: what goes wrong with one operation does not touch another."""
        version, _, rest = path.removeprefix("/").partition("/")
        with self._lock:
            lane = self._lanes.get(operation.id)
            if lane is None:
                lane = self._lanes[operation.id] = self._new_lane(operation.service, version)
        return lane.ask(f"/{rest}")

    def once(self, ask: GraphAsk, parameters: dict[str, Any]) -> tuple[Raw | Gap, Seen]:
        """The answer to a question that several may put: the first asks, the others wait for the same answer."""
        key = (ask.operation.id, repr(sorted(parameters.items())))
        with self._lock:
            known = self._once.get(key)
            mine: Future[tuple[Raw | Gap, Seen]] | None = None if known else Future()
            if mine is not None:
                self._once[key] = mine
        if mine is None:
            assert known is not None  # noqa: S101 - one of the two is set above
            return known.result()
        try:
            answer: Raw | Gap = ask.gathered(parameters)
        except Refused as refused:
            answer = refused.gap
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result((answer, ask.seen()))
        return mine.result()

    def _new_lane(self, service: str, version: str) -> Lane:
        def several(asked: Raw) -> Answer:
            return self._send(service, HttpRequest("POST", f"{self._bases[service]}/{version}/$batch", json=asked))

        return Lane(lambda path: self.get(service, f"/{version}{path}"), several, self.terms.attempts, self.terms.patience)

    def _send(self, service: str, request: HttpRequest) -> Answer:
        try:
            response: HttpResponse = self._clients[service].send_request(request, retry_on_methods=("GET", "POST"))  # a batch only reads
            status, headers = response.status_code, {k.lower(): v for k, v in response.headers.items()}
        except CALL_ERRORS as error:
            return Answer(0, {}, why=said_of(error), failure=kind_of_failure(error))
        try:
            return Answer(status, headers, read_json(response))
        except CALL_ERRORS:
            return Answer(status, headers, why="the answer is no JSON")

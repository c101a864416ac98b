"""The way to Azure: one azure-core pipeline that asks, waits as it is told to, and hands out what came back as it came."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import requests
from azure.core import PipelineClient
from azure.core.credentials import TokenCredential
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HeadersPolicy, RetryPolicy, SansIOHTTPPolicy, UserAgentPolicy
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy
from msgspec import Struct

from controlmon.collect.azure.credential import trust
from controlmon.collect.azure.errors import CALL_ERRORS, gap_of_answer, gap_of_failure
from controlmon.collect.base import Operation, Refused
from controlmon.core.fact import Gap, GapKind, Raw

PATIENCE = 60.0
"""Seconds that Azure may ask us to wait at once: one that asks for more has throttled us."""


class Terms(Struct, frozen=True):
    """How to talk to Azure: attempts per call, seconds to connect and to read, connections, the clock."""

    attempts: int = 5
    connect: float = 10
    read: float = 60
    connections: int = 16
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


class Answer(Struct, frozen=True):
    """What came back: the body, or the error code and its text; the request's id and the provider's date."""

    body: Raw
    code: str = ""
    gap: Gap | None = None
    request_id: str = ""
    date: str = ""


class Wire(Protocol):
    """Something that asks Azure."""

    @property
    def endpoint(self) -> str:
        """Where Resource Manager is."""

    def send(self, operation: Operation, url: str, body: Raw = None) -> Answer:
        """Ask: GET, or POST if there is a body. Raises `Refused` if there is no answer at all."""


class ShutWire:
    """The way to a tenant that could not be logged in to."""

    def __init__(self, endpoint: str, gap: Gap) -> None:
        self.endpoint, self._gap = endpoint, gap

    def send(self, operation: Operation, url: str, body: Raw = None) -> Answer:  # noqa: ARG002 - nothing is asked
        """Refused, for the reason that the login was."""
        raise Refused(self._gap)


class ArmWire:
    """Azure Resource Manager. Thread-safe. It honours HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE, follows no redirect, and only reads."""

    def __init__(self, endpoint: str, audience: str, credential: TokenCredential, terms: Terms) -> None:
        self.endpoint = endpoint
        session = requests.Session()
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=terms.connections))
        policies = [
            UserAgentPolicy("controlmon"),
            HeadersPolicy({"Accept": "application/json"}),
            _Patience(retry_total=terms.attempts - 1, retry_status=terms.attempts - 1, retry_connect=terms.attempts - 1, retry_read=0),
            ARMChallengeAuthenticationPolicy(credential, audience),
            _Quota(),
        ]
        transport = RequestsTransport(
            session=session, session_owner=False, connection_timeout=terms.connect, read_timeout=terms.read, **trust()
        )
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(endpoint, policies=policies, transport=transport)

    def send(self, operation: Operation, url: str, body: Raw = None) -> Answer:
        """Ask, and read the answer.

        Raises:
            Refused: if there is none, or none that is JSON.

        """
        request = HttpRequest("GET" if body is None else "POST", url, json=body)
        try:
            response = self._client.send_request(request, retry_on_methods=("GET", "POST"))  # a query is a POST that reads
            content = response.read()
        except CALL_ERRORS as error:
            raise Refused(gap_of_failure(error, operation)) from error
        headers = response.headers
        request_id = headers.get("x-ms-request-id") or headers.get("x-ms-correlation-request-id") or headers.get("x-ms-requestid") or ""
        date = headers.get("Date", "")
        if response.status_code != 200:
            code, message = _error(content)
            return Answer(None, code, gap_of_answer(response.status_code, code, message, operation), request_id, date)
        try:
            return Answer(msgspec.json.decode(content), "", None, request_id, date)
        except msgspec.DecodeError as error:
            kind = headers.get("Content-Type", "").partition(";")[0] or "nothing that says what it is"
            gap = Gap(GapKind.MALFORMED, operation.id, f"the answer is not JSON ({kind}): {error}", operation.needs)
            return Answer(None, "", gap, request_id, date)


def _error(content: bytes) -> tuple[str, str]:
    """Code and message of an error of Resource Manager: the innermost that says anything, as the graph nests them."""
    try:
        answer = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return "", ""
    error = answer.get("error", answer) if isinstance(answer, dict) else {}
    if not isinstance(error, dict):
        return str(error), str(answer.get("error_description", ""))
    details = error.get("details")
    inner = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    message = "; ".join(str(one["message"]) for one in (error, inner) if one.get("message"))
    return str(error.get("code") or ""), message


class _Patience(RetryPolicy[HttpRequest, HttpResponse]):
    """Waits as long as Azure asks, but not for ever."""

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to ask again."""
        return (self.get_retry_after(response) or 0) <= PATIENCE and bool(super().is_retry(settings, response))


class _Quota(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Resource Graph says how many queries are left, and when there will be more: with none left, the next one waits instead of failing."""

    def __init__(self) -> None:
        self._until = 0.0

    def on_request(self, request: PipelineRequest[HttpRequest]) -> None:
        """Wait until there is quota again."""
        if request.http_request.method == "POST" and (left := self._until - time.monotonic()) > 0:
            time.sleep(left)

    def on_response(
        self,
        request: PipelineRequest[HttpRequest],  # noqa: ARG002 - azure-core's signature
        response: PipelineResponse[HttpRequest, HttpResponse],
    ) -> None:
        """Note what is left."""
        headers = response.http_response.headers
        if headers.get("x-ms-user-quota-remaining") == "0":
            self._until = time.monotonic() + min(_seconds(headers.get("x-ms-user-quota-resets-after", "")), PATIENCE)


def _seconds(span: str) -> float:
    """The seconds of `hh:mm:ss`; 0 for anything else."""
    parts = span.split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return 0
    return hours * 3600 + minutes * 60 + seconds

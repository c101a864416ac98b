"""The way to an API of Microsoft's: one azure-core pipeline that asks, waits as it is told to, and hands out what came back as it came.

HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE and SSL_CERT_FILE are honoured; no redirect is followed, since the token would go with it.
"""

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from azure.core import PipelineClient
from azure.core.exceptions import (
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline import Pipeline, PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    BearerTokenCredentialPolicy,
    HeadersPolicy,
    RetryPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest, HttpResponse
from msgspec import Struct

from controlmon.collect.base import Operation
from controlmon.collect.microsoft import CALL_ERRORS, Credential, Terms, trust
from controlmon.core.fact import Gap, GapKind, Raw

NOT_VISIBLE = {"SubscriptionNotFound", "InvalidSubscriptionId", "LinkedAuthorizationFailed"}
"""What Azure answers with another status than 403 for what the identity may not see."""
THROTTLED = {"TooManyRequests", "RateLimiting", "SubscriptionRequestsThrottled", "OperationNotAllowedThrottled"}
REQUEST_IDS = ("x-ms-request-id", "request-id", "x-ms-correlation-request-id", "x-ms-requestid")
"""Resource Manager's own, Graph's, and what stands in for them."""


class Answer(Struct, frozen=True):
    """One answer: its status, its headers (names in lower case), and its body as JSON.

    `why` says why the body could not be read, if so; `failure` is set, and the status 0, if nothing was answered at all.
    """

    status: int
    headers: Mapping[str, str]
    body: Raw = None
    why: str = ""
    failure: GapKind | None = None

    @property
    def error(self) -> Mapping[str, Any] | None:
        """The error that it holds; None if it is an answer."""
        body = self.body if isinstance(self.body, dict) else {}
        error = body.get("error")
        if isinstance(error, dict):
            return error
        if 200 <= self.status < 300:
            return None
        # Some providers put the error at the top, and the login its code (RFC 6749, section 5.2).
        return {"code": error, "message": body.get("error_description", "")} if isinstance(error, str) else body

    @property
    def good(self) -> bool:
        """Whether it is an answer that can be read."""
        return self.failure is None and self.error is None and isinstance(self.body, dict)

    @property
    def code(self) -> str:
        """The error's code."""
        return str((self.error or {}).get("code") or "")

    @property
    def said(self) -> str:
        """The error in one line: code and message, and that of the innermost, as Resource Graph nests them."""
        error = self.error or {}
        details = error.get("details")
        inner = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
        words = "; ".join(" ".join(str(one["message"]).split()) for one in (error, inner) if one.get("message"))
        return f"{self.code}: {words}".strip(": ")[:300] or f"status {self.status}"

    @property
    def request_id(self) -> str:
        """What its service calls the request."""
        return next((self.headers[name] for name in REQUEST_IDS if self.headers.get(name)), "")


def gap_of(answer: Answer, operation: Operation) -> Gap:
    """The gap that an answer leaves that is an error, that cannot be read, or that never came."""
    if answer.failure is not None:
        return Gap(answer.failure, operation.id, answer.why, operation.needs)
    if answer.error is None:
        return Gap(GapKind.MALFORMED, operation.id, answer.why or "the answer is no JSON object", operation.needs)
    detail = answer.said
    if answer.status == 401:
        detail = f"{answer.code or answer.status}: the token is not, or no longer, accepted: renew the credential"
    return Gap(_kind(answer), operation.id, detail, operation.needs)


def _kind(answer: Answer) -> GapKind:
    if answer.status == 429 or answer.code in THROTTLED:
        return GapKind.THROTTLED
    if answer.status in (401, 403) or answer.code in NOT_VISIBLE:
        return GapKind.DENIED
    return GapKind.TIMEOUT if answer.status in (408, 504) else GapKind.UNAVAILABLE


def failed(error: Exception) -> Answer:
    """What stands for an answer that never came: no credential, no connection, no time."""
    return Answer(0, {}, why=f"{type(error).__name__}: {' '.join(str(error).split())}"[:300], failure=_kind_of_failure(error))


def _kind_of_failure(error: Exception) -> GapKind:
    if isinstance(error, ServiceRequestTimeoutError | ServiceResponseTimeoutError | TimeoutError):
        return GapKind.TIMEOUT
    if isinstance(error, DecodeError):
        return GapKind.MALFORMED
    if isinstance(error, ClientAuthenticationError):
        return GapKind.DENIED
    if isinstance(error, HttpResponseError) and error.status_code == 429:
        return GapKind.THROTTLED
    return GapKind.UNAVAILABLE


class Wire:
    """The API at `endpoint` (https), with tokens for `audience`. Thread-safe. It only reads, and raises nothing for what fails."""

    def __init__(self, endpoint: str, audience: str, credential: Credential, terms: Terms) -> None:
        self.endpoint, self.audience, self.credential = endpoint.rstrip("/"), audience, credential
        session = requests.Session()
        session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=terms.connections))
        policies: list[Any] = [  # azure-core types some of them for its older requests
            UserAgentPolicy("controlmon"),
            HeadersPolicy({"Accept": "application/json"}),
            _Patience(terms.attempts, terms.patience),
            BearerTokenCredentialPolicy[HttpRequest, HttpResponse](credential, audience),
            _Quota(terms.patience),
            _Whole(),
        ]
        transport = RequestsTransport(
            session=session, session_owner=False, connection_timeout=terms.connect, read_timeout=terms.read, **trust()
        )
        self.pipeline: Pipeline[HttpRequest, HttpResponse] = Pipeline(transport, policies)
        self._client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(self.endpoint, pipeline=self.pipeline)

    def owns(self, url: object) -> bool:
        """Whether a URL leads to the API: to any other host the token must not be sent."""
        ours, theirs = urlsplit(self.endpoint), urlsplit(str(url))
        return (ours.scheme, ours.netloc.lower()) == (theirs.scheme, theirs.netloc.lower())

    def send(self, url: str, body: Raw = None) -> Answer:
        """Ask: GET a URL or a path, or POST a question that has a body and only reads."""
        request = HttpRequest("GET" if body is None else "POST", url if "://" in url else self.endpoint + url, json=body)
        try:
            return read(self._client.send_request(request, retry_on_methods=("GET", "POST")))
        except CALL_ERRORS as error:
            return failed(error)


def read(response: HttpResponse) -> Answer:
    """The answer as it came. Raises one of `CALL_ERRORS` if its body breaks off."""
    content = response.read()
    headers = {name.lower(): value for name, value in response.headers.items()}
    try:
        return Answer(response.status_code, headers, msgspec.json.decode(content))
    except msgspec.DecodeError as error:  # a proxy's sign-in page is no empty list
        kind = headers.get("content-type", "").partition(";")[0] or "nothing that says what it is"
        return Answer(response.status_code, headers, why=f"the answer is not JSON ({kind}): {error}"[:300])


class _Patience(RetryPolicy[HttpRequest, HttpResponse]):
    """Waits as long as the service asks (Retry-After, RFC 9110 section 10.2.3), but not longer than `most` seconds."""

    def __init__(self, attempts: int, most: float) -> None:
        tries = attempts - 1
        super().__init__(retry_total=tries, retry_connect=tries, retry_read=tries, retry_status=tries, retry_backoff_max=most)
        self._most = most

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """How long it asks to wait, in seconds; None if it does not say, or says something else."""
        try:
            return super().get_retry_after(response)
        except (ValueError, TypeError):
            return None

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        """Whether to ask again."""
        return (self.get_retry_after(response) or 0) <= self._most and bool(super().is_retry(settings, response))


class _Quota(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Resource Graph says how many queries are left, and when there will be more: with none left, the next one waits instead of failing."""

    def __init__(self, most: float) -> None:
        self._most, self._until = most, 0.0

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
            self._until = time.monotonic() + min(_seconds(headers.get("x-ms-user-quota-resets-after", "")), self._most)


class _Whole(SansIOHTTPPolicy[HttpRequest, HttpResponse]):
    """Reads each body to its end before it is believed, so that one that breaks off is asked for again."""

    def on_response(self, request: PipelineRequest[HttpRequest], response: PipelineResponse[HttpRequest, HttpResponse]) -> None:  # noqa: ARG002
        """Read it."""
        response.http_response.read()


def _seconds(span: str) -> float:
    """The seconds of `hh:mm:ss`; 0 for anything else."""
    parts = span.split(":")
    try:
        hours, minutes, seconds = (float(part) for part in parts)
    except ValueError:
        return 0
    return hours * 3600 + minutes * 60 + seconds

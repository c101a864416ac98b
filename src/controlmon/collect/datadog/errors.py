"""What a Datadog call that failed means: which gap it leaves."""

from http.client import HTTPException
from typing import Any

from datadog_api_client.exceptions import ApiException, OpenApiException
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ReadTimeoutError

from controlmon.collect.base import Operation
from controlmon.core.fact import Gap, GapKind

CALL_ERRORS = (OpenApiException, HTTPError, HTTPException, OSError)
"""What the client and what it rests on raise when a call fails."""
KINDS = {
    401: GapKind.DENIED,
    403: GapKind.DENIED,
    408: GapKind.TIMEOUT,
    429: GapKind.THROTTLED,
    504: GapKind.TIMEOUT,
}
"""Statuses that say what kind of gap they are; every other is `unavailable`."""
SAID = {
    401: "the keys are not, or no longer, valid: renew them",
    402: "the plan of this organization does not include it: no permission helps",
}


class Unreadable(Exception):
    """An answer that is not JSON: a proxy's or a portal's page where Datadog should have spoken."""


def status_of(error: Exception) -> int:
    """The HTTP status of a failure, or 0 if there was no answer."""
    return int(error.status or 0) if isinstance(error, ApiException) else 0


def gap_of(error: Exception, operation: Operation) -> Gap:
    """The gap that a failed call leaves."""
    if status := status_of(error):
        assert isinstance(error, ApiException)  # noqa: S101 - only such an error has a status
        return Gap(KINDS.get(status, GapKind.UNAVAILABLE), operation.id, _said(status, error), operation.needs)
    cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
    if isinstance(cause, NewConnectionError):  # a ConnectTimeoutError by descent, but nobody was waited for
        kind = GapKind.UNAVAILABLE
    elif isinstance(cause, ConnectTimeoutError | ReadTimeoutError | TimeoutError):
        kind = GapKind.TIMEOUT
    else:
        kind = GapKind.MALFORMED if isinstance(cause, Unreadable) else GapKind.UNAVAILABLE
    return Gap(kind, operation.id, f"{type(cause).__name__}: {' '.join(str(cause).split())}"[:300], operation.needs)


def _said(status: int, error: ApiException) -> str:
    """The status and Datadog's own words: `{"errors": ["Forbidden"]}`, or JSON:API errors with a title and a detail."""
    words = [f"{status}", *([SAID[status]] if status in SAID else [])]
    if status == 429 and (reset := _header(error, "x-ratelimit-reset")):
        name = _header(error, "x-ratelimit-name")
        words.append(f"the limit{f' {name}' if name else ''} resets in {reset} s")
    told = error.body.get("errors", []) if isinstance(error.body, dict) else []
    words += [_words(one) for one in told] if isinstance(told, list) else []
    return ": ".join(word for word in words if word)[:300]


def _words(one: Any) -> str:  # noqa: ANN401 - whatever Datadog put there
    said = one.get("detail") or one.get("title") or "" if isinstance(one, dict) else one
    return " ".join(str(said).split())


def _header(error: ApiException, name: str) -> str:
    return next((str(value) for key, value in (error.headers or {}).items() if key.lower() == name), "")

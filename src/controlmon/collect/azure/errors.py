"""What a call to Azure that failed means: which gap it leaves."""

from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    DecodeError,
    HttpResponseError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)

from controlmon.collect.base import Operation
from controlmon.core.fact import Gap, GapKind

NOT_VISIBLE = {"SubscriptionNotFound", "InvalidSubscriptionId", "LinkedAuthorizationFailed"}
"""What Azure answers with another status than 403 for what the identity may not see."""
THROTTLED = {"TooManyRequests", "RateLimiting", "SubscriptionRequestsThrottled", "OperationNotAllowedThrottled"}


def gap_of_answer(status: int, code: str, message: str, operation: Operation) -> Gap:
    """The gap that an answer with an error status leaves.

    Args:
        status: of HTTP.
        code: the error's own, such as `AuthorizationFailed`.
        message: Azure's words.
        operation: what was asked.

    """
    said = " ".join(message.split())
    detail = f"{code or status}: {said}" if said else str(code or status)
    if status == 401:
        detail = f"{code or status}: the credential is not, or no longer, valid for this tenant: renew it"
    return Gap(_kind(status, code), operation.id, detail[:300], operation.needs)


def _kind(status: int, code: str) -> GapKind:
    if status == 429 or code in THROTTLED:
        return GapKind.THROTTLED
    if status in (401, 403) or code in NOT_VISIBLE:
        return GapKind.DENIED
    if status in (408, 504):
        return GapKind.TIMEOUT
    return GapKind.UNAVAILABLE


def gap_of_failure(error: Exception, operation: Operation) -> Gap:
    """The gap that a call without an answer leaves: no credential, no connection, no time."""
    said = " ".join(str(error).split())
    return Gap(_kind_of_failure(error), operation.id, f"{type(error).__name__}: {said}"[:300], operation.needs)


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


CALL_ERRORS = (AzureError, OSError, ValueError)
"""What the SDK and what it rests on raise when a call fails. azure-identity raises ValueError for settings that it cannot use."""

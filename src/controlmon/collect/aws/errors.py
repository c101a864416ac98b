"""What an AWS call that failed means: which gap it leaves, and which error codes are answers."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from controlmon.collect.base import Operation
from controlmon.core.fact import Gap, GapKind

DENIED = {
    "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "AuthorizationError", "AuthorizationErrorException", "Forbidden",
    "NotAuthorized", "UnauthorizedOperation", "UnauthorizedAccess", "401", "403",
}  # fmt: skip
CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidToken", "MissingAuthenticationToken", "RequestExpired",
    "SignatureDoesNotMatch", "TokenRefreshRequired",
}  # fmt: skip
REFUSED_BY_REGION = {"AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"}
"""What a region that is not enabled answers to credentials that are good elsewhere."""
REGION_DISABLED = {"OptInRequired", "RegionDisabledException", "InvalidRegionException", "SubscriptionRequiredException"}
THROTTLED = {
    "BandwidthLimitExceeded", "EC2ThrottledException", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
    "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException", "TransactionInProgressException", "429",
}  # fmt: skip


class UnreadableBody(BotoCoreError):
    """An answer that is not of the protocol: a proxy's or a portal's page where AWS should have spoken."""

    fmt = "the answer is not what AWS sends: {reason}"


def gap_of(error: Exception, operation: Operation, *, away: bool = False) -> Gap:
    """The gap that a failed call leaves.

    Args:
        error: what botocore raised.
        operation: what was asked.
        away: True if it was asked in another region than the one that was logged in to.

    """
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return Gap(_kind_of_code(code, status, away=away), operation.id, _detail(error, code), operation.needs)
    return Gap(_kind_of_failure(error), operation.id, f"{type(error).__name__}: {error}", operation.needs)


def _kind_of_code(code: str, status: int, *, away: bool) -> GapKind:
    if code in THROTTLED or status == 429:
        return GapKind.THROTTLED
    if code in REGION_DISABLED or (away and code in REFUSED_BY_REGION):
        return GapKind.REGION_DISABLED
    if code in DENIED or code in CREDENTIALS or code in REFUSED_BY_REGION or status in (401, 403):
        return GapKind.DENIED
    return GapKind.UNAVAILABLE


def _kind_of_failure(error: Exception) -> GapKind:
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError | TimeoutError):
        return GapKind.TIMEOUT
    if isinstance(error, ResponseParserError | UnreadableBody):
        return GapKind.MALFORMED
    if isinstance(error, NO_CREDENTIALS):
        return GapKind.DENIED
    return GapKind.UNAVAILABLE


NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)
"""What botocore raises when there is nothing to log in with."""


def _detail(error: ClientError, code: str) -> str:
    if code in CREDENTIALS:
        return f"{code}: the credentials are not, or no longer, valid: renew them"
    message = " ".join(str(error.response.get("Error", {}).get("Message", "")).split())
    return f"{code}: {message}"[:300] if message else code

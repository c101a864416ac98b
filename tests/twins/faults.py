"""What goes wrong at a provider, in the words of each service."""

from collections.abc import Mapping
from enum import Enum, auto

from botocore.model import OperationModel

from .pages import paging
from .route import operation_model
from .wire import AwsError, Reply, encode

XHTML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Sign in</title></head>'
    b"<body><h1>Sign in to the network</h1></body></html>"
)
TAG_SOUP = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Sign in<body><p>Sign in to the network<br><img src=logo>"


class Fault(Enum):
    """A way in which a call fails. The first five are errors that AWS names; the rest are answers that mislead."""

    DENIED = auto()
    THROTTLED = auto()
    ERROR_500 = auto()
    EXPIRED_TOKEN = auto()
    REGION_DISABLED = auto()
    TIMEOUT = auto()
    TRUNCATED_PAGE = auto()
    REPEATED_TOKEN = auto()
    MALFORMED = auto()
    HTML = auto()
    HTML_SOUP = auto()
    WRONG_SHAPE = auto()


PAGED = frozenset({Fault.TRUNCATED_PAGE, Fault.REPEATED_TOKEN})
BODIES = frozenset({Fault.MALFORMED, Fault.HTML, Fault.HTML_SOUP})

# By service, else by protocol: the code that AWS itself uses.
_ERRORS: Mapping[Fault, Mapping[str, AwsError]] = {
    Fault.DENIED: {
        "ec2": AwsError("UnauthorizedOperation", 403),
        "s3": AwsError("AccessDenied", 403),
        "query": AwsError("AccessDenied", 403),
        "rest-xml": AwsError("AccessDenied", 403),
        "json": AwsError("AccessDeniedException", 400),
        "rest-json": AwsError("AccessDeniedException", 403),
    },
    Fault.THROTTLED: {
        "ec2": AwsError("RequestLimitExceeded", 503),
        "s3": AwsError("SlowDown", 503),
        "organizations": AwsError("TooManyRequestsException", 400),
        "query": AwsError("Throttling", 400),
        "rest-xml": AwsError("Throttling", 400),
        "json": AwsError("ThrottlingException", 400),
        "rest-json": AwsError("TooManyRequestsException", 429),
    },
    Fault.ERROR_500: {
        "ec2": AwsError("InternalError", 500),
        "s3": AwsError("InternalError", 500),
        "query": AwsError("InternalFailure", 500),
        "rest-xml": AwsError("InternalError", 500),
        "json": AwsError("InternalServerError", 500),
        "rest-json": AwsError("InternalServerErrorException", 500),
    },
    Fault.EXPIRED_TOKEN: {
        "ec2": AwsError("RequestExpired", 400),
        "s3": AwsError("ExpiredToken", 400),
        "query": AwsError("ExpiredToken", 403),
        "rest-xml": AwsError("ExpiredToken", 403),
        "json": AwsError("ExpiredTokenException", 400),
        "rest-json": AwsError("ExpiredTokenException", 403),
    },
    Fault.REGION_DISABLED: {
        "ec2": AwsError("AuthFailure", 401),
        "s3": AwsError("OptInRequired", 403),
        "query": AwsError("OptInRequired", 403),
        "rest-xml": AwsError("OptInRequired", 403),
        "json": AwsError("UnrecognizedClientException", 400),
        "rest-json": AwsError("UnrecognizedClientException", 403),
    },
}


def error_of(fault: Fault, operation: OperationModel) -> AwsError | None:
    """The error that a fault is in this service; None if the fault is not an error."""
    model = operation.service_model
    codes = _ERRORS.get(fault, {})
    protocol = model.resolved_protocol.replace("smithy-rpc-v2-cbor", "json")
    return codes.get(model.service_name) or codes.get(protocol)


def faults_for(service: str, operation: str) -> tuple[Fault, ...]:
    """The faults that an operation can have: those of pages only where there are pages, those of bodies not for HEAD."""
    never = frozenset() if paging(service, operation) else PAGED
    if operation_model(service, operation).http.get("method") == "HEAD":
        never |= BODIES
    return tuple(one for one in Fault if one not in never)


def misleading(fault: Fault, operation: OperationModel, good: Reply) -> Reply:
    """The answer with status 200 that is not the answer."""
    if fault is Fault.MALFORMED:
        good = good if good.status < 300 else encode(operation, {})
        body = good.body[: max(1, len(good.body) * 2 // 3)] if len(good.body) > 2 else b'{"a": [' if b"json" in _kind(good) else b"<a"
        return Reply(200, good.headers, body)
    if fault is Fault.WRONG_SHAPE:
        return encode(operation, {})
    return Reply(200, {"Content-Type": "text/html"}, XHTML if fault is Fault.HTML else TAG_SOUP)


def _kind(reply: Reply) -> bytes:
    return next((value for name, value in reply.headers.items() if name.lower() == "content-type"), "").encode()

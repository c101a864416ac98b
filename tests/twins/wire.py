"""A Python result, as bytes in a service's own protocol; and back, by botocore's own parsers.

Strict on purpose: a member that the output shape does not have is an error of the test's author, said at once.
"""

import base64
import json
import struct
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from botocore.awsrequest import HeadersDict
from botocore.model import OperationModel, Shape
from botocore.parsers import create_parser
from botocore.utils import parse_to_aware_datetime

S3_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


@dataclass(frozen=True)
class Reply:
    """What goes back over the wire."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class AwsError:
    """An error that AWS answers: its code, its HTTP status and its message."""

    code: str
    status: int = 400
    message: str = "The double says so."


def encode(operation: OperationModel, result: Mapping[str, Any]) -> Reply:
    """The answer of `operation` that boto3 will read back as `result`."""
    shape = operation.output_shape
    status = int(operation.http.get("responseCode", 200))
    members = {k: v for k, v in result.items() if k != "ResponseMetadata" and v is not None}
    if shape is None:
        return Reply(status, _headers(operation), _ENCODERS[_protocol(operation)](operation, {}))
    _refuse_strangers(shape, members)
    headers = _headers(operation)
    inside: dict[str, Any] = {}
    for name, value in members.items():
        place = shape.members[name].serialization.get("location")
        if place == "statusCode":
            status = int(value)
        elif place in ("header", "headers"):
            headers.update(_as_headers(shape.members[name], name, value))
        else:
            inside[name] = value
    return Reply(status, headers, _body(operation, inside))


def encode_error(operation: OperationModel, error: AwsError) -> Reply:
    """The answer that makes boto3 raise a ClientError with `error.code`."""
    headers, protocol = _headers(operation), _protocol(operation)
    if operation.http.get("method") == "HEAD":
        return Reply(error.status, headers)
    if protocol == "rest-json":
        headers["x-amzn-ErrorType"] = error.code
    if protocol == "json" and "awsQueryCompatible" in operation.service_model.metadata:
        headers["x-amzn-query-error"] = f"{error.code};Sender"
    return Reply(error.status, headers, _error_body(operation, error))


def decode(operation: OperationModel, reply: Reply) -> dict[str, Any]:
    """What botocore's parser reads in `reply`."""
    raw = {"status_code": reply.status, "headers": HeadersDict(reply.headers), "body": reply.body}
    parsed: dict[str, Any] = create_parser(_protocol(operation)).parse(raw, operation.output_shape)
    return parsed


def request_id() -> str:
    """An id as AWS gives to each answer."""
    return str(uuid.uuid4())


def _protocol(operation: OperationModel) -> str:
    return str(operation.service_model.resolved_protocol)


def content_type(operation: OperationModel) -> str:
    """What AWS calls the body of an answer."""
    protocol, model = _protocol(operation), operation.service_model
    if protocol == "json":
        return f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.0')}"
    if model.service_name == "s3":
        return "application/xml"
    return {"smithy-rpc-v2-cbor": "application/cbor", "rest-json": "application/json"}.get(protocol, "text/xml")


def _headers(operation: OperationModel) -> dict[str, str]:
    one, kind = request_id(), {"Content-Type": content_type(operation)}
    if operation.service_model.service_name == "s3":
        return {**kind, "x-amz-request-id": one, "x-amz-id-2": one}
    extra = {"smithy-protocol": "rpc-v2-cbor"} if _protocol(operation) == "smithy-rpc-v2-cbor" else {}
    return {**kind, **extra, "x-amzn-RequestId": one}


def _as_headers(shape: Shape, name: str, value: Any) -> dict[str, str]:
    wire_name = shape.serialization.get("name", name)
    if shape.type_name == "map":
        return {f"{wire_name}{key}": str(one) for key, one in value.items()}
    if shape.type_name == "timestamp":
        return {wire_name: _timestamp(value, shape.serialization.get("timestampFormat", "rfc822"))}
    return {wire_name: _text(shape, value)}


def _body(operation: OperationModel, members: Mapping[str, Any]) -> bytes:
    payload = operation.output_shape.serialization.get("payload")
    if payload is None:
        return _ENCODERS[_protocol(operation)](operation, members)
    value, shape = members.get(payload), operation.output_shape.members[payload]
    if shape.type_name in ("blob", "string"):
        return value if isinstance(value, bytes) else (value or "").encode()
    if _protocol(operation) == "rest-xml":
        return _document(_xml(shape, shape.serialization.get("name", payload), value or {}), operation)
    return json.dumps(_json(shape, value or {})).encode()


def _error_body(operation: OperationModel, error: AwsError) -> bytes:
    protocol = _protocol(operation)
    if protocol == "smithy-rpc-v2-cbor":
        return cbor({"__type": error.code, "message": error.message})
    if protocol in ("json", "rest-json"):
        return json.dumps({"__type": error.code, "message": error.message}).encode()
    fault = ET.Element("Error")
    if protocol != "ec2":
        ET.SubElement(fault, "Type").text = "Sender"
    ET.SubElement(fault, "Code").text = error.code
    ET.SubElement(fault, "Message").text = error.message
    if operation.service_model.service_name == "s3":
        ET.SubElement(fault, "RequestId").text = request_id()
        return ET.tostring(fault)
    root = ET.Element("Response" if protocol == "ec2" else "ErrorResponse")
    (ET.SubElement(root, "Errors") if protocol == "ec2" else root).append(fault)
    ET.SubElement(root, "RequestID" if protocol == "ec2" else "RequestId").text = request_id()
    return ET.tostring(root)


def _refuse_strangers(shape: Shape, value: Mapping[str, Any]) -> None:
    if strangers := set(value) - set(shape.members):
        raise ValueError(f"{shape.name} has no member {', '.join(sorted(strangers))}")


def _present(shape: Shape, value: Mapping[str, Any]) -> Iterable[tuple[str, Shape, Any]]:
    _refuse_strangers(shape, value)
    return ((name, shape.members[name], one) for name, one in value.items() if one is not None)


# Scalars


def _timestamp(value: Any, form: str) -> str:
    moment = parse_to_aware_datetime(value).astimezone(UTC)
    if form == "rfc822":
        return format_datetime(moment, usegmt=True)
    if form == "unixTimestamp":
        return str(moment.timestamp())
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _text(shape: Shape, value: Any) -> str:
    if shape.type_name == "timestamp":
        return _timestamp(value, shape.serialization.get("timestampFormat", "iso8601"))
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "blob":
        return _base64(value)
    if isinstance(value, dict | list):  # a policy as boto3 shows it: IAM sends it URL-encoded, the others as they are
        text = json.dumps(value)
        return quote(text) if shape.name == "policyDocumentType" else text
    return str(value)


def _base64(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


# XML: query, ec2 and rest-xml


def _xml_answer(operation: OperationModel, members: Mapping[str, Any]) -> bytes:
    shape, protocol = operation.output_shape, _protocol(operation)
    if operation.name == "GetBucketLocation":  # the one answer whose root is the member itself
        root = ET.Element("LocationConstraint")
        root.text = members.get("LocationConstraint")
        return _document(root, operation)
    if protocol == "rest-xml":
        if shape is None:
            return b""
        return _document(_xml(shape, shape.serialization.get("name", shape.name), members), operation)
    root = ET.Element(f"{operation.name}Response")
    inner = root
    if shape is not None and "resultWrapper" in shape.serialization:
        inner = ET.SubElement(root, shape.serialization["resultWrapper"])
    if shape is not None:
        _fill(inner, shape, members)
    id_parent = root if protocol == "ec2" else ET.SubElement(root, "ResponseMetadata")
    ET.SubElement(id_parent, "requestId" if protocol == "ec2" else "RequestId").text = request_id()
    return _document(root, operation)


def _document(root: ET.Element, operation: OperationModel) -> bytes:
    namespace = operation.service_model.metadata.get("xmlNamespace")
    if operation.service_model.service_name == "s3":
        namespace = S3_NAMESPACE
    if namespace:
        root.set("xmlns", namespace)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root)


def _xml(shape: Shape, tag: str, value: Any) -> ET.Element:
    element = ET.Element(tag)
    if space := shape.serialization.get("xmlNamespace"):
        prefix = space.get("prefix") if isinstance(space, dict) else None
        if prefix:
            element.set(f"xmlns:{prefix}", space["uri"])
    if shape.type_name == "structure":
        _fill(element, shape, value)
    elif shape.type_name == "list":
        tag = shape.member.serialization.get("name", "member")
        element.extend(_xml(shape.member, tag, one) for one in value)
    elif shape.type_name == "map":
        element.extend(_entry(shape, "entry", *one) for one in value.items())
    else:
        element.text = _text(shape, value)
    return element


def _fill(element: ET.Element, shape: Shape, value: Mapping[str, Any]) -> None:
    for name, member, one in _present(shape, value):
        tag = member.serialization.get("name", name)
        if member.serialization.get("xmlAttribute"):
            element.set(tag, _text(member, one))
        elif member.serialization.get("flattened") and member.type_name == "list":
            tag = member.member.serialization.get("name", tag)
            element.extend(_xml(member.member, tag, each) for each in one)
        elif member.serialization.get("flattened") and member.type_name == "map":
            element.extend(_entry(member, tag, *each) for each in one.items())
        else:
            element.append(_xml(member, tag, one))


def _entry(shape: Shape, tag: str, key: str, value: Any) -> ET.Element:
    element = ET.Element(tag)
    element.append(_xml(shape.key, shape.key.serialization.get("name", "key"), key))
    element.append(_xml(shape.value, shape.value.serialization.get("name", "value"), value))
    return element


# JSON, for json and rest-json


def _json_answer(operation: OperationModel, members: Mapping[str, Any]) -> bytes:
    shape = operation.output_shape
    return json.dumps(_json(shape, members) if shape is not None else {}).encode()


def _json(shape: Shape, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and not getattr(shape, "is_document_type", False):
        return {member.serialization.get("name", name): _json(member, one) for name, member, one in _present(shape, value)}
    if kind == "list":
        return [_json(shape.member, one) for one in value]
    if kind == "map":
        return {key: _json(shape.value, one) for key, one in value.items()}
    if kind == "timestamp":
        form = shape.serialization.get("timestampFormat", "unixTimestamp")
        return parse_to_aware_datetime(value).timestamp() if form == "unixTimestamp" else _timestamp(value, form)
    if kind == "blob":
        return _base64(value)
    return json.dumps(value) if kind == "string" and isinstance(value, dict | list) else value


# CBOR, for smithy-rpc-v2


def _cbor_answer(operation: OperationModel, members: Mapping[str, Any]) -> bytes:
    return cbor(dict(members))


def cbor(value: Any) -> bytes:
    """The few kinds of CBOR item that an AWS answer is made of."""
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int | float):
        return _cbor_number(value)
    if isinstance(value, datetime):
        return _cbor_head(6, 1) + cbor(value.timestamp())
    if isinstance(value, bytes | str):
        raw = value.encode() if isinstance(value, str) else value
        return _cbor_head(3 if isinstance(value, str) else 2, len(raw)) + raw
    if isinstance(value, Mapping):
        return _cbor_head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    return _cbor_head(4, len(value)) + b"".join(map(cbor, value))


def _cbor_number(value: float) -> bytes:
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    return _cbor_head(0, value) if value >= 0 else _cbor_head(1, -1 - value)


def _cbor_head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, form, limit in ((24, ">B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32), (27, ">Q", 1 << 64)):
        if number < limit:
            return bytes([major << 5 | code]) + struct.pack(form, number)
    raise ValueError(f"{number} does not fit CBOR's 64 bits")


_ENCODERS: dict[str, Callable[[OperationModel, Mapping[str, Any]], bytes]] = {
    "query": _xml_answer,
    "ec2": _xml_answer,
    "rest-xml": _xml_answer,
    "json": _json_answer,
    "rest-json": _json_answer,
    "smithy-rpc-v2-cbor": _cbor_answer,
}

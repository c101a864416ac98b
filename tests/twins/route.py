"""Which operation a request asks for, by whom and with what: read from the signature, the protocol and botocore's models."""

import gzip
import io
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore
import botocore.session
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.parsers import create_parser

SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]*)/([^/]+)/aws4")
_SESSION = botocore.session.get_session()
_LOADER = _SESSION.get_component("data_loader")
_LOCK = threading.RLock()


@dataclass(frozen=True)
class Request:
    """One HTTP request, as it came; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def scope(self) -> tuple[str, str, str]:
        """Access key id, region and signing name; three dashes for an unsigned request."""
        match = SCOPE.search(self.headers.get("authorization", ""))
        return (match[1], match[2], match[3]) if match else ("-", "-", "-")


@dataclass(frozen=True)
class Route:
    """The operation that a request asks for, and its parameters as boto3 was given them."""

    service: str
    operation: OperationModel
    params: dict[str, Any]


def identify(request: Request) -> Route | None:
    """The route of a request, or None for one that no model of its service knows."""
    signing = request.scope[2]
    for service in candidates(signing):
        model = service_model(service)
        if (found := _READERS[model.resolved_protocol](model, request)) is not None:
            return Route(service, *found)
    return None


@cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, loaded once."""
    with _LOCK:
        return _SESSION.get_service_model(service)


def operation_model(service: str, operation: str) -> OperationModel:
    """botocore's model of an operation; a name that AWS does not have is an error."""
    return service_model(service).operation_model(operation)


@cache
def paginators(service: str) -> dict[str, Any]:
    """botocore's paginator models of a service, by operation."""
    try:
        return dict(_LOADER.load_service_model(service, "paginators-1")["pagination"])
    except botocore.exceptions.UnknownServiceError:
        return {}


@cache
def candidates(signing: str) -> tuple[str, ...]:
    """The services that sign with this name, the one of the same name first. S3 Control's paths would also fit S3's."""
    names = _by_signing_name().get(signing, [])
    return tuple(sorted(names, key=lambda name: (name != "s3control", name != signing, name)))


@cache
def _by_signing_name() -> dict[str, list[str]]:
    """Read from the first bytes of each model: loading 400 of them whole would take seconds."""
    root, found = Path(botocore.__file__).parent / "data", {}
    for service in _LOADER.list_available_services("service-2"):
        path = root / service / _LOADER.determine_latest_version(service, "service-2") / "service-2.json"
        with path.open("rb") if path.exists() else gzip.open(f"{path}.gz") as file:
            head = file.read(3000).decode("utf-8", "ignore")
        name = re.search(r'"signingName"\s*:\s*"([^"]+)"', head) or re.search(r'"endpointPrefix"\s*:\s*"([^"]+)"', head)
        if name:
            found.setdefault(name[1], []).append(service)
    return found


# json, cbor: the operation is named in a header or in the path

Found = tuple[OperationModel, dict[str, Any]] | None


def _read_json(model: ServiceModel, request: Request) -> Found:
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    if prefix != model.metadata.get("targetPrefix") or name not in model.operation_names:
        return None
    return model.operation_model(name), _loads(request.body)


def _read_cbor(model: ServiceModel, request: Request) -> Found:
    match = re.fullmatch(r".*/service/([^/]+)/operation/([^/]+)", request.path)
    if not match or match[2] not in model.operation_names:
        return None
    parser = create_parser("smithy-rpc-v2-cbor")
    body = parser.parse_data_item(io.BufferedReader(io.BytesIO(request.body))) if request.body else {}
    return model.operation_model(match[2]), body


def _loads(body: bytes) -> dict[str, Any]:
    try:
        loaded = json.loads(body or b"{}")
    except ValueError:
        return {}
    return loaded if isinstance(loaded, dict) else {}


# query, ec2: the operation is a form field, and the parameters are a tree of dotted names


def _read_query(model: ServiceModel, request: Request) -> Found:
    form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True)) or request.query
    name = form.pop("Action", "")
    if form.pop("Version", None) != model.api_version or name not in model.operation_names:
        return None
    operation = model.operation_model(name)
    tree: dict[str, Any] = {}
    for key, value in form.items():
        *parents, leaf = key.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    return operation, _untangle(operation.input_shape, tree) if operation.input_shape else {}


def _untangle(shape: Shape, node: Any) -> Any:
    if shape.type_name == "structure":
        return {
            name: _untangle(member, node[key])
            for name, member in shape.members.items()
            for key in _query_names(name, member)
            if key in node
        }
    if shape.type_name == "list":
        items = next((one for key, one in node.items() if not key.isdigit()), node)
        return [_untangle(shape.member, items[key]) for key in sorted(items, key=int)]
    if shape.type_name == "map":
        pairs = node.get("entry", node)
        return {one.get("key", one.get("Name")): _untangle(shape.value, one.get("value", one.get("Value"))) for one in pairs.values()}
    return _scalar(shape, node)


def _query_names(name: str, shape: Shape) -> Iterator[str]:
    """The names under which a member may travel, the most particular first; one of them is there."""
    wire = shape.serialization.get("name", name)
    names = [shape.serialization.get("queryName"), wire, wire[:1].upper() + wire[1:], name]
    if shape.type_name == "list":
        names.append(shape.member.serialization.get("name"))
    yield from dict.fromkeys(one for one in names if one)


def _scalar(shape: Shape, value: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(value)
    return value == "true" if shape.type_name == "boolean" else value


# rest-json, rest-xml: the operation is the method and the path, told apart by query keys and required headers


@dataclass(frozen=True)
class Template:
    """What a request must look like to ask for an operation."""

    operation: OperationModel
    method: str
    path: re.Pattern[str]
    constants: Mapping[str, str]
    required: frozenset[tuple[str, str]]
    literal: int

    def score(self, request: Request, query: Mapping[str, str]) -> tuple[int, int, int, bool] | None:
        """How particular the match is; None if it is none."""
        here = {("querystring", key) for key in query} | {("header", key) for key in request.headers}
        fits = (
            request.method == self.method
            and self.required <= here
            and self.path.fullmatch(request.path)
            and all(query.get(key) == value for key, value in self.constants.items())
        )
        return (len(self.constants), len(self.required), self.literal, not self.operation.deprecated) if fits else None


@cache
def _templates(service: str) -> tuple[Template, ...]:
    model = service_model(service)
    return tuple(_template(model.operation_model(name)) for name in model.operation_names)


def _template(operation: OperationModel) -> Template:
    path, _, query = operation.http["requestUri"].partition("?")
    constants = dict(parse_qsl(query, keep_blank_values=True))
    constants.pop("x-id", None)
    pattern = re.sub(
        r"\\\{(\w[\w-]*)(\\\+)?\\\}",
        lambda m: f"(?P<{m[1].replace('-', '_')}>{'.+' if m[2] else '[^/]+'})",
        re.escape(path.rstrip("/")).replace(r"\-", "-"),
    )
    literal = len(re.sub(r"\{[^}]*\}", "", path))
    return Template(operation, operation.http["method"], re.compile(pattern + "/?"), constants, _required(operation), literal)


def _required(operation: OperationModel) -> frozenset[tuple[str, str]]:
    shape = operation.input_shape
    if shape is None:
        return frozenset()
    members = {name: shape.members[name].serialization for name in shape.required_members}
    return frozenset(
        (each["location"], each.get("name", name).lower() if each["location"] == "header" else each.get("name", name))
        for name, each in members.items()
        if each.get("location") in ("querystring", "header")
    )


def _read_rest(model: ServiceModel, request: Request) -> Found:
    query = request.query
    scored = [(score, one) for one in _templates(model.service_name) if (score := one.score(request, query)) is not None]
    if not scored:
        return None
    best = max(scored, key=lambda pair: pair[0])[1]
    match = best.path.fullmatch(request.path)
    return best.operation, _rest_params(best.operation, request, query, match.groupdict() if match else {})


def _rest_params(operation: OperationModel, request: Request, query: Mapping[str, str], labels: Mapping[str, str]) -> dict[str, Any]:
    shape, params = operation.input_shape, {}
    if shape is None:
        return {}
    body = _loads(request.body) if "json" in operation.service_model.resolved_protocol else {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        where = {"uri": labels, "querystring": query, "header": request.headers}.get(member.serialization.get("location"), body)
        key = wire.replace("-", "_") if where is labels else wire.lower() if where is request.headers else wire
        if key in where:
            value = where[key]
            value = unquote(value) if where is labels else value
            params[name] = _scalar(member, value) if where is not body else value
    return params


_READERS = {
    "json": _read_json,
    "smithy-rpc-v2-cbor": _read_cbor,
    "query": _read_query,
    "ec2": _read_query,
    "rest-json": _read_rest,
    "rest-xml": _read_rest,
}

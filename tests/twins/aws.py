"""A double of AWS: moto over HTTP on loopback, and laid over it a journal, faults, canned answers and pages.

    with AwsTwin() as twin:
        twin.client("s3").create_bucket(Bucket="artemis-prod-documents")       # setup: not journaled, no faults
        with twin.fault("s3", "GetBucketEncryption", Fault.DENIED):
            ...                                                                # run the product with twin.env()
        twin.assert_read_only()

moto's state is one per process: two twins in one process share it.
"""

import io
import json
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import unquote

import boto3
from botocore.config import Config
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import get_account_id_from
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from .faults import PAGED, Fault, error_of, faults_for, misleading
from .pages import Pager, paging
from .route import Request, Route, identify, operation_model
from .wire import AwsError, Reply, content_type, decode, encode, encode_error, request_id

__all__ = ["AwsError", "AwsTwin", "Call", "Fault", "Rule", "faults_for"]

REGION = "us-east-1"
SETUP, CALLER = "AKIASETUP", "AKIATWIN0"  # each followed by the account's twelve digits
_OWN_KEY = re.compile(rf"(?:{SETUP}|{CALLER})(\d{{12}})")
_READ_VERB = re.compile(r"(Get|List|Describe|Head|Lookup|Search|BatchGet)[A-Z]")
_READS_BY_NAME = {("iam", "GenerateCredentialReport"), ("sts", "AssumeRole")}
_SECRETS = {  # reads in name, but they hand out credentials, secrets or a customer's own data
    ("s3", "GetObject"),
    ("secretsmanager", "GetSecretValue"),
    ("secretsmanager", "BatchGetSecretValue"),
    ("dynamodb", "GetItem"),
    ("dynamodb", "BatchGetItem"),
    ("sts", "GetSessionToken"),
    ("sts", "GetFederationToken"),
    ("ecr", "GetAuthorizationToken"),
    ("ssm", "GetParameter"),
    ("ssm", "GetParameters"),
    ("ssm", "GetParametersByPath"),
}


@dataclass(frozen=True)
class Call:
    """One call, as the twin understood it."""

    service: str
    operation: str
    account: str
    region: str
    params: Mapping[str, Any] = field(hash=False)

    @property
    def reads(self) -> bool:
        """Whether the call can only read, and reads no secret."""
        name = (self.service, self.operation)
        return name in _READS_BY_NAME or (bool(_READ_VERB.match(self.operation)) and name not in _SECRETS)


Answer = Mapping[str, Any] | AwsError | None
Base = Callable[[], Reply]


@dataclass
class Rule:
    """Something said about some calls; `hits` counts how often it was used."""

    service: str
    operation: str
    does: Fault | AwsError | Callable[[Mapping[str, Any]], Answer]
    region: str | None = None
    account: str | None = None
    where: Callable[[Mapping[str, Any]], bool] = lambda _params: True
    times: int | None = None
    seconds: float = 5.0
    hits: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claims(self, call: Call) -> bool:
        """Whether this call is the rule's; if so it is counted."""
        if (self.service, self.operation) not in {(call.service, call.operation), (call.service, "*")}:
            return False
        if self.region not in (None, call.region) or self.account not in (None, call.account) or not self.where(call.params):
            return False
        with self._lock:
            if self.times is not None and self.hits >= self.times:
                return False
            self.hits += 1
            return True


class Unanswered(ConnectionError):
    """The connection is dropped without an answer."""


class AwsTwin:
    """AWS on a loopback port, for as long as the `with` lasts."""

    def __init__(self) -> None:
        self.moto_errors: list[Exception] = []  # what moto itself raised: a call it does not implement, mostly
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._moto_lock, self._lock = threading.Lock(), threading.Lock()
        self._journal: list[Call] = []
        self._faults: list[Rule] = []
        self._answers: list[Rule] = []
        self._pager: Pager | None = None
        self._frozen: dict[tuple[str, ...], Reply] | None = None
        self._clients: dict[tuple[Any, ...], Any] = {}
        self._mistakes: list[Exception] = []

    def __enter__(self) -> Self:
        self.reset()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answer, self._server.mistakes = self.respond, self._mistakes
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self._session = boto3.session.Session()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for rule in self._faults:
            rule.over.set()
        for client in self._clients.values():
            client.close()
        self._server.stop()
        self._thread.join()

    # What a test asks for

    @property
    def url(self) -> str:
        """Where the twin answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def env(self, *, account: str = DEFAULT_ACCOUNT_ID, region: str = REGION, attempts: int = 1) -> dict[str, str]:
        """The environment in which an unmodified SDK talks to the twin, and to nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": f"{CALLER}{account}",
            "AWS_SECRET_ACCESS_KEY": "twin",
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": str(attempts),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str, *, region: str = REGION, account: str = DEFAULT_ACCOUNT_ID) -> Any:
        """A client for the fixture's own setup: it writes straight into moto, unseen by the journal, faults and answers."""
        return self._client(SETUP, service, region, account)

    def caller(self, service: str, *, region: str = REGION, account: str = DEFAULT_ACCOUNT_ID, **config: Any) -> Any:
        """A client such as the product has: journaled, and subject to faults, answers and pages. One attempt, unless told."""
        return self._client(CALLER, service, region, account, **{"retries": {"total_max_attempts": 1}, **config})

    def backend(self, service: str, account: str = DEFAULT_ACCOUNT_ID, region: str = REGION) -> Any:
        """moto's own objects, so that what no API can set (an age, a last use) can be edited. Thaw afterwards."""
        regions = get_backend(service)[account]
        return regions[next(one for one in (region, "aws", "global") if one in regions or one in regions.regions)]

    def reset(self) -> None:
        """Empties every account, and forgets what was frozen."""
        with self._moto_lock:
            moto_api_backend.reset()
        self._forget()

    def freeze(self) -> None:
        """From now on moto is asked once for each read; any write forgets all answers."""
        self._frozen = {}

    def thaw(self) -> None:
        """Asks moto again."""
        self._frozen = None

    def calls(self, service: str | None = None, operation: str | None = None) -> list[Call]:
        """The calls so far, oldest first."""
        with self._lock:
            return [one for one in self._journal if service in (None, one.service) and operation in (None, one.operation)]

    def reset_journal(self) -> None:
        """Forgets the calls so far."""
        with self._lock:
            self._journal.clear()

    def assert_read_only(self) -> None:
        """Raises AssertionError if any call was not a plain read."""
        if offenders := sorted({f"{one.service}.{one.operation}" for one in self.calls() if not one.reads}):
            raise AssertionError(f"not read-only: {', '.join(offenders)}")

    # What a test arranges

    @contextmanager
    def fault(self, service: str, operation: str, does: Fault | AwsError, **when: Any) -> Iterator[Rule]:
        """Makes an operation ("*": all of a service) fail. `region`, `account`, `where`, `times` narrow; `seconds` is for TIMEOUT.

        An AwsError in place of a Fault fails with any code at all.
        """
        if operation != "*" and isinstance(does, Fault) and does not in faults_for(service, operation):
            raise ValueError(f"{does.name} is not applicable to {service}.{operation}: it has no pages, or no body")
        with self._ruled(self._faults, Rule(service, operation, does, **when)) as rule:
            yield rule

    @contextmanager
    def answer(self, service: str, operation: str, result: Answer | Callable[[Mapping[str, Any]], Answer], **when: Any) -> Iterator[Rule]:
        """Answers an operation with `result`: what boto3 returns, an AwsError, or a function of the parameters that gives either.

        A function that gives None leaves the call to the next answer, or to moto.
        """
        does = result if callable(result) else lambda _params: result
        with self._ruled(self._answers, Rule(service, operation, does, **when)) as rule:
            yield rule

    @contextmanager
    def page_size(self, size: int) -> Iterator[None]:
        """Cuts each list into pages of `size` items."""
        before, self._pager = self._pager, Pager(size)
        try:
            yield
        finally:
            self._pager = before

    @contextmanager
    def _ruled(self, rules: list[Rule], rule: Rule) -> Iterator[Rule]:
        if rule.operation != "*":
            operation_model(rule.service, rule.operation)  # a name that AWS does not have is an error of the test
        rules.append(rule)
        try:
            yield rule
        finally:
            rule.over.set()
            rules.remove(rule)
        if self._mistakes:  # in a thread of the server, where it would have looked like a bad answer of AWS
            raise AssertionError("the twin was told something impossible") from self._mistakes.pop()

    # What happens to a request

    def respond(self, request: Request) -> Reply:
        """The answer to a request."""
        key, region, _ = request.scope
        own = _OWN_KEY.fullmatch(key)
        if key.startswith(SETUP):
            self._forget()
            return self._ask_moto(request, own[1] if own else None)
        route, account = identify(request), own[1] if own else get_account_id_from(key)
        call = _call(request, route, account, region)
        with self._lock:
            self._journal.append(call)
        if route is None:
            return Reply(HTTPStatus.NOT_IMPLEMENTED, {"Content-Type": "text/plain"}, b"The twin knows no such operation.")
        return self._ruled_reply(call, route, lambda: self._base(call, route, request, own[1] if own else None))

    def _ruled_reply(self, call: Call, route: Route, base: Base) -> Reply:
        rule = next((one for one in reversed(self._faults) if one.claims(call)), None)
        if rule is None:
            return self._paged(call, route, base)
        if isinstance(rule.does, AwsError):
            return encode_error(route.operation, rule.does)
        if rule.does is Fault.TIMEOUT:
            rule.over.wait(rule.seconds)
            raise Unanswered
        if (error := error_of(rule.does, route.operation)) is not None:
            return encode_error(route.operation, error)
        if rule.does in PAGED:
            return self._misled(rule.does, call, route, base)
        return misleading(rule.does, route.operation, base())

    def _misled(self, fault: Fault, call: Call, route: Route, base: Base) -> Reply:
        if (how := paging(call.service, call.operation)) is None:
            return base()
        whole = _read(route, base()) or {}
        page = how.looping(whole) if fault is Fault.REPEATED_TOKEN else how.truncated(whole, call.params)
        return _written(route, page)

    def _paged(self, call: Call, route: Route, base: Base) -> Reply:
        pager, how = self._pager, paging(call.service, call.operation)
        if pager is None or how is None:
            return base()
        if pager.knows(token := call.params.get(how.ask)):
            return _written(route, pager.following(how, token))
        reply = base()
        whole = _read(route, reply)
        if whole is None or how.count(whole) <= pager.size:
            return reply
        return _written(route, pager.first(how, whole))

    def _base(self, call: Call, route: Route, request: Request, account: str | None) -> Reply:
        for rule in reversed(self._answers):
            if rule.claims(call) and callable(rule.does) and (result := rule.does(call.params)) is not None:
                return _written(route, result)
        if not call.reads:
            self._forget()
        if (frozen := self._frozen) is None or not call.reads or call.service == "sts":
            return _typed(route, self._ask_moto(request, account))
        key = (call.account, call.region, call.service, call.operation, json.dumps(call.params, sort_keys=True, default=str))
        if key not in frozen:
            frozen[key] = _typed(route, self._ask_moto(request, account))
        return frozen[key]

    def _ask_moto(self, request: Request, account: str | None) -> Reply:
        status: list[Any] = []
        environ = _environ(request, account)
        try:
            with self._moto_lock:  # moto is not safe for threads, and gains nothing from them
                chunks = self._moto(environ, lambda *started: status.extend(started))
                body = b"".join(chunks)
                chunks.close()
        except Exception as error:  # noqa: BLE001 - as a server does: whatever moto raises is an HTML page with status 500
            self.moto_errors.append(error)
            return Reply(500, {"Content-Type": "text/html"}, b"<!doctype html><title>500 Internal Server Error</title>")
        return Reply(int(status[0].split()[0]), {k: v for k, v in status[1] if k.lower() not in _HOP}, body)

    def _forget(self) -> None:
        if self._frozen is not None:
            self._frozen = {}

    def _client(self, prefix: str, service: str, region: str, account: str, **config: Any) -> Any:
        key = (prefix, service, region, account, repr(config))
        if key not in self._clients:
            client = self._clients[key] = self._session.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=f"{prefix}{account}",
                aws_secret_access_key="twin",
                config=Config(inject_host_prefix=False, **config),
            )
            client.meta.events.register_first("request-created.s3-control", _without_account_prefix)
        return self._clients[key]


def _without_account_prefix(request: Any, **_: Any) -> None:
    """S3 Control's endpoint rules put the account before any host, even an IP address: `inject_host_prefix` does not reach them."""
    request.url = re.sub(r"^(https?://)\d{12}\.", r"\1", request.url)


_HOP = {"connection", "date", "server", "transfer-encoding"}


def _call(request: Request, route: Route | None, account: str, region: str) -> Call:
    if route is None:
        return Call(request.scope[2], f"{request.method} {request.path}", account, region, request.query)
    return Call(route.service, route.operation.name, account, region, route.params)


def _read(route: Route, reply: Reply) -> dict[str, Any] | None:
    return decode(route.operation, reply) if reply.status < 300 else None


def _written(route: Route, result: Mapping[str, Any] | AwsError) -> Reply:
    return encode_error(route.operation, result) if isinstance(result, AwsError) else encode(route.operation, result)


def _typed(route: Route, reply: Reply) -> Reply:
    """moto calls much of its JSON and XML text/html; AWS does not, and a client may well look at the type."""
    said = next((value for name, value in reply.headers.items() if name.lower() == "content-type"), "")
    if not said.startswith("text/html") or reply.body[:9].lower() in (b"<!doctype", b""):
        return reply
    others = {name: value for name, value in reply.headers.items() if name.lower() != "content-type"}
    return Reply(reply.status, {**others, "Content-Type": content_type(route.operation)}, reply.body)


def _environ(request: Request, account: str | None) -> dict[str, Any]:
    path, _, query = request.target.partition("?")
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    if account is not None:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    host, _, port = request.headers.get("host", "127.0.0.1:80").partition(":")
    return environ | {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": request.target,
        "REQUEST_URI": request.target,
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }


# HTTP. werkzeug's own server closes each connection and lingers 10 ms over it: too slow for hundreds of runs.


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    answer: Callable[[Request], Reply]
    mistakes: list[Exception]

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.open: set[socket.socket] = set()

    def stop(self) -> None:
        self.shutdown()
        for connection in list(self.open):
            with _quietly():
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server
    REASONS: ClassVar = {one.value: one.phrase for one in HTTPStatus}

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with _quietly():
            super().finish()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            reply = self.server.answer(Request(self.command, self.path, headers, body))
        except Unanswered:
            self.close_connection = True
            return
        except Exception as error:  # noqa: BLE001 - a mistake of the twin or of the test must reach the test
            self.server.mistakes.append(error)
            reply = Reply(500, {"Content-Type": "text/plain"}, f"The twin failed: {error!r}".encode())
        self._send(reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815

    def _send(self, reply: Reply) -> None:
        headers = {"Date": formatdate(usegmt=True), **reply.headers}
        if not any(name.lower() in ("x-amzn-requestid", "x-amz-request-id") for name in headers):
            headers["x-amzn-RequestId"] = request_id()
        if self.command != "HEAD":
            headers = {name: value for name, value in headers.items() if name.lower() != "content-length"}
            headers["Content-Length"] = str(len(reply.body))
        lines = [f"HTTP/1.1 {int(reply.status)} {self.REASONS.get(reply.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head if self.command == "HEAD" else head + reply.body)


def _quietly() -> AbstractContextManager[None]:
    return suppress(OSError)

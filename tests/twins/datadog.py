"""A double of Datadog: HTTP on loopback, with its permissions, pages, throttles and faults, and a journal of every call.

    with DatadogTwin() as twin:
        twin.answers["v2.UsersApi:list_users"] = {"data": [...]}
        with twin.fault("v2.UsersApi:list_users", Fault.DENIED):
            ...
        twin.assert_read_only()

Paths and methods are those of datadog-api-client's own description of each operation; what an operation needs is from the API reference.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from .datadog_company import ANSWERS, NEEDED, TOTALS
from .datadog_intake import INTAKE
from .datadog_paths import routes

API_KEY, APP_KEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210fedcba98"
READING_POSTS = {"aggregate_logs", "list_logs", "search_audit_logs", "search_security_monitoring_signals"}
CURSORS = {
    "v2.LogsApi:list_logs": "data",
    "v2.LogsApi:aggregate_logs": "data.buckets",
    "v2.AuditApi:search_audit_logs": "data",
    "v2.SecurityMonitoringApi:search_security_monitoring_signals": "data",
}


class Fault(Enum):
    """A way in which a call fails."""

    DENIED = auto()
    EXPIRED = auto()
    PLAN = auto()
    THROTTLED = auto()
    ERROR_500 = auto()
    TIMEOUT = auto()
    MALFORMED = auto()
    HTML = auto()
    WRONG_SHAPE = auto()
    TRUNCATED_PAGE = auto()
    REPEATED_PAGE = auto()


PAGED = frozenset({Fault.TRUNCATED_PAGE, Fault.REPEATED_PAGE})
STATUS = {
    Fault.DENIED: (403, ["Forbidden"]),
    Fault.EXPIRED: (401, ["Unauthorized"]),
    Fault.PLAN: (402, ["Payment Required"]),
    Fault.THROTTLED: (429, ["Too many requests"]),
    Fault.ERROR_500: (500, ["Internal error"]),
}


def faults_for(operation: str) -> list[Fault]:
    """The faults that an operation can have."""
    return [f for f in Fault if f not in PAGED or operation in TOTALS or operation in CURSORS]


@dataclass(frozen=True)
class Call:
    """One call, as the twin understood it."""

    operation: str
    method: str
    path: Mapping[str, str] = field(hash=False)
    query: Mapping[str, str] = field(hash=False)
    body: Any = field(hash=False)
    headers: Mapping[str, str] = field(hash=False)

    @property
    def reads(self) -> bool:
        """Whether the call can only read."""
        return self.method == "GET" or self.operation.partition(":")[2] in READING_POSTS


@dataclass
class Rule:
    """A fault of an operation; `hits` counts how often it was used."""

    operation: str
    does: Fault
    times: int | None = None
    seconds: float = 5.0
    where: Callable[[Call], bool] = lambda _call: True
    hits: int = 0
    over: threading.Event = field(default_factory=threading.Event)


class DatadogTwin:
    """Datadog on a loopback port, for as long as the `with` lasts. `granted` None means every permission."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.answers: dict[str, Any] = {**ANSWERS, **INTAKE}
        self.granted: set[str] | None = None
        self.limit = 1000
        self.date: str | None = None
        self._routes = routes()
        self._journal: list[Call] = []
        self._faults: list[Rule] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        twin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                with suppress(ConnectionError):
                    twin._respond(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server's own names

            def date_time_string(self, timestamp: float | None = None) -> str:
                return twin.date or super().date_time_string(timestamp)

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for rule in self._faults:
            rule.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where the twin answers."""
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self._server.server_port}"

    def env(self) -> dict[str, str]:
        """The keys, under their usual names."""
        return {"DD_API_KEY": API_KEY, "DD_APP_KEY": APP_KEY, "NO_PROXY": "127.0.0.1"}

    def calls(self, operation: str | None = None) -> list[Call]:
        """The calls so far, oldest first."""
        with self._lock:
            return [one for one in self._journal if operation in (None, one.operation)]

    def reset_journal(self) -> None:
        """Forgets the calls so far."""
        with self._lock:
            self._journal.clear()

    def assert_read_only(self, *allowed: str) -> None:
        """Raises AssertionError if any call was not a plain read, save those operations that a test allows by name."""
        if offenders := sorted({c.operation for c in self.calls() if not c.reads and c.operation not in allowed}):
            raise AssertionError(f"not read-only: {', '.join(offenders)}")

    @contextmanager
    def fault(self, operation: str, does: Fault, **when: Any) -> Iterator[Rule]:
        """Makes an operation fail. `times` and `where` narrow; `seconds` is for TIMEOUT."""
        assert operation in {r.operation for r in self._routes}, f"the client has no {operation}"
        rule = Rule(operation, does, **when)
        self._faults.append(rule)
        try:
            yield rule
        finally:
            rule.over.set()
            self._faults.remove(rule)

    def _respond(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        match = ((r, m) for r in self._routes if r.method == handler.command and (m := r.pattern.fullmatch(parts.path)))
        route, found = next(match, (None, None))
        query = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
        path = {k: unquote(v) for k, v in found.groupdict().items()} if found else {}
        operation = route.operation if route else f"{handler.command} {parts.path}"
        call = Call(operation, handler.command, path, query, json.loads(raw) if raw else None, dict(handler.headers))
        with self._lock:
            self._journal.append(call)
        self._send(handler, *self._answer(call))

    def _send(self, handler: BaseHTTPRequestHandler, status: int, answer: Any) -> None:
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "text/html" if body.startswith(b"<") else "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("X-Request-Id", f"req-{len(self._journal):06}")
        for name, value in {"Limit": "300", "Period": "300", "Remaining": "0" if status == 429 else "299", "Reset": "1"}.items():
            handler.send_header(f"X-RateLimit-{name}", value)
        if status == 429:
            handler.send_header("X-RateLimit-Name", "twin")
        if status in (301, 302):
            handler.send_header("Location", f"{self.url}/elsewhere")
        handler.end_headers()
        handler.wfile.write(body)

    def _answer(self, call: Call) -> tuple[int, Any]:
        headers = {k.lower(): v for k, v in call.headers.items()}
        if headers.get("dd-api-key") != API_KEY or (call.operation not in OPEN and headers.get("dd-application-key") != APP_KEY):
            return 403, {"errors": ["Forbidden"]}
        rule = self._claim(call)
        if rule and rule.does in STATUS:
            status, errors = STATUS[rule.does]
            return status, {"errors": errors}
        if rule and rule.does is Fault.TIMEOUT:
            rule.over.wait(rule.seconds)
            raise ConnectionError
        if self.granted is not None and not set(NEEDED.get(call.operation, ())) <= self.granted:
            return 403, {"errors": ["Forbidden"]}
        return self._told(call, rule.does if rule else None)

    def _told(self, call: Call, fault: Fault | None) -> tuple[int, Any]:
        if call.operation not in self.answers:
            return 404, {"errors": ["Not found"]}
        if call.operation in CURSORS and not str(((call.body or {}).get("page") or {}).get("cursor", "0")).isdigit():
            return 400, {"errors": ["Invalid page cursor"]}
        whole = self.answers[call.operation]
        whole = whole(call) if callable(whole) else whole
        if isinstance(whole, tuple):  # a status and what Datadog says
            return whole[0], {"errors": list(whole[1:])}
        answer = self._page(call, whole, fault)
        text = json.dumps(answer).encode()
        misleading = {
            Fault.MALFORMED: text[: len(text) // 2],
            Fault.HTML: b"<!DOCTYPE html><html><title>Sign in to the network</title></html>",
            Fault.WRONG_SHAPE: {"surprise": {"data": 1}},
        }
        return (202 if call.operation in OPEN else 200), misleading.get(fault, answer) if fault else answer

    def _claim(self, call: Call) -> Rule | None:
        with self._lock:
            for rule in reversed(self._faults):
                if rule.operation == call.operation and rule.where(call) and (rule.times is None or rule.hits < rule.times):
                    rule.hits += 1
                    return rule
        return None

    def _page(self, call: Call, whole: Any, fault: Fault | None) -> Any:
        if call.operation in TOTALS and "data" in whole:
            size = min(int(call.query.get("page[size]", 10)), self.limit)
            number = 0 if fault is Fault.REPEATED_PAGE else int(call.query.get("page[number]", 0))
            lie = 1 if fault in PAGED else 0
            meta = total = {}  # type: ignore[var-annotated]
            *places, name = TOTALS[call.operation].split(".")
            for place in places:
                total[place] = total = {}
            total[name] = len(whole["data"]) + lie
            return {**whole, "data": whole["data"][number * size :][:size], "meta": meta}
        if call.operation in CURSORS:
            return self._after(call, whole, fault)
        return whole

    def _after(self, call: Call, whole: Any, fault: Fault | None) -> Any:
        page = (call.body or {}).get("page") or {}
        start, size = int(page.get("cursor") or 0), min(int(page.get("limit") or self.limit), self.limit)
        items = whole["data"]["buckets"] if CURSORS[call.operation] == "data.buckets" else whole["data"]
        some = items[start : start + size]
        meta = {**whole.get("meta", {})}
        if fault is Fault.REPEATED_PAGE:
            meta["page"] = {"after": "0"}
        elif fault is Fault.TRUNCATED_PAGE:
            meta["page"] = {"after": "nowhere"}
        elif start + size < len(items):
            meta["page"] = {"after": str(start + size)}
        return {**whole, "data": {"buckets": some} if items is not whole["data"] else some, "meta": meta}


OPEN = {"v2.LogsApi:submit_log", *INTAKE}
"""Operations that take an API key alone."""

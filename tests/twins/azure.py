"""A double of Azure Resource Manager, Resource Graph and the login of Entra, reached by their real names.

    with AzureTwin(tmp_path) as twin:
        twin.subscribe(PROD, "production", environment="production", owner="platform")
        twin.add(PROD, "Microsoft.Storage/storageAccounts", "artemisdata", supportsHttpsTrafficOnly=True)
        with twin.fault("Microsoft.Authorization:Permissions_List", Fault.DENIED):
            ...                                                        # run the product with twin.environment
        twin.assert_read_only()

It stands behind a tunnel. The graph is a strict subset of Kusto: it refuses what
it does not understand. Shapes are those of Azure/azure-rest-api-specs.
"""

import base64
import json
import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

from .azure_routes import EMPTY, ROUTES, Route
from .keyvault import CLIENT, SECRET, TENANT, base64url
from .tunnel import Reply, Request, Tunnel

__all__ = ["CLIENT", "READER", "SECRET", "TENANT", "AzureTwin", "Call", "Fault", "Reply"]

LOGINS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn", "login.private.example")
GRAPHS = ("graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn")
ARMS = ("management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn", "arm.private.example")
AUDIENCES = tuple(f"https://{host}/.default" for host in ARMS[:3])
DIRECTORIES = tuple(f"https://{host}/.default" for host in GRAPHS)
OBJECT = "11111111-aaaa-4bbb-8ccc-222222222222"
READER = {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
GRAPH = "Microsoft.ResourceGraph"


@dataclass(frozen=True)
class Call:
    """One call, as the twin understood it."""

    method: str
    operation: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    body: Any = field(hash=False, default=None)

    @property
    def reads(self) -> bool:
        """Whether it can only read."""
        return self.method == "GET" or (
            self.method == "POST" and self.operation.startswith((f"{GRAPH}:", "login:", "Microsoft.Graph:DirectoryObjects_GetByIds"))
        )


class Fault(Enum):
    """A way in which a call fails. The first five are errors that Azure names; the rest are answers that mislead."""

    DENIED = auto()
    EXPIRED_TOKEN = auto()
    THROTTLED = auto()
    ERROR_500 = auto()
    NOT_FOUND = auto()
    TIMEOUT = auto()
    TRUNCATED_PAGE = auto()
    REPEATED_TOKEN = auto()
    MALFORMED = auto()
    HTML = auto()
    WRONG_SHAPE = auto()


ERRORS = {
    Fault.DENIED: (403, "AuthorizationFailed", "The client 'twin' does not have authorization to perform action 'x/read' over scope '/'."),
    Fault.EXPIRED_TOKEN: (401, "ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time."),
    Fault.THROTTLED: (429, "TooManyRequests", "The request is being throttled."),
    Fault.ERROR_500: (500, "InternalServerError", "Encountered internal server error."),
    Fault.NOT_FOUND: (404, "ResourceNotFound", "The Resource was not found."),
}
HTML = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Sign in<body><p>Sign in to the network<br><img src=logo>"


@dataclass
class Rule:
    """Something said about some calls; `hits` counts how often it was used."""

    operation: str
    does: Fault | Reply
    where: Callable[[Call], bool] = lambda _call: True
    times: int | None = None
    seconds: float = 5.0
    hits: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claims(self, call: Call) -> bool:
        """Whether this call is the rule's; if so it is counted."""
        if self.operation.lower() != call.operation.lower() or not self.where(call):
            return False
        with self._lock:
            if self.times is not None and self.hits >= self.times:
                return False
            self.hits += 1
            return True


class AzureTwin:
    """Azure, for as long as the `with` lasts. `environment` is what an unmodified SDK needs to talk to it, and to nothing else."""

    def __init__(self, directory: Path) -> None:
        self.page = 100
        self.lifetime = 3599
        self.tenant_actions = [READER]
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.hidden: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.stands: dict[str, str] = {}
        self.resource_groups: dict[str, dict[str, str]] = {}
        self.permissions: dict[str, list[dict[str, list[str]]]] = {}
        self.resources: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self.directory: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.granted = {"Directory.Read.All", "GroupMember.Read.All", "User.Read.All"}
        self.headers: dict[str, str] = {}
        self._journal: list[Call] = []
        self._rules: list[Rule] = []
        self._mistakes: list[Exception] = []
        self._tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        self._directory = directory

    def __enter__(self) -> Self:
        self._tunnel = Tunnel(self._directory, (*LOGINS, *ARMS, *GRAPHS), self._respond)
        self.environment = {
            **self._tunnel.environment,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": SECRET,
            "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for rule in self._rules:
            rule.over.set()
        self._tunnel.close()
        if self._mistakes and error is None:  # in a thread of the server, where it would have looked like a bad answer of Azure
            raise AssertionError("the twin failed") from self._mistakes[0]

    # What a test arranges

    def subscribe(self, number: str, name: str, state: str = "Enabled", **tags: str) -> str:
        """A subscription that the identity sees, as a Reader."""
        self.subscriptions[number] = {
            "id": f"/subscriptions/{number}",
            "authorizationSource": "RoleBased",
            "managedByTenants": [],
            "tags": tags,
            "subscriptionId": number,
            "tenantId": TENANT,
            "displayName": name,
            "state": state,
            "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "EnterpriseAgreement_2014-09-01"},
        }
        self.permissions.setdefault(number, [READER])
        return number

    def hide(self, number: str, name: str) -> None:
        """A subscription that the root management group holds, and the identity does not see."""
        self.hidden[number] = name

    def place(self, group: str, title: str, *numbers: str) -> None:
        """A management group below the root, and the subscriptions that stand in it."""
        self.groups[group] = title
        self.stands |= dict.fromkeys(numbers, group)

    def tag(self, number: str, group: str, **tags: str) -> None:
        """The tags of a resource group. Others are there too, without tags, if anything is in them."""
        self.resource_groups[f"/subscriptions/{number}/resourceGroups/{group}"] = tags

    def deny(self, number: str, *actions: str) -> None:
        """Takes actions back from the identity in a subscription."""
        self.permissions[number] = [{**READER, "notActions": list(actions)}]

    def add(self, number: str, type_: str, name: str, *, parent: str = "", rest: Mapping[str, Any] | None = None, **properties: Any) -> str:
        """A resource, and its id. `rest` are members beside `properties`: sku, kind, tags, location."""
        under = parent or f"/subscriptions/{number}/resourceGroups/artemis/providers/{type_.partition('/')[0]}"
        id_ = f"{under}/{type_.rpartition('/')[2]}/{name}"
        made = {"id": id_, "name": name, "type": type_, "location": "westeurope", "tags": None, "sku": None, "kind": ""}
        self.resources.append({**made, **(rest or {}), "properties": properties})
        return id_

    def answer(self, path: str, body: Any) -> None:
        """What a GET of a path answers: an object, or a list, which is cut into pages."""
        self.answers[path.lower()] = body

    @contextmanager
    def fault(self, operation: str, does: Fault | Reply, **when: Any) -> Iterator[Rule]:
        """Makes an operation fail. `where`, `times` narrow; `seconds` is for TIMEOUT."""
        rule = Rule(operation, does, **when)
        self._rules.append(rule)
        try:
            yield rule
        finally:
            rule.over.set()
            self._rules.remove(rule)

    def calls(self, operation: str | None = None) -> list[Call]:
        """The calls so far, oldest first; those of the login (`login:token`, `login:instance`) only if they are named."""
        with self._lock:
            every = list(self._journal)
        if operation is None:
            return [one for one in every if not one.operation.startswith("login:")]
        return [one for one in every if one.operation.lower() == operation.lower()]

    def reset_journal(self) -> None:
        """Forgets the calls so far."""
        with self._lock:
            self._journal.clear()

    def assert_read_only(self) -> None:
        """Raises AssertionError if any call was not a plain read."""
        with self._lock:
            if offenders := sorted({f"{one.method} {one.path}" for one in self._journal if not one.reads}):
                raise AssertionError(f"not read-only: {', '.join(offenders)}")

    @property
    def secrets(self) -> list[str]:
        """What no message may hold."""
        return [SECRET, *self._tokens]

    # What happens to a request

    def _respond(self, request: Request) -> Reply:
        try:
            return (
                self._login(request) if request.host in LOGINS else self._know(request) if request.host in GRAPHS else self._manage(request)
            )
        except Unanswered:
            raise
        except Exception as error:  # a mistake of the twin or of the test must reach the test
            self._mistakes.append(error)
            raise

    def _note(self, call: Call) -> None:
        with self._lock:
            self._journal.append(call)

    def _login(self, request: Request) -> Reply:
        url = urlsplit(request.path)
        home = f"https://{request.host}/{TENANT}"
        self._note(Call(request.method, f"login:{url.path.rpartition('/')[2]}", url.path, {}))
        if url.path == "/common/discovery/instance":
            known = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]} for host in LOGINS[:3]]
            return Reply(200, {"tenant_discovery_endpoint": f"{home}/v2.0/.well-known/openid-configuration", "metadata": known})
        if url.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            ends = {"authorization_endpoint": f"{home}/oauth2/v2.0/authorize", "token_endpoint": f"{home}/oauth2/v2.0/token"}
            return Reply(200, {**ends, "issuer": f"{home}/v2.0"})
        if url.path != f"/{TENANT}/oauth2/v2.0/token" or request.method != "POST":
            return Reply(404, b"")
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        rule = next((one for one in reversed(self._rules) if one.claims(self._journal[-1])), None)
        known_secret = form.get("client_secret") == SECRET or form.get("client_assertion") == SECRET
        if rule is not None or form.get("client_id") != CLIENT or not known_secret:
            said = "AADSTS7000215: Invalid client secret provided."
            return Reply(401, {"error": "invalid_client", "error_description": said})
        return Reply(200, {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": self.token(form["scope"].split()[0])})

    def token(self, scope: str) -> str:
        """A token for a scope."""
        claims = {"aud": scope, "tid": TENANT, "oid": OBJECT, "appid": CLIENT, "idtyp": "app", "jti": len(self._tokens)}
        made = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)) + ".twin"
        self._tokens[made] = scope
        return made

    def _manage(self, request: Request) -> Reply:
        url = urlsplit(request.path)
        path, query = unquote(url.path), {name: values[0] for name, values in parse_qs(url.query).items()}
        body = json.loads(request.body) if request.body else None
        route = next((one for one in ROUTES if one.match(path)), None)
        graph = path == "/providers/Microsoft.ResourceGraph/resources"
        call = Call(request.method, _graph_name(body) if graph else route.name if route else f"unknown:{path}", path, query, body)
        self._note(call)
        if self._tokens.get(request.token) not in AUDIENCES:
            return error(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        if not graph and route is None:
            return error(404, "InvalidResourceType", f"The resource type could not be found: {path}")
        base = (lambda: self._graph(query, body)) if graph else (lambda: self._read(route, path, query, request))
        rule = next((one for one in reversed(self._rules) if one.claims(call)), None)
        return self._headed(base() if rule is None else self._failing(rule, call, base))

    def _know(self, request: Request) -> Reply:
        """Microsoft Graph, as far as it is asked about the principals of roles."""
        url = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        body = json.loads(request.body) if request.body else None
        group = re.fullmatch(r"/v1\.0/groups/([0-9a-z-]+)/transitiveMembers", url.path)
        by_ids = url.path == "/v1.0/directoryObjects/getByIds" and request.method == "POST"
        name = "DirectoryObjects_GetByIds" if by_ids else "Groups_ListTransitiveMembers" if group else f"unknown:{url.path}"
        call = Call(request.method, f"Microsoft.Graph:{name}", url.path, query, body)
        self._note(call)
        if self._tokens.get(request.token) not in DIRECTORIES:
            return error(401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience.")

        def base() -> Reply:
            if not self.granted >= ({"Directory.Read.All"} if by_ids else {"GroupMember.Read.All", "User.Read.All"}):
                return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
            if by_ids:
                if set(body) != {"ids", "types"} or not 1 <= len(body["ids"]) <= 1000:
                    return error(400, "Request_BadRequest", "Invalid value specified for property 'ids'.")
                return Reply(200, {"value": [self.directory[one] for one in body["ids"] if one in self.directory]})
            if group is None:
                return error(400, "BadRequest", "Resource not found for the segment.")
            if group[1] not in self.members:
                return error(404, "Request_ResourceNotFound", f"Resource '{group[1]}' does not exist.")
            start, found = int(query.get("$skiptoken", "0")), [self.directory[one] for one in self.members[group[1]]]
            page: dict[str, Any] = {"value": found[start : start + self.page]}
            if start + self.page < len(found):
                page["@odata.nextLink"] = f"https://{request.host}{url.path}?$skiptoken={start + self.page}"
            return Reply(200, page)

        rule = next((one for one in reversed(self._rules) if one.claims(call)), None)
        return self._headed(base() if rule is None else self._failing(rule, call, base))

    def know(self, id_: str, kind: str, name: str, *, enabled: bool | None = True) -> str:
        """A user, group or service principal of the directory."""
        told = {
            "@odata.type": f"#microsoft.graph.{kind}",
            "id": id_,
            "displayName": name,
            "accountEnabled": enabled,
            "mobilePhone": "+1 555",
        }
        self.directory[id_] = told | ({"userPrincipalName": f"{name}@artemis.example"} if kind == "user" else {})
        return id_

    def _headed(self, reply: Reply) -> Reply:
        ids = {"x-ms-request-id": str(uuid.uuid4()), "x-ms-correlation-request-id": str(uuid.uuid4())}
        return Reply(reply.status, reply.body, {**ids, **reply.headers, **self.headers})

    def _failing(self, rule: Rule, call: Call, base: Callable[[], Reply]) -> Reply:  # noqa: PLR0911 - one for each way to fail
        if isinstance(rule.does, Reply):
            return rule.does
        if rule.does is Fault.TIMEOUT:
            rule.over.wait(rule.seconds)
            raise Unanswered
        if rule.does in ERRORS:
            reply = error(*ERRORS[rule.does])
            return Reply(429, reply.body, {"Retry-After": "0"}) if rule.does is Fault.THROTTLED else reply
        if rule.does is Fault.HTML:
            return Reply(200, HTML, {"Content-Type": "text/html"})
        if rule.does is Fault.WRONG_SHAPE:
            return Reply(200, {})
        good = base()
        if good.status != 200:
            return good
        if rule.does is Fault.MALFORMED:
            data = json.dumps(good.body).encode()
            return Reply(200, data[: max(1, len(data) * 2 // 3)])
        return self._misled(rule.does, call, good.body)

    def _misled(self, fault: Fault, call: Call, page: Any) -> Reply:
        if call.operation.startswith("Microsoft.Graph:"):
            here = f"https://graph.microsoft.com{call.path}?$select=id,displayName,userPrincipalName,accountEnabled&$top=999"
            further = here if fault is Fault.REPEATED_TOKEN else "https://graph.microsoft.com/v1.0/lost"
            return Reply(200, {**page, "@odata.nextLink": further})
        here = f"https://management.azure.com{call.path}?api-version={call.query.get('api-version', '')}"
        if "data" in page:
            kept = {**page, "data": page["data"][:-1], "count": max(0, len(page["data"]) - 1)}
            kept.pop("$skipToken", None)
            if fault is Fault.REPEATED_TOKEN:
                return Reply(200, {**page, "$skipToken": "again"})
            return Reply(200, {**kept, "resultTruncated": "true"})
        return Reply(200, {**page, "nextLink": here if fault is Fault.REPEATED_TOKEN else f"{here}&$skiptoken=lost"})

    def _read(self, route: Route | None, path: str, query: dict[str, str], request: Request) -> Reply:
        assert route is not None
        found = route.match(path)
        assert found is not None
        number = found.groupdict().get("subscription")
        if request.method != "GET":
            return error(405, "MethodNotAllowed", f"The twin takes no {request.method}")
        if query.get("api-version") not in route.versions:
            return error(400, "InvalidApiVersionParameter", f"The api-version '{query.get('api-version')}' is invalid.")
        if number is not None and number not in self.subscriptions:
            return error(404, "SubscriptionNotFound", f"The subscription '{number}' could not be found.")
        held = self.tenant_actions if number is None else self.permissions[number]
        if route.action and not allowed(held, route.action):
            said = f"The client '{CLIENT}' does not have authorization to perform action '{route.action}' over scope '{path}'."
            return error(403, "AuthorizationFailed", said)
        answer = self._answer(route, path, number)
        if answer is None:
            return error(404, "ResourceNotFound", f"The Resource '{path}' was not found.")
        return Reply(200, answer) if isinstance(answer, dict) else self._paged(answer, path, query, request.host)

    def _answer(self, route: Route, path: str, number: str | None) -> Any:  # noqa: PLR0911 - one for each operation
        if path.lower() in self.answers:
            return self.answers[path.lower()]
        match route.name.partition(":")[2]:
            case "Subscriptions_List":
                return list(self.subscriptions.values())
            case "Permissions_List":
                return self.permissions[number or ""]
            case "ManagementGroups_GetDescendants":
                seen = {one["subscriptionId"]: one["displayName"] for one in self.subscriptions.values()}
                groups = [_descendant(one, title) for one, title in self.groups.items()]
                return [*groups, *(_descendant(*one, self.stands.get(one[0], TENANT)) for one in {**seen, **self.hidden}.items())]
            case "Resources_List":
                shown = ("id", "name", "type", "kind", "location", "sku", "tags")
                return [{k: one[k] for k in shown} for one in self.resources if one["id"].startswith(f"/subscriptions/{number}/")]
            case "RoleDefinitions_GetById":
                return next((d for id_, d in self.answers.items() if id_.rpartition("/")[2] == path.lower().rpartition("/")[2]), None)
            case "Accounts_List":
                prefix, kind = f"/subscriptions/{number}/", "Microsoft.CognitiveServices/accounts"
                return [one for one in self.resources if one["type"] == kind and one["id"].startswith(prefix)]
        return [] if route.name in EMPTY else None

    def _paged(self, items: list[Any], path: str, query: dict[str, str], host: str) -> Reply:
        token = query.get("$skiptoken", "0")
        if not token.isdecimal():
            return error(400, "InvalidSkipToken", "The skip token is invalid.")
        start = int(token)
        page: dict[str, Any] = {"value": items[start : start + self.page]}
        if start + self.page < len(items):
            page["nextLink"] = f"https://{host}{path}?api-version={query['api-version']}&$skiptoken={start + self.page}"
        return Reply(200, page)

    def _graph(self, query: dict[str, str], body: Any) -> Reply:
        parsed = _KUSTO.fullmatch(body.get("query", "")) if isinstance(body, dict) else None
        options = body.get("options", {}) if isinstance(body, dict) else {}
        if query.get("api-version") != "2021-03-01":
            return error(400, "InvalidApiVersionParameter", "The api-version is invalid.")
        fine = set(options) <= {"resultFormat", "$top", "$skipToken"} and options.get("resultFormat") == "objectArray"
        if parsed is None or not fine or not 1 <= options.get("$top", 100) <= 1000 or not isinstance(body.get("subscriptions"), list):
            return _invalid_query()
        answer: dict[str, Any]
        types = set(_TYPE.findall(parsed["types"]))
        rows = [row for row in self._rows(parsed["table"]) if row["type"] in types and row["subscriptionId"] in body["subscriptions"]]
        if parsed["counts"]:
            tally = Counter((row["type"], row["subscriptionId"]) for row in rows)
            counted = [{"type": t, "subscriptionId": n, "count_": count} for (t, n), count in tally.items()]
            answer = {"totalRecords": len(counted), "count": len(counted), "data": counted, "facets": [], "resultTruncated": "false"}
            return Reply(200, answer)
        columns = parsed["columns"].split(", ")
        if not set(columns) <= COLUMNS:
            return _invalid_query()
        rows = [{name: row[name] for name in columns} for row in sorted(rows, key=lambda row: row["id"])]
        token = options.get("$skipToken", "")
        start = int(base64.b64decode(token or b"MA==")) if token in ("", *self._skips(len(rows))) else None
        if start is None:
            return error(400, "BadRequest", "The skip token is invalid.")
        size = min(self.page, options.get("$top", 100))
        page = rows[start : start + size]
        answer = {"totalRecords": len(rows), "count": len(page), "data": page, "facets": [], "resultTruncated": "false"}
        if start + size < len(rows):
            answer["$skipToken"] = base64.b64encode(str(start + size).encode()).decode()
        return Reply(200, answer, {"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:00:05"})

    def _skips(self, count: int) -> Iterator[str]:
        return (base64.b64encode(str(n).encode()).decode() for n in range(count + 1))

    def _above(self, number: str) -> list[dict[str, str]]:
        """The management groups of a subscription, the nearest first, as the list of what is below the root has them."""
        root = f"/providers/Microsoft.Management/managementGroups/{TENANT}"
        listed = self._answer(ROUTES[1], f"{root}/descendants", None)
        known = {one["name"]: one["properties"] for one in listed}
        chain, name = [], number
        while name in known and (above := known[name]["parent"]["id"].rpartition("/")[2]) != TENANT:
            name = above
            chain.append({"displayName": known[name]["displayName"], "name": name})
        return [*chain, {"displayName": "Tenant Root Group", "name": TENANT}]

    def _group_rows(self) -> Iterator[dict[str, Any]]:
        kind = "microsoft.resources/subscriptions/resourcegroups"
        there = {"/".join(one["id"].split("/")[:5]): {} for one in self.resources if "/resourceGroups/" in one["id"]}
        for id_, tags in (there | self.resource_groups).items():
            number, name = id_.split("/")[2], id_.rpartition("/")[2]
            if number in self.subscriptions and allowed(self.permissions[number], "Microsoft.Resources/subscriptions/resourceGroups/read"):
                told = {"id": id_, "name": name, "type": kind, "properties": {"provisioningState": "Succeeded"}}
                yield {**dict.fromkeys(COLUMNS), **told, "subscriptionId": number, "tags": tags or None}

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        """The rows that the identity may see: what it may not see is left out without a word, as the graph does."""
        if table == "resourcecontainers":
            for one in self.subscriptions.values():
                if not allowed(self.permissions[one["subscriptionId"]], "Microsoft.Resources/subscriptions/read"):
                    continue
                chain = {"managementGroupAncestorsChain": self._above(one["subscriptionId"]), "state": one["state"]}
                plain = {"id": one["id"], "name": one["displayName"], "type": "microsoft.resources/subscriptions", "properties": chain}
                yield {**dict.fromkeys(COLUMNS), **plain, "subscriptionId": one["subscriptionId"], "tags": one["tags"]}
            yield from self._group_rows()
            return
        for one in self.resources:
            number = one["id"].split("/")[2]
            if number in self.subscriptions and allowed(self.permissions[number], f"{one['type']}/read"):
                yield {**dict.fromkeys(COLUMNS), **one, "type": one["type"].lower(), "subscriptionId": number}


COLUMNS = {"id", "name", "type", "kind", "location", "subscriptionId", "sku", "tags", "properties"}
_KUSTO = re.compile(
    r"(?P<table>resources|resourcecontainers) \| where type in~ \((?P<types>'[a-z./]+'(, '[a-z./]+')*)\) \| "
    r"(project (?P<columns>\w+(, \w+)*) \| order by id asc|(?P<counts>summarize count_ = count\(\) by type, subscriptionId))"
)
_TYPE = re.compile("'([^']+)'")


def _graph_name(body: Any) -> str:
    """What the product calls the query: its table and types."""
    parsed = _KUSTO.fullmatch(body.get("query", "")) if isinstance(body, dict) else None
    if parsed is None:
        return "unknown:graph"
    return f"{GRAPH}:count(defended)" if parsed["counts"] else f"{GRAPH}:{parsed['table']}({','.join(_TYPE.findall(parsed['types']))})"


def _descendant(name: str, title: str, parent: str = TENANT) -> dict[str, Any]:
    """A management group, or a subscription if its name is an id."""
    groups = "/providers/Microsoft.Management/managementGroups"
    number = re.fullmatch("[0-9a-f-]{36}", name)
    kind = "Microsoft.Management/managementGroups" + ("/subscriptions" if number else "")
    shown = {"displayName": title, "parent": {"id": f"{groups}/{parent}"}}
    return {"id": f"/subscriptions/{name}" if number else f"{groups}/{name}", "type": kind, "name": name, "properties": shown}


def _invalid_query() -> Reply:
    details = [
        {"code": "InvalidQuery", "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service."}
    ]
    return Reply(
        400, {"error": {"code": "BadRequest", "message": "Please provide below info when asking for support.", "details": details}}
    )


def error(status: int, code: str, message: str) -> Reply:
    """An error in the words of Resource Manager."""
    return Reply(status, {"error": {"code": code, "message": message}})


def allowed(held: list[dict[str, list[str]]], action: str) -> bool:
    """Whether roles allow an action, by Azure's own rules."""

    def any_of(patterns: list[str]) -> bool:
        return any(re.fullmatch(".*".join(map(re.escape, p.lower().split("*"))), action.lower()) for p in patterns)

    return any(any_of(one["actions"]) and not any_of(one["notActions"]) for one in held)


class Unanswered(ConnectionError):
    """The connection is dropped without an answer."""

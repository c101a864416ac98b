"""A double of Microsoft Graph and of the login of Entra, reached by their real names.

    with EntraTwin(tmp_path) as twin:
        twin.put("/v1.0/users", [user("ada")])
        with twin.fault("GET /v1.0/users", Fault.DENIED):
            ...                                                        # run the product with twin.environment
        twin.assert_read_only()

It pages, batches, filters (a strict subset: what it does not understand it refuses), denies by permission and by licence. Names of members
are those of Graph's metadata.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from . import odata
from .keyvault import CLIENT, SECRET, TENANT, base64url
from .tunnel import Reply, Request, Tunnel

__all__ = ["CLIENT", "SECRET", "TENANT", "Call", "EntraTwin", "Fault", "Reply"]

LOGINS = ("login.microsoftonline.com", "login.microsoftonline.us", "login.chinacloudapi.cn")
GRAPHS = ("graph.microsoft.com", "graph.microsoft.us", "microsoftgraph.chinacloudapi.cn", "graph.private.example")
ARM = "management.azure.com"
OBJECT = "11111111-aaaa-4bbb-8ccc-222222222222"
ACTIVITY = "GET /v1.0/users?$select=id,userPrincipalName,signInActivity"
ROUTES: dict[str, tuple[str, ...]] = {  # the operations of the reference, and the permissions that each takes, all of them
    "GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy": ("Policy.Read.All",),
    "GET /v1.0/policies/authorizationPolicy": ("Policy.Read.All",),
    "GET /v1.0/policies/adminConsentRequestPolicy": ("Policy.Read.All",),
    "GET /v1.0/policies/authenticationStrengthPolicies": ("Policy.Read.AuthenticationMethod",),
    "GET /v1.0/identity/conditionalAccess/policies": ("Policy.Read.All",),
    "GET /v1.0/identity/conditionalAccess/namedLocations": ("Policy.Read.All",),
    "GET /v1.0/groups/{id}/transitiveMembers": ("GroupMember.Read.All",),
    "GET /v1.0/users": ("User.Read.All",),
    ACTIVITY: ("User.Read.All", "AuditLog.Read.All"),
    "GET /beta/users/{id}/authentication/requirements": ("Policy.Read.All",),
    "GET /v1.0/reports/authenticationMethods/userRegistrationDetails": ("AuditLog.Read.All",),
    "GET /v1.0/roleManagement/directory/roleAssignments": ("RoleManagement.Read.Directory",),
    "GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances": ("RoleEligibilitySchedule.Read.Directory",),
    "GET /beta/auditLogs/signIns": ("AuditLog.Read.All",),
    "GET /v1.0/auditLogs/directoryAudits": ("AuditLog.Read.All",),
    "GET /v1.0/identityProtection/riskyUsers": ("IdentityRiskyUser.Read.All",),
    "GET /v1.0/servicePrincipals": ("Application.Read.All",),
    "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo": ("Application.Read.All",),
    "GET /v1.0/oauth2PermissionGrants": ("Directory.Read.All",),
    "GET /v1.0/applications": ("Application.Read.All",),
    "GET /v1.0/applications/{id}/owners": ("Application.Read.All",),
    "GET /v1.0/applications/{id}/federatedIdentityCredentials": ("Application.Read.All",),
    "GET /v1.0/identityGovernance/accessReviews/definitions": ("AccessReview.Read.All",),
    "GET /v1.0/identityGovernance/accessReviews/definitions/{id}/instances": ("AccessReview.Read.All",),
    "GET /v1.0/identityGovernance/accessReviews/definitions/{id}/instances/{instance}/decisions": ("AccessReview.Read.All",),
    "GET /providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01": (),
}
LARGEST = {ACTIVITY: 120}
"""The most items in a page, where that is not 999: with signInActivity Graph gives 120 users, whatever is asked for."""
SINGLE = {"identitySecurityDefaultsEnforcementPolicy", "authorizationPolicy", "adminConsentRequestPolicy", "requirements"}
PREMIUM = {
    "code": "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
    "message": "Neither tenant is B2C or tenant doesn't have premium license",
}
LICENCES = {  # how each part of Graph says that the tenant has not bought it
    "GET /v1.0/identityProtection/riskyUsers": {"code": "Forbidden", "message": "Your tenant is not licensed for this feature."},
    "GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances": {
        "code": "AadPremiumLicenseRequired",
        "message": "The tenant needs an AAD Premium 2 license.",
    },
    "GET /v1.0/identityGovernance/accessReviews/definitions": {
        "code": "AadPremiumLicenseRequired",
        "message": "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    },
}


class Fault(Enum):
    """A way in which a call fails. The first are errors that Graph names; the rest are answers that mislead."""

    DENIED = auto()
    UNLICENSED = auto()
    EXPIRED_TOKEN = auto()
    THROTTLED = auto()
    ERROR_500 = auto()
    TIMEOUT = auto()
    TRUNCATED_PAGE = auto()
    REPEATED_TOKEN = auto()
    FOREIGN_LINK = auto()
    MALFORMED = auto()
    HTML = auto()
    WRONG_SHAPE = auto()


ERRORS = {
    Fault.DENIED: (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    Fault.EXPIRED_TOKEN: (401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired."),
    Fault.THROTTLED: (429, "TooManyRequests", "Too many requests."),
    Fault.ERROR_500: (500, "InternalServerError", "An internal server error occurred."),
}
PAGED = {Fault.TRUNCATED_PAGE, Fault.REPEATED_TOKEN, Fault.FOREIGN_LINK}
HTML = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>Sign in<body><p>Sign in to the network<br><img src=logo>"


@dataclass(frozen=True)
class Call:
    """One call, as the twin understood it; `batched` if it came in a batch."""

    method: str
    operation: str
    path: str
    query: Mapping[str, str] = field(hash=False)
    batched: bool = False

    @property
    def reads(self) -> bool:
        """Whether it can only read. A batch is as good as what is in it."""
        return self.method == "GET" or self.operation in ("$batch", "login")


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
        if self.operation not in (call.operation, "*") or not self.where(call):
            return False
        with self._lock:
            if self.times is not None and self.hits >= self.times:
                return False
            self.hits += 1
            return True


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    """An error in the words of Graph."""
    inner = {"date": "2026-11-25T10:00:00", "request-id": "r", "client-request-id": "c"}
    return Reply(
        status, {"error": {"code": code, "message": message, "innerError": inner}}, {k.replace("_", "-"): v for k, v in headers.items()}
    )


class EntraTwin:
    """A tenant, for as long as the `with` lasts. `environment` is what an unmodified SDK needs to talk to it, and to nothing else."""

    def __init__(self, directory: Path) -> None:
        self.granted = {permission for needed in ROUTES.values() for permission in needed}
        self.unlicensed: set[str] = set()
        self.page = 100
        self.reader_of_the_tenant = True  # whether Azure Resource Manager lets us see the diagnostic settings
        self._things: dict[str, Any] = {}
        self._rules: list[Rule] = []
        self._journal: list[Call] = []
        self._tokens: dict[str, str] = {}
        self._mistakes: list[Exception] = []
        self._lock = threading.Lock()
        self._directory = directory

    def __enter__(self) -> Self:
        self._tunnel = Tunnel(self._directory, (*LOGINS, *GRAPHS, ARM), self._respond)
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
        if self._mistakes and error is None:  # in a thread of the server, where it would have looked like a bad answer of Graph
            raise AssertionError("the twin failed") from self._mistakes[0]

    def put(self, path: str, thing: Any) -> None:
        """What is at a path: a list is a collection."""
        self._things[path] = thing

    def at(self, path: str) -> Any:
        """What is there; an empty collection if nothing is."""
        return self._things.get(path, [])

    @contextmanager
    def fault(self, operation: str, does: Fault | Reply, **more: Any) -> Iterator[Rule]:
        """Have an operation fail (`*`: each of Graph)."""
        rule = Rule(operation, does, **more)
        self._rules.append(rule)
        try:
            yield rule
        finally:
            rule.over.set()
            self._rules.remove(rule)

    def calls(self, operation: str | None = None) -> list[Call]:
        """The calls so far."""
        with self._lock:
            return [call for call in self._journal if operation in (None, call.operation)]

    def reset_journal(self) -> None:
        """Forget them."""
        with self._lock:
            self._journal.clear()

    def assert_read_only(self) -> None:
        """Raises if any call could have changed something, or was of no known operation."""
        bad = [call for call in self.calls() if not call.reads or call.operation == "?"]
        assert not bad, f"not a plain read: {bad}"

    @property
    def secrets(self) -> list[str]:
        """What no message may hold."""
        return [SECRET, *self._tokens]

    # What it answers

    def _respond(self, request: Request) -> Reply:
        try:
            if request.host in LOGINS:
                return self._login(request)
            return self._api(request)
        except Unanswered:
            raise
        except Exception as mistake:
            self._mistakes.append(mistake)
            raise

    def _note(self, call: Call) -> Call:
        with self._lock:
            self._journal.append(call)
        return call

    def _login(self, request: Request) -> Reply:
        url = urlsplit(request.path)
        home = f"https://{request.host}/{TENANT}"
        call = self._note(Call(request.method, "login", url.path, {}))
        if url.path == "/common/discovery/instance":
            known = [{"preferred_network": host, "preferred_cache": host, "aliases": [host]} for host in LOGINS]
            return Reply(200, {"tenant_discovery_endpoint": f"{home}/v2.0/.well-known/openid-configuration", "metadata": known})
        if url.path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            ends = {"authorization_endpoint": f"{home}/oauth2/v2.0/authorize", "token_endpoint": f"{home}/oauth2/v2.0/token"}
            return Reply(200, {**ends, "issuer": f"{home}/v2.0"})
        form = {name: values[0] for name, values in parse_qs(request.body).items()}
        refused = any(rule.operation == "login" and rule.claims(call) for rule in self._rules)
        if refused or (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return Reply(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})
        token = self._token(form["scope"].split()[0])
        return Reply(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _token(self, scope: str) -> str:
        claims = {
            "aud": scope,
            "tid": TENANT,
            "oid": OBJECT,
            "appid": CLIENT,
            "app_displayname": "controlmon",
            "idtyp": "app",
            "roles": sorted(self.granted),
            "jti": len(self._tokens),
        }
        made = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)) + ".twin"
        self._tokens[made] = scope
        return made

    def _api(self, request: Request) -> Reply:
        scope = self._tokens.get(request.token, "")
        wanted = f"https://{ARM}/" if request.host == ARM else "https://graph.microsoft.com/"
        if not scope.startswith(wanted):
            return error(401, "InvalidAuthenticationToken", "Access token is empty, or its audience is invalid.")
        url = urlsplit(request.path)
        if url.path.endswith("/$batch") and request.method == "POST":
            return self._batch(request, url.path.split("/")[1])
        return self._one(request.method, f"https://{request.host}", request.path, batched=False)

    def _batch(self, request: Request, version: str) -> Reply:
        call = self._note(Call("POST", "$batch", request.path, {}))
        rule = next((one for one in reversed(self._rules) if one.operation == "$batch" and one.claims(call)), None)
        if rule is not None:
            return self._broken(rule, Reply(200, {"responses": []}))
        asked = json.loads(request.body)["requests"]
        if len(asked) > 20:
            return error(400, "BadRequest", "Number of batch request steps exceeds the maximum value (20).")
        answers = []
        for one in asked:
            reply = self._one(one["method"], f"https://{request.host}", f"/{version}{one['url']}", batched=True)
            body = reply.body.decode() if isinstance(reply.body, bytes) else reply.body
            answers.append(
                {"id": one["id"], "status": reply.status, "headers": {"Content-Type": "application/json", **reply.headers}, "body": body}
            )
        return Reply(200, {"responses": list(reversed(answers))})  # Graph keeps no order

    def _one(self, method: str, host: str, path: str, *, batched: bool) -> Reply:
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        call = self._note(Call(method, _operation(method, url.path, query), url.path, query, batched))
        rule = next((one for one in reversed(self._rules) if one.claims(call)), None)
        if rule is not None and (isinstance(rule.does, Reply) or rule.does not in PAGED):
            return self._broken(rule, self._answer(call, host))
        reply = self._answer(call, host)
        if rule is not None and reply.status == 200:
            link = {
                Fault.TRUNCATED_PAGE: f"{host}{url.path}?$skiptoken=nowhere",
                Fault.FOREIGN_LINK: "https://graph.elsewhere.example/v1.0/next",
            }
            again = f"{host}{url.path}?" + "&".join(f"{k}={v}" for k, v in query.items()).replace(" ", "%20")
            assert isinstance(rule.does, Fault)
            reply.body[_link(call)] = link.get(rule.does, again)
        return reply

    def _broken(self, rule: Rule, good: Reply) -> Reply:
        if isinstance(rule.does, Reply):
            return rule.does
        if rule.does is Fault.TIMEOUT:
            rule.over.wait(rule.seconds)
            raise Unanswered
        if rule.does in ERRORS:
            return error(*ERRORS[rule.does])
        if rule.does is Fault.UNLICENSED:
            said = LICENCES.get(rule.operation, PREMIUM)
            return error(403, said["code"], said["message"])
        if rule.does is Fault.MALFORMED:
            data = json.dumps(good.body).encode()
            return Reply(200, data[: max(1, len(data) * 2 // 3)])
        if rule.does is Fault.WRONG_SHAPE:
            return Reply(200, {})
        return Reply(200, HTML, {"Content-Type": "text/html"})

    def _answer(self, call: Call, host: str) -> Reply:
        if call.operation == "?":
            return error(404, "ResourceNotFound", f"Resource not found for {call.path}.")
        if call.operation in self.unlicensed:
            said = LICENCES.get(call.operation, PREMIUM)
            return error(403, said["code"], said["message"])
        missing = set(ROUTES[call.operation]) - self.granted
        if missing or (host.endswith(ARM) and not self.reader_of_the_tenant):
            return error(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        if call.path not in self._things:
            if "{id}" in call.operation:
                return error(404, "Request_ResourceNotFound", f"Resource '{call.path.split('/')[-2]}' does not exist.")
            self._things[call.path] = []
        thing = self._things[call.path]
        return Reply(200, dict(thing), {"request-id": "r-1"}) if isinstance(thing, dict) else self._collection(call, host, thing)

    def _collection(self, call: Call, host: str, things: list[Any]) -> Reply:
        query = call.query
        if "$skiptoken" in query and query["$skiptoken"] == "nowhere":
            return error(
                400,
                "Directory_ExpiredPageToken",
                "The specified page token value has expired and can no longer be included in your request.",
            )
        strange = set(query) - {"$select", "$filter", "$top", "$expand", "$skiptoken", "api-version"}
        if strange:
            return error(400, "BadRequest", f"Query option {strange.pop()} was not recognized.")
        try:
            things = odata.filtered(things, query["$filter"]) if "$filter" in query else list(things)
        except odata.Refused as refused:
            return error(400, "BadRequest", str(refused))
        size = min(int(query.get("$top", 100)), LARGEST.get(call.operation, 999), self.page)
        start = int(query.get("$skiptoken", 0))
        body: dict[str, Any] = {
            "@odata.context": "twin",
            "value": [_shown(one, query, call.operation) for one in things[start : start + size]],
        }
        if start + size < len(things):
            kept = "".join(f"&{name}={value}".replace(" ", "%20") for name, value in query.items() if name != "$skiptoken")
            body[_link(call)] = f"{host}{call.path}?$skiptoken={start + size}{kept}"
        return Reply(200, body, {"request-id": "r-1", "Date": "Wed, 25 Nov 2026 10:00:00 GMT"})


def _shown(one: Any, query: Mapping[str, str], operation: str) -> Any:
    wanted = query.get("$select", "")
    expanded = query.get("$expand", "").split("(")[0]
    shown = {k: v for k, v in one.items() if not wanted or k in wanted.split(",") or k.startswith("@odata")}
    return {k: v for k, v in shown.items() if k != "principal" or k == expanded or "roleManagement" not in operation}


def _link(call: Call) -> str:
    return "nextLink" if call.operation.startswith("GET /providers/") else "@odata.nextLink"


def _operation(method: str, path: str, query: Mapping[str, str]) -> str:
    if path == "/v1.0/users" and "signInActivity" in query.get("$select", ""):
        return ACTIVITY
    for name in ROUTES:
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(name.partition("?")[0]))
        if re.fullmatch(pattern, f"{method} {path}") and name != ACTIVITY:
            return name
    return "?"


class Unanswered(ConnectionError):
    """The connection is dropped without an answer."""

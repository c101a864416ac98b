"""The checks of users, apps, settings and reviews on raw answers of Graph."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from controlmon.core.fact import absent, not_asked
from controlmon.facts.entra.apps import Application, DelegatedGrant, ServicePrincipal
from controlmon.facts.entra.policies import Policy
from controlmon.facts.entra.reviews import Review
from controlmon.facts.entra.users import User
from tests.support import NOW, Given
from tests.twins.entra_company import password, policy, service_principal, user

from .given import DENIED, UNLICENSED, about, given, policies, tenant, users


def ago(**span: float) -> str:
    return (NOW - timedelta(**span)).isoformat()


def check(found: Any, outcome: str, because: str) -> None:
    assert found.outcome == outcome, found.reason
    assert because in found.reason


# Users


def registered(raw: dict[str, Any], report: Any) -> Given:
    return given(User, raw["id"], name=raw["userPrincipalName"], profile=raw, registration=report)


def report(*, capable: bool, registered: bool = True) -> dict[str, Any]:
    return {"isMfaCapable": capable, "isMfaRegistered": registered, "methodsRegistered": []}


@pytest.mark.parametrize(
    ("raw", "said", "parameters", "outcome", "because"),
    [
        pytest.param(user("ada"), report(capable=True), {}, "pass", "good for MFA", id="capable passes"),
        pytest.param(user("ada"), report(capable=False), {}, "fail", "policy does not allow", id="registered is not capable"),
        pytest.param(user("ada"), report(capable=False, registered=False), {}, "fail", "no method", id="nothing registered fails"),
        pytest.param(user("ada", accountEnabled=False), DENIED, {}, "not_applicable", "disabled", id="who is disabled is out of it"),
        pytest.param(user("gus", userType="Guest"), DENIED, {}, "not_applicable", "guest", id="a guest too"),
        pytest.param(user("ada", userType=None), report(capable=True), {}, "pass", "good", id="no userType means a member"),
        pytest.param(user("svc"), DENIED, {"service_accounts": ["svc"]}, "not_applicable", "declared", id="a service identity too"),
        pytest.param(
            user("new", createdDateTime=ago(days=3)), report(capable=False), {}, "not_applicable", "7 days", id="who is new has time"
        ),
        pytest.param(user("new", createdDateTime=ago(days=8)), report(capable=False), {}, "fail", "policy", id="but not for ever"),
        pytest.param(user("ada"), UNLICENSED, {}, "unknown", "not licensed", id="the report takes a licence"),
        pytest.param(user("ada"), DENIED, {}, "unknown", "grant X", id="denied is unknown"),
        pytest.param(user("ada"), {"isMfaCapable": None}, {}, "unknown", "not true or false", id="neither yes nor no is unknown"),
    ],
)
def test_mfa_registered(raw: dict[str, Any], said: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("user.mfa_registered", registered(raw, said), **parameters), outcome, because)


def test_who_is_not_in_the_report_is_unknown() -> None:
    """The report lags: that is no reason to pass, or to fail."""
    check(about("user.mfa_registered", *users(user("ada"))), "unknown", "")


KEY, PHONE = ["passKeyDeviceBound"], ["mobilePhone"]


def glass(id: str, methods: Any = KEY, tried: str | None = ago(days=30), **more: Any) -> Given:
    raw = user(id, userPrincipalName=f"{id}@artemis.onmicrosoft.com", **more)
    said = {**report(capable=True), "methodsRegistered": methods} if isinstance(methods, list) else methods
    activity = {"id": id, "signInActivity": {"lastSuccessfulSignInDateTime": tried} if tried else None}
    return given(User, id, name=id, profile=raw, registration=said, activity=activity)


TWO = {"accounts": ["one", "two"]}
SPARED = policies(policy(excludeUsers=["one", "two"]))


@pytest.mark.parametrize(
    ("second", "raw", "parameters", "outcome", "because"),
    [
        pytest.param(glass("two"), SPARED, TWO, "pass", "2 accounts are ready", id="two that are ready pass"),
        pytest.param(glass("two"), SPARED, {}, "fail", "two are needed", id="none declared fails"),
        pytest.param(glass("two"), SPARED, {"accounts": ["one", "one"]}, "fail", "two are needed", id="the same twice is one"),
        pytest.param(glass("other"), SPARED, TWO, "fail", "does not exist", id="one that is gone fails"),
        pytest.param(glass("two", accountEnabled=False), SPARED, TWO, "fail", "disabled", id="one that is disabled fails"),
        pytest.param(glass("two", onPremisesSyncEnabled=True), SPARED, TWO, "fail", "premises", id="one that is synced fails"),
        pytest.param(glass("two", PHONE), SPARED, TWO, "fail", "no FIDO2 key: mobilePhone", id="a phone is no key"),
        pytest.param(glass("two", []), SPARED, TWO, "unknown", "certificates", id="a certificate does not show"),
        pytest.param(glass("two", []), SPARED, {**TWO, "by_certificate": ["two"]}, "pass", "ready", id="unless it is declared"),
        pytest.param(glass("two", tried=ago(days=200)), SPARED, TWO, "fail", "last tried on", id="not tried for too long"),
        pytest.param(glass("two", tried=None), SPARED, TWO, "fail", "never tried", id="never tried"),
        pytest.param(glass("two"), policies(policy(excludeUsers=["one"])), TWO, "fail", "excluded from no policy", id="not spared"),
        pytest.param(
            glass("two"),
            policies(policy(excludeUsers=["one", "two"], state="disabled")),
            TWO,
            "fail",
            "excluded from no policy",
            id="spared by a policy that is off",
        ),
        pytest.param(glass("two", DENIED), SPARED, TWO, "unknown", "grant X", id="denied is unknown"),
    ],
)
def test_breakglass(second: Given, raw: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("user.breakglass_accounts", tenant(), glass("one"), second, *raw, **parameters), outcome, because)


def test_breakglass_policies_that_may_not_be_read() -> None:
    """Whether one of them spares the accounts is unknown."""
    check(about("user.breakglass_accounts", tenant(), glass("one"), glass("two"), gaps={Policy: DENIED}, **TWO), "unknown", "grant X")


def left(end: str, id: str = "E7") -> dict[str, Any]:
    return {"leavers": [{"id": id, "end": end}]}


def deed(at: str, what: str = "Disable account", who: str = "ada", login: str = "") -> dict[str, Any]:
    target = {"id": who, "userPrincipalName": login or None}
    return {"value": [{"activityDateTime": at, "activityDisplayName": what, "result": "success", "targetResources": [target]}]}


NOTHING: dict[str, Any] = {"value": []}
ON = user("ada", employeeId="E7")
SHUT = user("ada", employeeId="E7", accountEnabled=False)


@pytest.mark.parametrize(
    ("raw", "log", "parameters", "outcome", "because"),
    [
        pytest.param([SHUT], deed(ago(hours=40)), left(ago(hours=48)), "pass", "1 of 1", id="disabled in time passes"),
        pytest.param([SHUT], deed(ago(hours=20)), left(ago(hours=48)), "fail", "28 h after", id="disabled late fails"),
        pytest.param([ON], NOTHING, left(ago(hours=48)), "fail", "is enabled, 48 h after", id="still enabled fails"),
        pytest.param([ON], NOTHING, left(ago(hours=12)), "pass", "1 of 1", id="within the day there is time"),
        pytest.param([ON], NOTHING, left(ago(hours=-48)), "pass", "not left yet", id="who has not left yet is fine"),
        pytest.param([ON], NOTHING, left(ago(hours=48), "ADA@artemis.example"), "fail", "enabled", id="found by mail, in any case"),
        pytest.param([], deed(ago(hours=40), "Delete user", "x", "0a1bada@artemis.example"), left(ago(hours=48), "ada@artemis.example"), "pass", "1 of 1", id="deleted in time passes"),
        pytest.param([SHUT], NOTHING, left(ago(hours=48)), "unknown", "does not tell when", id="without an event nobody knows when"),
        pytest.param([ON], NOTHING, {}, "unknown", "no roster", id="no roster is unknown"),
        pytest.param([SHUT], DENIED, left(ago(hours=48)), "unknown", "grant X", id="denied is unknown"),
    ],
)  # fmt: skip
def test_leavers(raw: list[dict[str, Any]], log: Any, parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("user.leavers_disabled", tenant(departures=log), *users(*raw), **parameters), outcome, because)


ROSTER = {"people": ["E7"]}


@pytest.mark.parametrize(
    ("subject", "others", "parameters", "outcome", "because"),
    [
        pytest.param(ON, [], ROSTER, "pass", "account of e7", id="one person, one account"),
        pytest.param(ON, [user("ada2", employeeId="E7")], ROSTER, "fail", "ada2", id="two standard accounts fail"),
        pytest.param(ON, [user("ada2", employeeId="E7", accountEnabled=False)], ROSTER, "pass", "account", id="not if one is disabled"),
        pytest.param(ON, [user("adm-ada", employeeId="E7")], ROSTER, "pass", "account", id="an administrator has two"),
        pytest.param(user("adm-ada", employeeId="E7"), [ON], ROSTER, "pass", "administrator", id="and that is one of them"),
        pytest.param(user("info", employeeId=None), [], ROSTER, "fail", "nobody's", id="nobody's account fails"),
        pytest.param(user("svc"), [], {**ROSTER, "service_identities": ["svc"]}, "pass", "service", id="unless it is declared"),
        pytest.param(user("info"), [], {"shared_mailboxes": ["info"]}, "fail", "enabled", id="a shared mailbox that is enabled fails"),
        pytest.param(user("info", accountEnabled=False), [], {"shared_mailboxes": ["info"]}, "pass", "disabled", id="disabled, it passes"),
        pytest.param(user("gus", userType="Guest"), [], ROSTER, "not_applicable", "guest", id="a guest is out of it"),
        pytest.param(ON, [], {}, "unknown", "no roster", id="no roster is unknown"),
    ],
)
def test_unique(subject: dict[str, Any], others: list[dict[str, Any]], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("user.unique_and_shared", *users(subject, *others), **parameters), outcome, because)


def test_another_account_that_may_not_be_read() -> None:
    """It may be a second one of the same person."""
    check(about("user.unique_and_shared", *users(ON), given(User, "x", profile=DENIED), **ROSTER), "unknown", "grant X")


# Settings


@pytest.mark.parametrize(
    ("consent", "workflow", "risky", "outcome", "because"),
    [
        ([], True, False, "pass", "nothing"),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], True, None, "pass", "low"),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-recommended"], True, None, "pass", "Microsoft may change"),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-legacy"], True, None, "fail", "any app"),
        ([], False, None, "fail", "cannot ask"),
        (["ManagePermissionGrantsForSelf.microsoft-user-default-low"], True, True, "fail", "risky"),
        (None, True, None, "unknown", "null"),
    ],
)
def test_user_consent(consent: Any, workflow: bool, risky: Any, outcome: str, because: str) -> None:
    """Consent to any app fails; an empty list is the strictest, and one that is not there is no answer."""
    rights = {"defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": consent}, "allowUserConsentForRiskyApps": risky}
    check(about("policy.user_consent", tenant(authorization=rights, consent_workflow={"isEnabled": workflow})), outcome, because)
    assert about("policy.user_consent", tenant(authorization=rights, consent_workflow=DENIED)).outcome in ("unknown", "fail")


def risk(level: str = "high", state: str = "atRisk", hours: float = 48, **more: Any) -> dict[str, Any]:
    return {
        "id": "u",
        "userPrincipalName": "ada",
        "riskLevel": level,
        "riskState": state,
        "riskLastUpdatedDateTime": ago(hours=hours),
    } | more


@pytest.mark.parametrize(
    ("said", "outcome", "because"),
    [
        pytest.param({"value": []}, "pass", "0 are at some risk", id="nobody at risk"),
        pytest.param({"value": [risk()]}, "fail", "ada since", id="high for two days"),
        pytest.param({"value": [risk(hours=2)]}, "pass", "1 are", id="high for two hours"),
        pytest.param({"value": [risk("medium")]}, "pass", "1 are", id="medium is not asked about"),
        pytest.param({"value": [risk(state="remediated")]}, "pass", "0 are", id="remediated is dealt with"),
        pytest.param({"value": [risk(isDeleted=True)]}, "pass", "0 are", id="who is deleted is no risk"),
        pytest.param({"value": [risk("hidden")]}, "unknown", "licence", id="a level that the licence hides"),
        pytest.param(absent("unlicensed", "Forbidden: not licensed"), "not_applicable", "P2", id="no licence at all"),
        pytest.param(DENIED, "unknown", "grant X", id="denied is unknown"),
    ],
)
def test_risky_users(said: Any, outcome: str, because: str) -> None:
    """See the ids."""
    check(about("identityprotection.risky_users", tenant(at_risk=said)), outcome, because)


ALL = ("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")


def setting(*categories: str, hub: str | None = "/rule", on: bool = True, member: str = "category") -> dict[str, Any]:
    logs = [{member: one, "enabled": on} for one in categories]
    return {"name": "s", "properties": {"eventHubAuthorizationRuleId": hub, "workspaceId": None, "logs": logs}}


@pytest.mark.parametrize(
    ("settings", "outcome", "because"),
    [
        pytest.param([setting(*ALL)], "pass", "event hub", id="all of them"),
        pytest.param([setting(*ALL[:2]), setting(*ALL[2:])], "pass", "4 categories", id="in two settings"),
        pytest.param([setting("allLogs", member="categoryGroup")], "pass", "4", id="by their group"),
        pytest.param([setting(*ALL[:2], ALL[3])], "fail", "NonInteractiveUserSignInLogs", id="without the non-interactive ones"),
        pytest.param([setting(*ALL, on=False)], "fail", "AuditLogs", id="named and off"),
        pytest.param([setting(*ALL, hub=None)], "fail", "go nowhere", id="to no place"),
        pytest.param([], "fail", "go nowhere", id="no setting"),
    ],
)
def test_exported(settings: list[dict[str, Any]], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("auditlog.exported", tenant(exports={"value": settings})), outcome, because)
    check(about("auditlog.exported", tenant(exports=DENIED)), "unknown", "grant X")


def app(name: str = "Datadog", **more: Any) -> Given:
    raw = service_principal(name, **more)
    return given(ServicePrincipal, raw["id"], name=name, profile=raw, given=not_asked("it offers no permission that matters"))


ONE = {"systems": ["datadog"]}


@pytest.mark.parametrize(
    ("others", "parameters", "outcome", "because"),
    [
        pytest.param([app(preferredSingleSignOnMode="saml")], ONE, "pass", "datadog", id="SAML, in any case"),
        pytest.param([app()], ONE, "pass", "1 systems", id="OpenID Connect has no mode"),
        pytest.param([app()], {"systems": ["app-Datadog"]}, "pass", "1", id="by its app id"),
        pytest.param([app(appRoleAssignmentRequired=False)], ONE, "fail", "every user gets in", id="open to all"),
        pytest.param([app(preferredSingleSignOnMode="password")], ONE, "fail", "password", id="passwords that are filled in"),
        pytest.param([app(accountEnabled=False)], ONE, "fail", "disabled", id="disabled"),
        pytest.param([app("Other")], ONE, "fail", "no enterprise app", id="missing"),
        pytest.param([app(), app(id="second", appRoleAssignmentRequired=False)], ONE, "fail", "every user", id="two of a name, one open"),
        pytest.param([given(ServicePrincipal, "x", name="Datadog", profile=DENIED)], ONE, "unknown", "grant X", id="denied is unknown"),
    ],
)
def test_sso(others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("policy.sso_apps_assigned", tenant(), *others, **parameters), outcome, because)


# Apps

ROLE = {"id": "r1", "value": "RoleManagement.ReadWrite.Directory", "allowedMemberTypes": ["Application"]}
READ = {"id": "r2", "value": "User.Read.All", "allowedMemberTypes": ["Application"]}
DELEGATED = {"id": "r3", "value": "Directory.ReadWrite.All", "allowedMemberTypes": ["User"]}


def graph(*given_to: tuple[str, str], sort: str = "ServicePrincipal") -> Given:
    raw = service_principal("Graph", appRoles=[ROLE, READ, DELEGATED])
    assigned = {"value": [{"principalId": who, "principalType": sort, "appRoleId": role} for who, role in given_to]}
    return given(ServicePrincipal, raw["id"], name="Graph", profile=raw, given=assigned)


def consent(scope: str, kind: str = "AllPrincipals") -> Given:
    raw = {"clientId": "sp-robot", "consentType": kind, "scope": scope, "resourceId": "sp-Graph", "principalId": None}
    return given(DelegatedGrant, "g", delegated=raw)


US = tenant(bearer={"appid": "app-us", "roles": []})


@pytest.mark.parametrize(
    ("others", "parameters", "outcome", "because"),
    [
        pytest.param([graph(("sp-robot", "r2"))], {}, "pass", "no permission", id="reading passes"),
        pytest.param([graph(("sp-robot", "r1"))], {}, "fail", "RoleManagement.ReadWrite.Directory", id="the id is resolved"),
        pytest.param([graph(("sp-other", "r1"))], {}, "pass", "no permission", id="another's is another's"),
        pytest.param([graph(("sp-robot", "r1"))], {"allowed": ["app-robot"]}, "pass", "declared", id="declared passes"),
        pytest.param([graph(("sp-robot", "r3"))], {}, "pass", "no permission", id="a delegated role cannot be given to an app"),
        pytest.param([graph(), consent("User.Read Directory.ReadWrite.All")], {}, "fail", "for all users", id="consent for all users counts"),
        pytest.param([graph(), consent("Directory.ReadWrite.All", "Principal")], {}, "pass", "no", id="one user's does not"),
        pytest.param([given(ServicePrincipal, "sp-Graph", profile=service_principal("Graph"), given=DENIED)], {}, "unknown", "grant X", id="denied is unknown"),
    ],
)  # fmt: skip
def test_privileged(others: list[Given], parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("app.privileged_permissions", app("robot"), US, *others, **parameters), outcome, because)


def test_controlmon_itself_is_to_read_only() -> None:
    """To declare it does not help."""
    found = about("app.privileged_permissions", app("us"), US, graph(("sp-us", "r1")), allowed=["app-us"])
    check(found, "fail", "controlmon itself")


def owned(*passwords: Any, owners: tuple[str, ...] = ("ada",), issuers: tuple[str, ...] = (), keys: int = 0, rights: bool = True) -> Given:
    asks = [{"resourceAppId": "g"}] if rights else []
    raw = {"appId": "a", "passwordCredentials": list(passwords), "keyCredentials": [{}] * keys, "requiredResourceAccess": asks}
    trusted = {"value": [{"issuer": one} for one in issuers]}
    return given(Application, "a", name="deploy", registered=raw, owners={"value": [{"id": o} for o in owners]}, federated=trusted)


LATER = datetime(2026, 12, 25, tzinfo=UTC)


@pytest.mark.parametrize(
    ("subject", "parameters", "outcome", "because"),
    [
        pytest.param(owned(password(90)), {}, "pass", "1 owners", id="ninety days pass"),
        pytest.param(owned(password(180)), {}, "pass", "180", id="the limit is inclusive"),
        pytest.param(owned(password(181)), {}, "fail", "181 days; 180", id="a day more fails"),
        pytest.param(owned({**password(90), "endDateTime": None}), {}, "fail", "never ends", id="without an end it fails"),
        pytest.param(owned(password(30)), {}, "fail", "has expired", id="expired and still there fails"),
        pytest.param(owned(password(30), rights=False), {}, "pass", "no password", id="not on an app without rights"),
        pytest.param(owned(password(90), owners=()), {}, "fail", "nobody owns", id="without an owner it fails"),
        pytest.param(owned(), {}, "not_applicable", "no credentials", id="without credentials there is nothing to judge"),
        pytest.param(owned(keys=1), {}, "pass", "no password", id="a certificate is no password"),
        pytest.param(owned(password(90)), {"deploy_apps": ["dep*"]}, "fail", "not by federation", id="deploying takes federation"),
        pytest.param(owned(), {"deploy_apps": ["deploy"]}, "fail", "trusts no issuer", id="which has to be there"),
        pytest.param(owned(issuers=("https://i",)), {"deploy_apps": ["deploy"]}, "pass", "owners", id="and then passes"),
        pytest.param(app(passwordCredentials=[password(900)]), {}, "fail", "on the service principal", id="principals have their own"),
        pytest.param(app(passwordCredentials=[{**password(900), "customKeyIdentifier": "x"}]), {}, "not_applicable", "no password", id="one of a SAML certificate is none"),
        pytest.param(app(passwordCredentials=[password(900)], appOwnerOrganizationId="f8cdef31-a31e-4b4a-93e4-5f571e91255a"), {}, "not_applicable", "Microsoft", id="Microsoft's are out of it"),
        pytest.param(app(passwordCredentials=[password(900)], servicePrincipalType="ManagedIdentity"), {}, "not_applicable", "Azure", id="and managed identities"),
        pytest.param(given(Application, "a", registered=DENIED), {}, "unknown", "grant X", id="denied is unknown"),
    ],
)  # fmt: skip
def test_credentials(subject: Given, parameters: dict[str, Any], outcome: str, because: str) -> None:
    """See the ids."""
    check(about("app.credentials_expiry", subject, **parameters), outcome, because)


# Reviews


def review(*decisions: dict[str, Any], ended: str = ago(days=20), status: str = "Applied", asked: Any = None) -> Given:
    rounds = {"value": [{"id": "i", "status": status, "startDateTime": ended, "endDateTime": ended}]}
    return given(Review, "r", definition={"status": "InProgress"}, instances=rounds, decisions=asked or {"value": list(decisions)})


def decided(decision: str = "Approve", by: str = "bob", name: str = "Bob", result: str = "New") -> dict[str, Any]:
    who = {"id": "ada", "displayName": "Ada"}
    return {"principal": who, "decision": decision, "reviewedBy": {"id": by, "displayName": name}, "applyResult": result}


@pytest.mark.parametrize(
    ("subject", "outcome", "because"),
    [
        pytest.param(review(decided()), "pass", "1 decisions", id="decided by another passes"),
        pytest.param(review(decided("Deny", result="AppliedSuccessfully")), "pass", "applied", id="denied and applied passes"),
        pytest.param(review(decided("Deny"), status="Completed"), "fail", "not applied", id="completed is not applied"),
        pytest.param(review(decided("Deny", result="ApplyNotSupported")), "fail", "ApplyNotSupported", id="that cannot be applied"),
        pytest.param(review(decided("Deny", result="AppliedWithUnknownFailure")), "fail", "Unknown", id="that failed"),
        pytest.param(review(decided("NotReviewed")), "fail", "nobody decided", id="kept by default"),
        pytest.param(review(decided(by="ada", name="Ada")), "fail", "themselves", id="reviewed by oneself"),
        pytest.param(review(decided(by="", name="AAD Access Reviews")), "fail", "recommendation", id="decided by a recommendation"),
        pytest.param(review(decided(), ended=ago(days=100)), "fail", "90 days ago", id="overdue"),
        pytest.param(review(ended=ago(days=10), status="InProgress"), "not_applicable", "not ended", id="the first round is on"),
        pytest.param(review(ended=ago(days=100), status="InProgress"), "fail", "no round has ended", id="and does not end"),
        pytest.param(review(asked=DENIED), "unknown", "grant X", id="denied is unknown"),
    ],
)
def test_reviews(subject: Given, outcome: str, because: str) -> None:
    """See the ids."""
    check(about("accessreview.native_applied", subject), outcome, because)

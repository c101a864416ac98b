"""The small company's directory: its people, how they sign in, who rules it, and the apps that it lets in."""

from datetime import datetime, timedelta
from typing import Any

from controlmon_twins.entra import CLIENT, OBJECT, EntraTwin
from controlmon_twins.entra_company import CA, GA, GRAPH_APP, TENANT_OF_OURS, holding, member, policy, service_principal, strength, user

from controlmon.demo.azure import ADMINS, HUB
from controlmon.demo.people import JANE, LEAVERS, MARIA, PEOPLE, RAVI, TOM, Person, now, object_id

SPARED = object_id("break-glass")
BREAK_GLASS = tuple(object_id(f"break-glass-{number}") for number in (1, 2))
FRONT_DESK = object_id("front-desk")
GUEST = object_id("auditor")
SYSTEMS = ("AWS IAM Identity Center", "Datadog", "GitHub", "Atlassian Cloud")
LOGS = ("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")
READS = ("AuditLog.Read.All", "Directory.Read.All", "Policy.Read.All", "RoleManagement.Read.Directory", "User.Read.All")
KEY, PHONE = "passKeyDeviceBound", "microsoftAuthenticatorPush"


def fill(twin: EntraTwin) -> None:
    """Puts the company into the tenant."""
    _users(twin)
    _policies(twin)
    _roles(twin)
    _apps(twin)
    _reviews(twin)
    sent = {"workspaceId": None, "eventHubAuthorizationRuleId": HUB, "logs": [{"category": one, "enabled": True} for one in LOGS]}
    twin.put("/providers/microsoft.aadiam/diagnosticSettings", [{"id": "datadog", "name": "datadog", "properties": sent}])


def _ago(**back: float) -> str:
    return _time(now() - timedelta(**back))


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _users(twin: EntraTwin) -> None:
    """Everybody of the register, two break-glass accounts, the tablet of the front desk, and an auditor as a guest."""
    others = (
        *((one, f"break-glass-{i}", f"break-glass-{i}@artemis.onmicrosoft.com", {}) for i, one in enumerate(BREAK_GLASS, 1)),
        (FRONT_DESK, "Front Desk", "front.desk@artemis.example", {}),
        (GUEST, "Auditor", "auditor_accounts.example#EXT#@artemis.onmicrosoft.com", {"userType": "Guest", "creationType": "Invitation"}),
    )
    seen = {"signInActivity": {"lastSignInDateTime": _ago(hours=5), "lastSuccessfulSignInDateTime": _ago(hours=5)}}
    common = {"createdDateTime": _ago(days=200), **seen}
    people = [_known(person) | seen for person in PEOPLE]
    rest = [
        user(id_, displayName=name, userPrincipalName=login, mail=None, employeeId=None, **{**common, **more})
        for id_, name, login, more in others
    ]
    twin.put("/v1.0/users", [*people, *rest])
    strong = {person.id: KEY for person in (JANE, RAVI)} | dict.fromkeys(BREAK_GLASS, KEY)
    without = {TOM.id, FRONT_DESK}  # no second factor, as in AWS
    registered = [
        {
            "id": one["id"],
            "userPrincipalName": one["userPrincipalName"],
            "isMfaCapable": one["id"] not in without,
            "isMfaRegistered": one["id"] not in without,
            "methodsRegistered": [] if one["id"] in without else [strong.get(one["id"], PHONE)],
        }
        for one in (*people, *rest)
    ]
    twin.put("/v1.0/reports/authenticationMethods/userRegistrationDetails", registered)
    for one in (*people, *rest):
        twin.put(f"/beta/users/{one['id']}/authentication/requirements", {"perUserMfaState": "disabled"})
    moment = now()
    gone = [
        {
            "id": object_id(f"disabled {person.email}"),
            "activityDateTime": _time(ended + timedelta(hours=2)),
            "activityDisplayName": "Disable account",
            "result": "success",
            "targetResources": [{"id": person.id, "type": "User", "userPrincipalName": person.entra}],
        }
        for person in LEAVERS
        if (ended := person.ended(moment))
    ]
    twin.put("/v1.0/auditLogs/directoryAudits", gone)
    risky = {"id": MARIA.id, "userDisplayName": MARIA.name, "userPrincipalName": MARIA.entra, "riskState": "atRisk"}
    twin.put("/v1.0/identityProtection/riskyUsers", [{**risky, "riskLevel": "low", "riskLastUpdatedDateTime": _ago(hours=30)}])


def _known(person: Person) -> dict[str, Any]:
    known: dict[str, Any] = user(
        person.id,
        displayName=person.name,
        userPrincipalName=person.entra,
        mail=person.email,
        employeeId=f"A-{PEOPLE.index(person) + 1:03}",
        accountEnabled=person.left is None,
        createdDateTime=_ago(days=400),
    )
    return known


def _policies(twin: EntraTwin) -> None:
    """MFA for all and no legacy clients, save for the break-glass accounts; of administrators no more is asked than of others."""
    twin.put("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"id": "0", "isEnabled": False})
    rights = {"id": "authorizationPolicy", "allowInvitesFrom": "adminsAndGuestInviters", "allowUserConsentForRiskyApps": None}
    own = {"guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b", "defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": []}}
    twin.put("/v1.0/policies/authorizationPolicy", {**rights, **own})
    twin.put("/v1.0/policies/adminConsentRequestPolicy", {"isEnabled": True, "version": 1})
    twin.put("/v1.0/policies/authenticationStrengthPolicies", [strength("fido2", "windowsHelloForBusiness", name="phishing-resistant")])
    ranges = [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}]
    office = {"@odata.type": "#microsoft.graph.ipNamedLocation", "id": "office", "displayName": "Office", "isTrusted": True}
    twin.put(f"{CA}/namedLocations", [{**office, "ipRanges": ranges}])
    old = {"clientAppTypes": ["exchangeActiveSync", "other"], "builtInControls": ["block"]}
    finance = policy("MFA for finance, by hand", state="disabled", excludeUsers=[JANE.id])
    everyone = policy("MFA for all", excludeGroups=[SPARED]), policy("No legacy clients", excludeGroups=[SPARED], **old)
    apps = policy("MFA for the ledger", includeApplications=[object_id("ledger")], excludeUsers=[FRONT_DESK])
    twin.put(f"{CA}/policies", [*everyone, apps, finance])
    twin.put(f"/v1.0/groups/{SPARED}/transitiveMembers", [member(one) for one in BREAK_GLASS])


def _roles(twin: EntraTwin) -> None:
    """Jane rules the tenant if she activates it, and so do the break-glass accounts, always."""
    standing = [holding(object_id(f"{one} ga"), GA, one) for one in BREAK_GLASS]
    twin.put("/v1.0/roleManagement/directory/roleAssignments", standing)
    twin.put("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", [holding(object_id("jane ga"), GA, JANE.id)])
    team = [{**member(one.id), "displayName": one.name, "userPrincipalName": one.entra, "accountEnabled": True} for one in (JANE, RAVI)]
    twin.put(f"/v1.0/groups/{ADMINS}/transitiveMembers", team)


def _password(name: str, age: int, days: int) -> dict[str, Any]:
    """A password that was made `age` days ago, for so many days."""
    start = now() - timedelta(days=age)
    times = {"startDateTime": _time(start), "endDateTime": _time(start + timedelta(days=days))}
    return {
        "keyId": object_id(f"password {name}"),
        "displayName": name,
        "hint": "abc",
        "secretText": None,
        "customKeyIdentifier": None,
        **times,
    }


def _principal(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of an answer of Graph
    ids = {"id": object_id(f"principal {name}"), "appId": object_id(f"app {name}")}
    made: dict[str, Any] = service_principal(name, **{**ids, "appOwnerOrganizationId": TENANT_OF_OURS, **more})
    return made


def _apps(twin: EntraTwin) -> None:
    """What people sign in to; an app of finance that may rule; and what deploys."""
    role = {
        "id": object_id("role"),
        "value": "RoleManagement.ReadWrite.Directory",
        "allowedMemberTypes": ["Application"],
        "isEnabled": True,
    }
    microsoft = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
    reads = [{**role, "id": object_id(one), "value": one} for one in READS]
    graph = _principal("Microsoft Graph", appId=GRAPH_APP, appOwnerOrganizationId=microsoft, appRoles=[role, *reads])
    robot = _principal("Payroll sync", passwordCredentials=[_password("payroll", 30, 90)])
    systems = [_principal(name, preferredSingleSignOnMode="saml", appRoleAssignmentRequired=True) for name in SYSTEMS]
    twin.put("/v1.0/servicePrincipals", [graph, _principal("controlmon", id=OBJECT, appId=CLIENT), robot, *systems])
    given = {"id": object_id("grant"), "principalId": robot["id"], "principalType": "ServicePrincipal", "appRoleId": role["id"]}
    ours = [{**given, "id": object_id(f"our {one}"), "principalId": OBJECT, "appRoleId": object_id(one)} for one in READS]
    twin.put(f"/v1.0/servicePrincipals/{graph['id']}/appRoleAssignedTo", [{**one, "resourceId": graph["id"]} for one in (given, *ours)])
    consent = {"id": object_id("consent"), "clientId": systems[1]["id"], "consentType": "AllPrincipals", "principalId": None}
    twin.put("/v1.0/oauth2PermissionGrants", [{**consent, "resourceId": graph["id"], "scope": "User.Read openid"}])
    registered = {
        "Document export": ([_password("export", 20, 120)], [RAVI]),
        "Legacy import": ([_password("import", 100, 730)], [TOM]),
        "Deploy": ([], [RAVI]),
    }
    issuer = {"id": object_id("issuer"), "name": "main", "issuer": "https://token.actions.githubusercontent.com"}
    claims = {"subject": "repo:artemis/api:ref:refs/heads/main", "audiences": ["api://AzureADTokenExchange"]}
    twin.put(
        "/v1.0/applications",
        [
            {
                "id": object_id(name),
                "appId": object_id(f"app {name}"),
                "displayName": name,
                "passwordCredentials": passwords,
                "keyCredentials": [],
                "requiredResourceAccess": [{"resourceAppId": GRAPH_APP, "resourceAccess": []}],
            }
            for name, (passwords, _) in registered.items()
        ],
    )
    for name, (_, owners) in registered.items():
        twin.put(f"/v1.0/applications/{object_id(name)}/owners", [member(owner.id) for owner in owners])
        trusts = [{**issuer, **claims}] if name == "Deploy" else []
        twin.put(f"/v1.0/applications/{object_id(name)}/federatedIdentityCredentials", trusts)


def _reviews(twin: EntraTwin) -> None:
    """The guests were looked at by a person; nobody looked at the administrators."""
    base = "/v1.0/identityGovernance/accessReviews/definitions"
    jane = {"id": JANE.id, "displayName": JANE.name}
    looked = {"decision": "Approve", "reviewedBy": jane, "applyResult": "AppliedSuccessfully"}
    rounds = {
        "Guests": [{"principal": {"id": GUEST, "displayName": "Auditor"}, **looked}],
        "Administrators": [
            {"principal": {"id": one.id, "displayName": one.name}, **looked, "decision": decision}
            for one, decision in ((RAVI, "Approve"), (MARIA, "NotReviewed"))
        ],
    }
    twin.put(base, [{"id": object_id(name), "displayName": name, "status": "InProgress"} for name in rounds])
    for name, decisions in rounds.items():
        here, instance = f"{base}/{object_id(name)}/instances", object_id(f"round {name}")
        ended = {"id": instance, "status": "Applied", "startDateTime": _ago(days=34), "endDateTime": _ago(days=20)}
        twin.put(here, [ended])
        twin.put(f"{here}/{instance}/decisions", [{"id": object_id(f"{name} {i}"), **one} for i, one in enumerate(decisions)])


def parameters() -> dict[str, dict[str, Any]]:
    """What the company declares of its directory, by check."""
    moment = now()
    spared = {"owner": JANE.email, "until": f"{moment + timedelta(days=180):%Y-%m-%d}", "reason": "break-glass"}
    return {
        "entra.conditionalaccess.exclusions_justified": {"allowed_exclusions": [{"id": one, **spared} for one in BREAK_GLASS]},
        "entra.policy.sso_apps_assigned": {"systems": list(SYSTEMS)},
        "entra.user.breakglass_accounts": {"accounts": list(BREAK_GLASS)},
        "entra.user.mfa_registered": {"service_accounts": list(BREAK_GLASS)},
        "entra.user.unique_and_shared": {"service_identities": list(BREAK_GLASS)},
        "entra.app.credentials_expiry": {"deploy_apps": ["Deploy"]},
    }

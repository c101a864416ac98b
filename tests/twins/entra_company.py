"""A small tenant: three employees and a break-glass account, a team in a team, a baseline policy, PIM, and some apps."""

from datetime import UTC, datetime, timedelta
from typing import Any

from .entra import CLIENT, OBJECT, EntraTwin

GA = "62e90394-69f5-4237-9190-012177145e10"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
TENANT_OF_OURS = "aaaaaaaa-0000-4000-8000-000000000001"  # Microsoft's own is what the twin logs in to
CA = "/v1.0/identity/conditionalAccess"


def user(name: str, **more: Any) -> dict[str, Any]:
    """A user as GET /users shows it."""
    return {
        "id": name,
        "displayName": name.title(),
        "userPrincipalName": f"{name}@artemis.example",
        "mail": f"{name}@artemis.example",
        "userType": "Member",
        "accountEnabled": True,
        "createdDateTime": "2024-01-01T00:00:00Z",
        "creationType": None,
        "externalUserState": None,
        "onPremisesSyncEnabled": None,
        "employeeId": name.upper(),
        "isResourceAccount": None,
        "signInActivity": {"lastSignInDateTime": "2026-11-20T08:00:00Z", "lastSuccessfulSignInDateTime": "2026-11-20T08:00:00Z"},
    } | more


def policy(name: str = "MFA for all", **changes: Any) -> dict[str, Any]:
    """A conditionalAccessPolicy as Graph answers it: MFA for all users in all apps, unless `changes` says otherwise.

    A change is named by its last member (`state`, `includeUsers`, `builtInControls`, `platforms` ...).
    """
    made: dict[str, Any] = {
        "id": name,
        "templateId": None,
        "displayName": name,
        "createdDateTime": "2024-01-01T00:00:00Z",
        "modifiedDateTime": None,
        "state": "enabled",
        "sessionControls": None,
        "conditions": {
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "clientAppTypes": ["all"],
            "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": None,
            "platforms": None,
            "locations": None,
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": None,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [],
                "applicationFilter": None,
            },
            "users": {
                "includeUsers": ["All"],
                "excludeUsers": [],
                "includeGroups": [],
                "excludeGroups": [],
                "includeRoles": [],
                "excludeRoles": [],
                "includeGuestsOrExternalUsers": None,
                "excludeGuestsOrExternalUsers": None,
            },
        },
        "grantControls": {
            "operator": "OR",
            "builtInControls": ["mfa"],
            "customAuthenticationFactors": [],
            "termsOfUse": [],
            "authenticationStrength": None,
        },
    }
    places = [made, made["conditions"], made["conditions"]["applications"], made["conditions"]["users"], made["grantControls"]]
    for member, value in changes.items():
        next(place for place in places if member in place)[member] = value
    return made


def strength(*combinations: str, name: str = "custom") -> dict[str, Any]:
    """An authenticationStrengthPolicy."""
    return {
        "id": name,
        "displayName": name,
        "policyType": "custom",
        "requirementsSatisfied": "mfa",
        "allowedCombinations": list(combinations),
    }


def member(id: str, sort: str = "user") -> dict[str, Any]:
    """A directory object as a list of members shows it."""
    return {"@odata.type": f"#microsoft.graph.{sort}", "id": id}


def holding(id: str, role: str, principal: str, sort: str = "user", where: str = "/") -> dict[str, Any]:
    """A unifiedRoleAssignment with its principal."""
    shown = {
        **member(principal, sort),
        "displayName": principal,
        "userPrincipalName": f"{principal}@artemis.example" if sort == "user" else None,
    }
    return {"id": id, "roleDefinitionId": role, "principalId": principal, "directoryScopeId": where, "principal": shown}


def fill(twin: EntraTwin) -> None:
    """A tenant in which every question has a reason to be asked."""
    put = twin.put
    put(
        "/v1.0/users", [user("ada"), user("bob"), user("carol"), user("breakglass", userPrincipalName="breakglass@artemis.onmicrosoft.com")]
    )
    put(
        "/v1.0/reports/authenticationMethods/userRegistrationDetails",
        [
            {
                "id": name,
                "userPrincipalName": f"{name}@artemis.example",
                "isMfaCapable": True,
                "isMfaRegistered": True,
                "methodsRegistered": ["passKeyDeviceBound"],
            }
            for name in ("ada", "bob", "carol", "breakglass")
        ],
    )
    put("/v1.0/policies/identitySecurityDefaultsEnforcementPolicy", {"id": "0", "isEnabled": False})
    put(
        "/v1.0/policies/authorizationPolicy",
        {
            "id": "authorizationPolicy",
            "allowInvitesFrom": "adminsAndGuestInviters",
            "guestUserRoleId": "2af84b1e-32c8-42b7-82bc-daa82404023b",
            "allowUserConsentForRiskyApps": None,
            "defaultUserRolePermissions": {"permissionGrantPoliciesAssigned": []},
        },
    )
    put("/v1.0/policies/adminConsentRequestPolicy", {"isEnabled": True, "version": 1})
    put("/v1.0/policies/authenticationStrengthPolicies", [strength("fido2", name="resistant")])
    put(
        f"{CA}/namedLocations",
        [
            {
                "@odata.type": "#microsoft.graph.ipNamedLocation",
                "id": "office",
                "displayName": "Office",
                "isTrusted": True,
                "ipRanges": [{"@odata.type": "#microsoft.graph.iPv4CidrRange", "cidrAddress": "203.0.113.0/24"}],
            }
        ],
    )
    put(
        f"{CA}/policies",
        [
            policy(excludeGroups=["spared"], excludeRoles=["d29b2b05-8046-44ba-8758-1e26182fcf32"]),
            policy("No legacy", clientAppTypes=["exchangeActiveSync", "other"], builtInControls=["block"], excludeGroups=["team"]),
        ],
    )
    put("/v1.0/groups/spared/transitiveMembers", [member("breakglass")])
    put("/v1.0/groups/team/transitiveMembers", [])
    put("/v1.0/groups/admins/transitiveMembers", [member("bob")])
    put("/v1.0/roleManagement/directory/roleAssignments", [holding("a1", GA, "ada")])
    put("/v1.0/roleManagement/directory/roleEligibilityScheduleInstances", [holding("e1", GA, "admins", "group")])
    put("/beta/auditLogs/signIns", [])
    put("/v1.0/auditLogs/directoryAudits", [])
    put("/v1.0/identityProtection/riskyUsers", [])
    put("/providers/microsoft.aadiam/diagnosticSettings", [])
    for name in ("ada", "bob", "carol", "breakglass"):
        put(f"/beta/users/{name}/authentication/requirements", {"perUserMfaState": "disabled"})

    _apps(twin)
    _reviews(twin)
    setting = {
        "workspaceId": None,
        "eventHubAuthorizationRuleId": "/subscriptions/s/rule",
        "logs": [
            {"category": c, "enabled": True}
            for c in ("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")
        ],
    }
    put("/providers/microsoft.aadiam/diagnosticSettings", [{"id": "d", "name": "datadog", "properties": setting}])
    put(
        "/v1.0/auditLogs/directoryAudits",
        [
            {
                "id": "d1",
                "activityDateTime": "2026-11-20T18:00:00Z",
                "activityDisplayName": "Disable account",
                "result": "success",
                "targetResources": [{"id": "dave", "type": "User", "userPrincipalName": "dave@artemis.example"}],
            }
        ],
    )


def service_principal(name: str, **more: Any) -> dict[str, Any]:
    """A servicePrincipal as GET /servicePrincipals shows it."""
    return {
        "id": f"sp-{name}",
        "appId": f"app-{name}",
        "displayName": name,
        "appOwnerOrganizationId": TENANT_OF_OURS,
        "accountEnabled": True,
        "servicePrincipalType": "Application",
        "preferredSingleSignOnMode": None,
        "appRoleAssignmentRequired": True,
        "appRoles": [],
        "passwordCredentials": [],
    } | more


def password(days: int = 90, name: str = "ci") -> dict[str, Any]:
    """A passwordCredential that began in October 2026."""
    start = datetime(2026, 10, 1, tzinfo=UTC)
    times = {"startDateTime": start.isoformat(), "endDateTime": (start + timedelta(days=days)).isoformat()}
    return {"keyId": "k", "displayName": name, "hint": "abc", "secretText": None, "customKeyIdentifier": None, **times}


def _apps(twin: EntraTwin) -> None:
    """Graph, one robot that may write everything, one that reads, a system, and what is registered here."""
    role = {"id": "role-rw", "value": "RoleManagement.ReadWrite.Directory", "allowedMemberTypes": ["Application"], "isEnabled": True}
    graph = service_principal(
        "Microsoft Graph", appId=GRAPH_APP, appOwnerOrganizationId="f8cdef31-a31e-4b4a-93e4-5f571e91255a", appRoles=[role]
    )
    mine = service_principal("controlmon", id=OBJECT, appId=CLIENT)
    twin.put(
        "/v1.0/servicePrincipals", [graph, mine, service_principal("robot", passwordCredentials=[password()]), service_principal("Datadog")]
    )
    given = {"id": "g", "principalId": "sp-robot", "principalType": "ServicePrincipal", "appRoleId": "role-rw", "resourceId": graph["id"]}
    twin.put("/v1.0/servicePrincipals/sp-Microsoft Graph/appRoleAssignedTo".replace(" ", "%20"), [given])
    twin.put(
        "/v1.0/oauth2PermissionGrants",
        [
            {
                "id": "o",
                "clientId": "sp-Datadog",
                "consentType": "AllPrincipals",
                "principalId": None,
                "resourceId": graph["id"],
                "scope": " User.Read openid",
            }
        ],
    )
    for name, passwords in (("deploy", [password()]), ("old", [password(900)])):
        asks = [{"resourceAppId": GRAPH_APP, "resourceAccess": []}]
        app = {
            "id": name,
            "appId": f"app-{name}",
            "displayName": name,
            "passwordCredentials": passwords,
            "keyCredentials": [],
            "requiredResourceAccess": asks,
        }
        twin.put("/v1.0/applications", [*twin.at("/v1.0/applications"), app])
        twin.put(f"/v1.0/applications/{name}/owners", [member("ada")])
        twin.put(f"/v1.0/applications/{name}/federatedIdentityCredentials", [])


def _reviews(twin: EntraTwin) -> None:
    """One review, with a round that was decided and applied."""
    base = "/v1.0/identityGovernance/accessReviews/definitions"
    end = (datetime.now(UTC) - timedelta(days=20)).isoformat()
    twin.put(base, [{"id": "guests", "displayName": "Guests", "status": "InProgress"}])
    twin.put(f"{base}/guests/instances", [{"id": "i1", "status": "Applied", "startDateTime": end, "endDateTime": end}])
    by = {"id": "bob", "displayName": "Bob"}
    decided = {
        "principal": {"id": "carol", "displayName": "Carol"},
        "decision": "Deny",
        "reviewedBy": by,
        "applyResult": "AppliedSuccessfully",
    }
    twin.put(f"{base}/guests/instances/i1/decisions", [{"id": "d1", **decided}])


TUNED: dict[str, dict[str, Any]] = {
    "entra.conditionalaccess.mfa_all_users": {"count_per_user_mfa": True},
    "entra.conditionalaccess.exclusions_justified": {
        "allowed_exclusions": [
            {"id": "breakglass", "owner": "ciso", "until": "2099-01-01", "reason": "break-glass"},
            {"id": "d29b2b05-8046-44ba-8758-1e26182fcf32", "owner": "it", "until": "2099-01-01", "reason": "synchronization"},
        ]
    },
    "entra.user.breakglass_accounts": {"accounts": ["breakglass", "carol"]},
    "entra.user.leavers_disabled": {"leavers": [{"id": "dave@artemis.example", "end": "2026-11-20T17:00:00Z"}]},
    "entra.user.unique_and_shared": {"people": ["ADA", "BOB", "CAROL"], "service_identities": ["BREAKGLASS"]},
    "entra.policy.sso_apps_assigned": {"systems": ["Datadog"]},
}
"""Parameters with which every question is asked."""

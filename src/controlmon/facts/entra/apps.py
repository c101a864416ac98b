"""Applications and service principals: their credentials, their owners, and what they may do."""

from datetime import datetime

from msgspec import field

from controlmon.core.fact import Raw
from controlmon.facts.base import All, Kind, View, aspect
from controlmon.facts.entra.index import once
from controlmon.facts.entra.raw import flag, listed, text, texts, when

MICROSOFT = {"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"}
"""The tenants that own Microsoft's own apps."""
TAKEOVER = frozenset({
    "Application.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All",
    "Domain.ReadWrite.All", "EntitlementManagement.ReadWrite.All", "Group.ReadWrite.All", "GroupMember.ReadWrite.All",
    "Organization.ReadWrite.All", "Policy.ReadWrite.ConditionalAccess", "Policy.ReadWrite.PermissionGrant",
    "PrivilegedAccess.ReadWrite.AzureADGroup", "PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup",
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup", "RoleAssignmentSchedule.ReadWrite.Directory",
    "RoleEligibilitySchedule.ReadWrite.Directory", "RoleManagement.ReadWrite.Directory", "RoleManagementPolicy.ReadWrite.Directory",
    "User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All",
})  # fmt: skip
"""Permissions with which an app can make itself, or anybody, ruler of the tenant."""
EVERYBODYS_DATA = frozenset({
    "DeviceManagementConfiguration.ReadWrite.All", "DeviceManagementScripts.ReadWrite.All", "Exchange.ManageAsApp", "Files.ReadWrite.All",
    "Mail.ReadWrite", "Mail.Send", "MailboxSettings.ReadWrite", "Sites.FullControl.All", "Sites.ReadWrite.All", "full_access_as_app",
})  # fmt: skip
"""Permissions of an application (nobody signs in) over everybody's mail, files or devices."""


class Secret(View, frozen=True):
    """A password or key: from when to when. `pair` is true for the one that belongs to a SAML signing certificate."""

    name: str
    start: datetime | None
    end: datetime | None
    pair: bool = False


class Principal(View, frozen=True):
    """An app as it is present in the tenant. `roles` are the application permissions that it offers, by id."""

    app: str
    owner: str = ""
    enabled: bool = True
    sort: str = "Application"
    mode: str = ""
    assignment_required: bool = False
    roles: dict[str, str] = field(default_factory=dict)
    passwords: tuple[Secret, ...] = ()

    @property
    def microsoft(self) -> bool:
        """Whether it is Microsoft's own."""
        return self.owner in MICROSOFT

    @property
    def dangerous(self) -> bool:
        """Whether it offers a permission that matters here."""
        return bool(set(self.roles.values()) & (TAKEOVER | EVERYBODYS_DATA))


class Given(View, frozen=True):
    """A permission that was given: to whom (a service principal), and which one, by id."""

    principal: str
    role: str


class Delegated(View, frozen=True):
    """A consent: an app may act for a user, or (everybody) for all of them."""

    client: str
    everybody: bool
    scopes: tuple[str, ...]


class Registered(View, frozen=True):
    """An app that is registered in the tenant. `rights` says whether it asks for any permission."""

    app: str
    passwords: tuple[Secret, ...] = ()
    keys: int = 0
    rights: bool = False


def _secrets(raw: Raw, member: str) -> tuple[Secret, ...]:
    return tuple(
        Secret(
            name=text(one, "displayName") or text(one, "keyId"),
            start=when(one, "startDateTime"),
            end=when(one, "endDateTime"),
            pair=bool(one.get("customKeyIdentifier")),
        )
        for one in raw[member]
    )


class ServicePrincipal(Kind, name="entra.service_principal"):
    """An app that is present in the tenant: ours, Microsoft's or a third party's."""

    @aspect()
    def profile(raw: Raw) -> Principal:
        """What it is (GET /servicePrincipals)."""
        roles = {str(r["id"]): text(r, "value") for r in raw["appRoles"] if "Application" in texts(r, "allowedMemberTypes")}
        return Principal(
            app=raw["appId"],
            owner=text(raw, "appOwnerOrganizationId"),
            enabled=raw.get("accountEnabled") is not False,
            sort=text(raw, "servicePrincipalType"),
            mode=text(raw, "preferredSingleSignOnMode"),
            assignment_required=flag(raw, "appRoleAssignmentRequired"),
            roles=roles,
            passwords=_secrets(raw, "passwordCredentials"),
        )

    @aspect(absent=())
    def given(raw: Raw) -> tuple[Given, ...]:
        """Who was given which of its permissions (GET /servicePrincipals/{id}/appRoleAssignedTo). Not asked if none of them matters."""
        return tuple(
            Given(principal=str(one["principalId"]), role=str(one["appRoleId"]))
            for one in listed(raw)
            if one["principalType"] == "ServicePrincipal"
        )


class DelegatedGrant(Kind, name="entra.delegated_grant"):
    """A consent to an app that acts for users."""

    @aspect()
    def delegated(raw: Raw) -> Delegated:
        """What it may do, and for whom (GET /oauth2PermissionGrants)."""
        return Delegated(client=raw["clientId"], everybody=raw["consentType"] == "AllPrincipals", scopes=tuple(text(raw, "scope").split()))


class Application(Kind, name="entra.application"):
    """An app that is registered in the tenant."""

    @aspect()
    def registered(raw: Raw) -> Registered:
        """Its credentials (GET /applications)."""
        return Registered(
            app=raw["appId"],
            passwords=_secrets(raw, "passwordCredentials"),
            keys=len(raw["keyCredentials"]),
            rights=bool(raw["requiredResourceAccess"]),
        )

    @aspect()
    def owners(raw: Raw) -> tuple[str, ...]:
        """Its owners, by id (GET /applications/{id}/owners)."""
        return tuple(str(one["id"]) for one in listed(raw))

    @aspect()
    def federated(raw: Raw) -> tuple[str, ...]:
        """Whom it trusts in place of a credential (GET /applications/{id}/federatedIdentityCredentials)."""
        return tuple(text(one, "issuer") for one in listed(raw))


@once
def holders(principals: All[ServicePrincipal]) -> dict[str, list[str]]:
    """The application permissions that matter, by the principal that was given them, resolved through what offers them. Raises `Unseen`."""
    found: dict[str, list[str]] = {}
    for resource in principals:
        offered = resource.profile.roles
        for one in resource.given:
            if (value := offered.get(one.role, "")) in TAKEOVER | EVERYBODYS_DATA:
                found.setdefault(one.principal, []).append(value)
    return found


@once
def lent(grants: All[DelegatedGrant]) -> dict[str, set[str]]:
    """The permissions to take over the tenant that apps may use as any user, by app. Raises `Unseen`."""
    found: dict[str, set[str]] = {}
    for grant in grants:
        said = grant.delegated
        if said.everybody and (scopes := TAKEOVER.intersection(said.scopes)):
            found.setdefault(said.client, set()).update(scopes)
    return found

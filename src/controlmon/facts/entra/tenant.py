"""An Entra tenant: what holds for all of it."""

from datetime import datetime

from controlmon.core.fact import Raw
from controlmon.facts.base import Kind, View, aspect
from controlmon.facts.entra.conditional_access.policy import Location, Strength, location_of, strength_of
from controlmon.facts.entra.raw import flag, listed, text, texts, when


class Bearer(View, frozen=True):
    """Who we are there, and the permissions that we were granted, as our token says. () if it does not say."""

    app: str = ""
    permissions: tuple[str, ...] = ()


class Authorization(View, frozen=True):
    """What ordinary users may do (authorizationPolicy). `consent` are the policies by which they may consent to apps: () for none."""

    consent: tuple[str, ...]
    risky_apps: bool = False
    invites: str = ""
    guest_role: str = ""


class SignIn(View, frozen=True):
    """One sign-in of the log."""

    at: datetime
    user: str
    app: str
    client: str


class AtRisk(View, frozen=True):
    """A user whom Identity Protection holds to be at risk."""

    name: str
    level: str
    since: datetime


class Export(View, frozen=True):
    """A diagnostic setting of the directory: which categories of logs go out, and where to."""

    name: str
    categories: tuple[str, ...]
    destinations: tuple[str, ...]


class Deed(View, frozen=True):
    """An entry of the audit log about a user."""

    at: datetime
    what: str
    user: str
    login: str = ""


def _export(raw: Raw) -> Export:
    said = raw["properties"]
    places = {
        "workspaceId": "a Log Analytics workspace", "eventHubAuthorizationRuleId": "an event hub", "storageAccountId": "a storage account",
        "marketplacePartnerId": "a partner",
    }  # fmt: skip
    logs = said.get("logs") or []
    return Export(
        name=raw["name"],
        categories=tuple(str(log.get("category") or log["categoryGroup"]) for log in logs if flag(log, "enabled")),
        destinations=tuple(words for member, words in places.items() if said.get(member)),
    )


class Tenant(Kind, name="entra.tenant", singleton=True):
    """An Entra tenant."""

    @aspect()
    def bearer(raw: Raw) -> Bearer:
        """Who we are there (our own token)."""
        return Bearer(app=text(raw, "appid"), permissions=texts(raw, "roles"))

    @aspect()
    def security_defaults(raw: Raw) -> bool:
        """Whether Microsoft's own baseline is on (GET /policies/identitySecurityDefaultsEnforcementPolicy)."""
        return flag(raw, "isEnabled")

    @aspect()
    def authorization(raw: Raw) -> Authorization:
        """What ordinary users may do (GET /policies/authorizationPolicy)."""
        rights = raw["defaultUserRolePermissions"]
        if rights["permissionGrantPoliciesAssigned"] is None:
            raise TypeError("permissionGrantPoliciesAssigned is null")
        return Authorization(
            consent=texts(rights, "permissionGrantPoliciesAssigned"),
            risky_apps=raw.get("allowUserConsentForRiskyApps") is True,
            invites=text(raw, "allowInvitesFrom"),
            guest_role=text(raw, "guestUserRoleId"),
        )

    @aspect()
    def consent_workflow(raw: Raw) -> bool:
        """Whether users can ask an administrator for consent (GET /policies/adminConsentRequestPolicy)."""
        return flag(raw, "isEnabled")

    @aspect()
    def strengths(raw: Raw) -> tuple[Strength, ...]:
        """The authentication strengths (GET /policies/authenticationStrengthPolicies)."""
        return tuple(strength_of(one) for one in listed(raw))

    @aspect()
    def locations(raw: Raw) -> tuple[Location, ...]:
        """The named locations (GET /identity/conditionalAccess/namedLocations)."""
        return tuple(location_of(one) for one in listed(raw))

    @aspect()
    def legacy_sign_ins(raw: Raw) -> tuple[SignIn, ...]:
        """Successful sign-ins by legacy clients in thirty days, interactive or not (GET /beta/auditLogs/signIns)."""
        return tuple(
            SignIn(
                at=_at(one, "createdDateTime"),
                user=text(one, "userPrincipalName") or text(one, "userId"),
                app=text(one, "appDisplayName"),
                client=text(one, "clientAppUsed"),
            )
            for one in listed(raw)
        )

    @aspect(absent=None)
    def at_risk(raw: Raw) -> tuple[AtRisk, ...] | None:
        """The users at risk (GET /identityProtection/riskyUsers); None if the tenant is not licensed to know."""
        return tuple(
            AtRisk(name=text(one, "userPrincipalName") or one["id"], level=one["riskLevel"], since=_at(one, "riskLastUpdatedDateTime"))
            for one in listed(raw)
            if one["riskState"] == "atRisk" and one.get("isDeleted") is not True
        )

    @aspect()
    def exports(raw: Raw) -> tuple[Export, ...]:
        """Where its logs go (GET /providers/microsoft.aadiam/diagnosticSettings of Azure Resource Manager)."""
        return tuple(_export(one) for one in listed(raw))

    @aspect(absent=())
    def departures(raw: Raw) -> tuple[Deed, ...]:
        """Accounts that were disabled or deleted, as far as the audit log goes back (GET /auditLogs/directoryAudits)."""
        return tuple(
            Deed(
                at=_at(one, "activityDateTime"),
                what=one["activityDisplayName"],
                user=str(target["id"]),
                login=text(target, "userPrincipalName"),
            )
            for one in listed(raw)
            for target in one["targetResources"]
            if one.get("result") == "success"
        )


def _at(raw: Raw, name: str) -> datetime:
    at = when(raw, name)
    if at is None:
        raise ValueError(f"there is no {name}")
    return at

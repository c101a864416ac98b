"""Applications and service principals. Who was given a permission is asked of what offers it: a few questions, not one for each app."""

from collections.abc import Iterator

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.core.fact import Raw, not_asked
from controlmon.facts.entra.apps import Application, DelegatedGrant, ServicePrincipal

apps = Service("entra", "apps")
READ = ("Application.Read.All",)
SECRET = ("hint", "secretText", "key")
"""The first letters of a password, and what may stand there in full."""
PRINCIPALS = Operation("graph", "GET /v1.0/servicePrincipals", needs=READ, drops=SECRET)
WANTED = (
    "id,appId,displayName,appOwnerOrganizationId,accountEnabled,servicePrincipalType,preferredSingleSignOnMode,appRoleAssignmentRequired,"
    "appRoles,passwordCredentials"
)


@apps.lists(ServicePrincipal, PRINCIPALS, at=Place.TENANT, gives=[ServicePrincipal.profile])
def service_principals(ask: Ask) -> Iterator[Found]:
    """Every app that is present, Microsoft's own too: they offer the permissions."""
    for raw in ask.items("value", select=WANTED, top=999):
        yield Found(ServicePrincipal, raw["id"], raw["displayName"], answers={ServicePrincipal.profile: raw})


@apps.answers(
    ServicePrincipal.given,
    Operation("graph", "GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo", needs=READ),
    after=[ServicePrincipal.profile],
)
def given(ask: Ask, principal: Met) -> Raw:
    """To whom its permissions were given, if one of them matters."""
    if not ServicePrincipal.profile.view(principal.answer(ServicePrincipal.profile)).dangerous:
        return not_asked("it offers no permission that matters")
    return ask(id=principal.id, top=999)


GRANTS = Operation("graph", "GET /v1.0/oauth2PermissionGrants", needs=("Directory.Read.All",))


@apps.lists(DelegatedGrant, GRANTS, at=Place.TENANT, gives=[DelegatedGrant.delegated])
def delegated_grants(ask: Ask) -> Iterator[Found]:
    """Every consent, of a user or for all of them."""
    for raw in ask.items("value", top=999):
        yield Found(DelegatedGrant, raw["id"], answers={DelegatedGrant.delegated: raw})


APPLICATIONS = Operation("graph", "GET /v1.0/applications", needs=READ, drops=SECRET)


@apps.lists(Application, APPLICATIONS, at=Place.TENANT, gives=[Application.registered])
def applications(ask: Ask) -> Iterator[Found]:
    """Every app that is registered here."""
    wanted = "id,appId,displayName,passwordCredentials,keyCredentials,requiredResourceAccess"
    for raw in ask.items("value", select=wanted, top=999):
        yield Found(Application, raw["id"], raw["displayName"], answers={Application.registered: raw})


@apps.answers(Application.owners, Operation("graph", "GET /v1.0/applications/{id}/owners", needs=READ))
def owners(ask: Ask, application: Met) -> Raw:
    """Who owns it."""
    return ask(id=application.id, select="id")


@apps.answers(Application.federated, Operation("graph", "GET /v1.0/applications/{id}/federatedIdentityCredentials", needs=READ))
def federated(ask: Ask, application: Met) -> Raw:
    """Whom it trusts."""
    return ask(id=application.id)

"""The tenant itself, and what holds for all of it."""

from collections.abc import Iterator
from datetime import timedelta

from controlmon.collect.base import Ask, Found, Met, Operation, Place, Service
from controlmon.collect.entra.operations import TOKEN, UNLICENSED
from controlmon.core.fact import Raw
from controlmon.facts.entra.tenant import Tenant

tenant = Service("entra", "tenant")
LEGACY_CLIENTS = (
    "Authenticated SMTP", "AutoDiscover", "Exchange ActiveSync", "Exchange Online PowerShell", "Exchange Web Services", "IMAP4",
    "MAPI Over HTTP", "Offline Address Book", "Other clients", "Outlook Anywhere (RPC over HTTP)", "POP3", "Reporting Web Services",
)  # fmt: skip
"""What the sign-in log calls clients that know no modern authentication (signIn.clientAppUsed)."""
EVENT_TYPES = "signInEventTypes/any(t: t eq 'interactiveUser' or t eq 'nonInteractiveUser')"
"""Without it the log shows interactive sign-ins only; only beta has it."""


@tenant.lists(Tenant, TOKEN, at=Place.TENANT, gives=[Tenant.bearer])
def tenants(ask: Ask) -> Iterator[Found]:
    """The tenant: there is one behind each login, and our token says who we are there."""
    yield Found(Tenant, ask.scope.target, ask.scope.target, answers={Tenant.bearer: ask()})


def _policy(path: str, *needs: str) -> Operation:
    return Operation("graph", f"GET /v1.0/policies/{path}", needs=needs)


@tenant.answers(Tenant.security_defaults, _policy("identitySecurityDefaultsEnforcementPolicy", "Policy.Read.All"))
def security_defaults(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001 - it is the tenant that is asked
    """On or off."""
    return ask()


@tenant.answers(Tenant.authorization, _policy("authorizationPolicy", "Policy.Read.All"))
def authorization(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """A single object in v1.0, a collection in beta."""
    return ask()


@tenant.answers(Tenant.consent_workflow, _policy("adminConsentRequestPolicy", "Policy.Read.All"))
def consent_workflow(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """On or off."""
    return ask()


@tenant.answers(Tenant.strengths, _policy("authenticationStrengthPolicies", "Policy.Read.AuthenticationMethod"))
def strengths(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """Built-in and custom ones."""
    return ask()


@tenant.answers(Tenant.locations, Operation("graph", "GET /v1.0/identity/conditionalAccess/namedLocations", needs=("Policy.Read.All",)))
def locations(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """Address ranges and countries."""
    return ask()


@tenant.answers(Tenant.legacy_sign_ins, Operation("graph", "GET /beta/auditLogs/signIns", needs=("AuditLog.Read.All",)))
def legacy_sign_ins(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """Only those that succeeded: the rest of the log, which is large, stays where it is."""
    since = (ask.now - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    clients = " or ".join(f"clientAppUsed eq '{client}'" for client in LEGACY_CLIENTS)
    wanted = f"createdDateTime ge {since} and status/errorCode eq 0 and ({clients}) and {EVENT_TYPES}"
    return ask(filter=wanted, select="id,createdDateTime,userId,userPrincipalName,appDisplayName,clientAppUsed", top=999)


RISKY = Operation("graph", "GET /v1.0/identityProtection/riskyUsers", needs=("IdentityRiskyUser.Read.All",), absent=(UNLICENSED,))


@tenant.answers(Tenant.at_risk, RISKY)
def at_risk(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """Those whom nobody has dealt with."""
    return ask(filter="riskState eq 'atRisk'", top=500)


EXPORTS = Operation(
    "arm",
    "GET /providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01",
    needs=("microsoft.aadiam/diagnosticsettings/read at scope /providers/Microsoft.aadiam",),
)


@tenant.answers(Tenant.exports, EXPORTS)
def exports(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """Asked of Azure Resource Manager, at the scope of the tenant: a Reader of its subscriptions may not."""
    return ask()


AUDITS = Operation("graph", "GET /v1.0/auditLogs/directoryAudits", needs=("AuditLog.Read.All",))


@tenant.answers(Tenant.departures, AUDITS)
def departures(ask: Ask, tenant: Met) -> Raw:  # noqa: ARG001
    """The log goes back thirty days, seven without a licence."""
    wanted = "activityDisplayName eq 'Disable account' or activityDisplayName eq 'Delete user'"
    return ask(filter=wanted, top=999)

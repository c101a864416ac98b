"""An app that could take over the tenant, or read everybody's mail, is one that was meant to.

The permission is an id that only the resource behind it can name. Consent for all users to act as them counts as well: the first
administrator who signs in lends the app all that they may do. controlmon itself must hold nothing of the kind, listed or not.
"""

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.entra.apps import DelegatedGrant, ServicePrincipal, holders, lent
from controlmon.facts.entra.tenant import Tenant

GRAPH = ServicePrincipal.example(
    id="graph",
    name="Microsoft Graph",
    profile={"app": "00000003-0000-0000-c000-000000000000", "roles": {"r": "RoleManagement.ReadWrite.Directory", "q": "User.Read.All"}},
    given=[{"principal": "robot", "role": "r"}, {"principal": "reader", "role": "q"}],
)
TENANT = Tenant.example(bearer={"app": "us"})
NONE = All[DelegatedGrant].of()
LENT = All.of(DelegatedGrant.example(delegated={"client": "reader", "everybody": True, "scopes": ["Directory.ReadWrite.All"]}))


def app(name: str, number: str = "app") -> ServicePrincipal:
    return ServicePrincipal.example(id=name, name=name, profile={"app": number}, given=[])


ROBOT, READER = app("robot"), app("reader")
ALL = All.of(GRAPH, ROBOT, READER)


@check(
    title="Apps that could take over the tenant are declared",
    severity="critical",
    reads=[Tenant.bearer, ServicePrincipal.profile, ServicePrincipal.given, DelegatedGrant.delegated],
    remediation="Revoke the permission, or take a narrower one; declare in `allowed` the apps that need it, with their vendor assessed.",
    proves="Which apps were given such permissions in Microsoft Graph, Exchange and the like. Not directory roles of service principals, "
    "ownership of apps that have them, or what a vendor does with it.",
    passes=[(READER, TENANT, ALL, NONE), Example((ROBOT, TENANT, ALL, NONE), {"allowed": ["app"]})],
    fails=[
        (ROBOT, TENANT, ALL, NONE),
        (READER, TENANT, ALL, LENT),
        Example((ROBOT, Tenant.example(bearer={"app": "app"}), ALL, NONE), {"allowed": ["app"]}),
    ],
)
def judge(
    principal: ServicePrincipal,
    tenant: Tenant,
    principals: All[ServicePrincipal],
    grants: All[DelegatedGrant],
    *,
    allowed: tuple[str, ...] = (),
) -> Verdict:
    may = sorted(set(holders(principals).get(principal.id, ())))
    may += [f"{scope} (for all users)" for scope in sorted(lent(grants).get(principal.id, ()))]
    if not may:
        return passed("it has no permission to take over the tenant or to read everybody's mail")
    app = principal.profile.app
    if app == tenant.bearer.app:
        return failed(f"controlmon itself may {', '.join(may)}: it is to read only")
    if {app, principal.id} & {*allowed}:
        return passed(f"it is declared, and may {', '.join(may)}")
    return failed(f"it may {', '.join(may)}, and is not declared")

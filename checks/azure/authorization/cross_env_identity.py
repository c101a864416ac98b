"""An application or managed identity has rights in one class of environment only, save for what is declared to deploy.

Rights are told by what roles allow, and those of a group count for the applications in it. An assignment at a management group or the root
reaches every subscription below: if those are of both classes it spans both, by design or not. To read resources is no such right.
"""

from controlmon.check import Everywhere, Example, Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import RoleAssignment, Tenant
from controlmon.facts.azure.estate import WHERE, Estate
from controlmon.facts.azure.subscription import Subscription
from controlmon.facts.azure.workload import HARMLESS, called, potent, spanned, workloads
from controlmon.facts.environment import SYNONYMS, UNDECLARED

MAP = {"environment_map": {"1": "prod", "2": "dev"}}
ROOT = [{"name": "apps"}, {"name": "t"}]


def assigned(scope: str, action: str = "*") -> RoleAssignment:
    settings = {"role": "r", "principal": "app", "type": "ServicePrincipal", "scope": scope}
    who = {"id": "app", "kind": "servicePrincipal", "name": "deploy"}
    return RoleAssignment.example(id=scope, settings=settings, role={"name": "R", "permissions": [{"actions": [action]}]}, principal=who)


def case(*assignments: RoleAssignment, **parameters: object) -> Example:
    some = [
        Subscription.example(id=f"/subscriptions/{n}", place={"groups": ROOT}, resource_groups={}, tagged={})
        for n in ("1", "2", "123456789012")
    ]
    known = (Everywhere.of(*some), Everywhere.of(Tenant.example(id="t", groups={})))
    return Example((assignments[0], Everywhere.of(*assignments), *known), MAP | parameters)


@check(
    title="Workload identities hold rights in one environment class only",
    severity="high",
    reads=[*WHERE, RoleAssignment.settings, RoleAssignment.role, RoleAssignment.principal, RoleAssignment.members],
    remediation="Give each environment an identity of its own, or name the identity in deploy_identities.",
    proves="That the role assignments of each application and managed identity, its groups' too, write or take data in one class only. Not "
    "what conditions take back, keys and connection strings, nor rights within Microsoft Entra.",
    passes=[
        case(assigned("/subscriptions/1")),
        case(assigned("/subscriptions/1"), assigned("/subscriptions/2", "*/read")),
        case(assigned("/subscriptions/1"), assigned("/subscriptions/2"), deploy_identities=["deploy"]),
    ],
    fails=[
        case(assigned("/subscriptions/1"), assigned("/subscriptions/2")),
        case(assigned("/subscriptions/1"), assigned("/subscriptions/2/resourcegroups/g", "Microsoft.Storage/*")),
        case(assigned("/providers/microsoft.management/managementgroups/apps")),
    ],
)
def judge(
    assignment: RoleAssignment,
    assignments: Everywhere[RoleAssignment],
    subscriptions: Everywhere[Subscription],
    tenants: Everywhere[Tenant],
    *,
    environment_map: dict[str, str] = UNDECLARED,
    synonyms: dict[str, tuple[str, ...]] = SYNONYMS,
    deploy_identities: tuple[str, ...] = (),
    harmless: tuple[str, ...] = HARMLESS,
) -> Verdict:
    settings = assignment.settings
    if settings.type not in ("ServicePrincipal", "Group"):
        return not_applicable(f"its principal is a {settings.type or 'principal of no kind that is told'}, and no workload")
    found = workloads(assignment)
    if not found:
        return not_applicable("there is no workload in the group")
    if not potent(assignment.role, harmless):
        return passed(f"{assignment.role.name} neither writes nor gives data")
    estate = Estate(subscriptions, tenants, environment_map, synonyms)
    declared = {one.lower() for one in deploy_identities}
    crossed, unsure = [], ""
    for workload in found:
        span = spanned(workload, assignments, estate, harmless)
        if not span.crossed:
            unsure = unsure or span.unsure
            continue
        behind = assignment.members if settings.type == "Group" else (assignment.principal,)
        who = next((one for one in behind if one is not None and one.id == workload), None)
        if not declared & (called(who) | {workload}):
            crossed.append(f"{who.name if who and who.name else workload} has rights at {' and at '.join(span.crossed)}")
    if crossed:
        return failed("; ".join(crossed))
    return unknown(unsure) if unsure else passed("its workloads write and take data in one class of environment, or are declared to deploy")

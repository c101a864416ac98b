"""No role is left to somebody who is gone.

The portal shows "Identity not found"; the API keeps the kind of principal and says nothing, so each id has to be looked up. A principal of
another tenant (a foreign group, a Lighthouse delegation) is not looked up here: it is no orphan, and no member either.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed, unknown
from controlmon.facts.azure.authorization import RoleAssignment


def assigned(principal: dict[str, object] | None, type_: str = "User") -> RoleAssignment:
    settings = {"role": "r", "principal": "p", "type": type_, "scope": "/subscriptions/s"}
    return RoleAssignment.example(settings=settings, principal=principal)


@check(
    title="No role assignment belongs to a deleted, disabled or departed principal",
    severity="high",
    frequency="hourly",
    reads=[RoleAssignment.settings, RoleAssignment.principal],
    remediation="Delete the assignment.",
    proves="That the directory has an enabled principal under the id. Not that the person still works here, where nobody has disabled the "
    "account; nor how long ago one was disabled, which the directory does not tell: a disabled principal fails at once.",
    passes=[
        assigned({"id": "p", "kind": "user", "name": "ann", "enabled": True}),
        assigned({"id": "p", "kind": "group", "name": "ops"}, "Group"),
        assigned({"id": "p", "kind": "servicePrincipal", "name": "app", "enabled": True}, "ServicePrincipal"),
    ],
    fails=[
        assigned(None),
        assigned(None, "ServicePrincipal"),
        assigned({"id": "p", "kind": "user", "name": "ann", "enabled": False}),
    ],
)
def judge(assignment: RoleAssignment) -> Verdict:
    settings = assignment.settings
    if settings.type == "ForeignGroup":
        return not_applicable("its principal is a group of another tenant")
    principal = assignment.principal
    if principal is None:
        return failed(f"the directory has no {settings.type or 'principal'} {settings.principal}")
    if principal.enabled is False:
        return failed(f"the {principal.kind} {principal.name} is disabled")
    if principal.enabled is None and principal.kind != "group":
        return unknown(f"the directory does not tell whether the {principal.kind} {principal.name} is enabled")
    return passed(f"it belongs to the {principal.kind} {principal.name}, which is there{' and enabled' if principal.enabled else ''}")

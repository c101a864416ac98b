"""Nobody keeps power over every subscription of the tenant.

A global administrator can give himself User Access Administrator at the root in one click, and every subscription inherits it. The event is
in the directory's audit, not in any subscription's activity log: the assignment itself is what can be seen at any time. Reading it takes a
role at the root, which no custom role can be.
"""

from controlmon.check import Example, Verdict, check, failed, passed
from controlmon.facts.azure.authorization import PRIVILEGED, READER, Tenant

ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"


def tenant(*assignments: tuple[str, str]) -> Tenant:
    given = [(READER, "agent"), *assignments]
    return Tenant.example(root_assignments=[{"role": r, "principal": p, "type": "User", "scope": "/"} for r, p in given])


@check(
    title="Nobody keeps User Access Administrator at root scope",
    severity="critical",
    reads=[Tenant.root_assignments],
    remediation="Remove the elevated access (az role assignment delete --role ... --scope /).",
    proves="That no assignment other than Reader stands at the root now, save the declared. Not that nobody elevated himself in between: "
    "that is in the directory's audit (AssignElevateAccessRoles).",
    passes=[tenant(), Example((tenant((ADMINISTRATOR, "break-glass")),), {"break_glass": ["break-glass"]})],
    fails=[tenant((ADMINISTRATOR, "somebody")), tenant(("some-other-role", "somebody"))],
)
def judge(tenant: Tenant, *, break_glass: tuple[str, ...] = ()) -> Verdict:
    declared = {one.lower() for one in break_glass}
    assigned = [one for one in tenant.root_assignments if one.scope == "/" and one.role != READER]
    wrong = [f"{PRIVILEGED.get(one.role, one.role)} of {one.type} {one.principal}" for one in assigned if one.principal not in declared]
    if wrong:
        return failed(f"these roles stand at the root: {'; '.join(wrong)}")
    return passed("only declared break-glass accounts stand at the root" if assigned else "nothing but Reader stands at the root")

"""Users cannot hand the company's data to any app that asks, and can ask an administrator instead.

An empty list of consent policies is the strictest setting and not one that was forgotten. The policy that Microsoft recommends is
Microsoft's to change, and is named for that.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.entra.tenant import Tenant

LEGACY = "ManagePermissionGrantsForSelf.microsoft-user-default-legacy"
LOW = "ManagePermissionGrantsForSelf.microsoft-user-default-low"
MANAGED = "ManagePermissionGrantsForSelf.microsoft-user-default-recommended"
SELF = "ManagePermissionGrantsForSelf."


def tenant(*consent: str, workflow: bool = True, risky: bool = False) -> Tenant:
    return Tenant.example(authorization={"consent": consent, "risky_apps": risky}, consent_workflow=workflow)


@check(
    title="Users cannot consent to risky apps, and can ask an administrator",
    severity="high",
    reads=[Tenant.authorization, Tenant.consent_workflow],
    remediation="Set user consent to verified publishers and low-risk permissions, or to none, and turn on the admin consent workflow.",
    proves="What users may consent to from now on. Not what they consented to before.",
    passes=[tenant(), tenant(LOW), tenant(MANAGED)],
    fails=[tenant(LEGACY), tenant(workflow=False), tenant(LOW, risky=True)],
)
def judge(tenant: Tenant) -> Verdict:
    rights = tenant.authorization
    mine = sorted(policy.removeprefix(SELF) for policy in rights.consent if policy.startswith(SELF))
    if any(policy.lower() == LEGACY.lower() for policy in rights.consent):
        return failed("users may consent to any app (microsoft-user-default-legacy)")
    if rights.risky_apps:
        return failed("users may consent to apps that Microsoft holds to be risky (allowUserConsentForRiskyApps)")
    if not tenant.consent_workflow:
        return failed("users cannot ask an administrator for consent")
    if not mine:
        return passed("users may consent to nothing, and can ask an administrator")
    managed = ", which Microsoft may change" if MANAGED.removeprefix(SELF) in mine else ""
    return passed(f"users may consent by {', '.join(mine)}{managed}, and can ask an administrator")

"""The directory's logs leave the directory: what it keeps itself is gone after thirty days.

Non-interactive sign-ins are most of what happens, and are often left out. The settings are Azure's to tell, at the scope of the tenant,
where a Reader of subscriptions may not look.
"""

from controlmon.check import Verdict, check, failed, passed
from controlmon.facts.entra.tenant import Tenant

ALL = ("AuditLogs", "SignInLogs", "NonInteractiveUserSignInLogs", "ServicePrincipalSignInLogs")


def tenant(*categories: str, to: tuple[str, ...] = ("an event hub",)) -> Tenant:
    return Tenant.example(exports=[{"name": "datadog", "categories": categories, "destinations": to}])


@check(
    title="Sign-in and audit logs of Entra go to the log platform",
    severity="critical",
    reads=[Tenant.exports],
    remediation="Add a diagnostic setting of Entra ID with these categories. If it may not be read, datadog.logs.source_fresh tells.",
    proves="That Entra is set to send these logs. Not that they arrive: the platform's own check tells that.",
    passes=[tenant(*ALL), tenant("allLogs")],
    fails=[tenant("AuditLogs", "SignInLogs"), tenant(*ALL, to=()), Tenant.example(exports=[])],
)
def judge(tenant: Tenant, *, required: tuple[str, ...] = ALL) -> Verdict:
    sent = [setting for setting in tenant.exports if setting.destinations]
    categories = {category for setting in sent for category in setting.categories}
    missing = [] if "allLogs" in categories else [category for category in required if category not in categories]
    if missing:
        return failed(f"{', '.join(missing)} go nowhere")
    places = sorted({place for setting in sent for place in setting.destinations})
    return passed(f"{len(required)} categories go to {', '.join(places)}")

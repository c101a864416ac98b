"""The systems that matter log in through Entra, and only who is assigned gets in.

An app without a mode is one of OpenID Connect: only SAML has to be set. Without "assignment required" every user of the tenant can log in.
"""

from controlmon.check import All, Example, Verdict, check, failed, passed
from controlmon.facts.entra.apps import ServicePrincipal
from controlmon.facts.entra.tenant import Tenant

TENANT = Tenant.example()
ONE = {"systems": ["Datadog"]}


def app(mode: str = "saml", *, required: bool = True, enabled: bool = True) -> ServicePrincipal:
    return ServicePrincipal.example(name="Datadog", profile={"app": "a", "mode": mode, "assignment_required": required, "enabled": enabled})


@check(
    title="Key systems federate to Entra and need assignment",
    severity="high",
    reads=[ServicePrincipal.profile],
    remediation="Add the system as an enterprise app with SAML or OpenID Connect, and require assignment.",
    proves="The side of the identity provider. That the system takes no other login is its own check; who is assigned, a review's.",
    passes=[Example((TENANT, All.of(app())), ONE), Example((TENANT, All.of(app(""))), ONE)],
    fails=[
        Example((TENANT, All.of(app())), {"systems": ["Datadog", "GitHub"]}),
        Example((TENANT, All.of(app(required=False))), ONE),
        Example((TENANT, All.of(app("password"))), ONE),
        Example((TENANT, All.of(app(enabled=False))), ONE),
    ],
)
def judge(
    tenant: Tenant,  # noqa: ARG001 - it is the tenant that is judged
    principals: All[ServicePrincipal],
    *,
    systems: tuple[str, ...] = ("AWS IAM Identity Center", "Datadog", "GitHub", "Atlassian Cloud", "Auth0", "Azure DevOps"),
) -> Verdict:
    everything = list(principals)
    wrong = []
    for system in systems:
        found = [one for one in everything if system.lower() in (one.name.lower(), one.profile.app.lower())]
        enabled = [one for one in found if one.profile.enabled]
        if not found:
            wrong.append(f"{system} has no enterprise app")
        elif not enabled:
            wrong.append(f"the app of {system} is disabled")
        for one in enabled:
            if one.profile.mode.lower() not in ("", "saml", "oidc"):
                wrong.append(f"{system} logs in by {one.profile.mode}, not by federation")
            elif not one.profile.assignment_required:
                wrong.append(f"{system} needs no assignment: every user gets in")
    if wrong:
        return failed("; ".join(wrong))
    return passed(f"{len(systems)} systems federate and need assignment: {', '.join(systems)}")

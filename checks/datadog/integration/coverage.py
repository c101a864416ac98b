"""Every production account and tenant is known to Datadog.

What is not integrated is not watched, and raises no alarm by being silent. Metrics do not mean logs: what is forwarded is told apart.
"""

import re

from controlmon.check import All, Example, Verdict, check, failed, passed, unknown
from controlmon.facts.datadog.integrations import AwsIntegration, AzureIntegration
from controlmon.facts.datadog.organization import Organization

ORG = Organization.example(name="Artemis")
TENANT = "11111111-2222-4333-8444-555555555555"
AWS = All.of(AwsIntegration.example(settings={"account": "111111111111", "sources": ["cloudtrail"]}))
METRICS = All.of(AwsIntegration.example(settings={"account": "111111111111"}))
AZURE = All.of(AzureIntegration.example(tenant=TENANT))


@check(
    title="Every production account, subscription and organisation is integrated",
    severity="high",
    reads=[AwsIntegration.settings, AzureIntegration.tenant],
    remediation="Add the account or tenant to Datadog's integration, and forward its logs.",
    proves="That each declared id is among those that are integrated. Azure is integrated by tenant, which covers its subscriptions. "
    "Not that what is integrated sends anything (datadog.log.source_fresh).",
    passes=Example((ORG, AWS, AZURE), {"production": ["111111111111", TENANT]}),
    fails=[
        Example((ORG, AWS, AZURE), {"production": ["111111111111", "222222222222"]}),
        Example((ORG, AWS, All[AzureIntegration].of()), {"production": [TENANT]}),
        Example((ORG, METRICS, AZURE), {"production": ["111111111111"], "forwarder": True}),
    ],
)
def judge(
    organization: Organization,  # noqa: ARG001 - who is judged
    accounts: All[AwsIntegration],
    tenants: All[AzureIntegration],
    *,
    production: tuple[str, ...] = (),
    forwarder: bool = False,
) -> Verdict:
    if not production:
        return unknown("no production account or tenant is declared: set the parameter production")

    def integrated(name: str, *, logs: bool = False) -> bool:
        if re.fullmatch(r"\d{12}", name):
            return accounts.some(lambda one: one.settings.account == name and (bool(one.settings.sources) or not logs))
        return tenants.some(lambda one: one.tenant.lower() == name.lower())

    missing = [name for name in production if not integrated(name)]
    if missing:
        return failed(f"{', '.join(missing)} is not integrated")
    without_logs = [name for name in production if not integrated(name, logs=True)]
    logs = f"; the Lambda forwarder sends no logs of {', '.join(without_logs)}" if without_logs else ""
    if forwarder and without_logs:
        return failed(f"all {len(production)} are integrated{logs}")
    return passed(f"all {len(production)} are integrated{logs}")

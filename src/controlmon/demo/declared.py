"""What the small company declares to checks: the systems that it uses, and what only it can say of them."""

from typing import Any

from controlmon.demo import datadog, entra
from controlmon.demo.inventory import DATADOG, PRODUCTION, SECURITY, STAGING
from controlmon.demo.people import JANE, OMAR, RAVI, TOM, ago
from controlmon.demo.registers_company import SYSTEMS

REACHES = {"databases": [PRODUCTION], "datadog": [], "entra_roles": []}
"""Which customers' environments a system leads to that is none of a cloud's own."""
SHOWN = ("code-of-conduct", "information-security-policy", "organizational-chart", "roles-and-responsibilities")
"""The controls that the company's page shows as passing; it shows the others as in progress."""


def parameters() -> dict[str, dict[str, Any]]:
    """The parameters of checks, from the company's people and inventory."""
    owners = {
        number: {"owner": owner.email, "data-classification": data}
        for number, owner, data in ((SECURITY, JANE, "internal"), (PRODUCTION, RAVI, "customer"), (STAGING, TOM, "test"))
    }
    mistral = {"format": "Mistral AI", "operator": "Microsoft", "terms": "Product Terms", "hosting": "Azure", "subprocessor": True}
    break_glass = f"arn:aws:iam::{SECURITY}:role/break-glass"
    systems = {"systems": list(SYSTEMS)}
    return {
        "aws.iam.breakglass_monitored": {"principals": [break_glass], "custodians": [JANE.aws]},
        "aws.iam.role_external_trust": {"own_accounts": [SECURITY]},
        "aws.organizations.account_inventory": {"registered": list(owners), "account_map": owners},
        "azure.cognitive.third_party_models": {"approved": [mistral]},
        "attestation.incident.period_statement": {"first_due": f"{ago(-20)}"},
        "controlmon.self.deficiencies_reported": {"managers": [OMAR.email]},
        "controlmon.self.status_backed": {"shown": {"*": "in progress", **dict.fromkeys(SHOWN, "passing")}},
        "cross.access_review.population_complete": systems,
        "cross.people.breakglass_reconciled": {"principals": [break_glass]},
        "cross.people.leaver_all_systems": systems,
        "cross.subprocessor.observed_vs_published": {"known": {DATADOG: "datadog"}},
        "cross.people.unique_identity": {**systems, "declared": [*entra.BREAK_GLASS]},
        "cross.people.production_access_matrix": {**systems, "reaches": REACHES},
        **entra.parameters(),
        **datadog.parameters(),
    }

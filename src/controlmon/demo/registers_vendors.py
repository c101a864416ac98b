"""Whom the small company buys from: the published subprocessors, whole but for one report, and a tool that nobody asked about."""

from collections.abc import Iterator
from typing import Any

from controlmon.core.canonical import digest
from controlmon.demo.people import JANE, LENA, MARIA, OMAR, RAVI, TOM, Person, ago

Vendor = tuple[str, str, tuple[str, ...], str, str, bool, Person]
VENDORS: tuple[Vendor, ...] = (  # id, name, aliases, tier, plan, customer data, owner
    ("aws", "AWS", ("Amazon Web Services",), "critical", "Enterprise Support", True, RAVI),
    ("azure", "Azure", ("Microsoft", "Microsoft Azure"), "critical", "Pay as you go", True, RAVI),
    ("datadog", "Datadog", (), "critical", "Enterprise", True, MARIA),
    ("auth0", "Auth0", ("Okta",), "critical", "Enterprise", True, TOM),
    ("anthropic", "Anthropic", (), "high", "by Bedrock", True, LENA),
    ("github", "GitHub", (), "high", "Enterprise", True, TOM),
    ("azure-devops", "Azure DevOps", (), "high", "Basic", True, TOM),
    ("office-365", "Office 365", ("Microsoft 365",), "high", "E5", True, OMAR),
    ("jira", "Jira", ("Atlassian", "Atlassian Cloud"), "medium", "Premium", True, JANE),
    ("payroll", "Payroll sync", (), "medium", "Basic", False, OMAR),
)
PHI = ("aws", "azure", "datadog")
LAPSED = "auth0"
"""The vendor whose report is of the year before last."""


def registers() -> dict[str, Any]:
    """Vendors and their reports. The terms of models are with the AI use cases."""
    head = {"reviewed_at": ago(40), "reviewed_by": JANE.login}
    return {"vendors": {"register": head, "rows": [*_vendors(), _new()]}, "vendor_reports": list(_reports())}


def _signed(name: str, days: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - members of an agreement
    return {"signed_at": ago(days), "sha256": digest(f"{name}, as it was signed\n".encode()), **more}


def _vendors() -> Iterator[dict[str, Any]]:
    for id_, name, aliases, tier, plan, data, owner in VENDORS:
        phi = id_ in PHI
        assessed = [
            {"at": ago(800), "by": JANE.login, "conclusion": "accepted"},
            {"at": ago(110), "by": JANE.login, "conclusion": "accepted with conditions" if id_ == LAPSED else "accepted"},
        ]
        yield {
            "id": id_,
            "name": name,
            "aliases": list(aliases),
            "services": [name],
            "plan": plan,
            "tier": tier,
            "customer_data": data,
            "phi": phi,
            "region": "EU",
            "owner": owner.login,
            "first_use": ago(780),
            "contract": _signed(f"contract {id_}", 790),
            **({"dpa": _signed(f"dpa {id_}", 790)} if data else {}),
            **({"baa": _signed(f"baa {id_}", 600, services=["*"], plan=plan)} if phi else {}),
            "assessments": assessed,
            "report": f"vendor_reports {id_}-1" if tier == "critical" else "none is asked for",
        }


def _new() -> dict[str, Any]:
    """A tool for notes of meetings: in use for three weeks, and assessed for two."""
    return {
        "id": "notely",
        "name": "Notely",
        "services": ["notes of meetings"],
        "plan": "Team",
        "tier": "low",
        "customer_data": False,
        "phi": False,
        "region": "US",
        "owner": TOM.login,
        "first_use": ago(21),
        "contract": _signed("contract notely", 21),
        "assessments": [{"at": ago(14), "by": JANE.login, "conclusion": "accepted"}],
        "report": "none is asked for",
    }


def _reports() -> Iterator[dict[str, Any]]:
    for id_, name, _, tier, *_ in VENDORS:
        if tier != "critical":
            continue
        age = 520 if id_ == LAPSED else 150
        carved = {} if id_ in ("aws", "azure") else {"AWS": "aws-1"}
        yield {
            "id": f"{id_}-1",
            "vendor": id_,
            "type": "soc2_type2",
            "period_end": ago(age),
            "opinion": "unqualified",
            "exceptions": [{"finding": "one leaver kept access for two days", "assessment": "no access to our data"}],
            "cuecs": {f"users of {name} are reviewed": "user-access-reviews"},
            "method": "carve-out" if carved else "inclusive",
            "subservices": carved,
            "reviewer": JANE.login,
            "reviewed_at": ago(age - 40),
            "sha256": digest(f"report of {id_}\n".encode()),
        }

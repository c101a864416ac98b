"""The small company's customers: what was agreed, who works for whom, what was kept of one that left, and one in its own cloud."""

from collections.abc import Iterator
from typing import Any

from controlmon.core.canonical import digest
from controlmon.demo import azure, inventory
from controlmon.demo.people import JANE, LENA, MARIA, OMAR, RAVI, ago

CLAUSES = {"data_handling": "7", "no_model_training": "8.2", "not_system_of_record": "9.1"}
THEIRS = "555555555555"
"""The AWS account of the customer that runs in its own cloud."""


def registers() -> dict[str, Any]:
    """Customers, engagements, deployments, what was kept, and the isolation model."""
    model = {"register": {"approved_at": ago(70), "approved_by": JANE.login}, "rows": list(_stores())}
    return {
        "customers": list(_customers()),
        "engagements": list(_engagements()),
        "byoc_deployments": list(_deployments()),
        "retention_exceptions": list(_kept()),
        "isolation_model": model,
    }


def _digest(name: str) -> str:
    return digest(f"{name}, as it was signed\n".encode())


def _signed(name: str, days: int) -> dict[str, Any]:
    return {"signed_at": ago(days), "sha256": _digest(name)}


def _customers() -> Iterator[dict[str, Any]]:
    """Orion left, and something of it is still in staging."""
    for id_, name, hosting, phi in (
        ("acme", "Acme Pharma", "hosted", True),
        ("zenith", "Zenith Devices", "hosted", False),
        ("orion", "Orion Labs", "hosted", False),
        ("helix", "Helix Bio", "byoc", False),
    ):
        gone = {"end": ago(50), "disposed": {"audit": {"at": ago(30), "left": 0, "sha256": _digest("what the job counted")}}}
        yield {
            "id": id_,
            "name": name,
            "hosting": hosting,
            "start": ago(500),
            "phi": phi,
            "terms": _signed(f"terms {id_}", 510),
            "dpa": _signed(f"dpa {id_}", 510),
            **({"baa": _signed(f"baa {id_}", 510)} if phi else {}),
            "clauses": CLAUSES,
            "disposal": "30 days (12.3)",
            "residency": "EU (12.4)",
            **(gone if id_ == "orion" else {}),
        }


def _engagements() -> Iterator[dict[str, Any]]:
    """Lena's ended three weeks ago."""
    held = {"approver": OMAR.login, "approved_at": ago(60), "rto_hours": 8, "rpo_hours": 1, "data_class": "confidential"}
    people = [RAVI.login, MARIA.login]
    accounts = [inventory.PRODUCTION, azure.PROD]
    yield {"id": "acme-1", "customer": "acme", "accounts": accounts, "people": people, "start": ago(300), "baa": True, **held}
    before = {"people": [*people, LENA.login], "start": ago(300), "end": ago(21)}
    yield {"id": "zenith-1", "customer": "zenith", "accounts": accounts, **before, **held}
    yield {"id": "zenith-2", "customer": "zenith", "accounts": accounts, "people": people, "start": ago(20), **held}
    yield {"id": "helix-1", "customer": "helix", "accounts": [THEIRS], "people": [MARIA.login], "start": ago(300), **held}


def _deployments() -> Iterator[dict[str, Any]]:
    """The second was never confirmed."""
    for region, days, confirmed in (("eu-west-1", 300, True), ("us-east-1", 60, False)):
        said = {"at": ago(days - 3), "by": "cto@helix.example", "sha256": _digest("what they confirmed")}
        yield {
            "id": f"helix-{region}",
            "customer": "helix",
            "cloud": "aws",
            "tenant": "o-a1b2c3d4e5",
            "accounts": [THEIRS],
            "keys": [f"arn:aws:kms:{region}:{THEIRS}:key/11111111-2222-3333-4444-555555555555"],
            "access_paths": [f"arn:aws:iam::{THEIRS}:role/artemis-operator"],
            "start": ago(days),
            **({"confirmed_start": said} if confirmed else {}),
        }


def _kept() -> Iterator[dict[str, Any]]:
    """The invoices, by law; and a copy that was to be gone by now."""
    invoices = {"item": "the contract and its invoices", "data_class": "proof of contract", "basis": "law", "reference": "HGB 257"}
    yield {"id": "orion-contract", "customer": "orion", **invoices, "until": ago(-2500)}
    export = {"item": "a last export", "data_class": "customer records", "basis": "contract", "reference": "12.5", "until": ago(5)}
    yield {"id": "orion-export", "customer": "orion", **export}


def _stores() -> Iterator[dict[str, Any]]:
    yield {"id": "documents", "name": "Documents", "type": "s3:bucket", "isolation": "tenant", "count": 1}
    tested = {"tested_at": ago(15), "test_passed": True, "test_sha256": _digest("the log of the tests")}
    yield {"id": "audit", "name": "Records and their audit table", "isolation": "row", **tested}
    yield {"id": "templates", "name": "Templates", "isolation": "shared"}

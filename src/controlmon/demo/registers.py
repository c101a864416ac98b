"""The small company's registers: written as people keep them, with days counted from now, and good and bad of each kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from controlmon.demo import registers_ai, registers_company, registers_customers, registers_documents, registers_people, registers_vendors
from controlmon.demo.people import JANE, MARIA, OMAR, RAVI, ago
from controlmon.demo.site import Site

Registers = Mapping[str, Any]


def write(directory: Path, site: Site) -> None:
    """Write every register into `directory`, which is made, and beside it the exceptions.

    Args:
        directory: where.
        site: the company's pages and endpoints, which answer already.

    """
    directory.mkdir(exist_ok=True)
    for file, text in registers_documents.files().items():
        place = directory / file
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, "utf-8")
    several = (
        registers_people.registers(),
        registers_documents.registers(),
        registers_company.registers(),
        registers_vendors.registers(),
        registers_customers.registers(),
        registers_ai.registers(),
        site.registers(),
    )
    for registers in several:
        for name, rows in registers.items():
            _dump(directory / f"{name}.yaml", rows)
    _dump(directory.parent / "exceptions.yaml", exceptions())


def exceptions() -> list[dict[str, Any]]:
    """One that is in force, and one that ends soon."""
    return [
        {
            "id": "EX-7",
            "check": "attestation.performance_review.population",
            "subjects": [MARIA.login],
            "owner": RAVI.email,
            "approver": OMAR.email,
            "reason": "Was on parental leave until last week; the review is planned for her first month back.",
            "approved_at": ago(20),
            "expires": ago(-40),
            "ticket": "OPS-412",
        },
        {
            "id": "EX-5",
            "check": "aws.rds.backup_pitr",
            "subjects": ["*artemis-prod-reporting"],
            "owner": RAVI.email,
            "approver": JANE.email,
            "reason": "A copy that is made again from the records each night; it moves into the warehouse this month.",
            "approved_at": ago(76),
            "expires": ago(-9),
            "ticket": "OPS-388",
        },
    ]


def _dump(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), "utf-8")

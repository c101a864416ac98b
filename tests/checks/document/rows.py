"""What tests of registers share: rows as a collector would have recorded them, and what a check says of one."""

from typing import Any

from controlmon.core.fact import Scope
from controlmon.facts.base import Kind
from controlmon.facts.document.people import Person
from controlmon.facts.document.registers import Company, RegisterFile
from controlmon.service.checks import check_files, load_check, packaged_checks
from tests.support import Given, MemoryEvidence, findings

COMPANY = Scope("document", "company")
SHA = "sha256:" + "0" * 64
SIGNED = {"signed_at": "2024-01-02", "sha256": SHA}


def row(of: type[Kind], /, *layers: dict[str, Any], **values: Any) -> Given:
    """A row: later layers over earlier ones."""
    whole: dict[str, Any] = {}
    for layer in (*layers, values):
        whole |= layer
    return Given(of, str(whole["id"]), scope=COMPANY, row={"row": whole, "file": "register.yaml", "line": 3})


def person(who: str = "ada", **values: Any) -> Given:
    about = {"id": who, "name": who, "email": f"{who}@x.io", "role": "manager", "start": "2020-01-01"}
    return row(Person, about, values)


def head(register: str, **about: Any) -> Given:
    """The file of a register, with what it says of itself."""
    return Given(RegisterFile, register, scope=COMPANY, file={"path": f"{register}.yaml", "about": about})


def company() -> Given:
    return Given(Company, "company", scope=COMPANY)


def said(check_id: str, *given: Given, gaps: Any = None, seen: tuple[type[Kind], ...] = (), **parameters: Any) -> tuple[str, str]:
    """Outcome and reason for the first of what is given. Registers that are not given are empty; clouds that are not, were not asked."""
    check = load_check(check_files(packaged_checks())[check_id], check_id)
    there = {one.kind for one in given} | set(gaps or {})
    empty = tuple(a.kind for a in check.arguments if a.kind not in there and (a.kind.kind.startswith("document.") or a.kind in seen))
    evidence = MemoryEvidence(*given, gaps=gaps, empty=empty, scope=COMPANY)
    found = findings(check_id, evidence, scope=COMPANY, **parameters)
    finding = next(f for f in found if f.subject == given[0].subject)
    return finding.outcome.value, finding.reason

"""Each customer's contract is on file, signed, with the clauses that we tell everybody are in it.

The trust center promises what "our standard MSA" says. Contracts are negotiated: whether the clauses survived is known by the signed
document alone, so its digest and the section of each clause are what is asked for.
"""

from datetime import datetime

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.agreements import lacks
from controlmon.facts.document.customers import Customer

CLAUSES = ("data_handling", "no_model_training", "not_system_of_record")
"""What every contract says, beside disposal and residency: how data is handled, that no model is trained on it, that a person decides."""
SIGNED: dict[str, object] = {"signed_at": "2024-01-02", "sha256": "sha256:" + "0" * 64}
GOOD: dict[str, object] = {
    "id": "acme", "name": "Acme", "start": "2024-02-01", "phi": True, "terms": SIGNED, "dpa": SIGNED, "baa": SIGNED,
    "clauses": {"data_handling": "7", "no_model_training": "8.2", "not_system_of_record": "9"}, "disposal": "30 days (12.3)",
    "residency": "EU (12.4)",
}  # fmt: skip


def case(**row: object) -> Customer:
    return Customer.example(id="acme", row=GOOD | row)


@check(
    title="Each customer has terms, DPA, BAA where PHI, disposal and residency terms on file",
    severity="high",
    frequency="weekly",
    reads=[Customer.row],
    remediation="File the signed document, register its digest and the section of each clause, or agree on what is missing.",
    proves="That the register has each document's digest and each clause's section. Not that the section says what it has to.",
    passes=[case(), case(phi=False, baa={})],
    fails=[case(phi=None), case(dpa={}), case(baa={}), case(terms={"signed_at": "2024-01-02"}), case(clauses={}), case(disposal="")],
)
def judge(customer: Customer, now: datetime, *, clauses: tuple[str, ...] = CLAUSES) -> Verdict:
    row = customer.row
    if not row.is_active(now):
        return not_applicable("its contract does not run")
    if absent := lacks(phi=row.phi, disposal=row.disposal.strip(), residency=row.residency.strip()):
        return failed(f"its row does not tell {', '.join(absent)}")
    wanted = {"terms": row.terms, "DPA": row.dpa} | ({"BAA": row.baa} if row.phi else {})
    if wrong := [f"the {name} {why}" for name, signed in wanted.items() if (why := signed.lacking(now))]:
        return failed("; ".join(wrong))
    if absent := [clause for clause in clauses if not row.clauses.get(clause, "").strip()]:
        return failed(f"the contract has no section for {', '.join(absent)}")
    return passed(f"{', '.join(wanted)} are on file with their digests, and every clause has its section")

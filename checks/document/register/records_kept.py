"""No record of a register was altered or removed since it was first recorded.

A register stands in a file that anybody with the right to write may edit: a training date moved, a failed exercise deleted. The ledger
keeps the digest of each record from the first run that saw it, so that the edit shows, whatever git's history says afterwards.
"""

from controlmon.check import Verdict, check, failed, not_applicable, passed
from controlmon.facts.document.registers import BY_NAME, RegisterFile


def case(**more: object) -> RegisterFile:
    return RegisterFile.example(id="training", file={"path": "training.csv", "rows": 2, **more})


@check(
    title="Records in registers are never altered or removed",
    severity="critical",
    reads=[RegisterFile.file],
    remediation="Restore the record as it was, and add one that supersedes it and says what is right.",
    proves=(
        "That each record reads as it did when a run first recorded it. Not what was changed before that run, and not a ledger that was"
        " itself replaced: its anchors show that."
    ),
    passes=case(),
    fails=[case(altered=["t-1"]), case(removed=["t-2"], rows=0)],
)
def judge(register: RegisterFile) -> Verdict:
    held = register.file
    known = BY_NAME.get(register.id)
    if known is None or not known.records:
        return not_applicable("its rows are kept up to date, and are no records")
    told = [f"{what} {', '.join(keys)}" for what, keys in (("altered", held.altered), ("removed", held.removed)) if keys]
    if told:
        return failed(f"since they were first recorded: {'; '.join(told)}")
    return passed(f"{held.rows} records are as they were first recorded") if held.rows else not_applicable("it has no record yet")

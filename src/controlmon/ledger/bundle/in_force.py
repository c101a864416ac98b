"""What was logged before a period and still holds in it: the last schedule, the last change of each thing, every change of keys."""

from controlmon.core import rotation
from controlmon.ledger.history import Placed
from controlmon.ledger.ledger import Ledger

SCHEDULE, CHANGES = "schedule", "changes"


def in_force(ledger: Ledger, size: int, checks: frozenset[str] | None) -> list[Placed]:
    """The entries before `size` that hold at it, in the order of the log.

    Args:
        ledger: the record.
        size: the position of the first entry of the period.
        checks: the checks whose changes are of interest; None for all.

    """
    found = {placed.position: placed for placed in (*ledger.placed(rotation.STREAM, size), *ledger.placed(SCHEDULE, size)[-1:])}
    last: dict[str, Placed] = {}
    for placed in ledger.placed(CHANGES, size):
        what = str((placed.decoded() or {}).get("what", ""))
        _, _, check = what.partition(" ")
        if checks is None or not check or check in checks:
            last[what] = placed
    found |= {placed.position: placed for placed in last.values()}
    return [found[position] for position in sorted(found)]

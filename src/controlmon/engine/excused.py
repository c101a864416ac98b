"""The exceptions of a period: for how long each held in it, and how many failing subjects it covered. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from controlmon.engine.catalog import Commitment, Control
from controlmon.engine.dossier import Deviation, ExceptionSeen
from controlmon.facts.controlmon.exceptions import Exemption

Recorded = tuple[datetime, tuple[Exemption, ...]]
"""What the record said the exceptions were from a time on."""


def seen(
    recorded: Sequence[Recorded], deviations: Iterable[Deviation], promises: Iterable[Control | Commitment], begin: datetime, over: datetime
) -> Iterator[ExceptionSeen]:
    """Each exception that held in the period, for each control whose check it speaks of.

    It held on the days on which the record had it and on which it says that it holds; what was taken out of the file held no more.

    Args:
        recorded: what the record said, in the order of the log.
        deviations: those of the period.
        promises: the controls and commitments in force.
        begin: the first moment of the period (UTC).
        over: the moment before which it ends, or up to which there is anything.

    """
    deviating, controls = [*deviations], [one for one in promises if isinstance(one, Control)]
    days: dict[str, int] = {}
    last: dict[str, Exemption] = {}
    ends = [*(at for at, _ in recorded[1:]), over][: len(recorded)]
    for (at, several), until in zip(recorded, ends, strict=True):
        for one in several:
            held = _days(one, max(at, begin), min(until, over))
            if held:
                days[one.id] = days.get(one.id, 0) + held
                last[one.id] = one
    for name, one in sorted(last.items()):
        covered = [d for d in deviating if d.check == one.check and one.covers(d.subject, d.name)]
        by = f"{one.approver} (owner {one.owner})"
        for control in controls:
            refs = [ref for ref in control.checks if ref.check == one.check]
            hidden = {(d.scope, d.subject) for d in covered if any(ref.covers(d.subject) for ref in refs)}
            if hidden or any(ref.subjects == "*" for ref in refs):
                yield ExceptionSeen(name, control.id, len(hidden), days[name], by, one.reason, one.expires.isoformat())


def _days(one: Exemption, begin: datetime, end: datetime) -> int:
    """The days of a stretch on which an exception says that it holds; a day that was begun counts."""
    count, at = 0, begin
    while at < end:
        count += one.holds(at)
        at = (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return count

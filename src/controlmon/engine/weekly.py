"""The weekly report to management, the pure part: each control that is not well, why, and who mends it by when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from controlmon.engine.catalog import Control
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Noted
from controlmon.engine.status import State, Status
from controlmon.facts.document.risks import RiskRow

SHOWN = (State.FAILING, State.UNKNOWN, State.STALE, State.EXCEPTED)
"""The states that are reported one by one, in this order; the others are counted."""


class Reported(Struct, frozen=True):
    """A control that is not well: why, and who is known to mend it, by when."""

    control: str
    name: str
    state: str
    why: tuple[str, ...]
    owned: tuple[str, ...]


class Weekly(Struct, frozen=True):
    """The report: the day on which its week begins (UTC), how many controls are in each state, and those that are not well."""

    week: str
    counts: dict[str, int]
    controls: tuple[Reported, ...]


def weekly(
    week: datetime,
    controls: Sequence[Control],
    statuses: Mapping[str, Status],
    findings: Iterable[Noted],
    risks: Sequence[RiskRow],
    exceptions: Exceptions,
    responses: Iterable[Mapping[str, Any]],
    now: datetime,
) -> Weekly:
    """The report of a week.

    Args:
        week: when it began.
        controls: those of the catalog.
        statuses: the status of each, by id.
        findings: what fails now.
        risks: the register of risks.
        exceptions: those of the company.
        responses: what was said of deviations, in order, as recorded.
        now: the clock.

    """
    failing: dict[str, set[tuple[str, str, str]]] = {}
    for one in findings:
        for name in one.controls:
            failing.setdefault(name, set()).add((one.check, one.where, one.subject))
    said = {(one["check"], one["scope"], one["subject"]): one for one in responses}
    told = []
    for control in controls:
        status = statuses[control.id]
        if status.state in SHOWN:
            here = [said[key] for key in sorted(failing.get(control.id, ())) if key in said]
            owned = [*_risks(control, risks, now), *_excepted(control, status, exceptions, now), *_responses(here)]
            told.append(Reported(control.id, control.name, status.state.value, status.reasons, tuple(dict.fromkeys(owned))))
    counts = {state.value: sum(statuses[control.id].state is state for control in controls) for state in State}
    return Weekly(week.date().isoformat(), counts, tuple(sorted(told, key=lambda one: (SHOWN.index(State(one.state)), one.control))))


def _risks(control: Control, risks: Iterable[RiskRow], now: datetime) -> Iterator[str]:
    for one in risks:
        if control.id in one.about and one.status == "open":
            late = ", which is over" if one.due and one.due < now.date() else ""
            yield f"{one.owner or 'nobody'}, by {one.due or 'no day'}{late} (risk {one.id})"


def _excepted(control: Control, status: Status, exceptions: Exceptions, now: datetime) -> Iterator[str]:
    if status.state in (State.EXCEPTED, State.FAILING):
        for check in dict.fromkeys(ref.check for ref in control.checks):
            yield from (f"{one.owner}, by {one.expires} (exception {one.id}, of {one.approver})" for one in exceptions.of(check, now))


def _responses(several: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (f"{one['by']} said on {one['at'][:10]}: {one['response']} ({one['ticket']})" for one in several)

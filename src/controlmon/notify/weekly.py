"""The weekly report as a message. Plain text; it ends with how to acknowledge it."""

from collections.abc import Iterator

from controlmon.engine.status import State
from controlmon.engine.weekly import SHOWN, Weekly
from controlmon.notify.message import visible


def title(report: Weekly, company: str) -> str:
    """One line: the week, and how many controls are not well."""
    bad = [f"{report.counts[state.value]} {state.value}" for state in SHOWN if report.counts[state.value]]
    return f"controlmon {company}, week of {report.week}: {', '.join(bad) or 'all is well'}"


def body(report: Weekly, name: str) -> str:
    """All of it, worst first; `name` is what the report is acknowledged by."""
    return "\n".join(_lines(report, name)) + "\n"


def _lines(report: Weekly, name: str) -> Iterator[str]:
    counted = [f"{count} {state}" for state, count in report.counts.items() if count]
    yield f"Of {sum(report.counts.values())} controls: {', '.join(counted) or 'none'}."
    last = ""
    for one in report.controls:
        if one.state != last:
            yield ""
            yield one.state.capitalize()
            last = one.state
        more = len(one.why) - 1
        yield f"  {one.name} ({one.control})"
        yield f"    {visible(one.why[0], 300) if one.why else ''}{f', and {more} more' if more > 0 else ''}"
        yield from (f"    > {visible(owned, 300)}" for owned in one.owned)
        if not one.owned and one.state == State.FAILING:
            yield "    > nobody is known to mend it: enter it in the register of risks, with an owner and a day"
    yield ""
    yield f"Acknowledge it: controlmon notify acknowledge --by PERSON --report {name}"

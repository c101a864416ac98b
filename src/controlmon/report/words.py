"""Numbers and times as a person reads them. A share is never rounded up to all of it, nor a bound down."""

import json
import math
from datetime import timedelta

from controlmon.core.times import moment
from controlmon.engine.dossier import Coverage, Day, Deviation, Rate, Response
from controlmon.report.table import visible

OUTCOMES = {"pass": "pass", "fail": "fail", "unknown": "unknown", "not_applicable": "not applicable", "excepted": "excepted"}


def shown(text: str) -> str:
    """Text without what a reader's eyes would obey (`table.visible`); most text has none of it, and is told at once."""
    return text if text.isascii() and text.isprintable() and "  " not in text else visible(text)


def when(stamp: str) -> str:
    """A moment (RFC 3339, UTC) to the minute."""
    return f"{stamp[:10]} {stamp[11:16]}" if len(stamp) > 10 else stamp


def period(begin: str, end: str) -> str:
    """From `begin` (included) to `end` (not included): whole days by their names."""
    if begin[11:19] == end[11:19] == "00:00:00" and begin < end:
        first, last = moment(begin), moment(end) - timedelta(days=1)
        return f"{first.day} {first:%B} {first.year} to {last.day} {last:%B} {last.year}, both included"
    return f"{when(begin)} to {when(end)}"


def duration(seconds: int) -> str:
    """A length of time in its two largest units."""
    parts = ((seconds // 86_400, "d"), (seconds % 86_400 // 3_600, "h"), (seconds % 3_600 // 60, "min"), (seconds % 60, "s"))
    first = next((i for i, (n, _) in enumerate(parts) if n), len(parts) - 1)
    return " ".join(f"{n} {unit}" for n, unit in parts[first : first + 2] if n or first == len(parts) - 1)


def down(percent: float) -> float:
    """A percentage to one digit, rounded down: 99.97 % is not 100 %."""
    return math.floor(percent * 10) / 10


def bound(upper: float) -> float:
    """The upper bound of a rate in percent, to two digits, rounded up."""
    return math.ceil(upper * 10_000) / 100


def plain(value: object) -> str:
    """Text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def share(percent: float | None) -> str:
    """A percentage as text; a dash where there is none."""
    return "\u2013" if percent is None else f"{down(percent):.1f} %"


def outcomes(counts: dict[str, int]) -> str:
    """Counts by outcome, those that are not zero."""
    said = [f"{counts[key]:,} {word}" for key, word in OUTCOMES.items() if counts.get(key)]
    return ", ".join(said) or "no findings"


def rate(of: Rate) -> str:
    """The deviation rate and its upper bound, rounded up."""
    if of.rate is None:
        return "nothing conclusive was performed, so there is no rate"
    seen = f"{of.deviating:,} of {of.of:,} conclusive runs deviated ({of.rate * 100:.2f} %)"
    return f"{seen}; at most {bound(of.upper):.2f} % at 95 % confidence"


def day(of: Day) -> str:
    """One day in a sentence."""
    said = [f"{of.performed:,} of {of.expected:,} expected runs performed" if of.expected or of.performed else "nothing was expected"]
    names = (("late", of.late), ("missed", of.missed), ("interrupted", of.interrupted), ("silent", of.silent))
    said += [f"{count:,} {name}" for name, count in names if count]
    found = [f"{count:,} {name}" for name, count in (("failing", of.failing), ("unknown", of.unknown)) if count]
    return f"{of.date}: " + ", ".join(said) + (f"; findings: {', '.join(found)}" if found else "")


def coverage(of: Coverage) -> str:
    """Expected runs and what became of them, in a sentence."""
    if not of.expected:
        return "No schedule expected a run" + (f"; {of.unscheduled:,} were performed on request." if of.unscheduled else ".")
    names = ("late", "missed", "interrupted", "silent", "unscheduled")
    more = [f"{getattr(of, name):,} {name}" for name in names if getattr(of, name)]
    unjudged = f" Of the silent, {of.unjudged:,} ran and found nothing to judge." if of.unjudged else ""
    unknown = f" In {of.unknown:,} something could not be judged." if of.unknown else ""
    gap = f" Longest time without a run: {duration(of.longest_gap)}."
    performed = ", ".join([f"{of.performed:,} of {of.expected:,} expected runs performed", *more])
    return f"{performed}.{unjudged}{unknown}{gap}"


ENDS = {"passed": "passed again", "gone": "the subject is gone", "not_applicable": "does not apply any more"}


def lasted(of: Deviation) -> str:
    """When a deviation was seen, for how long, and by which entries of the log."""
    began = f"{when(of.first_seen)}" + (" or earlier" if of.before else "")
    ended = f"{when(of.ended)} ({ENDS.get(of.how_ended, of.how_ended)})" if of.ended else "open at the end of the period"
    entries = f"log entries {of.position} and {of.retest}" if of.retest is not None else f"log entry {of.position}"
    return f"{began} \u2013 {ended}: {duration(of.duration)}, seen by {of.seen:,} run{'s' * (of.seen != 1)}, {entries}"


def responded(to: Response) -> str:
    """What people said of a deviation."""
    ticket = f" Ticket: {to.ticket}." if to.ticket else ""
    return f"Root cause: {to.root_cause}. Response: {to.response}.{ticket} By {to.by}, {when(to.at)}"


FRAMEWORKS = {"soc2": "SOC 2", "hipaa": "HIPAA", "fda_csa": "FDA CSA", "gamp5": "GAMP 5", "cfr_part_11": "21 CFR Part 11"}


def framework(name: str) -> str:
    """A framework as people write it."""
    return FRAMEWORKS.get(name, name.replace("_", " "))

"""The weekly report: made once an ISO week, delivered by its channels, recorded, and acknowledged by those whom it is for."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, to_builtins
from msgspec.json import decode

from controlmon.collect.document.shelf import Shelf
from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ControlmonError, UsageError
from controlmon.core.times import moment, stamp
from controlmon.engine.catalog import Catalog
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Snapshot
from controlmon.engine.plan import due
from controlmon.engine.retry import Retries
from controlmon.engine.status import Status
from controlmon.engine.weekly import Weekly, weekly
from controlmon.facts.document.risks import RiskRow
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.past import first_of as first_entry
from controlmon.ledger.reader import Reader
from controlmon.notify.channel import Channel
from controlmon.notify.weekly import body, title
from controlmon.service.config import Config
from controlmon.service.own_controls import STREAM
from controlmon.service.records import first_of
from controlmon.service.responses import STREAM as RESPONSES

KNOWN = "weekly report"


class Issue(Struct, frozen=True):
    """A report as it is sent. It stays what it is until the next week's, however long a channel takes."""

    slot: str
    report: Weekly

    @property
    def name(self) -> str:
        """What it is acknowledged by: the first digits of its digest."""
        return digest(self.content)[7:19]

    @property
    def content(self) -> bytes:
        """What its digest is of."""
        return canonical(to_builtins(self))


def current(ledger: Reader) -> Issue | None:
    """The report that was made last."""
    last = ledger.known(KNOWN)
    return decode(ledger.blob(last), type=Issue) if last else None


def is_due(config: Config, ledger: Reader, now: datetime) -> bool:
    """Whether this week's report is to be made."""
    last = current(ledger)
    return config.settings.notify.weekly is not None and due("weekly", moment(last.slot) if last else None, now) is not None


def make(
    config: Config,
    ledger: Ledger,
    catalog: Catalog,
    statuses: Mapping[str, Status],
    now_is: Snapshot,
    exceptions: Exceptions,
    now: datetime,
) -> None:
    """Make this week's report, if it is due and anything ran yet."""
    last = current(ledger)
    slot = due("weekly", moment(last.slot) if last else None, now)
    if slot is None or first_entry(ledger, "runs") is None:
        return
    risks, said = _risks(config, now), ledger.stream(RESPONSES)
    report = weekly(slot, catalog.controls, statuses, now_is.findings.values(), risks, exceptions, said, now)
    issue = Issue(stamp(slot), report)
    made = {"type": "report.made", "slot": issue.slot, "at": stamp(now), "content": digest(issue.content)}
    ledger.append("notify", stamp(now), [(STREAM, made)], [issue.content])
    ledger.learn({KNOWN: digest(issue.content)})


def deliver(config: Config, ledger: Ledger, retries: Retries, now: datetime) -> list[dict[str, Any]]:
    """Deliver the last report by each of its channels that has not taken it. It is recorded as delivered once all of them have."""
    wanted, issue = config.settings.notify.weekly, current(ledger)
    if wanted is None or issue is None:
        return []
    told, name = list[dict[str, Any]](), digest(issue.content)
    variables = {one.name: one.url for one in config.settings.notify.channels}
    left = [one for one in wanted.channels if ledger.known(_taken(one)) != name]
    waiting = [one for one in left if retries.waits(f"weekly {one}", now)]
    company = config.settings.registers.company
    for channel in (one for one in left if one not in waiting):
        try:
            reason = Channel(channel, variables[channel]).send(title(issue.report, company), body(issue.report, issue.name), bad=False)
        except ControlmonError as error:
            reason = str(error)
        if reason:
            retries.failed(f"weekly {channel}", now)
            told.append({"type": "report.failed", "channel": channel, "at": stamp(now), "digest": name, "reason": reason})
        else:
            retries.succeeded(f"weekly {channel}")
            ledger.learn({_taken(channel): name})
    if left and all(ledger.known(_taken(one)) == name for one in wanted.channels):
        about = {"channels": list(wanted.channels), "slot": issue.slot}
        told.append({"type": "report.delivered", "to": list(wanted.managers), "at": stamp(now), "digest": name, **about})
    if told:
        ledger.append("notify", stamp(now), [(STREAM, entry) for entry in told])
    return told


def acknowledge(config: Config, ledger: Ledger, by: str, report: str, now: datetime) -> dict[str, Any]:
    """Record that somebody read a report: the one whose digest begins with `report`, or the last that was delivered to them.

    Raises:
        UsageError: if there is no such report, it was not for them, or they acknowledged it before.

    """
    who = by.strip().lower()
    delivered = [entry for entry in ledger.stream(STREAM) if entry["type"] == "report.delivered"]
    theirs = [entry for entry in delivered if who in (one.strip().lower() for one in entry["to"])]
    found = [entry for entry in theirs if entry["digest"].removeprefix("sha256:").startswith(report)]
    if not found:
        named = config.settings.notify.weekly.managers if config.settings.notify.weekly else ()
        what = f"no report {report} was delivered to {by}" if report else f"no report was delivered to {by}"
        raise UsageError(f"{what}: it is for {', '.join(named) or 'nobody: name `managers` under `notify.weekly`'}")
    chosen = found[-1]["digest"]
    for entry in ledger.stream(STREAM):
        if entry["type"] == "report.acknowledged" and (entry["digest"], entry["by"].strip().lower()) == (chosen, who):
            raise UsageError(f"{by} acknowledged it before, at {entry['at']}")
    said = {"type": "report.acknowledged", "by": by.strip(), "at": stamp(now), "digest": chosen}
    ledger.append("notify", stamp(now), [(STREAM, said)])
    return said


def _taken(channel: str) -> str:
    return f"{KNOWN} {channel}"


def _risks(config: Config, now: datetime) -> list[RiskRow]:
    """The rows of the register of risks that can be read; none if there is no such register."""
    if not config.registers_directory.is_dir():
        return []
    content = Shelf(config.registers_directory, now, first_of(config.state_directory)).contents().get("risks")
    return [row.value for row in content.rows if isinstance(row.value, RiskRow)] if content else []

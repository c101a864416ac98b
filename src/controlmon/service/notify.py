"""Telling people, and their tools, what changed: the difference to what each was told last, which the ledger keeps."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ConfigError
from controlmon.core.times import stamp
from controlmon.engine.catalog import Catalog
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Interest, Look, Snapshot, known_after, news
from controlmon.engine.retry import Retries
from controlmon.engine.status import Status
from controlmon.ledger.anchor import trusted
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.reader import Reader
from controlmon.notify.channel import Channel
from controlmon.notify.message import body, title
from controlmon.service import notify_weekly
from controlmon.service.config import Config
from controlmon.service.exceptions import load_exceptions
from controlmon.service.notify_config import ChannelAt
from controlmon.service.notify_datadog import STREAM, intake_of, write
from controlmon.service.notify_look import look, statuses
from controlmon.service.review_status import reminders as of_reviews

log = logging.getLogger("controlmon.notify")
HEART, DATADOG = "heartbeat:", "datadog:"
"""What retries know the heartbeat and Datadog by: no channel can be called so."""


class Teller:
    """Tells whom the configuration names, and tries again what could not be delivered."""

    def __init__(self, config: Config, catalog: Catalog, installed: dict[str, str]) -> None:
        self._config, self._catalog, self._installed = config, catalog, installed
        self._retries = Retries()
        self._looked = -1

    def tell(self, ledger: Ledger, now: datetime, reminders: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Tell everybody who has not been told. Gives the entries that say so; those that failed have a `reason`.

        Nothing is looked at where nothing was recorded since, no report is due, and nothing that failed is to be tried again.
        """
        wanted = self._config.settings.notify
        due = notify_weekly.is_due(self._config, ledger, now)
        if self._looked == ledger.size and not due and not self._retries.is_due(now):
            return []
        told = list[dict[str, Any]]()
        run = _completed(ledger)
        if wanted.channels or wanted.datadog:
            known = {one.name: _known(ledger, one.name) for one in wanted.channels}
            exceptions = load_exceptions(self._config, now)
            stand = statuses(ledger, self._catalog, self._installed, exceptions, now)
            findings = {key: one for was in known.values() if was for key, one in was.snapshot.findings.items()}
            whole = look(ledger, self._catalog, stand, exceptions, findings, now)
            also = [*reminders, *of_reviews(self._config, now)] if wanted.channels else []
            for one in wanted.channels:
                if not self._retries.waits(one.name, now):
                    told += self._one(ledger, one, known[one.name], whole, [*_ending(exceptions, one.interest(), now), *also], now)
            by_id = {status.id: status for status in stand}
            if wanted.datadog and not self._retries.waits(DATADOG, now):
                told += self._datadog(ledger, by_id, whole.snapshot, run, now)
            if due:
                notify_weekly.make(self._config, ledger, self._catalog, by_id, whole.snapshot, exceptions, now)
            told += notify_weekly.deliver(self._config, ledger, self._retries, now)
        for entry in told:
            if "reason" in entry:
                log.warning("not delivered to %s, to be tried again: %s", entry["channel"], entry["reason"])
        self._heartbeat(ledger, run, now)
        self._looked = ledger.size
        return told

    def _one(
        self, ledger: Ledger, at: ChannelAt, was: "_Told | None", whole: Look, reminders: list[str], now: datetime
    ) -> list[dict[str, Any]]:
        interest = at.interest()
        before = interest.of(was.snapshot) if was else None
        there = Look(interest.of(whole.snapshot), whole.mended, whole.excepted)
        said = news(before, there, [one for one in reminders if was is None or one not in was.reminders])
        content = canonical(msgspec.to_builtins(_Told(known_after(before, there), tuple(reminders))))
        if not said:
            if digest(content) != ledger.known(f"told {at.name}"):
                self._record(ledger, {"type": "notice.quiet", "channel": at.name, "at": stamp(now)}, now, content)
            return []
        counts = {"changes": len(said.changes), "new": len(said.new), "mended": len(said.mended), "reminders": len(said.reminders)}
        common = {"channel": at.name, "at": stamp(now), **counts}
        try:
            reason = Channel(at.name, at.url).send(title(said, self._config.settings.registers.company), body(said), bad=said.bad)
        except ConfigError as error:
            reason = str(error)
        if reason:
            self._retries.failed(at.name, now)
            return [self._record(ledger, {"type": "notice.failed", **common, "reason": reason}, now)]
        self._retries.succeeded(at.name)
        return [self._record(ledger, {"type": "notice", **common}, now, content)]

    def _datadog(self, ledger: Ledger, stand: dict[str, Status], now_is: Snapshot, run: str, now: datetime) -> list[dict[str, Any]]:
        from controlmon.notify.datadog import Undelivered  # noqa: PLC0415 - only who writes to Datadog needs it

        common = {"channel": "datadog", "at": stamp(now)}
        try:
            intake = intake_of(self._config)
            events = write(intake, ledger, self._catalog, stand, now_is, now)
            if run and ledger.known(f"beat {DATADOG}") != run:
                intake.heartbeat(now)
                ledger.learn({f"beat {DATADOG}": run})
        except (Undelivered, ConfigError) as error:
            self._retries.failed(DATADOG, now)
            return [self._record(ledger, {"type": "notice.failed", **common, "reason": str(error)}, now)]
        self._retries.succeeded(DATADOG)
        return [{"type": "notice", **common, "changes": events}] if events else []

    def _heartbeat(self, ledger: Ledger, run: str, now: datetime) -> None:
        """Fetch the heartbeat's URL once for each completed run."""
        variable = self._config.settings.notify.heartbeat
        if not variable or not run or ledger.known(f"beat {HEART}") == run or self._retries.waits(HEART, now):
            return
        from controlmon.notify.heartbeat import beat  # noqa: PLC0415 - only who has a heartbeat needs it

        if reason := beat(variable, trusted):
            self._retries.failed(HEART, now)
            log.warning("the heartbeat was not taken: %s", reason)
        else:
            self._retries.succeeded(HEART)
            ledger.learn({f"beat {HEART}": run})

    def _record(self, ledger: Ledger, entry: dict[str, Any], now: datetime, content: bytes | None = None) -> dict[str, Any]:
        """Record an entry, and what the channel knows from then on: an entry names it, so that it is kept."""
        named = {} if content is None else {"content": digest(content)}
        ledger.append("notify", stamp(now), [(STREAM, {**entry, **named})], [content] if content is not None else [])
        if named:
            ledger.learn({f"told {entry['channel']}": named["content"]})
        return {**entry, **named}


class _Told(msgspec.Struct, frozen=True):
    """What a channel knows."""

    snapshot: Snapshot
    reminders: tuple[str, ...] = ()


def _known(ledger: Reader, channel: str) -> _Told | None:
    last = ledger.known(f"told {channel}")
    return msgspec.json.decode(ledger.blob(last), type=_Told) if last else None


def _ending(exceptions: Exceptions, interest: Interest, now: datetime) -> Iterator[str]:
    for one in exceptions.ending(now):
        if interest.takes_check(one.check):
            yield f"the exception {one.id} of {one.check} ends on {one.expires.isoformat()}"


def _completed(ledger: Reader) -> str:
    """The id of the run that was recorded last, if it was completed; else empty."""
    last = next((entry for entry in ledger.latest("runs") if entry["stream"] == "runs"), None)
    return str(last["run"]) if last and last["type"] == "run.finished" else ""

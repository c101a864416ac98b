"""Telling people what changed: each channel is told the difference to what it was told last, and what it was told is in the ledger."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import convert

from controlmon.core.buckets import read_list
from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ConfigError
from controlmon.core.fact import Scope
from controlmon.core.outcome import Outcome
from controlmon.core.times import stamp
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.engine.exceptions import Exceptions
from controlmon.engine.news import Noted, Snapshot, news
from controlmon.engine.status import status_of
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.reader import Reader
from controlmon.notify.channel import Channel
from controlmon.notify.message import body, title
from controlmon.service.config import Config
from controlmon.service.exceptions import load_exceptions
from controlmon.service.readback import observations

log = logging.getLogger("controlmon.notify")
STREAM = "notices"
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
"""How long to wait after a delivery that failed: at first, and at the most; it doubles in between."""


def snapshot_of(ledger: Reader, catalog: Catalog, installed: dict[str, str], exceptions: Exceptions, now: datetime) -> Snapshot:
    """What is: every control and commitment, and every failing finding of the last of each check and scope that no exception covers."""
    seen = observations(ledger, catalog, exceptions, now)
    promises: list[Control | Commitment] = [*catalog.controls, *catalog.commitments]
    states = {one.id: status_of(one, seen, installed, now).state.value for one in promises}
    found: dict[str, Noted] = {}
    for entry in ledger.latest("check:"):
        if entry["stream"].endswith("~adhoc") or not entry["outcomes"].get("fail"):
            continue
        check, where = entry["check"]["id"], str(convert(entry["scope"], Scope))
        controls = catalog.controls_of(check)
        for row in read_list(entry["findings"]["root"], lambda name: msgspec.json.decode(ledger.blob(name))):
            if row["outcome"] == Outcome.FAIL and exceptions.excuse(check, row, now) is None:
                noted = Noted(check, where, row["name"], row["severity"], controls)
                found[digest(canonical([check, where, row["kind"], row["subject"]]))[7:31]] = noted
    return Snapshot(states, found)


class Teller:
    """Tells the channels of the configuration, and tries again what could not be delivered."""

    def __init__(self, config: Config, catalog: Catalog, installed: dict[str, str]) -> None:
        self._config, self._catalog, self._installed = config, catalog, installed
        self._again: dict[str, tuple[datetime, timedelta]] = {}
        self._looked = -1

    def tell(self, ledger: Ledger, now: datetime, reminders: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Tell every channel that has not been told. Gives the entries that say so.

        Nothing is looked at where nothing was recorded since, and no delivery waits to be tried again.
        """
        channels = self._config.settings.notify.channels
        waiting = [one for one in channels if one.name in self._again]
        if not channels or (self._looked == ledger.size and not any(self._again[one.name][0] <= now for one in waiting)):
            return []
        exceptions = load_exceptions(self._config, now)
        whole = snapshot_of(ledger, self._catalog, self._installed, exceptions, now)
        ending = [f"the exception {one.id} of {one.check} ends on {one.expires.isoformat()}" for one in exceptions.ending(now)]
        told = []
        for one in channels:
            if one.name in self._again and self._again[one.name][0] > now:
                continue
            there = one.interest().of(whole)
            told += self._one(ledger, Channel(one.name, one.url), there, [*ending, *reminders], now)
        self._looked = ledger.size
        return told

    def _one(self, ledger: Ledger, channel: Channel, now_is: Snapshot, reminders: list[str], now: datetime) -> list[dict[str, Any]]:
        name = f"told {channel.name}"
        was = msgspec.json.decode(ledger.blob(last), type=_Told) if (last := ledger.known(name)) else None
        fresh = [one for one in reminders if was is None or one not in was.reminders]
        said = news(was.snapshot if was else None, now_is, fresh)
        content = canonical(msgspec.to_builtins(_Told(now_is, tuple(reminders))))
        if not said:
            if digest(content) != last:
                keeper = ledger.keeper()
                keeper(content)
                keeper.flush()
                ledger.learn({name: digest(content)})
            return []
        counts = {"changes": len(said.changes), "new": len(said.new), "mended": len(said.mended), "reminders": len(said.reminders)}
        common = {"channel": channel.name, "at": stamp(now), **counts}
        try:
            reason = channel.send(title(said, self._config.settings.registers.company), body(said), bad=said.bad)
        except ConfigError as error:
            reason = str(error)
        if reason:
            _, wait = self._again.get(channel.name, (now, FIRST / 2))
            wait = min(2 * wait, LONGEST)
            self._again[channel.name] = (now + wait, wait)
            log.warning("not delivered to %s, to be tried again at %s: %s", channel.name, stamp(now + wait), reason)
            entry = {"type": "notice.failed", **common, "reason": reason}
            ledger.append("notify", stamp(now), [(STREAM, entry)])
            return [entry]
        self._again.pop(channel.name, None)
        entry = {"type": "notice", **common, "content": digest(content)}
        ledger.append("notify", stamp(now), [(STREAM, entry)], [content])
        ledger.learn({name: digest(content)})
        return [entry]


class _Told(msgspec.Struct, frozen=True):
    """What a channel knows."""

    snapshot: Snapshot
    reminders: tuple[str, ...] = ()

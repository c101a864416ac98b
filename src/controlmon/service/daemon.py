"""The daemon: APScheduler ticks, `engine.plan.due` decides, one cycle runs at a time, and what nobody ran is recorded as missed."""

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from controlmon.check import Check
from controlmon.collect.base import Service
from controlmon.collect.gather import Target
from controlmon.core.canonical import canonical, digest
from controlmon.core.errors import ControlmonError, LedgerError
from controlmon.core.times import stamp
from controlmon.engine.plan import due, missed
from controlmon.ledger.anchor import Anchor
from controlmon.ledger.ledger import Ledger, only_one
from controlmon.service.anchors import anchor
from controlmon.service.anchors import due as due_anchors
from controlmon.service.changes import Known
from controlmon.service.config import Config
from controlmon.service.cycle import Clock, Done, Request, cycle, recover
from controlmon.service.notify import Teller

log = logging.getLogger("controlmon.daemon")
SCHEDULE = "schedule"
"""The stream of what is expected."""
TOLD = 1000
"""Missed runs that are told one by one; of more (a daemon that slept for years) an entry tells the first, the last and the number."""


class Agenda:
    """What a daemon is to do: which checks at which frequency, where, and against what.

    `targets` and `known` are asked anew for each run: accounts come and go.
    """

    def __init__(
        self,
        config: Config,
        checks: Sequence[Check],
        targets: Callable[[], Sequence[Target]],
        services: Sequence[Service],
        known: Callable[[], Mapping[str, Known]],
    ) -> None:
        self.config, self.targets, self.services, self.known = config, targets, services, known
        self.by_frequency: dict[str, list[Check]] = {}
        for check in checks:
            self.by_frequency.setdefault(config.frequency_of(check), []).append(check)

    def tick(self, ledger: Ledger, clock: Clock) -> Done | None:
        """Run what is due now, if anything, after telling of what was missed. Gives what was run."""
        now = clock()
        served = {f: _time(ledger.known(f"schedule:{f}")) for f in self.by_frequency}
        slots = {f: slot for f, last in served.items() if (slot := due(f, last, now)) is not None}
        if not slots:
            return None
        targets = self.targets()
        self._tell_schedule(ledger, targets, now)
        self._tell_missed(ledger, {f: served[f] for f in slots}, now)
        checks = [check for f in slots for check in self.by_frequency[f]]
        selected = self.config.selected(sorted(checks, key=lambda c: c.id), {})
        scheduled = stamp(max(slots.values()))
        frequencies = tuple(sorted(slots))
        log.info("running %d checks due at %s (%s)", len(checks), scheduled, ", ".join(frequencies))
        request = Request(selected, targets, scheduled, frequencies, known=self.known())
        return cycle(ledger, request, self.services, self.config.settings.budget, clock)

    def _tell_schedule(self, ledger: Ledger, targets: Sequence[Target], now: datetime) -> None:
        """From now on this is what is expected."""
        frequencies = {f: sorted(c.id for c in due) for f, due in self.by_frequency.items()}
        content = canonical({"frequencies": frequencies, "targets": sorted(_names(targets))})
        if ledger.known(SCHEDULE) == digest(content):
            return
        entry = {"type": "schedule", "at": stamp(now), "content": digest(content)}
        ledger.append("daemon", stamp(now), [(SCHEDULE, entry)], [content])
        ledger.learn({SCHEDULE: digest(content)})

    def _tell_missed(self, ledger: Ledger, served: Mapping[str, datetime | None], now: datetime) -> None:
        entries = []
        for frequency, last in served.items():
            slots = [stamp(slot) for slot in missed(frequency, last, now)]
            stream = f"schedule:{frequency}"
            common = {"frequency": frequency, "noticed": stamp(now), "checks": len(self.by_frequency[frequency])}
            if len(slots) > TOLD:
                span = {"first": slots[0], "last": slots[-1], "count": len(slots)}
                entries.append((stream, {"type": "run.missed", "scheduled": slots[0], "span": span, **common}))
            else:
                entries += [(stream, {"type": "run.missed", "scheduled": slot, **common}) for slot in slots]
            if slots:
                log.warning("missed %d %s runs, from %s to %s", len(slots), frequency, slots[0], slots[-1])
        if entries:
            ledger.append("daemon", stamp(now), entries)


def keep_anchored(ledger: Ledger, anchors: Sequence[Anchor], every: timedelta, clock: Clock) -> None:
    """Show the head of the log to the anchors whose time it is. One that fails is recorded, told, and tried again later."""
    now = clock()
    if some := due_anchors(ledger, anchors, every, now):
        for entry in anchor(ledger, some, now):
            if entry["type"] == "anchor":
                log.info("anchored %d entries: %s %s", entry["size"], entry["kind"], entry["place"])
            else:
                log.warning("not anchored: %s %s: %s", entry["kind"], entry["place"], entry["reason"])


def serve(
    ledger: Ledger,
    agenda: Agenda,
    clock: Clock,
    tick_seconds: float,
    stop: threading.Event,
    anchors: Sequence[Anchor] = (),
    teller: Teller | None = None,
) -> int:
    """Tick until `stop` is set; a cycle that is under way is finished first.

    Args:
        ledger: the record; a daemon does not start on one that does not verify.
        agenda: what to do.
        clock: tells the time.
        tick_seconds: how often to look whether anything is due.
        stop: set it to end.
        anchors: who is shown the head of the log.
        teller: tells people what changed.

    Returns:
        0, or 1 if the last cycle failed.

    Raises:
        LedgerError: if the ledger does not verify, or another daemon is at work on it.

    """
    with only_one(ledger.directory, "daemon"):
        found = ledger.verify()
        if found.problems:
            raise LedgerError(f"{ledger.directory}: the record does not hold: {found.problems[0]}: `controlmon ledger verify` tells all")
        for run in recover(ledger, clock):
            log.warning("run %s was interrupted: recorded as such", run)
        failed = threading.Event()

        def beat() -> None:
            try:
                agenda.tick(ledger, clock)
                keep_anchored(ledger, anchors, agenda.config.settings.anchors.every, clock)
                if teller is not None:
                    teller.tell(ledger, clock())
                failed.clear()
            except ControlmonError:
                # The next tick tries again: the slot was not served, so it is still due.
                log.exception("the cycle failed")
                failed.set()

        scheduler = BackgroundScheduler(timezone="UTC")
        # coalesce and max_instances: after a sleep one tick is enough, and a long cycle is not overtaken by the next.
        scheduler.add_job(
            beat, "interval", seconds=tick_seconds, coalesce=True, max_instances=1, misfire_grace_time=None, next_run_time=clock()
        )
        scheduler.start()
        try:
            stop.wait()
        finally:
            scheduler.shutdown(wait=True)
        return 1 if failed.is_set() else 0


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    ask: Callable[[int, object], None] = lambda _number, _frame: stop.set()  # noqa: E731 - a handler, named for its use
    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return stop


def _names(targets: Sequence[Target]) -> list[str]:
    return [f"{target.provider}:{target.name}" for target in targets]


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

"""Filling the dossier of a period from a log: a ledger's, or a bundle's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from controlmon.check import Check
from controlmon.core.errors import LedgerError, UsageError
from controlmon.core.note import parse_checkpoint, parse_note
from controlmon.core.times import stamp
from controlmon.engine import excused
from controlmon.engine.catalog import Catalog, CheckRef, Commitment, Control
from controlmon.engine.coverage import Tally
from controlmon.engine.deviations import worst_first
from controlmon.engine.dossier import LIMITS, CheckPeriod, Coverage, Deviation, Dossier
from controlmon.engine.period import Part, commitment_period, control_period
from controlmon.engine.rate import rate_of
from controlmon.ledger.history import Head, History, Placed, rows
from controlmon.service.checks import Registry
from controlmon.service.reading import EVERY, Judging, Reading

LONGEST = timedelta(days=36_525)


def dossier_of(
    history: History,
    begin: datetime,
    end: datetime,
    made_at: datetime,
    registry: Registry,
    *,
    key: str = "",
    controls: Sequence[str] = (),
    before: Iterable[Placed] = (),
) -> Dossier:
    """What a period came to.

    Args:
        history: the log, or a stretch of it.
        begin: the first moment of the period (UTC).
        end: the moment before which it ends.
        made_at: the clock; of a bundle, when it was exported. What was due later is not expected.
        registry: the installed checks, for the words of their authors.
        key: the log's public key.
        controls: ids of controls and commitments; none for all.
        before: entries that were in force when the stretch begins (schedule, catalog), from before it.

    Raises:
        LedgerError: if nothing is recorded, no catalog was in force, or an entry or what it names cannot be read.
        UsageError: if the period ends before it begins, or there is no such control; the message names the nearest.

    """
    read = _read(history, begin, end, made_at, before)
    head = _last(history)
    if read.catalog is None:
        raise LedgerError(
            f"{history.origin}: no catalog was recorded before {stamp(end)}, so there is no control to speak of: "
            "take a period that ends after the first run of a check, or a bundle of one"
        )
    chosen_controls, chosen_commitments = _chosen(read.catalog, controls)
    promises: list[Control | Commitment] = [*chosen_controls, *chosen_commitments]
    named = frozenset(ref.check for one in promises for ref in one.checks) if controls else None
    filled = _Filling(read, registry, named)
    so_far = made_at < end
    checkpoint = parse_checkpoint(parse_note(head.note).text)
    anchored = max(read.anchors, key=lambda one: (one.size, one.at), default=None)
    kept = {pair for one in filled.checks.values() for pair in one.populations}
    return Dossier(
        origin=history.origin,
        key=key,
        size=checkpoint.size,
        root=checkpoint.root.hex(),
        checkpoint_at=head.at,
        begin=stamp(begin),
        end=stamp(end),
        made_at=stamp(made_at),
        controls=tuple(control_period(one, filled.parts(one.checks), filled.checks, so_far=so_far) for one in chosen_controls),
        commitments=tuple(commitment_period(one, filled.parts(one.checks), so_far=so_far) for one in chosen_commitments),
        checks=filled.checks,
        populations=tuple(one for one in read.populations.seen(read.fetch) if (one.kind, one.scope) in kept),
        changes=tuple(read.changes.seen),
        anchors=tuple(one for one in read.anchors if one.at >= stamp(begin)),
        unanchored=checkpoint.size - (anchored.size if anchored else 0),
        unanchored_since=anchored.at if anchored else "",
        exceptions=tuple(excused.seen(read.exceptions, read.deviations(), promises, begin, read.calendar.over)),
        interrupted=tuple(read.interrupted),
        limits=(*LIMITS, *_notes(read, filled)),
        findings=lambda root: rows(history, root),
        subjects=lambda root: rows(history, root),
        campaigns=read.campaigns.seen(),
    )


def deviations_of(history: History, begin: datetime, end: datetime, made_at: datetime) -> tuple[Deviation, ...]:
    """Every deviation of a period, worst first, whether a control names its check or not. Raises as `dossier_of` does."""
    return worst_first(_read(history, begin, end, made_at).deviations())


def _read(history: History, begin: datetime, end: datetime, made_at: datetime, before: Iterable[Placed] = ()) -> Reading:
    if begin >= end:
        raise UsageError(f"the period ends at {stamp(end)}, before it begins at {stamp(begin)}: correct --from or --to")
    if end - begin > LONGEST:
        raise UsageError(f"the period from {stamp(begin)} to {stamp(end)} is longer than a hundred years: correct --from or --to")
    reading = Reading(history, begin, end, made_at)
    for placed in before:
        reading.take(placed)
    for placed in history.entries():
        reading.take(placed)
    reading.close()
    return reading


def _last(history: History) -> Head:
    last: Head | None = None
    for head in history.heads():
        last = head
    if last is None:
        raise LedgerError(f"{history.origin}: nothing has been recorded yet: run a check first")
    return last


def _chosen(catalog: Catalog, names: Sequence[str]) -> tuple[list[Control], list[Commitment]]:
    if not names:
        return list(catalog.controls), list(catalog.commitments)
    found = [catalog.find(name) for name in dict.fromkeys(names)]
    return [one for one in found if isinstance(one, Control)], [one for one in found if isinstance(one, Commitment)]


def _notes(read: Reading, filled: "_Filling") -> Iterator[str]:
    """What this one cannot show, besides what none can."""
    if read.withheld:
        yield f"Entries that were withheld or pruned, {read.withheld:,}: only their hashes are here, and what they say is counted nowhere."
    if filled.foreign:
        yield f"The words of checks that are not installed here: {', '.join(filled.foreign)}. Their source is in the record."
    if filled.other:
        yield (
            f"Whether the words shown are those of the version that judged: another one is installed of {', '.join(filled.other)}. "
            "The source that judged is in the record."
        )


class _Filling:
    """The checks of a period, and the parts that they are of controls. `wanted` are the checks to speak of; None for all."""

    def __init__(self, read: Reading, registry: Registry, wanted: frozenset[str] | None) -> None:
        self._read, self._registry = read, registry
        self._coverages: dict[tuple[str, str], Coverage] = {}
        self._deviations: dict[str, list[Deviation]] = {}
        for one in read.deviations():
            self._deviations.setdefault(one.check, []).append(one)
        ids = sorted(read.checks.keys() | read.calendar.expected())
        self.checks = {check: self._check(check) for check in ids if wanted is None or check in wanted}
        judged = {check: one.digests for check, one in self.checks.items() if one.digests}
        self.foreign = [check for check in judged if check not in registry]
        self.other = [check for check, digests in judged.items() if check in registry and registry.get(check).digest != digests[-1]]

    def parts(self, refs: Iterable[CheckRef]) -> list[Part]:
        """The checks of one control, each of the subjects that count."""
        return [self._part(ref) for ref in refs]

    def _part(self, ref: CheckRef) -> Part:
        tally = self._tally(ref.check, ref.subjects)
        return Part(
            ref=ref,
            coverage=self._coverage(ref.check, ref.subjects),
            rate=rate_of(tally.deviating, tally.conclusive),
            deviations=tuple(one for one in self._deviations.get(ref.check, ()) if ref.covers(one.subject)),
            performances=tally.performances,
            passes=tally.findings["pass"],
            idle=self._read.calendar.not_in_force(ref.check),
        )

    def _check(self, check: str) -> CheckPeriod:
        installed: Check | None = self._registry.get(check) if check in self._registry else None
        tally, judging = self._tally(check), self._read.checks.get(check, Judging())
        found: Mapping[str, int] = tally.findings
        parameters: dict[str, Any] = judging.parameters
        return CheckPeriod(
            id=check,
            title=installed.title if installed else "",
            severity=installed.severity.value if installed else "",
            frequency=self._read.calendar.frequency_of(check),
            proves=installed.proves if installed else "",
            remediation=installed.remediation if installed else "",
            digests=tuple(judging.digests),
            parameters=parameters,
            performances=tally.performances,
            findings={outcome: found[outcome] for outcome in ("pass", "fail", "unknown", "not_applicable")},
            coverage=self._coverage(check),
            deviations=worst_first(self._deviations.get(check, ())),
            rate=rate_of(tally.deviating, tally.conclusive),
            ends=tuple(end for _, end in sorted(self._read.ends.get(check, {}).items())),
            populations=tuple(judging.populations),
        )

    def _tally(self, check: str, glob: str = EVERY) -> Tally:
        return self._read.tallies.get((check, glob)) or Tally(self._read.calendar.begin)

    def _coverage(self, check: str, glob: str = EVERY) -> Coverage:
        if (check, glob) not in self._coverages:
            self._coverages[check, glob] = self._read.calendar.coverage(check, self._tally(check, glob))
        return self._coverages[check, glob]

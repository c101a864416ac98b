"""What the commands share: opening the pieces that the configuration names, and a run from end to end."""

import logging
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from controlmon import __version__
from controlmon.check import Check
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.engine.exceptions import NONE, Exceptions
from controlmon.engine.plan import Selected
from controlmon.ledger.ledger import Ledger
from controlmon.report.model import RunReport, Told
from controlmon.service import providers
from controlmon.service.catalog import load_catalog
from controlmon.service.changes import Known, known_of
from controlmon.service.checks import Registry, check_directories, load_checks
from controlmon.service.config import Config
from controlmon.service.cycle import Done
from controlmon.service.exceptions import known_exceptions, load_exceptions
from controlmon.service.readback import findings_of, gaps_of, populations_of
from controlmon.service.records import known_records, was_recorded

log = logging.getLogger("controlmon")


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def open_registry(config: Config, only: Sequence[str] = ()) -> Registry:
    """The checks that are installed, or only some of them, held against the configuration."""
    registry = load_checks(check_directories(config.check_directories), only)
    if not only:
        config.agree_with(registry)
    return registry


def open_catalog(config: Config) -> Catalog:
    """The catalog that the configuration names, or the packaged one."""
    return load_catalog(config.beside(config.settings.catalog)) if config.settings.catalog else load_catalog()


def scheduled_checks(config: Config, registry: Registry, *, tell: bool = True) -> list[Check]:
    """The checks that run by themselves: not disabled, and of a provider that is in reach or has no collector. What is left out is told."""
    out = set(providers.COLLECTED) - set(providers.in_reach(config, os.environ))
    left = [check for check in registry if providers.collected_by(check) & out and not config.is_disabled(check)]
    if left and tell:
        names = ", ".join(sorted({provider for check in left for provider in providers.collected_by(check) & out}))
        log.warning("%s: %d checks left out: not in the configuration, and no credentials at hand", names, len(left))
    return [check for check in registry if not providers.collected_by(check) & out and not config.is_disabled(check)]


def installed(config: Config, registry: Registry, seen: Collection[str]) -> dict[str, str]:
    """The checks that there are, with their frequencies: those that run by themselves, and those of `seen`, which run elsewhere."""
    by_itself = {check.id for check in scheduled_checks(config, registry, tell=False)} | set(seen)
    return {c.id: config.frequency_of(c) for c in registry if c.id in by_itself and not config.is_disabled(c)}


def asked(config: Config, checks: Iterable[Check]) -> list[str]:
    """The providers to ask for some checks."""
    return providers.asked_by(checks, providers.in_reach(config, os.environ))


def known(config: Config, catalog: Catalog, asked: Sequence[str] = ()) -> dict[str, Known]:
    """What decides outcomes besides the clouds and the checks, as runs that ask these providers record it."""
    records = known_records(config, utc_now()) if "document" in asked else {}
    exceptions = load_exceptions(config, utc_now())
    told = {"exceptions": known_exceptions(exceptions)} if config.exceptions_file.is_file() or was_recorded(config, "exceptions") else {}
    return {**known_of(config.digest, catalog), **records, **told}


def find(catalog: Catalog, name: str) -> Control | Commitment:
    """The control or commitment of that id. Raises `UsageError` with the nearest if there is none."""
    if any(commitment.id == name for commitment in catalog.commitments):
        return catalog.commitment(name)
    return catalog.control(name)


def open_ledger(config: Config) -> Ledger:
    """The ledger of the state directory, created if it is not there yet."""
    return Ledger.open(config.state_directory, config.settings.origin, config.settings.signer)


def report_of(
    ledger: Ledger,
    done: Done,
    selected: Sequence[Selected],
    controls_of: Callable[[str], Sequence[str]],
    place: Path | None,
    exceptions: Exceptions = NONE,
) -> RunReport:
    """The report of a run, read from what was recorded."""
    at = datetime.fromisoformat(done.started)
    checks = {one.check.id: Told(one.check.title, one.check.remediation, tuple(controls_of(one.check.id))) for one in selected}
    return RunReport(
        run=done.run,
        started=done.started,
        finished=done.finished,
        version=__version__,
        outcomes=done.outcomes,
        findings=lambda: findings_of(ledger, done.run),
        populations=tuple(populations_of(ledger, done.run)),
        gaps=lambda: gaps_of(ledger, done.run),
        checks=checks,
        recorded=f"{place} (entry {done.size - 1}, root {done.root[:16]})" if place else "",
        excused=lambda finding: exceptions.excuse(finding.check, finding.row(), at),
    )

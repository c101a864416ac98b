"""Handing out a period of the record: which entries it is of, written to a file, and recorded as handed out."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from controlmon.core.errors import UsageError
from controlmon.core.times import stamp
from controlmon.engine.catalog import Catalog, Commitment, Control
from controlmon.ledger.bundle.write import Period, Progress, Views, Written, no_views, write
from controlmon.ledger.ledger import Ledger
from controlmon.service import changes
from controlmon.service.flow import find

STREAM = "bundles"
"""The stream of what was handed out."""


def period_of(ledger: Ledger, catalog: Catalog, begin: datetime, end: datetime, controls: Sequence[str], now: datetime) -> Period:
    """What is to be in a bundle.

    Args:
        ledger: the record.
        catalog: today's. The catalogs that the record names count as well: a control may have had other checks.
        begin: when the period begins.
        end: when it ends: this moment is not in it.
        controls: ids of controls or commitments; none for all.
        now: the clock.

    Raises:
        UsageError: if there is no such control.

    """
    if not controls:
        return Period(stamp(begin), stamp(end), stamp(now))
    checks = {ref.check for name in controls for ref in find(catalog, name).checks}
    for past in _catalogs(ledger):
        promises: list[Control | Commitment] = [*past.controls, *past.commitments]
        checks |= {ref.check for one in promises if one.id in controls for ref in one.checks}
    return Period(stamp(begin), stamp(end), stamp(now), tuple(sorted(set(controls))), frozenset(checks))


def export(
    ledger: Ledger,
    period: Period,
    place: Path,
    *,
    force: bool = False,
    views: Views = no_views,
    progress: Progress = lambda _what, _n: None,
) -> Written:
    """Write a bundle to a file, and record that it was. Nobody ever sees half of it, nor one that the record does not tell of.

    Args:
        ledger: the record.
        period: what it is of.
        place: the file.
        force: to take the place of a file that is there.
        views: what else is to stand in it.
        progress: told of every so many `entries` and `pieces`.

    Raises:
        UsageError: if the file is there, or cannot be written.
        LedgerError: if the record is not whole, or cannot be written.

    """
    if place.exists() and not force:
        raise UsageError(f"{place}: there is a file of this name: give another, or --force to write over it")
    try:
        with _beside(place) as (path, out):
            written = write(ledger, out, period, views, progress)
            out.flush()
            os.fsync(out.fileno())
            _record(ledger, period, written)
            path.replace(place)
            _settle(place.parent)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror or error}: give a file that can be written") from error
    return written


def _record(ledger: Ledger, period: Period, written: Written) -> None:
    entry = {
        "type": "bundle.exported",
        "from": period.begin,
        "to": period.end,
        "controls": None if period.controls is None else list(period.controls),
        "manifest": written.digest,
        "size": written.manifest.log.size,
        "at": period.exported_at,
    }
    ledger.append("bundle", period.exported_at, [(STREAM, entry)])


def _catalogs(ledger: Ledger) -> Iterator[Catalog]:
    """The catalogs that were ever in force."""
    for entry in ledger.stream(changes.STREAM):
        if entry["what"] == "catalog" and entry["content"]:
            yield msgspec.json.decode(ledger.blob(entry["content"]), type=Catalog)


@contextlib.contextmanager
def _beside(place: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file in the same directory, which is gone afterwards unless it was given another name."""
    number, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    path = Path(name)
    try:
        with os.fdopen(number, "wb") as out:
            yield path, out
    finally:
        path.unlink(missing_ok=True)


def _settle(directory: Path) -> None:
    """Make the new name durable: without it a crash may roll it back."""
    number = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

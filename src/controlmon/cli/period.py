"""`controlmon period`: the operating effectiveness of every control over a period."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controlmon.cli.common import config_of
from controlmon.cli.common import output as opened

if TYPE_CHECKING:
    from controlmon.engine.dossier import Dossier


@click.command("period")
@click.option("--from", "begin", required=True, metavar="DATE", help="The first day (UTC), or a moment.")
@click.option("--to", "end", required=True, metavar="DATE", help="The last day, or the moment before which it ends.")
@click.option("--control", "controls", multiple=True, metavar="ID", help="Only this control or commitment.")
@click.option("--bundle", type=click.Path(dir_okay=False), metavar="FILE", help="Read this bundle instead of the ledger.")
@click.option("--format", "form", type=click.Choice(("table", "json", "csv", "html")), default="table", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there.")
@click.pass_obj
def command(
    config: str | None, /, begin: str, end: str, controls: tuple[str, ...], bundle: str | None, form: str, output: str | None
) -> int:
    """Say of every control how it operated in a period: expected and performed runs, deviations, the conclusion and why.

    A run is late if it started later than its time by more than a tenth of what lies between two runs, at most an hour.

    Exit codes: 0 all operated; 1 some operated with deviations; 3 none did, but something is not concluded or not tested; 2 wrong usage.
    """
    from controlmon.engine.period import DEVIATED, OPERATED
    from controlmon.report import period

    with contextlib.ExitStack() as stack:
        dossier = _dossier(stack, config, begin, end, controls, bundle)
        with opened(output) as out:
            period.write(dossier, form, out)
    said = {one.conclusion for one in dossier.controls} | {one.conclusion for one in dossier.commitments}
    return 1 if DEVIATED in said else 0 if said == {OPERATED} else 3


def _dossier(
    stack: contextlib.ExitStack, config: str | None, begin: str, end: str, controls: tuple[str, ...], bundle: str | None
) -> "Dossier":
    """The dossier of a ledger or a bundle, which stays open as long as the stack: the page reads their lists."""
    from controlmon.core.times import moment
    from controlmon.ledger.bundle.read import Bundle
    from controlmon.service import flow, span
    from controlmon.service.dossier import dossier_of

    since, until = span.period(begin, end)
    settings = config_of(config)
    registry = flow.open_registry(settings)
    if bundle is not None:
        read = stack.enter_context(Bundle.open(Path(bundle)))
        told, chosen = read.manifest, controls or read.manifest.controls or ()
        made_at, before = moment(told.exported_at), read.in_force()
        return dossier_of(read, since, until, made_at, registry, key=told.key, controls=chosen, before=before)
    ledger = flow.open_ledger(settings)
    stack.callback(ledger.close)
    return dossier_of(ledger, since, until, flow.utc_now(), registry, key=ledger.verifier_key, controls=controls)

"""`controlmon deviation`: what deviated in a period, and what people say of it."""

from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened

DAYS = 90
"""How far back a period reaches that is not given."""


@click.group("deviation")
def command() -> None:
    """List the deviations of a period, or explain one."""


@command.command("list")
@click.option("--from", "begin", metavar="DATE", help=f"The first day (UTC), or a moment. Default: {DAYS} days ago.")
@click.option("--to", "end", metavar="DATE", help="The last day, or the moment before which it ends. Default: now.")
@listed
@click.pass_obj
def list_(config: str | None, /, begin: str | None, end: str | None, form: str, output: str | None) -> None:
    """List every deviation of a period, worst first, those that were mended too."""
    from controlmon.report import rows
    from controlmon.report.period import DEVIATIONS, deviation_rows

    with opened(output) as out:
        rows.write(deviation_rows(_in_period(config, begin, end)[0]), DEVIATIONS, form, out)


@command.command("explain")
@click.argument("deviation", metavar="ID")
@click.option("--root-cause", required=True, metavar="TEXT", help="Why it came to be.")
@click.option("--response", required=True, metavar="TEXT", help="What was done about it.")
@click.option("--ticket", required=True, metavar="TEXT", help="Where that is followed.")
@click.option("--by", required=True, metavar="NAME", help="Who says so.")
@click.option("--from", "begin", metavar="DATE", help="As it was given to the command that named the deviation.")
@click.option("--to", "end", metavar="DATE", help="The same.")
@click.pass_obj
def explain(config: str | None, /, deviation: str, begin: str | None, end: str | None, **texts: str) -> None:
    """Record the root cause of a deviation, and the response to it."""
    from controlmon.service import flow, responses

    found, settings = _in_period(config, begin, end)
    one = responses.find(found, deviation)
    ledger = flow.open_ledger(settings)
    try:
        said = responses.explain(ledger, one, flow.utc_now(), **texts)
    finally:
        ledger.close()
    click.echo(f"recorded: {said.by} on {one.check} and {one.subject} in {one.scope}, first seen {one.first_seen}")


def _in_period(config: str | None, begin: str | None, end: str | None) -> tuple[Any, Any]:
    """The deviations of the period, and the configuration."""
    from datetime import timedelta

    from controlmon.core.times import stamp
    from controlmon.service import flow, span
    from controlmon.service.dossier import deviations_of

    settings, now = config_of(config), flow.utc_now()
    since, until = span.period(begin or f"{now - timedelta(days=DAYS):%Y-%m-%d}", end or stamp(now))
    ledger = flow.open_ledger(settings)
    try:
        return deviations_of(ledger, since, until, now), settings
    finally:
        ledger.close()

"""`controlmon report`: what stands now, as a page."""

import click

from controlmon.cli.common import config_of, output


@click.group("report")
def command() -> None:
    """Write what stands now, to be shown or sent."""


@command.command("html")
@click.option("-o", "--output", "path", type=click.Path(dir_okay=False), required=True, metavar="FILE", help="Write there.")
@click.option("--days", type=click.IntRange(0, 366), default=30, show_default=True, help="Days of history that each control shows.")
@click.pass_obj
def html(config: str | None, /, path: str, days: int) -> None:
    """One self-contained page of every control and commitment: its status, what it rests on, what fails and what to do."""
    from controlmon.report.page import board as page
    from controlmon.service import flow
    from controlmon.service.board import board_of

    settings = config_of(config)
    catalog = flow.open_catalog(settings)
    with output(path) as out:
        ledger = flow.open_ledger(settings)
        try:
            page.write(board_of(settings, ledger, catalog, days=days), out)
        finally:
            ledger.close()
    click.echo(f"wrote {path}")

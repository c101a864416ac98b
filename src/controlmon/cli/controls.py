"""`controlmon controls`: what is promised, and what tests it."""

import sys
from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened


@click.group("controls", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List and show the controls of the catalog."""
    if context.invoked_subcommand is None:
        context.invoke(list_, form="table", output=None)


@command.command("list")
@listed
@click.pass_obj
def list_(config: str | None, /, form: str, output: str | None) -> None:
    """List the controls and commitments, with the checks that decide them."""
    from controlmon.report import rows
    from controlmon.service import flow

    settings = config_of(config)
    catalog, installed = flow.open_catalog(settings), {check.id for check in flow.open_registry(settings)}
    told = [_row(subject, installed) for subject in (*catalog.controls, *catalog.commitments)]
    with opened(output) as out:
        rows.write(told, ("id", "category", "kind", "frequency", "checks", "promise"), form, out)


@command.command("show")
@click.argument("control_id", metavar="ID")
@click.option("--days", type=click.IntRange(0, 366), default=30, show_default=True, help="Days of history.")
@click.pass_obj
def show(config: str | None, /, control_id: str, days: int) -> None:
    """Show one control or commitment: its promise, its status, how it is tested, what fails, and how it went of late."""
    from controlmon.report import standing
    from controlmon.service import flow
    from controlmon.service.board import board_of

    settings = config_of(config)
    catalog = flow.open_catalog(settings)
    subject = flow.find(catalog, control_id)
    ledger = flow.open_ledger(settings)
    try:
        board = board_of(settings, ledger, catalog, [subject.id], days=days)
    finally:
        ledger.close()
    standing.write((*board.controls, *board.commitments)[0], sys.stdout)


def _row(subject: Any, installed: set[str]) -> dict[str, Any]:  # noqa: ANN401 - a control or a commitment
    roles: dict[str, list[str]] = {}
    for ref in subject.checks:
        roles.setdefault(ref.role.value, []).append(ref.check)
    there = sum(ref.check in installed for ref in subject.checks)
    return {
        "id": subject.id,
        "category": getattr(subject, "category", "commitment"),
        "kind": subject.kind.value if hasattr(subject, "kind") else "commitment",
        "frequency": subject.frequency.value if hasattr(subject, "frequency") else "",
        "checks": f"{there} of {len(subject.checks)}",
        "promise": subject.promise,
        "roles": roles,
        "frameworks": {m.framework: list(m.refs) for m in getattr(subject, "frameworks", ())},
    }

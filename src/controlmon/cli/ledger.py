"""`controlmon ledger`: does the record hold, and what does its head say."""

import json

import click

from controlmon.cli.common import config_of


@click.group("ledger")
def command() -> None:
    """Verify the record, or sign its head."""


@command.command("verify")
@click.option("--key", metavar="KEY", help="The public key that you were given, instead of the one beside the ledger.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_obj
def verify(config: str | None, /, key: str | None, form: str) -> int:
    """Go through the whole record: signatures, tree, streams, counts, state. Exit code 1 if anything does not hold."""
    from controlmon.core.note import parse_verifier_key
    from controlmon.service import flow

    ledger = flow.open_ledger(config_of(config))
    try:
        found = ledger.verify(parse_verifier_key(key) if key else None)
        public = key or ledger.verifier_key
    finally:
        ledger.close()
    if form == "json":
        said = {"entries": found.entries, "checkpoints": found.checkpoints, "pieces": found.pieces, "staged": found.staged}
        problems = [{"step": p.step, "place": p.place, "reason": p.reason} for p in found.problems]
        click.echo(json.dumps({**said, "root": found.root, "key": public, "problems": problems}, indent=1))
        return 1 if found.problems else 0
    for problem in found.problems:
        click.echo(f"DOES NOT HOLD {problem}")
    click.echo(f"{found.entries} entries, {found.checkpoints} checkpoints, {found.pieces} pieces of state, root {found.root}")
    click.echo(f"key {public}")
    if not found.problems:
        click.echo("The record holds. Not anchored outside this host: whoever has the key and the file could have made both anew.")
    return 1 if found.problems else 0


@command.command("checkpoint")
@click.pass_obj
def checkpoint(config: str | None, /) -> None:
    """Print the signed head of the log: keep it elsewhere, and the record before it cannot be changed unnoticed."""
    from controlmon.service import flow

    ledger = flow.open_ledger(config_of(config))
    try:
        click.echo(ledger.checkpoint(), nl=False)
    finally:
        ledger.close()

"""`controlmon ledger`: does the record hold, what does its head say, and what keeps it honest: anchors, keys, retention."""

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from controlmon.cli.common import config_of

if TYPE_CHECKING:
    from controlmon.ledger.ledger import Ledger


@click.group("ledger")
def command() -> None:
    """Verify the record, sign or anchor its head, change its key, drop what is past retention."""


@command.command("verify")
@click.option("--key", metavar="KEY", help="The public key that you were given, instead of the one beside the ledger.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_obj
def verify(config: str | None, /, key: str | None, form: str) -> int:
    """Go through the whole record: signatures, tree, streams, counts, state. Exit code 1 if anything does not hold."""
    from controlmon.core.note import parse_verifier_key
    from controlmon.service import anchors

    with _opened(config) as (_, ledger):
        found = ledger.verify(parse_verifier_key(key) if key else None)
        public, behind = key or ledger.verifier_key, anchors.lag(ledger)
    if form == "json":
        said = {"entries": found.entries, "checkpoints": found.checkpoints, "pieces": found.pieces, "staged": found.staged}
        problems = [{"step": p.step, "place": p.place, "reason": p.reason} for p in found.problems]
        more = {"pruned": found.pruned, "root": found.root, "key": public, "unanchored": behind.entries, "problems": problems}
        click.echo(json.dumps({**said, **more}, indent=1))
        return 1 if found.problems else 0
    for problem in found.problems:
        click.echo(f"DOES NOT HOLD {problem}")
    click.echo(f"{found.entries} entries, {found.checkpoints} checkpoints, {found.pieces} pieces of state, root {found.root}")
    click.echo(f"key {public}")
    if not found.problems:
        click.echo(f"The record holds. {behind}")
    return 1 if found.problems else 0


@command.command("checkpoint")
@click.pass_obj
def checkpoint(config: str | None, /) -> None:
    """Print the signed head of the log: keep it elsewhere, and the record before it cannot be changed unnoticed."""
    with _opened(config) as (_, ledger):
        click.echo(ledger.checkpoint(), nl=False)


@command.command("key")
@click.option("--pem", is_flag=True, help="As PEM, which tools other than ours read.")
@click.pass_obj
def key(config: str | None, /, pem: bool) -> None:
    """Print the public key that signs the log: give it to those who verify, by another way than the evidence."""
    from controlmon.core.dsse import public_pem

    with _opened(config) as (_, ledger):
        click.echo(public_pem(ledger.signer.verifier_key) if pem else ledger.verifier_key, nl=not pem)


@command.command("anchor")
@click.pass_obj
def anchor(config: str | None, /) -> int:
    """Show the head to every anchor of the configuration, now, and record what each gave. Exit code 1 if one of them failed."""
    from controlmon.service import anchors, flow

    with _opened(config) as (settings, ledger):
        told = anchors.anchor(ledger, anchors.open_anchors(settings, ledger, flow.utc_now), flow.utc_now())
    for entry in told:
        if entry["type"] == "anchor":
            click.echo(f"{entry['kind']} {entry['place']}: {entry['size']} entries, seen at {entry['at']}")
        else:
            click.echo(f"{entry['kind']} {entry['place']}: FAILED: {entry['reason']}")
    return 1 if any(entry["type"] == "anchor.failed" for entry in told) else 0


@command.command("rotate")
@click.option("--to", metavar="SIGNER", default="file", show_default=True, help="`file`, `awskms:KEY` or `azurekeyvault:URL`.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for the record.")
@click.pass_obj
def rotate(config: str | None, /, to: str, reason: str) -> None:
    """Change the key that signs the log: an entry and a checkpoint signed by both, so that whoever trusts the old one can follow.

    The new one of a cloud is then to be named as `signer` in the configuration. The old key's file is kept aside.
    """
    from controlmon.core.times import stamp
    from controlmon.ledger.keyfiles import keep_next_key, next_key
    from controlmon.ledger.keys import open_signer
    from controlmon.ledger.ledger import only_one
    from controlmon.service import flow

    with _opened(config) as (_, ledger), only_one(ledger.directory, "daemon"):
        old = ledger.signer.verifier_key
        new = next_key(ledger.directory, ledger.origin) if to == "file" else open_signer(to, ledger.origin, ledger.directory, create=False)
        signed = ledger.rotate(new, stamp(flow.utc_now()), reason)
        kept = keep_next_key(ledger.directory, old) if to == "file" else None
        click.echo(f"old key {old}\nnew key {new.verifier_key}")
        click.echo(f"Recorded as entry {signed.size - 1}, signed by both. Give the new key to those who verify.")
        if kept and kept.exists():
            click.echo(f"The old key is kept in {kept}: move it away from this host.")
        if to != "file":
            click.echo(f"Write `signer: {to}` in the configuration before the next run.")


@command.command("prune")
@click.option("--before", metavar="DATE", help="Drop what is older than this day; by default, and at the latest, the end of the retention.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only told.")
@click.pass_obj
def prune(config: str | None, /, before: str | None, yes: bool) -> None:
    """Drop the bodies and the state of runs past retention (six years, if the configuration says nothing). Their hashes stay."""
    from controlmon.core.times import stamp
    from controlmon.service import flow
    from controlmon.service.retention import cutoff

    with _opened(config) as (settings, ledger):
        now = flow.utc_now()
        limit = stamp(cutoff(settings, before, now))
        found = ledger.prune(limit, stamp(now), only_tell=not yes)
    if not found.entries:
        click.echo(f"Nothing is older than {limit}.")
        return
    did = "Dropped" if yes else "Would drop"
    click.echo(f"{did} {found.entries} entries' bodies, up to entry {found.through}, and {found.state} pieces of state, before {limit}.")
    click.echo("Their hashes stay, and the log says so." if yes else "Say --yes to do it; export a bundle first, if anyone may ask for it.")


@contextlib.contextmanager
def _opened(config: str | None) -> "Iterator[tuple[Any, Ledger]]":
    """The configuration and its ledger."""
    from controlmon.service import flow

    settings = config_of(config)
    ledger = flow.open_ledger(settings)
    try:
        yield settings, ledger
    finally:
        ledger.close()

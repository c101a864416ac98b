"""`controlmon bundle`: a period of the record in one file; whether it holds; and every judgement in it made again."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from controlmon.cli import sample
from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as into
from controlmon.core.errors import UsageError

if TYPE_CHECKING:
    from controlmon.ledger.bundle.write import Progress
    from controlmon.service.replay import Replayed


@click.group("bundle")
def command() -> None:
    """Hand out a period of the record in one file, verify one, and judge again what is in it."""


@command.command("export")
@click.option("--from", "begin", required=True, metavar="DATE", help="The first day (UTC), or a time with its zone.")
@click.option(
    "--to", "end", required=True, metavar="DATE", help="The last day, which is in it to its end (UTC), or the time before which it ends."
)
@click.option(
    "--control", "controls", multiple=True, metavar="ID", help="Only this control or commitment: of other judgements, the hash alone."
)
@click.option("-o", "--output", "place", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.zip")
@click.option("--force", is_flag=True, help="Write over a file of that name.")
@click.pass_obj
def export(config: str | None, /, begin: str, end: str, controls: tuple[str, ...], place: Path, force: bool) -> None:
    """Write a period of the record to a file for an auditor, and record that it was handed out."""
    from controlmon.service import bundle, flow, span
    from controlmon.service.handed import views_of

    loaded = config_of(config)
    since, until = span.period(begin, end)
    ledger = flow.open_ledger(loaded)
    try:
        period = bundle.period_of(ledger, flow.open_catalog(loaded), since, until, controls, flow.utc_now())
        with _progress("entries", "pieces") as progress:
            views = views_of(ledger, period, flow.open_registry(loaded))
            written = bundle.export(ledger, period, place, force=force, views=views, progress=progress)
        key = ledger.verifier_key
    finally:
        ledger.close()
    log = written.manifest.log
    count, withheld = log.size - log.start, log.size - log.start - written.shown
    hidden = f", {withheld:,} of them by their hash alone" if withheld else ""
    click.echo(f"{place}: {count:,} entries (from {log.start} to before {log.size}{hidden}), {written.pieces:,} pieces of state")
    click.echo(f"manifest {written.digest}")
    click.echo(f"key {key}")
    click.echo("Give the key to the auditor by another way than the file.")


@command.command("verify", context_settings={"ignore_unknown_options": True, "allow_extra_args": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="FILE [--key KEY] [OPTIONS]")
def verify(arguments: tuple[str, ...]) -> int:
    """Go through a bundle, offline: what verify.py does, which an auditor runs by itself."""
    from controlmon.ledger.offline.verify import main

    return main(list(arguments))


command.add_command(sample.command)


@command.command("replay")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--bundled-checks", "bundled", is_flag=True, help="Where the installed check is another, run the source in the bundle.")
@click.option("--check", "checks", multiple=True, metavar="ID", help="Only the judgements of this check, by id or glob.")
@listed
@click.pass_obj
def replay(config: str | None, /, file: Path, bundled: bool, checks: tuple[str, ...], form: str, output: str | None) -> int:
    """Make every judgement of a bundle again, from the raw answers in it.

    Exit codes: 0 every one came out the same, to the byte; 1 some did not; 3 none came out otherwise, but some could not be made again;
    2 wrong usage, or a bundle that cannot be read. Whether the bundle was signed, and holds, is what `bundle verify` tells.
    """
    from controlmon.ledger.bundle.read import Bundle
    from controlmon.service.checks import check_directories, load_checks
    from controlmon.service.replay import Sources
    from controlmon.service.replay import replay as again

    with into(output) as out, Bundle.open(file) as bundle, _progress("entries") as progress:
        if bundled:
            click.echo(f"controlmon: code from {file} is run where the installed check is another", err=True)
        sources = Sources(load_checks(check_directories(config_of(config).check_directories)), bundle, bundled=bundled)
        found = again(bundle, sources, _wanted(checks), lambda n: progress("entries", n))
        if checks and not found.judgements:
            raise UsageError(f"{file}: there is no judgement of {', '.join(checks)} in it")
        _tell(found, form, out)
    return found.exit_code


def _wanted(checks: tuple[str, ...]) -> "Callable[[str], bool]":
    from fnmatch import fnmatchcase

    return lambda check_id: not checks or any(fnmatchcase(check_id, pattern) for pattern in checks)


def _tell(found: "Replayed", form: str, out: TextIO) -> None:
    from msgspec import to_builtins

    from controlmon.report.rows import write

    if form == "json":
        out.write(json.dumps(to_builtins(found), ensure_ascii=False, indent=1) + "\n")
        return
    rows = [to_builtins(one) for one in found.differences]
    rows += [{**to_builtins(one), "performed": f"not re-performed: {one.reason}"} for one in found.not_performed]
    if rows or form == "csv":
        write(rows, ("check", "scope", "subject", "recorded", "performed", "entry", "entries"), form, out)
    click.echo(
        f"{found.judgements:,} judgements, {found.identical:,} of them the same to the byte ({found.findings:,} findings re-performed); "
        f"{len(found.differences):,} differences; {sum(one.entries for one in found.not_performed):,} not re-performed; "
        f"{found.withheld:,} entries without a body; {found.elsewhere:,} judgements were made by another version of controlmon",
        file=sys.stderr if form == "csv" else out,
    )


@contextlib.contextmanager
def _progress(*whats: str) -> "Iterator[Progress]":
    """How far it is, on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _what, _n: None
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {what: bar.add_task(what, total=None) for what in whats}
        yield lambda what, n: bar.advance(tasks[what], n)

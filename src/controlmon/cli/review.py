"""`controlmon review`: access reviews, from the frozen population to the signature, and what became of it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened
from controlmon.core.errors import UsageError

STYLES = {"signed": "green", "decided": "cyan", "waiting": "yellow", "overdue": "bold red", "no review": "bold red"}
COLUMNS = ("state", "campaign", "system", "reviewer", "rows", "decided", "revoked", "signed_at", "days_left")


@click.group("review")
def command() -> None:
    """Open an access review, hand out its sheets, take them back, sign them."""


@command.command("open")
@click.option("--system", "systems", multiple=True, metavar="NAME", help="Only this system; those that are declared, if none is named.")
@click.option("--reviewer", "reviewers", multiple=True, metavar="SYSTEM=PERSON", help="Who decides, instead of the owner and their deputy.")
@click.option("--id", "name", default="", metavar="ID", help="What it is called; the quarter, if nothing is given.")
@click.pass_obj
def open_(config: str | None, /, systems: tuple[str, ...], reviewers: tuple[str, ...], name: str) -> int:
    """Freeze who can do what in every system in scope.

    Exit codes: 0 every system was frozen; 3 some could not be seen, and are named.
    """
    import re

    from controlmon.service import flow, review, review_seen
    from controlmon.service.cycle import recover

    if name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", name):
        raise UsageError(f"--id {name}: use letters, digits, dots, hyphens and underscores, 63 at most")
    deciding = _reviewers(reviewers)
    settings = config_of(config)
    with _ledger(settings) as ledger:
        recover(ledger, flow.utc_now)
        registry = flow.open_registry(settings, review_seen.CHECKS)
        seen = review_seen.see(settings, registry, flow.open_catalog(settings), ledger, systems, flow.utc_now)
        campaign = review.open_(ledger, seen, deciding, flow.utc_now(), name)
    for system, said in campaign.systems.items():
        click.echo(f"{campaign.id}: {system}: {said['rows']} rows for {', '.join(said['reviewers'])}")
    for system, why in seen.missing.items():
        click.echo(f"{system} is left out: {why}", err=True)
    click.echo(f"snapshot {campaign.opened['snapshot']}; `controlmon review export {campaign.id}` makes the sheets")
    return 3 if seen.missing else 0


def _reviewers(given: tuple[str, ...]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        system, equals, person = text.partition("=")
        if not (system and equals and person):
            raise UsageError(f"--reviewer {text}: write SYSTEM=PERSON, with the person's id in the roster")
        found.setdefault(system, []).append(person)
    return found


@command.command("export")
@click.argument("campaign", default="", metavar="[CAMPAIGN]")
@click.option("--reviewer", "reviewers", multiple=True, metavar="PERSON", help="Only this reviewer's sheet.")
@click.option("-d", "--directory", default=".", type=click.Path(file_okay=False, path_type=Path), help="Where the sheets go.")
@click.pass_obj
def export(config: str | None, /, campaign: str, reviewers: tuple[str, ...], directory: Path) -> None:
    """Write each reviewer's sheet, as XLSX and as CSV."""
    from controlmon.service import flow, review
    from controlmon.service.review_record import Campaigns

    with _ledger(config_of(config)) as ledger:
        chosen = Campaigns(ledger).get(campaign)
        for person in reviewers or sorted(chosen.reviewers()):
            for path in review.export(ledger, chosen, person, directory, flow.utc_now()):
                click.echo(str(path))


@command.command("import")
@click.argument("sheet", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--by", default="", metavar="PERSON", help="Who says that the decisions are theirs; whom the sheet names, otherwise.")
@click.pass_obj
def import_(config: str | None, /, sheet: Path, by: str) -> None:
    """Take the decisions of a sheet that came back (XLSX or CSV): all of them or none."""
    from controlmon.service import flow, review
    from controlmon.service.review_table import table_of

    table, raw = table_of(sheet)
    with _ledger(config_of(config)) as ledger:
        told, problems = review.import_(ledger, table, raw, str(sheet), flow.utc_now(), by)
    for problem in problems:
        line, _, what = problem.partition(": ")
        click.echo(f"{sheet}:{line}: {what}" if line != "0" else f"{sheet}: {what}", err=True)
    if problems:
        raise UsageError(f"{sheet}: {len(problems)} problems, and nothing was imported: mend the sheet and import it again")
    counts = ", ".join(f"{count} {choice}" for choice, count in told.counts.items())
    took = f"; {told.seconds} seconds after it was exported" if told.seconds is not None else ""
    again = "; it takes the place of what was imported before" if told.again else ""
    click.echo(f"{told.campaign}: {told.reviewer} decided: {counts}{took}, first and last {told.spread} seconds apart{again}")
    click.echo(f"`controlmon review sign {told.campaign} --by {told.reviewer}` signs it")


@command.command("sign")
@click.argument("campaign", default="", metavar="[CAMPAIGN]")
@click.option("--by", required=True, metavar="PERSON", help="Who signs: a reviewer of the campaign, by their id in the roster.")
@click.option("--meaning", default=None, metavar="TEXT", help="What the signature stands for.")
@click.pass_obj
def sign(config: str | None, /, campaign: str, by: str, meaning: str | None) -> None:
    """Sign what a reviewer decided: name, time and meaning, bound to the decisions."""
    from controlmon.service import flow, review
    from controlmon.service.review_record import Campaigns

    with _ledger(config_of(config)) as ledger:
        chosen = Campaigns(ledger).get(campaign)
        said = review.sign(ledger, chosen, by, flow.utc_now(), review.MEANING if meaning is None else meaning)
    click.echo(f'{said["campaign"]}: {said["name"]} signed {said["rows"]} rows at {said["at"]}: "{said["meaning"]}" ({said["decisions"]})')


@command.command("status")
@listed
@click.pass_obj
def status(config: str | None, /, form: str, output: str | None) -> int:
    """List every campaign and how far it is, and the systems without a review in this quarter.

    Exit codes: 0 every declared system is reviewed and signed off in this quarter, or there is time left; 1 some are overdue.
    """
    from controlmon.report import rows
    from controlmon.service import flow
    from controlmon.service.review_status import progress

    told = progress(config_of(config), flow.utc_now())
    with opened(output) as out:
        rows.write(told, COLUMNS, form, out, styles=STYLES)
    return 1 if any(row["state"] == "overdue" for row in told) else 0


@contextlib.contextmanager
def _ledger(settings: Any) -> Iterator[Any]:  # noqa: ANN401 - loaded lazily
    from controlmon.service import flow

    ledger = flow.open_ledger(settings)
    try:
        yield ledger
    finally:
        ledger.close()

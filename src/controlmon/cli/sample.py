"""`controlmon bundle sample`: draw items from a bundle that neither side chose, each with its evidence and its proof."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controlmon.cli.common import config_of
from controlmon.core.errors import UsageError

if TYPE_CHECKING:
    from controlmon.engine.dossier import Dossier
    from controlmon.engine.sample import Sheet


@click.command("sample")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--key", metavar="KEY", required=True, help="The log's public key, which you were given by another way than the file.")
@click.option("--seed", metavar="TEXT", help="A seed of your own choice, made after you got the file.")
@click.option("--checkpoint", type=click.Path(dir_okay=False, path_type=Path), metavar="NOTE", help="A checkpoint signed after that.")
@click.option("--control", "controls", multiple=True, metavar="ID", help="Only this control.")
@click.option("--items", "what", type=click.Choice(("performances", "subjects")), default="performances", show_default=True)
@click.option("--size", type=click.IntRange(min=1), help="Items for each control, instead of the usual for its frequency and risk.")
@click.option("--risk", type=click.Choice(("low", "moderate", "high")), help="Instead of what the severities of its checks say.")
@click.option("-o", "--output", "place", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.xlsx|.json")
@click.pass_obj
def command(
    config: str | None, /, file: Path, key: str, seed: str | None, checkpoint: Path | None, controls: tuple[str, ...], what: str,
    size: int | None, risk: str | None, place: Path,
) -> None:  # fmt: skip
    """Draw a sample of each control from a bundle: the population is frozen by its digest, and the seed comes from after that.

    Whether the bundle was signed, and holds, is what `bundle verify` tells: run that first.
    """
    from controlmon.core.note import parse_verifier_key
    from controlmon.ledger.bundle.read import Bundle
    from controlmon.service import sample
    from controlmon.service.checks import check_directories, load_checks
    from controlmon.service.handed import dossier_of_bundle

    if (seed is None) == (checkpoint is None):
        raise UsageError("give either --seed TEXT, of your own choice, or --checkpoint NOTE, signed after the bundle was made")
    if place.suffix not in (".xlsx", ".json"):
        raise UsageError(f"{place}: give a file that ends in .xlsx or .json")
    trusted = parse_verifier_key(key)
    with Bundle.open(file) as bundle:
        source = sample.source_of_text(seed) if seed else sample.source_of_checkpoint(checkpoint or Path(), trusted, bundle)
        registry = load_checks(check_directories(config_of(config).check_directories))
        dossier = dossier_of_bundle(bundle, registry, controls)
        drawn = list(sample.sheets(bundle, dossier, bundle.frontier(), source, what=what, size=size, risk=risk))
        _write(drawn, dossier, place)
    for sheet in drawn:
        click.echo(f"{sheet.control}: {len(sheet.items)} of {sheet.population} ({sheet.frequency}, {sheet.risk} risk)")
    click.echo(f"{place}: {sum(len(sheet.items) for sheet in drawn)} items of {len(drawn)} controls; seed from {source}")
    if not drawn:
        raise UsageError(f"{file}: no control was tested in it, so there is nothing to draw from")


def _write(drawn: "list[Sheet]", dossier: "Dossier", place: Path) -> None:
    from controlmon.core.times import moment
    from controlmon.report.sample import write_json, write_workbook

    try:
        if place.suffix == ".json":
            with place.open("w", encoding="utf-8") as out:
                write_json(drawn, dossier.origin, dossier.size, dossier.root, out)
        else:
            with place.open("wb") as raw:
                write_workbook(drawn, dossier.origin, dossier.size, dossier.root, moment(dossier.made_at), raw)
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}: give a file that can be written") from error

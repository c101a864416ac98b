"""`controlmon registers`: begin the files that people keep, and check them as a run would."""

from pathlib import Path
from typing import Any

import click

from controlmon.cli.common import config_of, listed
from controlmon.cli.common import output as opened
from controlmon.core.errors import ConfigError, UsageError


@click.group("registers")
def command() -> None:
    """Begin registers from commented templates, and check them."""


@command.command("init")
@click.argument("names", nargs=-1, metavar="[NAME ...]")
@click.option("--directory", type=click.Path(file_okay=False), metavar="DIR", help="Where, instead of where the configuration says.")
@click.pass_obj
def init(config: str | None, /, names: tuple[str, ...], directory: str | None) -> None:
    """Write commented templates: of all registers, or of those named. A file that is there is left alone."""
    from controlmon.service.templates import templates

    there = templates()
    strange = [name for name in names if name not in there]
    if strange:
        raise UsageError(f"there is no register {strange[0]}: there are {', '.join(there)}")
    place = Path(directory) if directory else config_of(config).registers_directory
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, path in there.items():
            if names and name not in names:
                continue
            several = [one for suffix in (".yaml", ".yml", ".csv") if (one := place / f"{name}{suffix}").exists()]
            if several:
                click.echo(f"kept  {several[0]}")
                continue
            target = place / path.name
            target.write_bytes(path.read_bytes())
            click.echo(f"wrote {target}")
    except OSError as error:
        raise UsageError(f"{place}: {error.strerror}: name a directory that can be written") from error


@command.command("check")
@listed
@click.pass_obj
def check(config: str | None, /, form: str, output: str | None) -> int:
    """Check every register: all that is wrong, each with its file and line.

    Exit codes: 0 nothing is wrong; 2 something is.
    """
    from controlmon.report import rows

    settings = config_of(config)
    shelf = _shelf(settings)
    contents = shelf.contents()
    complaints = shelf.complaints()
    told = [
        {"register": name, "file": content.path.name, "rows": content.count(), "wrong": len(content.complaints())}
        for name, content in contents.items()
    ]
    with opened(output) as out:
        rows.write(told, ("register", "file", "rows", "wrong"), form, out)
    for complaint in complaints:
        click.echo(complaint, err=True)
    return 2 if complaints else 0


def _shelf(settings: Any) -> Any:  # noqa: ANN401 - loaded lazily
    from controlmon.collect.document.shelf import Shelf
    from controlmon.service import flow
    from controlmon.service.records import first_of

    directory = settings.registers_directory
    if not directory.is_dir():
        raise ConfigError(f"{directory}:1: there is no such directory: begin it with `controlmon registers init`")
    return Shelf(directory, flow.utc_now(), first_of(settings.state_directory))

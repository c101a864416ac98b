"""Options that several commands share."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from controlmon.core.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def listed(function: F) -> F:
    """`--format table|json|csv` and `-o FILE`, which every command that lists takes."""
    formats = click.Choice(("table", "json", "csv"))
    function = click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write there.")(function)
    return click.option("--format", "form", type=formats, default="table", show_default=True)(function)


@contextlib.contextmanager
def output(path: str | None) -> Iterator[TextIO]:
    """Where a report goes. A file is opened first, so that no work is spent on one that cannot be written."""
    if path is None:
        yield sys.stdout
        return
    try:
        with Path(path).open("w", encoding="utf-8", newline="") as out:
            yield out
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}: give a file that can be written") from error


def config_of(named: str | None) -> Any:  # noqa: ANN401 - loaded lazily
    """The configuration that `--config` names, or the one in force."""
    from controlmon.service.config import load_config

    return load_config(Path(named) if named else None)

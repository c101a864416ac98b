"""Lists of any kind, as a table, JSON or CSV."""

import csv
import json
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from controlmon.report.csv_ import harmless

Row = Mapping[str, Any]
FORMATS = ("table", "json", "csv")


def write(rows: Sequence[Row], columns: Sequence[str], form: str, out: TextIO, *, styles: Mapping[str, str] | None = None) -> None:
    """Write rows.

    Args:
        rows: each with a value for every column; JSON shows all that a row has.
        columns: the columns of a table and of CSV, in order.
        form: `table`, `json` or `csv`.
        out: where to.
        styles: how a table shows a cell of this very text.

    """
    if form == "json":
        out.write(json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=1) + "\n")
    elif form == "csv":
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([harmless(_flat(row.get(column))) for column in columns] for row in rows)
    else:
        _table(rows, columns, out, styles or {})


def grouped(rows: Sequence[Row], by: str, columns: Sequence[str], out: TextIO, *, styles: Mapping[str, str] | None = None) -> None:
    """A table for each value of one column, in the order in which they first come, under a heading; columns are as wide in each."""
    several: dict[str, list[Row]] = {}
    for row in rows:
        several.setdefault(str(row[by]), []).append(row)
    widths = {column: max((len(_flat(row.get(column))) for row in rows), default=0) for column in columns[:-1]}
    for heading, some in several.items():
        _table(some, columns, out, styles or {}, heading=heading, widths=widths)


def _table(
    rows: Sequence[Row],
    columns: Sequence[str],
    out: TextIO,
    styles: Mapping[str, str],
    *,
    heading: str = "",
    widths: Mapping[str, int] | None = None,
) -> None:
    from rich import box  # noqa: PLC0415 - a table is the only form that needs it
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    from controlmon.report.table import visible  # noqa: PLC0415

    console = Console(file=out, width=None if out.isatty() else 160, highlight=False, emoji=False, markup=False)
    table = Table(
        box=box.SIMPLE_HEAD, pad_edge=False, title=heading or None, title_justify="left", title_style="bold", show_header=not heading
    )
    for column in columns:
        width = (widths or {}).get(column)
        table.add_column(column, overflow="fold", min_width=min(width, 34) if width and console.width >= 120 else None)
    for row in rows:
        cells = [visible(_flat(row.get(column))) for column in columns]
        table.add_row(*(Text(cell, styles.get(cell, "")) for cell in cells))
    console.print(table)


def _flat(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(_flat(v) for v in value)
    return str(value)

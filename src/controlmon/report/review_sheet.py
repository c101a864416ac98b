"""A reviewer's sheet, as CSV and as XLSX: both say the same, hold no formula, and name the snapshot that they are of."""

import csv
import io
from collections.abc import Sequence

from controlmon.engine.review import COLUMNS, DECISIONS, FREE, cells
from controlmon.facts.controlmon.reviews import SheetRow
from controlmon.report.csv_ import harmless

WIDTHS = {
    "system": 18,
    "scope": 24,
    "person": 26,
    "account": 34,
    "role": 34,
    "rights": 30,
    "path": 20,
    "last_used": 30,
    "flags": 24,
    "why": 44,
}


def as_csv(header: str, rows: Sequence[SheetRow]) -> bytes:
    """The sheet as CSV (RFC 4180, UTF-8 with a mark, which spreadsheets want)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([header])
    writer.writerow(COLUMNS)
    writer.writerows([*(harmless(cell) for cell in cells(row)), *("" for _ in FREE)] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(header: str, rows: Sequence[SheetRow]) -> bytes:
    """The sheet as a workbook: the ids are hidden, all but the reviewer's columns are locked, and decisions are chosen from a list."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only who exports a sheet needs it

    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, free = book.add_format({"bold": True, "bottom": 1}), book.add_format({"locked": False, "bg_color": "#FFF8DC"})
        sheet = book.add_worksheet("Review")
        for i in range(2):  # the first column is hidden
            sheet.write_string(0, i, header)
        for i, column in enumerate(COLUMNS):
            sheet.set_column(i, i, WIDTHS.get(column, 14), None, {"hidden": column == "id"})
            sheet.write_string(1, i, column, bold)
        for number, row in enumerate(rows, start=2):
            for i, cell in enumerate(cells(row)):
                sheet.write_string(number, i, cell)
            for i in range(len(COLUMNS) - len(FREE), len(COLUMNS)):
                sheet.write_blank(number, i, None, free)
        if rows:
            at = COLUMNS.index("decision")
            sheet.data_validation(2, at, len(rows) + 1, at, {"validate": "list", "source": list(DECISIONS)})
        sheet.freeze_panes(2, 0)
        sheet.protect("", {"sort": True, "autofilter": True, "format_columns": True})
    return out.getvalue()

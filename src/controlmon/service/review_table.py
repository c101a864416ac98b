"""A sheet that came back, as cells: from CSV or XLSX, whatever a spreadsheet made of it on the way."""

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

from controlmon.core.errors import UsageError

MOST = 64 << 20
"""Bytes of a sheet, unpacked."""


def table_of(path: Path) -> tuple[list[list[str]], bytes]:
    """The cells of a file, and its bytes. Raises `UsageError` if it cannot be read, is no sheet, or is too large."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}): give the sheet that came back") from error
    if len(raw) > MOST:
        raise UsageError(f"{path}: it is larger than {MOST >> 20} MiB: no sheet of a review is")
    return (_xlsx(path, raw) if zipfile.is_zipfile(io.BytesIO(raw)) else _csv(path, raw)), raw


def _csv(path: Path, raw: bytes) -> list[list[str]]:
    try:
        text = raw.decode("utf-8-sig")
        first = text.partition("\n")[2].partition("\n")[0]
        separator = max(",;\t", key=first.count)  # some locales save with another one
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path}: it is neither a workbook nor CSV in UTF-8 ({error}): save the sheet as XLSX or as CSV UTF-8") from error


def _xlsx(path: Path, raw: bytes) -> list[list[str]]:
    from openpyxl import load_workbook  # type: ignore[import-untyped]  # noqa: PLC0415 - only who imports a workbook needs it
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]  # noqa: PLC0415

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST:
            raise UsageError(f"{path}: it unpacks to more than {MOST >> 20} MiB: no sheet of a review does")
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        return [[_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)]
    except (InvalidFileException, KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile, SyntaxError) as error:
        raise UsageError(f"{path}: it is no workbook that can be read ({error}): save the sheet again as XLSX, or as CSV") from error


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

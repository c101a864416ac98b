"""Pure. A CSV as people save it: a byte order mark, commas or semicolons or tabs, any line ends; never a formula."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from controlmon.core.errors import ConfigError

BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
FORMULA = re.compile(r"^[=@]|^[+-](?![0-9.,\s]*$)|^[\t\r]")
"""What a spreadsheet would compute instead of show (OWASP, CSV injection). A number with a sign is none."""


class Line(Struct, frozen=True):
    """One row: its line in the file (from 1), and its cells by column, the blank ones left out."""

    number: int
    cells: dict[str, str]


def read_sheet(path: Path, raw: bytes) -> tuple[dict[str, str], list[Line], list[ConfigError]]:
    """The head (lines of `# key: value` above the columns), the rows, and what is wrong with any of them.

    Raises:
        ConfigError: if it cannot be read as a table at all.

    """
    text = _decoded(path, raw)
    head: dict[str, str] = {}
    lines = text.splitlines(keepends=True)
    start = 0
    for line in lines:
        if not (stripped := line.strip().strip(",;\t")):
            start += 1
            continue
        if not stripped.lstrip('"').startswith("#"):
            break
        start += 1
        key, colon, value = stripped.strip('"').lstrip("#").partition(":")
        if colon and re.fullmatch(r"[a-z_]+", key.strip()):
            head[key.strip()] = value.strip().strip('"')
    body = "".join(lines[start:])
    if not body.strip():
        raise ConfigError(f"{path}:{max(start, 1)}: found no columns, expected a first line that names them")
    return (head, *_rows(path, body, start))


def _decoded(path: Path, raw: bytes) -> str:
    encoding = next((name for mark, name in BOMS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: found bytes that are not UTF-8, expected UTF-8 text; save the file in that encoding") from None
    if "\0" in text:
        raise ConfigError(
            f"{path}:1: found NUL characters, as in UTF-16 without its mark, expected UTF-8 text; save the file in that encoding"
        )
    return text


def _rows(path: Path, body: str, before: int) -> tuple[list[Line], list[ConfigError]]:
    first = body.splitlines()[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    rows: list[Line] = []
    problems: list[ConfigError] = []
    columns: list[str] = []
    for number, cells in _read(path, reader, before):
        if not columns:
            columns = [cell.strip() for cell in cells]
            if wrong := _columns(path, number, columns):
                raise wrong
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            problems.append(
                ConfigError(
                    f"{path}:{number}: found {len(cells)} cells, expected {len(columns)}; put text that holds {delimiter!r} between quotes"
                )
            )
        formula = next((c for c, cell in zip(columns, cells, strict=False) if FORMULA.match(cell)), None)
        if formula is not None:
            problems.append(ConfigError(f"{path}:{number}: found a formula in `{formula}`, expected plain text; paste it as a value"))
        rows.append(Line(number, {c: cell.strip() for c, cell in zip(columns, cells, strict=False) if cell.strip()}))
    return rows, problems


def _read(path: Path, reader: Any, before: int) -> Iterator[tuple[int, list[str]]]:  # noqa: ANN401 - csv names no type
    """Each row with the line that it begins on."""
    began = before + 1
    try:
        for cells in reader:
            yield began, cells
            began = before + reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{path}:{began}: {error}, expected a CSV; mend the quotes of the row that begins here") from None


def _columns(path: Path, number: int, columns: list[str]) -> ConfigError | None:
    twice = next((c for i, c in enumerate(columns) if c in columns[:i]), None)
    if twice is not None:
        what = f"the column `{twice}` again" if twice else "two columns without a name"
        return ConfigError(f"{path}:{number}: found {what}, expected each once; rename one")
    return None

"""Pure. The bytes of a register as rows, each with its line; what does not fit is said row by row, so that one mistake hides no other."""

import re
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, inspect

from controlmon.collect.document.sheet import Line, read_sheet
from controlmon.core.canonical import canonical
from controlmon.core.errors import ConfigError
from controlmon.core.yamltext import Document, nearest, parse
from controlmon.facts.document.registers import About, Register
from controlmon.facts.document.schema import Row

SUFFIXES = (".yaml", ".yml", ".csv")
_TYPES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "date": "a day as YYYY-MM-DD"}
_TYPES |= {"datetime": "a time as YYYY-MM-DDTHH:MM:SSZ", "object": "a mapping, which only YAML can hold", "array": "a list"}
_TYPES |= {"null": "nothing"}


class Held(Struct):
    """One row: what it is known by, its line (from 1), its plain values, and what is wrong with it, if anything."""

    key: str
    line: int
    plain: dict[str, Any]
    value: Row | None = None
    problem: str = ""


class Content(Struct):
    """What one register's file holds.

    `problems` are those of the file as a whole, each as `FILE:LINE: ...`; `altered` and `removed` are records that are not as they were.
    """

    register: Register
    path: Path
    about: About = About()
    rows: list[Held] = []
    problems: list[str] = []
    altered: list[str] = []
    removed: list[str] = []

    def complaints(self) -> list[str]:
        """All that is wrong, in the order of the lines."""
        told = [*self.problems, *(row.problem for row in self.rows if row.problem)]
        return sorted(dict.fromkeys(told), key=_place)

    def count(self) -> int:
        """How many rows stand in the file: a record that is gone is none."""
        return sum(row.line > 0 for row in self.rows)


def _place(complaint: str) -> tuple[str, int]:
    found = re.match(r"(.*?):(\d+): ", complaint)
    return (found[1], int(found[2])) if found else (complaint, 0)


def read_register(register: Register, path: Path, raw: bytes) -> Content:
    """The rows of a register, and all that is wrong with them. Raises `ConfigError` if the file cannot be read as one at all."""
    content = _of_sheet(register, path, raw) if path.suffix == ".csv" else _of_yaml(register, path, raw)
    first: dict[str, int] = {}
    known = {field.encode_name for field in _fields(register.row)}
    for row in content.rows:
        if row.value is None:
            # What the schema does not know is not kept: it may be what must not be (what a performance review said).
            row.plain = {name: value for name, value in row.plain.items() if name in known}
        try:
            canonical(row.plain)
        except (TypeError, ValueError) as error:
            told = f"{path}:{row.line}: found a value that cannot be recorded ({error}); correct it, or put it between quotes"
            row.problem, row.value, row.plain = told, None, {}
        if row.key in first:
            again = f"found `{row.key}` again (first on line {first[row.key]})"
            row.problem = (
                row.problem or f"{path}:{row.line}: {again}, expected each {' and '.join(register.key)} once; rename or remove one"
            )
            row.value = None
        elif row.key:
            first[row.key] = row.line
    return content


def _of_yaml(register: Register, path: Path, raw: bytes) -> Content:
    document = parse(path, raw)
    place: tuple[str | int, ...] = ()
    about, rows = About(), document.data
    problems = []
    if isinstance(rows, dict):
        if strange := sorted(set(rows) - {"register", "rows"}):
            raise document.error(
                (strange[0],), f"found the key `{strange[0]}`, expected `register` or `rows`; a register is a list of rows"
            )
        if "register" in rows:
            try:
                about = _part(document, ("register",)).convert(About)
            except ConfigError as error:
                problems.append(str(error))
        place, rows = ("rows",), rows.get("rows", [])
    if not isinstance(rows, list):
        raise document.error(place, "found no list of rows, expected one; start each row with `- `")
    content = Content(register, path, about, problems=problems)
    for i, plain in enumerate(rows):
        part = _part(document, (*place, i))
        values = plain if isinstance(plain, dict) else {}
        held = Held(register.key_of(values), document.line((*place, i)), _plain(values))
        try:
            held.value = part.convert(register.row)
            held.plain = msgspec.to_builtins(held.value)
        except ConfigError as error:
            held.problem = str(error)
        content.rows.append(held)
    return content


def _part(document: Document, place: tuple[str | int, ...]) -> Document:
    """One part of a document, which complains at its own lines."""
    data, node = document.data, document.node
    for step in place:
        data = data[step]
        pairs = node.value
        node = next(value for key, value in pairs if key.value == step) if isinstance(step, str) else pairs[step]
    return Document(document.path, document.sha256, data, node)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever stands in a file
    """A value of YAML as JSON has it."""
    return msgspec.to_builtins(value, enc_hook=str)


def _of_sheet(register: Register, path: Path, raw: bytes) -> Content:
    head, lines, problems = read_sheet(path, raw)
    content = Content(register, path, problems=[str(problem) for problem in problems])
    try:
        content.about = msgspec.convert(head, About, strict=False)
    except msgspec.ValidationError as error:
        content.problems.append(f"{path}:1: in the head, {_said(error)}")
    fields = {field.encode_name: field for field in _fields(register.row)}
    bad = {problem.partition(": ")[0] for problem in content.problems}
    for line in lines:
        held = Held(register.key_of(dict(line.cells)), line.number, dict(line.cells))
        try:
            values = {name: _split(fields[name].type, cell) if name in fields else cell for name, cell in line.cells.items()}
            held.value = msgspec.convert(values, register.row, strict=False)
            held.plain = msgspec.to_builtins(held.value)
        except msgspec.ValidationError as error:
            held.problem = f"{path}:{line.number}: {_explained(error, line, list(fields))}"
        if f"{path}:{line.number}" in bad:
            held.problem = held.problem or next(p for p in content.problems if p.startswith(f"{path}:{line.number}: "))
            held.value = None
        content.rows.append(held)
    return content


def _split(kind: inspect.Type, cell: str) -> object:
    """A cell that holds several values has them between bars: `aws | entra`."""
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    several = isinstance(kind, inspect.VarTupleType | inspect.ListType | inspect.SetType)
    return [part.strip() for part in cell.split("|") if part.strip()] if several else cell


def _explained(error: msgspec.ValidationError, line: Line, known: list[str]) -> str:
    said = str(error)
    if found := re.search("unknown field `(.*?)`", said):
        near = nearest(found[1], known)
        return f"found the column `{found[1]}`, expected {', '.join(f'`{one}`' for one in known)}" + (
            f"; did you mean `{near}`?" if near else ""
        )
    if found := re.search("missing required field `(.*?)`", said):
        return f"found nothing in `{found[1]}`, expected a value; fill the cell" + ("" if line.cells else " or remove the row")
    return _said(error)


def _said(error: msgspec.ValidationError) -> str:
    message, _, place = str(error).partition(" - at `$.")
    where = f"in `{place.rstrip('`').split('[')[0].split('.')[0]}` " if place else ""
    said = re.sub("`([a-z]+)`", lambda word: _TYPES.get(word[1], word[0]), message)
    for name in ("date", "datetime"):
        said = said.replace(f"Invalid RFC3339 encoded {name}", f"Expected {_TYPES[name]}")
    return where + re.sub("^(Expected|Invalid)", "found another value, expected", said)


def _fields(row: type[Any]) -> tuple[inspect.Field, ...]:
    found = inspect.type_info(row)
    assert isinstance(found, inspect.StructType)  # noqa: S101 - a row is one
    return found.fields

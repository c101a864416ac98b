"""Lists of any kind, in each form."""

import csv
import io
import json
from typing import Any

from controlmon.report import rows

LIST: list[dict[str, Any]] = [
    {"id": "one", "state": "passing", "checks": ["a", "b"], "n": 3, "more": {"deep": [1]}},
    {"id": "=cmd()", "state": "[red]failing[/red]\x1b[2J", "checks": (), "n": None, "more": None},
]
COLUMNS = ("state", "id", "checks", "n")


def written(form: str, given: list[dict[str, Any]] = LIST, **more: Any) -> str:
    out = io.StringIO()
    rows.write(given, COLUMNS, form, out, **more)
    return out.getvalue()


def test_json_shows_all_that_a_row_has() -> None:
    """Typed, and not only the columns."""
    assert json.loads(written("json")) == json.loads(json.dumps(LIST))
    assert json.loads(written("json", [])) == []


def test_csv_shows_the_columns() -> None:
    """In their order; lists by their words; no formulas."""
    said = list(csv.reader(io.StringIO(written("csv"), newline="")))
    assert said == [list(COLUMNS), ["passing", "one", "a b", "3"], ["[red]failing[/red]\x1b[2J", "'=cmd()", "", ""]]
    assert list(csv.reader(io.StringIO(written("csv", [])))) == [list(COLUMNS)]


def test_a_table_shows_names_and_obeys_none() -> None:
    """No markup, no escapes, no colours without a terminal."""
    said = [line.rstrip() for line in written("table", styles={"passing": "green"}).splitlines() if line.strip()]
    assert said[0].split() == list(COLUMNS)
    assert said[2].split() == ["passing", "one", "a", "b", "3"]
    assert said[3].split() == ["[red]failing[/red]\\u001b[2J", "=cmd()"]


def test_a_long_cell_is_folded() -> None:
    """Not cut."""
    assert written("table", [{"id": "x" * 300, "state": "s"}]).count("x") == 300

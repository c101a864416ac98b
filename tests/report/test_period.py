"""A period as a table, CSV, JSON and a page."""

import csv
import io
import json
from typing import Any

import pytest

from controlmon.engine.catalog import CheckRef, Commitment, Method, Role
from controlmon.engine.dossier import Dossier
from controlmon.report.period import COLUMNS, FEW, deviation_rows, write
from controlmon.service.checks import Registry
from controlmon.service.dossier import dossier_of
from tests.histories import BEGIN, CHECK, OTHER, MemoryHistory, Rows, control, hours


def made(rows: Rows) -> Dossier:
    """Twelve hours, of which the last saw these rows and one was missed."""
    history = MemoryHistory()
    promised = Commitment("promise", "FAQ", "Promise.", Method.AUTOMATED, (), (CheckRef(OTHER, Role.PRIMARY),))
    history.catalog(BEGIN, control((CHECK, Role.PRIMARY)), commitments=[promised])
    history.schedule(BEGIN, hourly=[CHECK])
    history.hours(0, 10, {"a": "pass"})
    history.missed("hourly", hours(10))
    history.hours(11, 12, rows)
    return dossier_of(history, BEGIN, hours(12), hours(48), Registry([]))


def written(dossier: Dossier, form: str) -> str:
    out = io.StringIO()
    write(dossier, form, out)
    return out.getvalue()


NASTY = "[red]x[/red]\x1b[2J"


def test_the_table_says_what_and_why() -> None:
    """A line for each control and commitment, a line for each deviation, and where it comes from; names are shown, not obeyed."""
    said = written(made({NASTY: "fail"}), "table")
    assert "operated with deviations" in said
    assert "1 of 12 expected runs were not performed (1 missed)" in " ".join(said.split())
    assert "91.6 %" in said
    assert "\x1b" not in said
    assert "[RED]X[/RED]\\u001b[2J" in said
    assert "0 operated, 1 operated with deviations, 0 not concluded, 1 not tested" in said
    assert "not anchored" in said


def test_a_table_of_many_deviations_says_how_many_more_there_are() -> None:
    """None is dropped without a word."""
    said = written(made({f"s{i:03}": "fail" for i in range(FEW + 7)}), "table")
    assert said.count("it is fail") == FEW
    assert "and 7 deviations more" in said


def test_csv_has_a_row_for_each() -> None:
    """Counts as numbers; a commitment has no coverage of its own."""
    rows = list(csv.DictReader(io.StringIO(written(made({"a": "fail"}), "csv"), newline="")))
    assert list(rows[0]) == list(COLUMNS)
    assert [(r["id"], r["conclusion"], r["expected"], r["missed"], r["deviations"], r["open"]) for r in rows] == [
        ("c.one", "operated with deviations", "12", "1", "1", "1"),
        ("promise", "not tested", "", "", "0", "0"),
    ]
    assert (rows[0]["deviating"], rows[0]["of"], rows[0]["not_run"], rows[1]["not_run"]) == ("1", "11", "", OTHER)


def test_json_holds_all_of_it() -> None:
    """Each deviation with its place in the log, each population with how it was listed."""
    said: dict[str, Any] = json.loads(written(made({"a": "fail"}), "json"))
    (one,) = said["controls"]
    assert (one["control"]["id"], one["deviations"][0]["subject"], one["coverage"]["missed"]) == ("c.one", "a", 1)
    assert said["populations"][0]["source"]["operations"][0]["operation"] == "s:List"
    assert (said["begin"], "findings" in said, len(said["limits"]) >= 6) == ("2026-03-02T00:00:00.000Z", False, True)


def test_the_page() -> None:
    """Written by the page's own writer."""
    assert written(made({"a": "fail"}), "html").lstrip().lower().startswith("<!doctype html>")


@pytest.mark.parametrize("rows", [{"a": "pass"}, {"a": "fail"}])
def test_rows_of_deviations(rows: Rows) -> None:
    """Typed, with how long it lasted in words."""
    found = [d for check in made(rows).checks.values() for d in check.deviations]
    said = deviation_rows(found)
    assert [(row["subject"], row["lasted"], row["explained"], row["responses"]) for row in said] == [("a", "1 h", 0, [])] * (
        rows["a"] == "fail"
    )

"""The period as a spreadsheet: whole, the same each time, and without a formula."""

import io
from typing import Any

import openpyxl
import pytest

from controlmon.engine.dossier import Dossier
from controlmon.report import workbook
from controlmon.report.table import visible
from tests.dossiers import NASTY, Company, empty, rich


def written(dossier: Dossier) -> bytes:
    out = io.BytesIO()
    workbook.write(dossier, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(written(rich())))


def rows(book: Any, sheet: str) -> list[dict[str, Any]]:
    head, *body = book[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_no_cell_is_a_formula_or_a_link(book: Any) -> None:
    """Names that begin like one are text, and come back as they are seen."""
    kinds, texts = set(), set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                kinds.add(cell.data_type)
                texts.add(cell.value)
                assert cell.hyperlink is None
    assert "f" not in kinds
    assert {visible(name) for name in NASTY} <= texts


def test_the_same_period_gives_the_same_bytes() -> None:
    """Twice; the time of creation is that of the dossier."""
    assert written(rich()) == written(rich())
    assert written(rich()) != written(Company().dossier(made_at="2027-02-01T00:00:00.000Z"))


def test_every_sheet_has_its_rows(book: Any) -> None:
    """As many as the dossier has."""
    dossier = rich()
    assert [row["Control"] for row in rows(book, "Controls")] == [one.control.id for one in dossier.controls]
    assert [row["Deviation"] for row in rows(book, "Deviations")] == [d.id for check in dossier.checks.values() for d in check.deviations]
    assert len(rows(book, "Coverage")) == sum(len(one.coverage.days) for one in dossier.controls)
    assert len(rows(book, "Populations")) == len(dossier.populations)
    assert len(rows(book, "Subjects")) == sum(p.end_count + len(p.removed) for p in dossier.populations)
    assert len(rows(book, "Changes")) == len(dossier.changes)
    assert [row["What none of this can show"] for row in rows(book, "Limits")] == list(dossier.limits)
    assert {row["Outcome"] for row in rows(book, "Not passed at the end")} == {"fail", "unknown"}


def test_numbers_are_numbers(book: Any) -> None:
    """To filter and to sum by."""
    row = rows(book, "Controls")[1]
    assert (row["expected"], row["performed"], row["missed"], row["Coverage %"]) == (8760, 8652, 96, 98.7)
    assert (row["Deviations"], row["Open"], row["Rate at most % (95 %)"]) == (12, 3, 0.21)
    assert rows(book, "Controls")[3]["Coverage %"] is None


def test_a_sheet_that_is_full_goes_on_in_another() -> None:
    """No row is left out."""
    out = io.BytesIO()
    workbook.write(Company(days=60, subjects=150).dossier(), out, rows=100)
    book = openpyxl.load_workbook(out)
    names = [name for name in book.sheetnames if name.startswith("Subjects")]
    assert names == ["Subjects", "Subjects 2", "Subjects 3", "Subjects 4"]
    assert sum(len(rows(book, name)) for name in names) == 302


def test_a_cell_that_is_too_long_says_so() -> None:
    """And where the whole is."""
    dossier = Company(days=3).dossier(limits=("x" * 40_000,))
    (row,) = rows(openpyxl.load_workbook(io.BytesIO(written(dossier))), "Limits")
    (said,) = row.values()
    assert len(said) == 32_767
    assert said.endswith("x ... 40,000 characters in all; the CSV has them")


def test_an_empty_period_is_a_workbook_too() -> None:
    """With all its sheets, and headings."""
    book = openpyxl.load_workbook(io.BytesIO(written(empty())))
    assert book.sheetnames[:4] == ["Summary", "Controls", "Deviations", "Coverage"]
    assert {row["Conclusion"] for row in rows(book, "Controls")} == {"not tested"}
    assert rows(book, "Subjects") == []

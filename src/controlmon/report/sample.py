"""A sample as a workbook, a sheet for each control, or as JSON: each item with its evidence and the proof that it is in the log."""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, BinaryIO, TextIO

from msgspec import to_builtins

from controlmon.engine.sample import Item, Sheet
from controlmon.report import words

PIECE = 30_000
"""Characters of evidence in one cell; Excel takes 32,767."""
NAME = 31
"""Characters in the name of a sheet (Excel's limit)."""
COLUMNS = (
    ("No.", 5), ("Item", 40), ("Rank (HMAC-SHA256)", 24), ("Entry", 9), ("Judged at (UTC)", 22), ("Check", 34), ("Scope", 34),
    ("Found", 30), ("Auditor's result", 20), ("Auditor's note", 30), ("Leaf hash", 24), ("Inclusion proof (RFC 6962), leaf upwards", 40),
)  # fmt: skip


def write_json(sheets: Sequence[Sheet], origin: str, size: int, root: str, out: TextIO) -> None:
    """One document: the log's head, then each control's sample."""
    said = {"log": {"origin": origin, "size": size, "root": root}, "sheets": [to_builtins(sheet) for sheet in sheets]}
    out.write(json.dumps(said, ensure_ascii=False, indent=1) + "\n")


def write_workbook(sheets: Sequence[Sheet], origin: str, size: int, root: str, made_at: datetime, out: BinaryIO) -> None:
    """A workbook (XLSX) without formulas or links; the same sample gives the same bytes."""
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only who draws a sample needs it

    with tempfile.TemporaryDirectory(prefix="controlmon-") as place:
        options = {"tmpdir": place, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(out, options)
        book.set_properties({"title": "Sample", "author": "controlmon", "created": made_at.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        first = book.add_worksheet("How it was drawn")
        first.set_column(0, 0, 30)
        first.set_column(1, 1, 130)
        for row, (name, text) in enumerate(_method(sheets, origin, size, root)):
            first.write_string(row, 0, name, bold)
            first.write_string(row, 1, words.shown(text))
        taken: set[str] = {"how it was drawn"}
        for sheet in sheets:
            _one(book.add_worksheet(_name(sheet.control, taken)), sheet, bold)
        book.close()


def _method(sheets: Sequence[Sheet], origin: str, size: int, root: str) -> Iterator[tuple[str, str]]:
    yield "Log", origin
    yield "Head", f"{size} entries, root {root}: each proof leads to this root"
    yield "Seed's source", sheets[0].source if sheets else ""
    yield "Population", "each line of it, sorted, ended by a newline; its digest is the SHA-256 of all of them"
    yield "Seed", "SHA-256 of: controlmon sample v1, the control, the population's digest, the source; each ended by a newline"
    yield "Rank", "HMAC-SHA256 (RFC 2104) of the item's line under the seed; the lowest are the sample"
    yield (
        "What it does not exclude",
        (
            "Who runs the log could add entries until a checkpoint suits: choose the seed yourself, or take one that a witness cosigned "
            "at a time that you chose. The usual sizes are common practice, and yours to change."
        ),
    )
    for sheet in sheets:
        drawn = f"{len(sheet.items)} of {sheet.population} ({sheet.frequency}, {sheet.risk} risk: {sheet.size})"
        yield sheet.control, f"{drawn}; population {sheet.digest}; seed {sheet.seed}; checks {', '.join(sheet.checks)}"


def _one(sheet: Any, sample: Sheet, bold: Any) -> None:  # noqa: ANN401 - made by xlsxwriter
    pieces = [list(_pieces(item)) for item in sample.items]
    more = max((len(several) for several in pieces), default=0)
    columns = (*COLUMNS, *((f"Evidence {i + 1}", 40) for i in range(more)))
    for i, (title, width) in enumerate(columns):
        sheet.set_column(i, i, width)
        sheet.write_string(0, i, title, bold)
    sheet.freeze_panes(1, 2)
    for row, (item, several) in enumerate(zip(sample.items, pieces, strict=True), 1):
        for i, cell in enumerate((*_cells(row, item), *several)):
            if isinstance(cell, int):
                sheet.write_number(row, i, cell)
            else:
                sheet.write_string(row, i, cell)
    sheet.autofilter(0, 0, max(len(sample.items), 1), len(columns) - 1)


def _cells(number: int, item: Item) -> tuple[str | int, ...]:
    body: dict[str, Any] = json.loads(item.entry)
    found = ", ".join(f"{count} {outcome}" for outcome, count in body["outcomes"].items() if count)
    if item.state or (len(item.rows) == 1 and item.line != str(item.position)):
        found = "; ".join(f"{row['outcome']}: {row['reason']}" for row in item.rows)
    scope = ":".join(part for part in body["scope"].values() if part)
    return (
        number, words.shown(item.line), item.rank, item.position, body["clock"], body["check"]["id"], words.shown(scope),
        words.shown(found)[:PIECE], "", "", item.leaf, " ".join(item.proof),
    )  # fmt: skip


def _pieces(item: Item) -> Iterator[str]:
    """The evidence, whole, in as many cells as it needs."""
    said = {"entry": item.entry} | ({"findings": json.dumps(item.rows, ensure_ascii=False)} if item.rows else {})
    said |= {fact: json.dumps(answer, ensure_ascii=False) for fact, answer in item.state.items()}
    for name, text in said.items():
        shown = words.shown(text)
        for start in range(0, len(shown), PIECE):
            yield f"{name}: {shown[start : start + PIECE]}"


def _name(control: str, taken: set[str]) -> str:
    """A name that a sheet may have, and no other has."""
    plain = re.sub(r"[\[\]:*?/\\']", "-", control)
    name, number = plain[:NAME], 2
    while name.lower() in taken:
        tail = f" {number}"
        name, number = plain[: NAME - len(tail)] + tail, number + 1
    taken.add(name.lower())
    return name

"""The period as a spreadsheet: a view to filter and to sample from. It holds no formula and no link, whatever the things are called."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from controlmon.core.times import moment
from controlmon.engine.dossier import Coverage, Deviation, Dossier
from controlmon.report import words
from controlmon.report.places import population_files, present

Cell = str | int | float | None
LONGEST = 32_767
"""Characters that a cell holds (Excel's limit)."""
ROWS = 1_048_576
"""Rows that a sheet holds, the heading included (Excel's limit)."""
COVERAGE = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown", "unscheduled", "longest_gap")
DAY = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown", "failing")


def write(dossier: Dossier, out: BinaryIO, *, rows: int = ROWS) -> None:
    """Write the workbook (XLSX). The same dossier gives the same bytes; memory does not grow with the rows.

    A sheet of more than `rows`, the heading included, goes on in another.
    Findings that passed are left to the CSV files of each control, and the sheet says so.
    """
    import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 - only who exports a bundle needs it

    with tempfile.TemporaryDirectory(prefix="controlmon-") as place:  # a row at a time goes through files there
        options = {
            "constant_memory": True,
            "tmpdir": place,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(out, options)
        book.set_properties(
            {"title": "Evidence of operation", "author": "controlmon", "created": moment(dossier.made_at).replace(tzinfo=None)}
        )
        sheets = _Sheets(book, rows)
        sheets.add("Summary", (("What", 34), ("", 110)), _summary(dossier))
        sheets.add("Controls", _CONTROLS, _controls(dossier))
        sheets.add("Deviations", _DEVIATIONS, _deviations(dossier))
        sheets.add("Coverage", (("Control", 36), ("Day", 12), *((name, 11) for name in DAY)), _coverage(dossier))
        sheets.add("Checks", _CHECKS, _checks(dossier))
        sheets.add("Not passed at the end", _FINDINGS, _not_passed(dossier))
        sheets.add("Populations", _POPULATIONS, _populations(dossier))
        sheets.add("Subjects", (("Kind", 28), ("Scope", 34), ("Id", 70), ("Name", 40), ("Region", 16), ("Present", 18)), _subjects(dossier))
        sheets.add(
            "Changes",
            (("At (UTC)", 18), ("What", 40), ("From", 74), ("To", 74), ("Found before", 40), ("Found after", 40), ("Entry", 9)),
            _changes(dossier),
        )
        sheets.add("Access reviews", _CAMPAIGNS, _campaigns(dossier))
        sheets.add(
            "Anchors", (("At (UTC)", 18), ("Kind", 16), ("Place", 50), ("Entries", 10), ("Root", 70), ("It says", 70)), _anchors(dossier)
        )
        sheets.add("Limits", (("What none of this can show", 140),), ((limit,) for limit in dossier.limits))
        book.close()


class _Sheets:
    """Writes sheets of rows under a heading that stays in sight."""

    def __init__(self, book: Any, rows: int) -> None:  # noqa: ANN401 - loaded when it is needed
        self._book, self._rows = book, rows
        self._bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})

    def add(self, name: str, columns: tuple[tuple[str, int], ...], rows: Iterable[tuple[Cell, ...]]) -> None:
        """Add one sheet, or as many as the rows need."""
        left, number = iter(rows), 1
        ahead = next(left, None)
        while True:
            sheet = self._book.add_worksheet(name if number == 1 else f"{name} {number}")
            for i, (title, width) in enumerate(columns):
                sheet.set_column(i, i, width)
                sheet.write_string(0, i, title, self._bold)
            sheet.freeze_panes(1, 0)
            at = 0
            while ahead is not None and at < self._rows - 1:
                at += 1
                for i, cell in enumerate(ahead):
                    _write(sheet, at, i, cell)
                ahead = next(left, None)
            sheet.autofilter(0, 0, max(at, 1), len(columns) - 1)
            number += 1
            if ahead is None:
                return


def _write(sheet: Any, row: int, column: int, cell: Cell) -> None:  # noqa: ANN401
    if isinstance(cell, str):
        text = words.shown(cell)
        if len(text) > LONGEST:
            said = f" ... {len(text):,} characters in all; the CSV has them"
            text = text[: LONGEST - len(said)] + said
        sheet.write_string(row, column, text)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _summary(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    yield "Log", dossier.origin
    yield "Period", words.period(dossier.begin, dossier.end)
    yield "Checkpoint", f"{dossier.size:,} entries, signed {words.when(dossier.checkpoint_at)}"
    yield "Root", dossier.root
    yield "Key", dossier.key
    last = dossier.anchors[-1] if dossier.anchors else None
    yield "Anchored", f"{len(dossier.anchors):,} times, last at {last.size:,} entries, {words.when(last.at)}" if last else "never"
    yield "Entries that nobody outside has seen", dossier.unanchored
    yield "Made", words.when(dossier.made_at)
    for conclusion in dict.fromkeys(one.conclusion for one in dossier.controls):
        yield f"Controls: {conclusion}", sum(one.conclusion == conclusion for one in dossier.controls)
    yield "Deviations", len({d.id for check in dossier.checks.values() for d in check.deviations})
    for run, at in dossier.interrupted:
        yield "Run that died", f"{run}, noticed {words.when(at)}"
    for one in dossier.exceptions:
        yield f"Exception {one.id}", f"{one.control}: {one.subjects} subjects, {one.days} days, until {one.until}, by {one.by}: {one.why}"
    yield "All times", "UTC"
    yield "This is a view", "Verify the log of the bundle with a verifier and a key that you got elsewhere."


_CONTROLS = (
    ("Control", 36), ("Name", 36), ("Category", 24), ("Promise", 60), ("Conclusion", 26), ("Because", 50), ("Method", 12),
    ("Frequency", 12),
    ("Coverage %", 11), *((name, 11) for name in COVERAGE), ("Deviations", 11), ("Open", 8), ("Conclusive runs", 11),
    ("With deviation", 11),
    ("Rate at most % (95 %)", 12), ("Did not run", 40), ("Requirements", 60),
)  # fmt: skip


def _controls(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for one in dossier.controls:
        c = one.control
        requirements = "; ".join(f"{m.framework} {', '.join(m.refs)}".strip() for m in c.frameworks)
        yield (
            c.id, c.name, c.category, c.promise, one.conclusion, one.why, str(c.method), str(c.frequency), *_covered(one.coverage),
            len(one.deviations), sum(d.ended is None for d in one.deviations), one.rate.of, one.rate.deviating,
            None if one.rate.rate is None else words.bound(one.rate.upper), ", ".join(one.not_run), requirements,
        )  # fmt: skip


def _covered(coverage: Coverage) -> tuple[Cell, ...]:
    percent = coverage.percent
    return (None if percent is None else words.down(percent), *(getattr(coverage, name) for name in COVERAGE))


_DEVIATIONS = (
    ("Deviation", 14), ("Controls", 36), ("Check", 36), ("Scope", 34), ("Subject", 70), ("Name", 40), ("Severity", 10), ("Because", 50),
    ("First seen (UTC)", 18), ("Before the period", 10), ("Last seen (UTC)", 18), ("Ended (UTC)", 18), ("How", 16), ("Hours", 9),
    ("Seen by runs", 9),
    ("Entry", 9), ("Retest", 9), ("What people said", 60),
)  # fmt: skip


def _deviations(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    of: dict[str, list[str]] = {}
    for one in dossier.controls:
        for d in one.deviations:
            of.setdefault(d.id, []).append(one.control.id)
    for check in dossier.checks.values():
        for d in check.deviations:
            yield _deviation(d, ", ".join(of.get(d.id, ())))


def _deviation(d: Deviation, controls: str) -> tuple[Cell, ...]:
    said = "; ".join(words.responded(one) for one in d.responses)
    ended = None if d.ended is None else words.when(d.ended)
    return (
        d.id, controls, d.check, d.scope, d.subject, d.name, d.severity, d.reason, words.when(d.first_seen), "yes" if d.before else "",
        words.when(d.last_seen), ended, d.how_ended, round(d.duration / 3600, 2), d.seen, d.position, d.retest, said,
    )  # fmt: skip


def _coverage(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for one in dossier.controls:
        for day in one.coverage.days:
            yield (one.control.id, day.date, *(getattr(day, name) for name in DAY))


_CHECKS = (
    ("Check", 40), ("Title", 60), ("Severity", 10), ("Frequency", 11), ("Performances", 12), ("pass", 11), ("fail", 11), ("unknown", 11),
    ("not applicable", 11), ("Coverage %", 11), *((name, 11) for name in COVERAGE), ("Source", 74), ("Parameters", 50), ("It shows", 80),
)  # fmt: skip


def _checks(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for one in dossier.checks.values():
        found = (one.findings.get(outcome, 0) for outcome in words.OUTCOMES)
        told = ", ".join(one.digests), words.plain(one.parameters), one.proves
        yield (one.id, one.title, one.severity, one.frequency, one.performances, *found, *_covered(one.coverage), *told)


_FINDINGS = (
    ("Check", 40), ("Scope", 34), ("At (UTC)", 18), ("Outcome", 10), ("Severity", 10), ("Subject", 70), ("Name", 40), ("Region", 16),
    ("Because (findings that passed: controls/ID/findings.csv)", 70), ("Entry", 9),
)  # fmt: skip


def _not_passed(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for check in dossier.checks.values():
        for end in check.ends:
            if end.outcomes.get("fail") or end.outcomes.get("unknown"):
                for f in dossier.findings(end.findings):
                    if f["outcome"] in ("fail", "unknown"):
                        where = (check.id, end.scope, words.when(end.at), f["outcome"], f["severity"], f["subject"], f["name"], f["region"])
                        yield (*where, f["reason"], end.position)


_POPULATIONS = (
    ("Kind", 28), ("Scope", 34), ("At the start", 11), ("At the end", 11), ("Arrived", 9), ("Left", 9), ("Always complete", 10),
    ("Incomplete runs", 11),
    ("Asked by", 60), ("Listed by", 60), ("Clock skew (s)", 9), ("Start (UTC)", 18), ("Start list", 74), ("End (UTC)", 18),
    ("End list", 74),
    ("Run", 30), ("Entry", 9), ("File", 60),
)  # fmt: skip


def _populations(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    files = population_files(dossier)
    for p in dossier.populations:
        listed = words.plain(p.source.get("operations", []))
        yield (
            p.kind, p.scope, p.start_count, p.end_count, len(p.added), len(p.removed), "yes" if p.complete else "no", p.incomplete_runs,
            p.identity, listed,
            p.skew, words.when(p.start_at), p.start_root, words.when(p.end_at), p.end_root, p.run, p.position, files[p.kind, p.scope],
        )  # fmt: skip


def _subjects(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for p in dossier.populations:
        for row, when in present(p, dossier):
            yield p.kind, p.scope, row["id"], row["name"], row["region"], when


def _changes(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for one in dossier.changes:
        found = words.outcomes(one.outcomes_before), words.outcomes(one.outcomes_after)
        yield (words.when(one.at), one.what, one.before, one.after, *found, one.position)


_CAMPAIGNS = (
    ("Review", 16), ("Opened (UTC)", 18), ("System", 24), ("Rows", 9), ("Not seen because", 40), ("Kept", 8), ("Revoked", 8),
    ("Modified", 8), ("Signed by", 24), ("Signed (UTC)", 18), ("Meaning", 44), ("Decisions", 70), ("Waits for", 24), ("Snapshot", 70),
)  # fmt: skip


def _campaigns(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    """A row for the whole of each review, then its systems, then its signatures."""
    for one in dossier.campaigns:
        counts = (one.decided["keep"], one.decided["revoke"], one.decided["modify"])
        waiting = ", ".join(one.waiting)
        opened = words.when(one.opened_at) if one.opened_at else "before this period"
        yield one.id, opened, "all", sum(one.systems.values()), "", *counts, "", "", "", "", waiting, one.snapshot
        yield from ((one.id, "", system, rows) for system, rows in one.systems.items())
        yield from ((one.id, "", system, None, why) for system, why in one.missing.items())
        for signed in one.signatures:
            yield one.id, "", "", signed.rows, "", None, None, None, signed.name, words.when(signed.at), signed.meaning, signed.decisions


def _anchors(dossier: Dossier) -> Iterator[tuple[Cell, ...]]:
    for one in dossier.anchors:
        says = "; ".join(f"{name}: {said}" for name, said in one.says.items())
        yield words.when(one.at), one.kind, one.place, one.size, one.root, says

"""The views of a bundle, by member: the page, the workbook, a folder for each control, and a list for each population."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO, TextIO

from controlmon.engine.dossier import CheckPeriod, ControlPeriod, Deviation, Dossier, PopulationSeen
from controlmon.report import page, procedure, words, workbook
from controlmon.report.csv_ import harmless
from controlmon.report.places import control_folder, population_files, present

Write = Callable[[BinaryIO], None]
Cells = Iterable[str | int | float | None]
SUMMARY = (
    "what", "id", "name", "category", "conclusion", "because", "method", "frequency", "checks", "not_run", "expected", "performed", "late",
    "missed",
    "interrupted", "silent", "unknown", "unscheduled", "coverage_percent", "longest_gap_seconds", "deviations", "open", "conclusive",
    "deviating",
    "rate_at_most_percent",
)  # fmt: skip
FINDINGS = (
    "check",
    "role",
    "counts",
    "scope",
    "at",
    "subject",
    "kind",
    "name",
    "region",
    "outcome",
    "severity",
    "reason",
    "facts",
    "run",
    "position",
)
DEVIATIONS = (
    "id", "check", "scope", "subject", "kind", "name", "severity", "reason", "first_seen", "before_the_period", "last_seen", "seen",
    "ended", "how_ended",
    "duration_seconds", "position", "retest", "root_cause", "response", "ticket", "by", "responded_at",
)  # fmt: skip
SUBJECTS = ("kind", "scope", "id", "name", "region", "present", "checks", "list")
POPULATION = ("id", "name", "region", "present", "aspects")


def members(dossier: Dossier) -> Iterator[tuple[str, Write]]:
    """Each view with its name in the bundle, and what writes it. The same dossier gives the same bytes; rows are read as they are written.

    A cell that a spreadsheet would take for a formula is led by an apostrophe; half characters (lone surrogates) are written
    as escapes.
    """
    yield "index.html", _text(partial(page.write, dossier))
    yield "workbook.xlsx", partial(workbook.write, dossier)
    yield "summary.csv", _table(SUMMARY, lambda: _summary(dossier))
    yield "ipe.json", _text(partial(_ipe, dossier))
    for one in dossier.controls:
        folder = control_folder(one.control.id)
        yield f"{folder}procedure.md", _text(partial(procedure.write, one, dossier))
        yield f"{folder}findings.csv", _table(FINDINGS, partial(_findings, one, dossier))
        yield f"{folder}deviations.csv", _table(DEVIATIONS, partial(_deviations, one.deviations))
        yield f"{folder}population.csv", _table(SUBJECTS, partial(_judged, one, dossier))
    files = population_files(dossier)
    for seen in dossier.populations:
        yield files[seen.kind, seen.scope], _table(POPULATION, partial(_subjects, seen, dossier))


def _text(write: Callable[[TextIO], None]) -> Write:
    def into(out: BinaryIO) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8", errors="backslashreplace", newline="")
        try:
            write(text)
        finally:
            text.detach()  # flushes; the caller's file stays open

    return into


def _table(columns: tuple[str, ...], rows: Callable[[], Iterable[Cells]]) -> Write:
    def write(out: TextIO) -> None:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows([harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows())

    return _text(write)


def _summary(dossier: Dossier) -> Iterator[Cells]:
    for one in dossier.controls:
        c, seen = one.control, one.coverage
        percent = None if seen.percent is None else words.down(seen.percent)
        yield (
            "control", c.id, c.name, c.category, one.conclusion, one.why, str(c.method), str(c.frequency),
            " ".join(check for check, _, _ in one.checks),
            " ".join(one.not_run), seen.expected, seen.performed, seen.late, seen.missed, seen.interrupted, seen.silent, seen.unknown,
            seen.unscheduled,
            percent, seen.longest_gap, len(one.deviations), _open(one.deviations), one.rate.of, one.rate.deviating,
            None if one.rate.rate is None else words.bound(one.rate.upper),
        )  # fmt: skip
    for kept in dossier.commitments:
        promise, checks = kept.commitment, (" ".join(kept.checks), " ".join(kept.not_run))
        said = ("commitment", promise.id, promise.promise, promise.source, kept.conclusion, kept.why, str(promise.method), None, *checks)
        yield (*said, *[None] * 10, len(kept.deviations), _open(kept.deviations), *[None] * 3)


def _open(deviations: tuple[Deviation, ...]) -> int:
    return sum(one.ended is None for one in deviations)


def _checks(one: ControlPeriod, dossier: Dossier) -> Iterator[tuple[CheckPeriod, str, str]]:
    return ((dossier.checks[check], role, glob) for check, role, glob in one.checks if check in dossier.checks)


def _findings(one: ControlPeriod, dossier: Dossier) -> Iterator[Cells]:
    """What each check of a control said last of each scope. `counts` is no where the control does not rest on that subject."""
    refs = {(ref.check, ref.role.value, ref.subjects): ref for ref in one.control.checks}
    for check, role, glob in _checks(one, dossier):
        ref = refs.get((check.id, role, glob))
        for end in check.ends:
            for f in dossier.findings(end.findings):
                counts = "yes" if ref is None or ref.covers(f["subject"]) else "no"
                said = (f["subject"], f["kind"], f["name"], f["region"], f["outcome"], f["severity"], f["reason"], " ".join(f["facts"]))
                yield (check.id, role, counts, end.scope, end.at, *said, end.run, end.position)


def _deviations(deviations: tuple[Deviation, ...]) -> Iterator[Cells]:
    """One row each, or one for each thing that people said of it."""
    for d in deviations:
        row = (
            d.id, d.check, d.scope, d.subject, d.kind, d.name, d.severity, d.reason, d.first_seen, "yes" if d.before else "no",
            d.last_seen, d.seen, d.ended,
            d.how_ended, d.duration, d.position, d.retest,
        )  # fmt: skip
        for said in d.responses:
            yield (*row, said.root_cause, said.response, said.ticket, said.by, said.at)
        if not d.responses:
            yield (*row, *[None] * 5)


def _judged(one: ControlPeriod, dossier: Dossier) -> Iterator[Cells]:
    by_population: dict[tuple[str, str], list[str]] = {}
    for check, _, _ in _checks(one, dossier):
        for key in check.populations:
            by_population.setdefault(key, []).append(check.id)
    for seen in dossier.populations:
        checks = " ".join(dict.fromkeys(by_population.get((seen.kind, seen.scope), ())))
        if checks:
            for row, there in present(seen, dossier):
                yield seen.kind, seen.scope, row["id"], row["name"], row["region"], there, checks, seen.end_root


def _subjects(seen: PopulationSeen, dossier: Dossier) -> Iterator[Cells]:
    for row, there in present(seen, dossier):
        yield (
            row["id"],
            row["name"],
            row["region"],
            there,
            " ".join(f"{name}={_aspect(said)}" for name, said in sorted(row["aspects"].items())),
        )


def _aspect(said: dict[str, Any]) -> str:
    return said["state"] if "state" in said else f"gap:{said.get('gap', {}).get('kind', '')}"


def _ipe(dossier: Dossier, out: TextIO) -> None:
    """Information produced by the entity: for each population its source, query, parameters, pages, counts, and who asked when."""
    files = population_files(dossier)
    log = {"origin": dossier.origin, "size": dossier.size, "root": dossier.root, "key": dossier.key}
    said = {
        "format": "controlmon-ipe/1",
        "log": log,
        "from": dossier.begin,
        "to": dossier.end,
        "populations": [_statement(seen, files[seen.kind, seen.scope]) for seen in dossier.populations],
    }
    json.dump(said, out, ensure_ascii=False, indent=1)
    out.write("\n")


def _statement(seen: PopulationSeen, file: str) -> dict[str, Any]:
    return {
        "kind": seen.kind,
        "scope": seen.scope,
        "file": file,
        "complete": seen.complete,
        "incomplete_runs": seen.incomplete_runs,
        "start": {"at": seen.start_at, "root": seen.start_root, "count": seen.start_count},
        "end": {"at": seen.end_at, "root": seen.end_root, "count": seen.end_count},
        "added": len(seen.added),
        "removed": len(seen.removed),
        "source": seen.source,
        "identity": seen.identity,
        "skew_seconds": seen.skew,
        "run": seen.run,
        "position": seen.position,
    }

"""A period as a table, CSV or JSON: a line for each control and commitment, and what lies behind it."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from msgspec import to_builtins

from controlmon.engine.dossier import CommitmentPeriod, ControlPeriod, Coverage, Deviation, Dossier
from controlmon.report import rows, words

FORMATS = ("table", "json", "csv", "html")
COUNTS = ("expected", "performed", "late", "missed", "interrupted", "silent", "unknown", "unscheduled")
COLUMNS = (
    "conclusion",
    "id",
    "category",
    "coverage",
    *COUNTS,
    "longest_gap",
    "deviations",
    "open",
    "deviating",
    "of",
    "upper",
    "not_run",
    "why",
)
SHOWN = ("conclusion", "id", "coverage", "expected", "deviations", "open", "upper", "why")
DEVIATIONS = ("id", "severity", "check", "scope", "name", "first_seen", "ended", "lasted", "explained", "reason")
STYLES = {"operated": "green", "operated with deviations": "bold red", "not concluded": "magenta", "not tested": "dim"}
FEW = 50
"""Deviations that a terminal shows; the last line says how many more there are, and where."""


def write(dossier: Dossier, form: str, out: TextIO) -> None:
    """Write the period. `form` is `table`, `json`, `csv` or `html`."""
    if form == "html":
        from controlmon.report import page  # noqa: PLC0415 - the only form that needs templates

        page.write(dossier, out)
    elif form == "json":
        out.write(json.dumps(document(dossier), ensure_ascii=False, indent=1) + "\n")
    elif form == "csv":
        rows.write([*_lines(dossier)], COLUMNS, form, out)
    else:
        _table(dossier, out)


def document(dossier: Dossier) -> dict[str, Any]:
    """All of it, without the rows of its lists."""
    given = {name: getattr(dossier, name) for name in dossier.__struct_fields__ if name not in ("findings", "subjects")}
    said: dict[str, Any] = to_builtins(given)
    return said


def deviation_rows(deviations: Iterable[Deviation]) -> list[dict[str, Any]]:
    """A row for each deviation; `explained` counts what people said of it."""
    return [
        {
            **{name: getattr(one, name) for name in one.__struct_fields__ if name != "responses"},
            "lasted": words.duration(one.duration),
            "explained": len(one.responses),
            "responses": [to_builtins(response) for response in one.responses],
        }
        for one in deviations
    ]


def _table(dossier: Dossier, out: TextIO) -> None:
    lines = list(_lines(dossier))
    rows.write(lines, SHOWN, "table", out, styles=STYLES)
    deviations = sorted(
        (d for check in dossier.checks.values() for d in check.deviations), key=lambda d: (d.ended is not None, d.first_seen)
    )
    if deviations:
        rows.write(deviation_rows(deviations[:FEW]), DEVIATIONS, "table", out)
    if len(deviations) > FEW:
        out.write(f"... and {len(deviations) - FEW:,} deviations more: `controlmon deviation list` or --format json shows all of them\n")
    counts = {name: sum(line["conclusion"] == name for line in lines) for name in STYLES}
    anchor = f"{dossier.unanchored:,} entries after the last anchor" if dossier.anchors or dossier.unanchored_since else "not anchored"
    out.write(", ".join(f"{n} {name}" for name, n in counts.items()) + "\n")
    out.write(f"{dossier.begin} to {dossier.end}; log {dossier.origin}, {dossier.size:,} entries, root {dossier.root[:16]}; {anchor}\n")


def _lines(dossier: Dossier) -> Iterator[dict[str, Any]]:
    yield from (_control(one) for one in dossier.controls)
    yield from (_commitment(one) for one in dossier.commitments)


def _control(one: ControlPeriod) -> dict[str, Any]:
    said = _concluded(one.control.id, one.control.category, one)
    upper = words.share(None) if not one.rate.of else f"{one.rate.upper * 100:.2f} %"
    return said | _covered(one.coverage) | {"deviating": one.rate.deviating, "of": one.rate.of, "upper": upper}


def _commitment(one: CommitmentPeriod) -> dict[str, Any]:
    return _concluded(one.commitment.id, "commitment", one)


def _concluded(name: str, category: str, one: ControlPeriod | CommitmentPeriod) -> dict[str, Any]:
    return {
        "conclusion": one.conclusion,
        "id": name,
        "category": category,
        "deviations": len(one.deviations),
        "open": sum(d.ended is None for d in one.deviations),
        "not_run": one.not_run,
        "why": one.why,
    }


def _covered(coverage: Coverage) -> dict[str, Any]:
    counts = {name: getattr(coverage, name) for name in COUNTS}
    return counts | {"coverage": words.share(coverage.percent), "longest_gap": coverage.longest_gap}

"""One JSON document, written as it is read from the record."""

import json
from collections.abc import Iterable
from typing import Any, TextIO

from msgspec import to_builtins

from controlmon.report.model import RunReport, as_json


def write(report: RunReport, out: TextIO) -> None:
    """Write the run as one JSON document: run, findings, populations, gaps, summary."""
    run = {"id": report.run, "started_at": report.started, "finished_at": report.finished, "version": report.version}
    populations = [
        {
            "kind": p.kind,
            "target": p.scope.target,
            "region": p.scope.region,
            "count": p.count,
            "complete": p.complete,
            **({"gap": to_builtins(p.gap)} if p.gap else {}),
        }
        for p in report.populations
    ]
    out.write('{"run": ' + _dump(run) + ',\n "findings": [')
    told = (as_json(finding, report.told(finding.check), report.excused(finding)) for finding in report.findings())
    _list(out, told)
    out.write('],\n "populations": ' + _dump(populations) + ',\n "gaps": [')
    _list(out, ({"where": where, "what": what, **to_builtins(gap)} for where, what, gap in report.gaps()))
    out.write('],\n "summary": ' + _dump(dict(report.outcomes)) + "}\n")


def _list(out: TextIO, values: Iterable[Any]) -> None:
    separator = "\n  "
    for value in values:
        out.write(separator)
        out.write(_dump(value))
        separator = ",\n  "


def _dump(value: Any) -> str:  # noqa: ANN401 - JSON
    return json.dumps(value, ensure_ascii=False)

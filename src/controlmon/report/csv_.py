"""One row a finding, safe to open in a spreadsheet."""

import csv
from typing import TextIO

from controlmon.report.model import RunReport, as_json

COLUMNS = (
    "outcome",
    "severity",
    "check",
    "provider",
    "target",
    "region",
    "type",
    "id",
    "name",
    "reason",
    "controls",
    "observed_at",
    "facts",
    "excepted",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet begins a formula with; the last four are the full-width signs, which some locales read as the plain ones."""


def write(report: RunReport, out: TextIO) -> None:
    """Write the findings as CSV (RFC 4180) with a header."""
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for finding in report.findings():
        said = as_json(finding, report.told(finding.check), report.excused(finding))
        flat = {**said, **said["subject"], "controls": " ".join(said["controls"]), "facts": " ".join(said["facts"])}
        flat["excepted"] = said["excepted"]["id"] if said["excepted"] else ""
        rows.writerow([harmless(str(flat[column] if flat[column] is not None else "")) for column in COLUMNS])


def harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula: names of resources are chosen by whoever made them."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell

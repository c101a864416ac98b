"""What reviewers do with their sheets: they decide as each row suggests, and give its own words as the reason; emergency accounts stay."""

import csv
import io
from pathlib import Path


def decide(sheet: Path) -> Path:
    """Fill in the last columns of a sheet in CSV, in place. Gives its path."""
    first, *rest = sheet.read_text("utf-8-sig").splitlines(keepends=True)
    rows = csv.DictReader(rest)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows.fieldnames or ()), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        kept = row["suggested"] == "keep" or row["account"].startswith("break-glass")
        reason = f"known and needed: {row['why']}" if kept else row["why"]
        writer.writerow(row | {"decision": "keep" if kept else row["suggested"], "reason": reason})
    sheet.write_text(first + out.getvalue(), "utf-8")
    return sheet

"""The status of each control, and the reports to management, as the record has them."""

from datetime import datetime, timedelta
from typing import Any

from controlmon.core.fact import Raw
from controlmon.core.times import moment
from controlmon.engine.status import status_of
from controlmon.ledger.past import first_of
from controlmon.service import flow
from controlmon.service.config import Config
from controlmon.service.exceptions import load_exceptions
from controlmon.service.own_past import Past, reading
from controlmon.service.readback import observations

STREAM = "reports"
"""Where deliveries of reports, and what people say to them, are recorded."""
LOOKED = timedelta(days=92)
TOLD = 5
"""Reasons that are told of a control; how many more there are is told too."""


def controls(config: Config, past: Past) -> Raw:
    """Each control of the catalog with its status. Raises `ControlmonError` if the record or the catalog cannot be read."""
    catalog = flow.open_catalog(config)
    with reading(config) as reader:
        seen = [] if reader is None else observations(reader, catalog, load_exceptions(config, past.now), past.now)
    there = {one.check for one in seen}
    told = []
    for control in catalog.controls:
        status = status_of(control, seen, past.frequencies, past.now)
        more = len(status.reasons) - TOLD
        reasons = [*status.reasons[:TOLD], *([f"and {more} more"] if more > 0 else [])]
        derived = {"state": status.state.value, "reasons": reasons, "seen": any(ref.check in there for ref in control.checks)}
        told.append({"id": control.id, "derived": derived})
    return {"controls": told}


def reports(config: Config, now: datetime) -> Raw:
    """The reports that were delivered in the last quarter. Raises `LedgerError` if an entry is not as it should be."""
    delivered, acknowledged = list[dict[str, Any]](), list[dict[str, Any]]()
    with reading(config) as reader:
        if reader is None:
            return {"deliveries": {}}
        first = first_of(reader, "runs")
        for entry in reader.stream(STREAM):
            if moment(entry["at"]) < now - LOOKED:
                continue
            if entry["type"] == "report.delivered":
                delivered.append({name: entry[name] for name in ("at", "to", "digest")})
            elif entry["type"] == "report.acknowledged":
                acknowledged.append({name: entry[name] for name in ("at", "by", "digest")})
        begun = first["started"] if first else None
    return {"deliveries": {"begun": begun, "delivered": delivered, "acknowledged": acknowledged}}

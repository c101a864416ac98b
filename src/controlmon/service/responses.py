"""What people say of a deviation: recorded beside it, never in its place."""

from collections.abc import Sequence
from datetime import datetime
from difflib import get_close_matches

from msgspec.structs import asdict

from controlmon.core.errors import UsageError
from controlmon.core.times import stamp
from controlmon.engine.dossier import Deviation, Response
from controlmon.ledger.ledger import Ledger

STREAM = "deviations"
TYPE = "deviation.response"


def find(deviations: Sequence[Deviation], name: str) -> Deviation:
    """The deviation of that id. Raises `UsageError` with the nearest if there is none."""
    by_id = {one.id: one for one in deviations}
    if name not in by_id:
        near = get_close_matches(name, by_id, n=1)
        hint = f"did you mean {near[0]}?" if near else "`controlmon deviation list` names them"
        raise UsageError(f"there is no deviation {name} in this period: {hint} The id is of the period: give the same --from and --to")
    return by_id[name]


def explain(ledger: Ledger, deviation: Deviation, now: datetime, *, root_cause: str, response: str, ticket: str, by: str) -> Response:
    """Record what was said of a deviation.

    Raises:
        UsageError: if one of the texts is empty.
        LedgerError: if the ledger does not take it.

    """
    said = Response(root_cause.strip(), response.strip(), ticket.strip(), by.strip(), stamp(now))
    if empty := [name for name, text in asdict(said).items() if not text]:
        raise UsageError(f"--{empty[0].replace('_', '-')} is empty: say it in words")
    about = {"check": deviation.check, "scope": deviation.scope, "subject": deviation.subject, "first_seen": deviation.first_seen}
    ledger.append("deviation", said.at, [(STREAM, {"type": TYPE, **about, **asdict(said)})])
    return said

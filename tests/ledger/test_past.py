"""Parts of the past: from a time on, and backwards from the end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from controlmon.core.times import stamp
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.past import BATCH, backwards, first_of, position_at, stream_from

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def test_a_stream_is_read_from_a_time_and_backwards(tmp_path: Path) -> None:
    """Whatever is read from either end is the stream, in its order, over as many batches as there are."""
    ledger = Ledger.open(tmp_path)
    for hour in range(BATCH + 3):
        at = stamp(BEGIN + timedelta(hours=hour))
        ledger.append("r", at, [("one", {"type": "x", "n": hour}), ("two", {"type": "x", "n": -hour})])
    position = position_at(ledger, stamp(BEGIN + timedelta(hours=5)))
    assert (position, position_at(ledger, stamp(BEGIN))) == (10, 0)
    assert [e["n"] for e in stream_from(ledger, "one", position)] == list(range(5, BATCH + 3))
    assert [e["n"] for e in backwards(ledger, "two")] == list(range(-BATCH - 2, 1))
    assert (first_of(ledger, "one") or {})["n"] == 0
    assert first_of(ledger, "none") is None
    assert list(backwards(ledger, "none")) == []
    ledger.close()

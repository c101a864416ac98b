"""Retention: what is past it goes, its hashes stay, and the log says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from controlmon.core.errors import LedgerError
from controlmon.core.merkle import leaf_hash
from controlmon.ledger.history import decoded
from controlmon.ledger.ledger import Ledger
from tests.ledger.test_ledger import _count, fact, fill, sql, verified

LONG_AGO, LATER, NOW = "2019-01-01T00:00:00.000Z", "2022-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.open(tmp_path / "state")
    for run, at, count in (("run-1", LONG_AGO, 5), ("run-2", LONG_AGO, 4), ("run-3", LATER, 3)):
        fill(made, run, count, at)
    made.append("daemon", LATER, [("changes", {"type": "change", "what": "x", "from": None, "to": "y", "content": None})])
    yield made
    made.close()


def test_bodies_past_retention_go_and_every_proof_still_holds(ledger: Ledger) -> None:
    """Six entries are dropped, the root of each checkpoint is what it was, the ledger verifies, and an entry tells of it."""
    heads = list(ledger.heads())
    leaves = [placed.leaf for placed in ledger.entries()]
    found = ledger.prune("2020-01-01T00:00:00.000Z", NOW)
    assert (found.through, found.entries) == (5, 6)
    after = list(ledger.entries())
    assert [placed.leaf for placed in after[:10]] == leaves
    assert [placed.body is None for placed in after] == [True] * 6 + [False] * 5
    assert all(placed.leaf == leaf_hash(placed.body) for placed in after if placed.body is not None)
    assert list(ledger.heads())[: len(heads)] == heads
    told = next(ledger.stream("retention"))
    assert (told["type"], told["through"], told["entries"], told["state"]) == ("ledger.pruned", 5, 6, found.state)
    checked = verified(ledger)
    assert (checked.problems, checked.pruned) == ((), 6)


def test_state_that_nothing_names_goes_and_the_rest_stays(ledger: Ledger) -> None:
    """What only the dropped entries named is gone; what a later entry names too is still there."""
    before = _count(ledger, "blob")
    found = ledger.prune("2020-01-01T00:00:00.000Z", NOW)
    assert 0 < found.state == before - _count(ledger, "blob")
    (last,) = [body for _, body in decoded(ledger, lambda body: body["type"] == "check")]
    assert len(list(ledger.rows(last["populations"][0]["root"]))) == 3


def test_only_telling_changes_nothing(ledger: Ledger) -> None:
    """What would be dropped is told, and is still there."""
    found = ledger.prune("2020-01-01T00:00:00.000Z", NOW, only_tell=True)
    assert (found.entries, verified(ledger).pruned, list(ledger.stream("retention"))) == (6, 0, [])
    assert ledger.prune("2020-01-01T00:00:00.000Z", NOW) == found


def test_the_last_of_each_stream_stays(ledger: Ledger) -> None:
    """Even when all is past retention: the status rests on it, and the next entry counts on from it."""
    ledger.prune("2026-01-01T00:00:00.000Z", NOW)
    assert [(e["stream"], e["seq"]) for e in ledger.latest("")] == [("changes", 0), ("check:x@aws", 2), ("retention", 0), ("runs", 5)]
    fill(ledger, "run-4", 3, NOW)
    assert verified(ledger).problems == ()


def test_nothing_is_dropped_while_a_run_is_under_way(ledger: Ledger) -> None:
    """Its pieces are in the ledger, and no entry names them yet."""
    ledger.begin("run-4", None, NOW, [])
    recorder = ledger.recorder("run-4", {})
    recorder.add(fact("one", {"Algorithm": "aws:kms"}))
    recorder.flush()
    with pytest.raises(LedgerError, match="a run is under way"):
        ledger.prune("2020-01-01T00:00:00.000Z", NOW)
    assert verified(ledger).pruned == 0


def test_nothing_past_retention_records_nothing(ledger: Ledger) -> None:
    """A log in which all is young stays as it is."""
    assert ledger.prune("2018-01-01T00:00:00.000Z", NOW).entries == 0
    assert list(ledger.stream("retention")) == []


def test_a_body_that_was_dropped_by_hand_is_seen(ledger: Ledger) -> None:
    """After an honest pruning, a body that is younger than what it dropped is missed all the same."""
    ledger.prune("2020-01-01T00:00:00.000Z", NOW)
    sql("update entry set body = null where position = 7")(ledger.directory / "ledger.db")
    assert [(p.step, p.place) for p in verified(ledger).problems] == [(7, "entry 7")]

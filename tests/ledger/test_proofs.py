"""Proofs from a history: they hold, they are those of the leaves, and they read no more than they must."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controlmon.core.errors import LedgerError
from controlmon.core.merkle import Frontier, consistency_proof, inclusion_proof, root, verify_consistency, verify_inclusion
from controlmon.ledger.ledger import Ledger
from controlmon.ledger.proofs import consistency, inclusion, inclusions, prover
from tests.logs import MemoryLog

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the log is only read


@pytest.fixture
def log(tmp_path: Path) -> MemoryLog:
    return MemoryLog(tmp_path, 70)


def known(log: MemoryLog, size: int) -> Frontier:
    tree = Frontier()
    for leaf in log.leaves[:size]:
        tree.append(leaf)
    return tree


@SHARED
@given(new=st.integers(1, 70), data=st.data())
def test_a_smaller_tree_is_proved_to_begin_a_larger_one(log: MemoryLog, new: int, data: st.DataObject) -> None:
    """The proof is that of the leaves, holds, and reads no leaf twice."""
    old = data.draw(st.integers(1, new))
    log.read.clear()
    proof = consistency(log, old, new)
    assert list(proof) == consistency_proof(log.leaves, old, new)
    verify_consistency(old, new, proof, root(log.leaves[:old]), root(log.leaves[:new]))
    assert len(log.read) == len(set(log.read))


@SHARED
@given(new=st.integers(1, 70), data=st.data())
def test_what_is_known_is_not_read(log: MemoryLog, new: int, data: st.DataObject) -> None:
    """With the tree of any first entries, up to the old size, the proof is the same, and none of those entries is read."""
    old = data.draw(st.integers(1, new))
    first = data.draw(st.integers(0, old))
    log.read.clear()
    assert list(consistency(log, old, new, known(log, first))) == consistency_proof(log.leaves, old, new)
    assert all(position >= first for position in log.read)


@SHARED
@given(size=st.integers(1, 70), data=st.data())
def test_an_entry_is_proved_to_be_in_a_tree(log: MemoryLog, size: int, data: st.DataObject) -> None:
    """The path is that of the leaves and holds, with or without a part of the tree known."""
    position = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(0, size))
    proof = inclusion(log, position, size)
    assert list(proof) == inclusion_proof(log.leaves, position, size)
    assert inclusion(log, position, size, known(log, first)) == proof
    verify_inclusion(log.leaves[position], position, size, proof, root(log.leaves[:size]))


@SHARED
@given(size=st.integers(1, 70), data=st.data())
def test_many_entries_are_proved_in_one_pass(log: MemoryLog, size: int, data: st.DataObject) -> None:
    """The paths are those that each would get alone, with or without a part of the tree known; no leaf is read twice."""
    positions = data.draw(st.sets(st.integers(0, size - 1)))
    first = data.draw(st.integers(0, min(positions, default=size)))
    log.read.clear()
    proofs = inclusions(log, positions, size)
    assert proofs == {position: tuple(inclusion_proof(log.leaves, position, size)) for position in positions}
    assert len(log.read) == len(set(log.read))
    log.start = first
    assert inclusions(log, positions, size, known(log, first)) == proofs
    log.start = 0


def test_a_part_of_a_log_proves_what_it_can(log: MemoryLog) -> None:
    """A history that begins at 40 proves from 40 on if it is told the tree of its first 40; alone it says what is missing."""
    whole = consistency(log, 40, 70)
    log.start = 40
    assert consistency(log, 40, 70, known(log, 40)) == whole
    with pytest.raises(LedgerError, match=r"begins at entry 40, and the proof needs entry 32: make the proof from the whole ledger"):
        consistency(log, 40, 70)
    with pytest.raises(LedgerError, match="the proof needs entry 32"):
        consistency(log, 33, 70, known(log, 40))


def test_a_subtree_is_made_of_what_is_known_and_what_is_here(log: MemoryLog) -> None:
    """The history begins inside of a subtree that the proof needs, and what is known ends there."""
    whole = consistency(log, 36, 70)
    log.start = 33
    assert consistency(log, 36, 70, known(log, 33)) == whole


def test_a_hole_is_told(log: MemoryLog) -> None:
    """An entry that is not there makes no proof."""
    log.missing = 37
    with pytest.raises(LedgerError, match="entry 37 is missing: restore"):
        consistency(log, 32, 70)


def test_a_size_beyond_the_end_is_told(log: MemoryLog) -> None:
    """Nothing is proved of entries that are not there, nor of a larger tree towards a smaller one."""
    with pytest.raises(LedgerError, match="has 70 entries, and a proof about 71"):
        consistency(log, 3, 71)
    with pytest.raises(LedgerError, match="has 70 entries, and a proof about 71"):
        inclusion(log, 3, 71)
    with pytest.raises(LedgerError, match="no part of a tree"):
        consistency(log, 60, 50)
    with pytest.raises(LedgerError, match="no part of a tree"):
        inclusion(log, 50, 50)


def test_every_log_continues_nothing(log: MemoryLog) -> None:
    """From 0, and to the same size, the proof is empty (tlog-witness, "add-checkpoint")."""
    assert (consistency(log, 0, 70), consistency(log, 70, 70)) == ((), ())


def test_a_ledger_proves_its_checkpoints(tmp_path: Path) -> None:
    """From the database, with and without the tree that it keeps for each checkpoint."""
    ledger = Ledger.open(tmp_path / "state")
    roots = {}
    for size in (3, 8, 21):
        entries = [("notes", {"type": "note", "n": n}) for n in range(ledger.size, size)]
        roots[size] = ledger.append("test", "2026-11-23T12:00:00.000Z", entries).root
    for old, new in ((3, 8), (3, 21), (8, 21)):
        proof = consistency(ledger, old, new)
        verify_consistency(old, new, proof, roots[old], roots[new])
        assert prover(ledger)(old, new) == consistency(ledger, old, new, ledger.frontier(old)) == proof
    assert prover(ledger)(5, 21) == consistency(ledger, 5, 21)  # though no checkpoint signs 5
    (last,) = ledger.entries(20, 21)
    assert json.loads(last.body or b"")["n"] == 20
    verify_inclusion(last.leaf, 20, 21, inclusion(ledger, 20, 21), roots[21])
    ledger.close()

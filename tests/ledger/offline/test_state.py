"""(7) The counts, (8) the state, (9) the configuration and the checks: what entries say is what is there."""

from collections.abc import Callable
from typing import Any

from tests.bundles import CHECK, SOURCE, Log, sha256
from tests.ledger.offline.forged import Verify, relogged

# --- (7) the counts


def test_outcomes_balance(told: Verify, day: Log) -> None:
    """(7) The holder of the key turns failures into passes, in the counts, in the totals of the run, or in the number of findings."""

    def fewer(entry: dict[str, Any]) -> None:
        entry["outcomes"] = {**entry["outcomes"], "fail": 0}

    def turned(entry: dict[str, Any]) -> None:
        entry["outcomes"] = {"pass": sum(entry["outcomes"].values()), "fail": 0, "unknown": 0, "not_applicable": 0}
        entry["failing"] = {"high": 0}

    def more(entry: dict[str, Any]) -> None:
        entry["populations"][0]["count"] += 1

    def others(entry: dict[str, Any]) -> None:
        entry["others"]["count"] = 7

    for kind, change in (("check", fewer), ("check", turned), ("check", more), ("check", others), ("run.finished", turned)):
        assert told(relogged(day, kind, change, 1)).steps == {7}, change


def test_another_check_s_findings_do_not_fit(told: Verify, day: Log) -> None:
    """(7) A list of as many rows with other outcomes is not the one whose counts are told."""
    other = day.rows([{"outcome": outcome} for outcome in ("pass", "pass", "unknown", "pass", "pass")])
    made = relogged(day, "check", lambda entry: entry.update(findings=other), 1)
    assert told(made).steps == {7}


# --- (8) the state


def test_the_pack_is_what_is_named(told: Verify, day: Log) -> None:
    """(8) A piece removed, changed, added, given twice, or before what names it."""
    changes: list[Callable[[list[bytes]], object]] = [
        lambda blobs: blobs.pop(),
        lambda blobs: blobs.__setitem__(-1, blobs[-1] + b" "),
        lambda blobs: blobs.append(b"more"),
        lambda blobs: blobs.append(blobs[0]),
        lambda blobs: blobs.insert(0, blobs.pop()),
    ]
    for change in changes:
        bundle = day.bundle()
        change(bundle.blobs)
        assert told(bundle).steps == {8}


def test_pieces_are_what_their_names_stand_for(told: Verify, day: Log) -> None:
    """(8) Where a list should be and something else is, the answer is a problem, not an error."""
    for content in (
        b"not JSON",
        b"[" * 5000,
        b"[]",
        b'{"level":0}',
        b'{"level":0,"rows":[1]}',
        b'{"level":1,"pieces":[7]}',
        b'{"level":-1,"rows":[]}',
    ):
        root = day.keep(content)
        made = relogged(day, "check", lambda entry, root=root: entry["findings"].update(root=root), 1)  # type: ignore[misc]
        assert 8 in told(made).steps, content


def test_an_entry_that_cannot_be_read_is_told(told: Verify, day: Log) -> None:
    """(6, 7, 8) What the holder of the key writes in an entry's place is told, and never raises."""
    for fields in (
        {"populations": 1},
        {"populations": [{}]},
        {"findings": {}},
        {"seen": []},
        {"check": {}},
        {"outcomes": None},
        {"type": 7},
    ):
        made = relogged(day, "check", lambda entry, fields=fields: entry.update(fields))  # type: ignore[misc]
        assert told(made).code == 1, fields


# --- (9) the configuration and the checks


def test_sources_are_those_that_judged(told: Verify, day: Log) -> None:
    """(9) A check's source removed, changed, or one that never judged; a configuration that the log does not name."""
    name = f"checks/{CHECK}/{sha256(SOURCE)}.py"
    for change in (
        {name: None},
        {name: b"other"},
        {f"checks/x/{sha256(b'x')}.py": b"x"},
        {"config/catalog.json": b"{}"},
        {"config/more.json": b"{}"},
    ):
        bundle = day.bundle()
        bundle.files |= {one: data for one, data in change.items() if data is not None}
        for one in (one for one, data in change.items() if data is None):
            del bundle.files[one]
        assert told(bundle).steps == {9}, change

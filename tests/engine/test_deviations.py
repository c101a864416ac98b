"""Deviations: when each began and ended, by the rows of the lists, and how little of them is read."""

import json
from typing import Any

import pytest

from controlmon.core.buckets import ListWriter, read_list
from controlmon.core.errors import LedgerError
from controlmon.core.times import stamp
from controlmon.engine.deviations import Judged, Watch, answered, deviation_id, leaves, worst_first
from controlmon.engine.dossier import Deviation
from controlmon.engine.populations import differ
from tests.histories import CHECK, KIND, SCOPE, MemoryHistory, Rows, hours, row


class Seen:
    """A check in one scope, hour by hour."""

    def __init__(self) -> None:
        self.history, self.watch, self.hour = MemoryHistory(), Watch(CHECK, SCOPE), 0

    def fetch(self, name: str) -> Any:
        return json.loads(self.history.blob(name))

    def see(self, rows: Rows, *, complete: bool = True) -> "Seen":
        """An hour; its position in the log is ten times its number."""
        found = [row(subject, said) for subject, said in sorted(rows.items())]
        root = self.history.list(found, lambda r: f"{r['kind']}|{r['subject']}").root
        self.watch.see(Judged(self.hour * 10, stamp(hours(self.hour)), root, frozenset([KIND] if complete else [])), self.fetch)
        self.hour += 1
        return self

    def told(self) -> list[tuple[Any, ...]]:
        """Subject, first and last hour, how often, position, how and when it ended."""
        found = []
        for one in self.watch.deviations(hours(100)):
            at = [None if t is None else int(t[11:13]) for t in (one.first_seen, one.last_seen, one.ended)]
            found.append((one.subject, at[0], at[1], one.seen, one.position, one.how_ended, at[2], one.retest))
        return found


GOOD, BAD = {"a": "pass", "b": "pass"}, {"a": "fail", "b": "pass"}


def test_a_deviation_mended_within_the_hour_still_shows() -> None:
    """One run saw it, the next saw it pass."""
    assert Seen().see(GOOD).see(BAD).see(GOOD).told() == [("a", 1, 1, 1, 10, "passed", 2, 20)]


def test_every_run_that_saw_it_counts() -> None:
    """Runs whose list is the same as the one before count as well, at the end of a stretch and at the end of all."""
    seen = Seen().see(GOOD).see(BAD).see(BAD).see(BAD)
    assert seen.told() == [("a", 1, 3, 3, 10, "", None, None)]
    seen.see({"a": "fail", "b": "fail"}).see({"a": "fail", "b": "fail"}).see(GOOD)
    assert seen.told() == [("a", 1, 5, 5, 10, "passed", 6, 60), ("b", 4, 5, 2, 40, "passed", 6, 60)]


def test_asking_twice_changes_nothing() -> None:
    """Counts of open deviations are settled once."""
    seen = Seen().see(BAD).see(BAD)
    assert seen.told() == seen.told() == [("a", 0, 1, 2, 0, "", None, None)]


def test_unknown_never_ends_one() -> None:
    """Not seen is neither failing nor passing: it stays open, is not counted, and is one deviation when it is seen again."""
    seen = Seen().see(BAD).see({"a": "unknown", "b": "pass"}).see({"a": "unknown", "b": "pass"})
    assert seen.told() == [("a", 0, 0, 1, 0, "", None, None)]
    seen.see(BAD).see(GOOD)
    assert seen.told() == [("a", 0, 3, 2, 0, "passed", 4, 40)]


def test_unknown_begins_none() -> None:
    """What could not be seen is no deviation."""
    assert Seen().see({"a": "unknown"}).see({"a": "pass"}).told() == []


def test_a_subject_that_is_gone_from_a_complete_population() -> None:
    """Its deviation ends, as gone."""
    assert Seen().see(BAD).see({"b": "pass"}).told() == [("a", 0, 0, 1, 0, "gone", 1, 10)]


def test_a_subject_missing_from_an_incomplete_population_is_not_gone() -> None:
    """The deviation ends only when all were seen and it was not among them, though the findings of the others are the same."""
    seen = Seen().see(BAD).see({"b": "pass", "~": "unknown"}, complete=False)
    assert seen.told() == [("a", 0, 0, 1, 0, "", None, None)]
    assert seen.see({"b": "pass"}, complete=False).see({"b": "pass"}).told() == [("a", 0, 0, 1, 0, "gone", 3, 30)]


def test_a_subject_that_comes_back_is_the_same_deviation_if_nobody_saw_it_gone() -> None:
    """Missing from an incomplete list in between."""
    assert Seen().see(BAD).see({"b": "pass"}, complete=False).see(BAD).told() == [("a", 0, 2, 2, 0, "", None, None)]


def test_not_applicable_ends_one() -> None:
    """And says so."""
    assert Seen().see(BAD).see({"a": "not_applicable", "b": "pass"}).told() == [("a", 0, 0, 1, 0, "not_applicable", 1, 10)]


def test_a_second_deviation_of_the_same_subject_is_another() -> None:
    """With an id of its own."""
    seen = Seen().see(BAD).see(GOOD).see(BAD)
    assert seen.told() == [("a", 0, 0, 1, 0, "passed", 1, 10), ("a", 2, 2, 1, 20, "", None, None)]
    first, second = seen.watch.deviations(hours(100))
    assert (first.id, second.id) == (deviation_id(CHECK, SCOPE, "a", 0), deviation_id(CHECK, SCOPE, "a", 20))
    assert first.id != second.id
    assert (first.before, second.before) == (True, False)


def test_durations() -> None:
    """To the run that ended it, or to the end of the period."""
    ended, still = Seen().see({"a": "fail", "b": "fail"}).see({"a": "pass", "b": "fail"}).watch.deviations(hours(24))
    assert (ended.duration, still.duration) == (3600, 24 * 3600)


def test_the_worst_severity_and_the_last_reason() -> None:
    """A verdict may weigh a failure otherwise from run to run."""
    (one,) = Seen().see({"a": "fail/low"}).see({"a": "fail/critical"}).see({"a": "fail/medium"}).watch.deviations(hours(24))
    assert (one.severity, one.reason, one.name, one.kind) == ("critical", "it is fail", "A", KIND)


def test_kinds_apart() -> None:
    """A check of several kinds: one is seen in full, the other is not, and subjects of the same id are not mistaken."""
    seen = Seen()
    rows = [{**row("x", "fail"), "kind": kind} for kind in ("k.1", "k.2")]
    for number, some in enumerate((rows, [])):
        root = seen.history.list(some, lambda r: f"{r['kind']}|{r['subject']}").root
        seen.watch.see(Judged(number, stamp(hours(number)), root, frozenset(["k.1"])), seen.fetch)
    assert [(d.kind, d.how_ended) for d in seen.watch.deviations(hours(9))] == [("k.1", "gone"), ("k.2", "")]


MANY = {f"s{i:05}": "pass" for i in range(5000)}


def test_only_what_changed_is_read() -> None:
    """Of five thousand rows one changes: a list that is the same is not read, and of one that is not only the pieces that differ."""
    seen = Seen().see(MANY)
    seen.history.read.clear()
    seen.see(MANY)
    assert seen.history.read == {}
    seen.see(MANY | {"s02500": "fail"})
    assert sum(seen.history.read.values()) < 12
    assert [told[0] for told in seen.told()] == ["s02500"]


def test_a_deviation_in_a_shared_piece_goes_on() -> None:
    """Another subject far away changes: the one that fails is in a piece that is not read again, and is counted all the same."""
    bad = MANY | {"s00001": "fail"}
    seen = Seen().see(bad).see(bad | {"s04999": "fail"}).see(bad).see(MANY)
    assert seen.told() == [("s00001", 0, 2, 3, 0, "passed", 3, 30), ("s04999", 1, 1, 1, 10, "passed", 2, 20)]


def test_a_subject_removed_from_a_long_list() -> None:
    """Its row was in a piece that is no longer there."""
    bad = MANY | {"s00001": "fail", "s04000": "fail"}
    seen = Seen().see(bad).see({k: v for k, v in bad.items() if k != "s00001"})
    assert seen.told() == [("s00001", 0, 0, 1, 0, "gone", 1, 10), ("s04000", 0, 1, 2, 0, "", None, None)]


def test_the_lowest_pieces_hold_all_rows() -> None:
    """In order, for lists of one level and of several."""
    history = MemoryHistory()
    fetch = lambda name: json.loads(history.blob(name))  # noqa: E731
    for size in (0, 1, 64, 3000, 20_000):
        writer = ListWriter(history.keep, mean=8)
        for i in range(size):
            writer.add(str(i), i)
        root = writer.close().root
        found = [r for leaf in leaves(root, fetch) for r in fetch(leaf)["rows"]]
        assert found == list(read_list(root, fetch)) == list(range(size))


@pytest.mark.parametrize("piece", [[], {}, {"level": -1}, {"level": True}, {"level": 1e99}, {"level": 2, "pieces": ["sha256:1"]}])
def test_what_is_no_list_is_refused(piece: Any) -> None:
    """Also one whose pieces do not go down."""
    with pytest.raises(LedgerError, match="not a piece of a list"):
        list(leaves("sha256:1", lambda _: piece))


def test_who_came_and_went() -> None:
    """By id, reading only the pieces that differ."""
    history = MemoryHistory()
    rows = [{"id": f"s{i:05}"} for i in range(5000)]
    first, second = (history.list(some, lambda r: r["id"]).root for some in (rows[:-1], rows[1:]))
    fetch = lambda name: json.loads(history.blob(name))  # noqa: E731
    assert differ(first, second, fetch) == (("s00000",), ("s04999",))
    assert sum(history.read.values()) < 14
    assert differ(first, first, fetch) == ((), ())


def deviation(first: int, ended: int | None = None, *, before: bool = False) -> Deviation:
    end = None if ended is None else stamp(hours(ended))
    return Deviation("i", CHECK, SCOPE, "a", "A", KIND, "low", "r", stamp(hours(first)), stamp(hours(first)), 1, 1, before, end)


def said(at: float, of: float | None = None) -> dict[str, str]:
    texts = dict.fromkeys(("root_cause", "response", "ticket", "by"), "text")
    return {**texts, "at": stamp(hours(at)), **({} if of is None else {"first_seen": stamp(hours(of))})}


@pytest.mark.parametrize(
    ("one", "response", "speaks"),
    [
        pytest.param(deviation(5), said(6), True, id="given after it was seen"),
        pytest.param(deviation(5), said(5), True, id="at once"),
        pytest.param(deviation(5), said(4), False, id="given before it was seen"),
        pytest.param(deviation(5, 8), said(20, 5), True, id="given long after it ended"),
        pytest.param(deviation(5, 8), said(20, 12), False, id="of the next one"),
        pytest.param(deviation(12), said(20, 5), False, id="of the one before"),
        pytest.param(deviation(12, before=True), said(20, 5), True, id="of this one, as another period saw it"),
        pytest.param(deviation(5, 30), said(20, 12), True, id="of this one, as a later period saw it first"),
    ],
)
def test_which_deviation_a_response_speaks_of(one: Deviation, response: dict[str, str], speaks: bool) -> None:
    """By the time that it names, among those of the same subject."""
    assert bool(answered(one, [response])) is speaks
    if speaks:
        assert answered(one, [response])[0].at == response["at"]


def test_worst_first() -> None:
    """By severity, not by its spelling; then by when they began."""
    several = [row("x", f"fail/{s}")["severity"] for s in ("medium", "critical", "low", "high")]
    made = [Deviation("i", CHECK, SCOPE, "a", "A", KIND, s, "r", "", "", 1, n) for n, s in enumerate([*several, "critical"])]
    assert [(d.severity, d.position) for d in worst_first(made)] == [
        ("critical", 1), ("critical", 4), ("high", 3), ("medium", 0), ("low", 2),
    ]  # fmt: skip

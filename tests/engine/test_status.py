"""The status of controls and commitments: derived, worst first, and passing only on a primary pass."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlmon.engine.catalog import CheckRef, Commitment, Control, Frequency, Kind, Method, Role
from controlmon.engine.status import Counts, Observation, State, Status, status_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
P, OP, SUP = Role.PRIMARY, Role.OPERATING, Role.SUPPORTING
ALL = frozenset({"p.s.one", "p.s.two", "p.s.op", "p.s.sup"})


def control(*refs: tuple[str, Role] | CheckRef, fresh_for: timedelta = timedelta(days=2)) -> Control:
    checks = tuple(ref if isinstance(ref, CheckRef) else CheckRef(*ref) for ref in refs)
    return Control("c", "C", "Cat", "Promise.", Kind.ACTIVITY, Method.AUTOMATED, Frequency.DAILY, fresh_for, (), (), checks)


def commitment(*checks: str) -> Commitment:
    return Commitment("m", "FAQ", "Promise.", Method.AUTOMATED, (), tuple(CheckRef(check, P) for check in checks))


def saw(check: str, *, hours: float = 1, scope: str = "aws:1", some: Any = None, **counts: int) -> Observation:
    """What a check saw some hours ago: outcomes by name, failures by severity."""
    failing = {name: counts.pop(name) for name in ("critical", "high", "medium", "low") if name in counts}
    outcomes = {"pass": 0, "fail": sum(failing.values()), "unknown": 0, "not_applicable": 0} | {k.rstrip("_"): n for k, n in counts.items()}
    at = (NOW - timedelta(hours=hours)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Observation(check, scope, at, outcomes, failing, some=some or {})


def status(subject: Control | Commitment, *seen: Observation, installed: Any = ALL) -> Status:
    return status_of(subject, seen, installed, NOW)


ONE = control(("p.s.one", P))
WORKS = control(("p.s.one", P), ("p.s.op", OP))


@pytest.mark.parametrize(
    ("subject", "seen", "state", "because"),
    [
        pytest.param(ONE, [saw("p.s.one", pass_=3)], "passing", "3 passes in 1 checks", id="a primary pass passes"),
        pytest.param(ONE, [saw("p.s.one", pass_=3, low=1)], "failing", "p.s.one fails for 1 in aws:1", id="a low primary failure fails"),
        pytest.param(ONE, [saw("p.s.one", pass_=3), saw("p.s.one", scope="aws:2", high=1)], "failing", "aws:2", id="in any scope"),
        pytest.param(ONE, [saw("p.s.one", pass_=9, unknown=1)], "unknown", "could not see 1 in aws:1", id="one unknown is enough"),
        pytest.param(ONE, [saw("p.s.one", low=1, unknown=1)], "failing", "fails", id="a failure is worse than an unknown"),
        pytest.param(ONE, [saw("p.s.one", hours=49, pass_=1)], "stale", "last ran in aws:1 at 2026-11-21T11", id="too old"),
        pytest.param(ONE, [saw("p.s.one", hours=48, pass_=1)], "passing", "1 passes", id="just young enough"),
        pytest.param(
            ONE, [saw("p.s.one", pass_=1), saw("p.s.one", scope="aws:2", hours=49, pass_=1)], "stale", "aws:2", id="one scope too old"
        ),
        pytest.param(ONE, [saw("p.s.one", hours=49, unknown=1)], "unknown", "could not see", id="an old unknown is unknown"),
        pytest.param(ONE, [saw("p.s.one", hours=49, high=1)], "failing", "fails", id="an old failure is a failure until it is seen to end"),
        pytest.param(ONE, [], "waiting", "p.s.one has not run yet", id="not run yet"),
        pytest.param(ONE, [saw("p.s.one", not_applicable=4)], "unknown", "nothing to judge", id="nothing but inapplicable never passes"),
        pytest.param(ONE, [saw("p.s.one")], "unknown", "nothing to judge", id="nor does nothing at all"),
        pytest.param(control(("p.s.one", P), ("p.s.two", P)), [saw("p.s.one", pass_=1)], "waiting", "p.s.two", id="half of it has run"),
        pytest.param(
            control(("p.s.one", P), ("p.s.two", P)),
            [saw("p.s.one", pass_=1), saw("p.s.two", not_applicable=1)],
            "passing",
            "1 passes in 2 checks",
            id="one primary pass will do if the other has nothing to judge",
        ),
        pytest.param(
            WORKS, [saw("p.s.one", pass_=1), saw("p.s.op", pass_=1, high=1)], "failing", "p.s.op fails for 1", id="operating, high"
        ),
        pytest.param(WORKS, [saw("p.s.one", pass_=1), saw("p.s.op", critical=1)], "failing", "p.s.op", id="operating, critical"),
        pytest.param(WORKS, [saw("p.s.one", pass_=1), saw("p.s.op", medium=2, low=1)], "passing", "1 passes", id="operating, below high"),
        pytest.param(
            WORKS, [saw("p.s.one", pass_=1), saw("p.s.op", unknown=1)], "unknown", "p.s.op could not see", id="operating, unknown"
        ),
        pytest.param(WORKS, [saw("p.s.one", pass_=1), saw("p.s.op", hours=49, pass_=1)], "stale", "p.s.op", id="operating, too old"),
        pytest.param(WORKS, [saw("p.s.one", pass_=1)], "waiting", "p.s.op has not run yet", id="operating, not run"),
        pytest.param(
            WORKS, [saw("p.s.one", not_applicable=1), saw("p.s.op", pass_=5)], "unknown", "nothing to judge", id="operating never passes"
        ),
        pytest.param(
            control(("p.s.one", P), ("p.s.sup", SUP)),
            [saw("p.s.one", pass_=1), saw("p.s.sup", hours=999, critical=9, unknown=9)],
            "passing",
            "1 passes",
            id="supporting checks never decide",
        ),
        pytest.param(control(("p.s.sup", SUP)), [saw("p.s.sup", pass_=1)], "unmonitored", "no check is named", id="not even alone"),
        pytest.param(control(), [], "unmonitored", "no check is named to decide it", id="nothing named"),
        pytest.param(control(("p.s.gone", P)), [], "unmonitored", "not installed: p.s.gone", id="nothing installed"),
        pytest.param(control(("p.s.gone", P)), [saw("p.s.gone", high=1)], "unmonitored", "not installed", id="what is gone says nothing"),
        pytest.param(
            control(("p.s.document", P), ("p.s.op", OP)),
            [saw("p.s.op", pass_=9)],
            "unmonitored",
            "they cannot replace what decides it; not installed: p.s.document",
            id="configuration cannot replace the document of a policy",
        ),
        pytest.param(
            control(("p.s.document", P), ("p.s.op", OP)),
            [saw("p.s.op", high=1)],
            "failing",
            "p.s.op fails",
            id="but it can belie the policy",
        ),
        pytest.param(
            control(("p.s.document", P), ("p.s.op", OP)),
            [saw("p.s.op", medium=1)],
            "unmonitored",
            "not installed",
            id="if it weighs enough",
        ),
    ],
)
def test_state(subject: Control, seen: list[Observation], state: str, because: str) -> None:
    """Worst first, with the reason."""
    found = status(subject, *seen)
    assert (found.state.value, because in " | ".join(found.reasons)) == (state, True), found.reasons


def test_deviations_are_told_and_do_not_decide() -> None:
    """Operating failures below high, and any of a supporting check; those that decide are reasons instead."""
    subject = control(("p.s.one", P), ("p.s.op", OP), ("p.s.sup", SUP))
    found = status(subject, saw("p.s.one", pass_=1), saw("p.s.op", medium=2, low=1), saw("p.s.sup", critical=1))
    assert found.state is State.PASSING
    assert found.deviations == ("p.s.op (operating) fails for 3 in aws:1", "p.s.sup (supporting) fails for 1 in aws:1")
    both = status(subject, saw("p.s.one", pass_=1), saw("p.s.op", high=1, low=4), saw("p.s.sup", pass_=1))
    assert (both.state, both.reasons) == (State.FAILING, ("p.s.op fails for 1 in aws:1",))
    assert both.deviations == ("p.s.op (operating) fails for 4 in aws:1",)
    assert status(subject, saw("p.s.one", low=1)).deviations == ()


def test_what_is_named_and_not_installed_is_told() -> None:
    """A control that passes on half of what decides it says so."""
    found = status(control(("p.s.one", P), ("p.s.gone", P), ("p.s.sup", SUP)), saw("p.s.one", pass_=1))
    assert (found.state, found.tested, found.named) == (State.PASSING, 1, 2)
    assert found.reasons == ("1 passes in 1 checks", "not installed: p.s.gone")


def test_last_seen_is_the_oldest_of_the_last() -> None:
    """What is known is as old as its oldest part."""
    newer, older = saw("p.s.one", pass_=1), saw("p.s.op", hours=5, pass_=1)
    assert status(WORKS, newer, older).last_seen == older.finished
    assert status(WORKS).last_seen == ""


def test_all_checks_of_a_commitment_decide() -> None:
    """Each is primary."""
    subject = commitment("p.s.one", "p.s.two")
    assert status(subject, saw("p.s.one", pass_=1), saw("p.s.two", pass_=1)).state is State.PASSING
    assert status(subject, saw("p.s.one", pass_=1), saw("p.s.two", low=1)).state is State.FAILING


@pytest.mark.parametrize(
    ("installed", "hours", "state"),
    [
        (ALL, 49, "stale"),
        ({"p.s.one": "daily"}, 49, "stale"),
        ({"p.s.one": "hourly"}, 47, "passing"),
        ({"p.s.one": "weekly"}, 8 * 24, "passing"),
        ({"p.s.one": "weekly"}, 8 * 24 + 1, "stale"),
        ({"p.s.one": "quarterly"}, 93 * 24, "passing"),
        ({"p.s.one": "annual"}, 367 * 24 + 1, "stale"),
    ],
)
def test_a_commitment_is_as_fresh_as_its_checks_are_frequent(installed: Any, hours: int, state: str) -> None:
    """It has no window of its own: a check may be a day late."""
    assert status(commitment("p.s.one"), saw("p.s.one", hours=hours, pass_=1), installed=installed).state.value == state


class TestSomeSubjects:
    """A control may rest on only some subjects of a check: the others can neither help nor harm it."""

    SUBJECT = control(CheckRef("p.s.one", P, "prod-*"))

    @pytest.mark.parametrize(
        ("counts", "state"),
        [
            pytest.param(Counts({"pass": 1}, {}), "passing", id="others fail"),
            pytest.param(Counts({"fail": 1}, {"low": 1}), "failing", id="one of them fails"),
            pytest.param(Counts({"unknown": 1}, {}), "unknown", id="one was not seen"),
            pytest.param(Counts({}, {}), "unknown", id="none of them was there"),
        ],
    )
    def test_only_they_count(self, counts: Counts, state: str) -> None:
        """By the counts that were made for the glob."""
        assert status(self.SUBJECT, saw("p.s.one", pass_=5, high=5, unknown=5, some={"prod-*": counts})).state.value == state

    @pytest.mark.parametrize("counts", [{"pass_": 5}, {"high": 5}, {"not_applicable": 5}])
    def test_uncounted_is_unknown(self, counts: dict[str, int]) -> None:
        """Whatever the whole says, it may be about the others."""
        found = status(self.SUBJECT, saw("p.s.one", **counts))
        assert (found.state, found.reasons) == (State.UNKNOWN, ("p.s.one counts only for prod-*, which aws:1 does not tell apart",))

    def test_one_check_in_two_roles(self) -> None:
        """Each role has its own subjects."""
        subject = control(CheckRef("p.s.one", P, "prod-*"), CheckRef("p.s.one", OP, "test-*"))
        some = {"prod-*": Counts({"pass": 1}, {}), "test-*": Counts({"fail": 1}, {"medium": 1})}
        found = status(subject, saw("p.s.one", pass_=1, medium=1, some=some))
        assert (found.state, found.deviations) == (State.PASSING, ("p.s.one (operating) fails for 1 in aws:1",))


# Whatever was seen

SEVERITIES = ("critical", "high", "medium", "low")


@st.composite
def observation(draw: st.DrawFn, checks: Sequence[str] = sorted(ALL)) -> Observation:
    counts = {name: draw(st.integers(0, 2)) for name in ("pass_", "unknown", "not_applicable", *SEVERITIES) if draw(st.booleans())}
    return saw(draw(st.sampled_from(checks)), hours=draw(st.integers(0, 100)), scope=draw(st.sampled_from(["aws:1", "aws:2"])), **counts)


OBSERVATIONS = st.lists(observation(), max_size=6, unique_by=lambda o: (o.check, o.scope))
REFS = st.lists(
    st.tuples(st.sampled_from(["p.s.one", "p.s.two", "p.s.op", "p.s.gone"]), st.sampled_from(Role)), max_size=4, unique_by=lambda r: r[0]
)
RANK = {state: rank for rank, state in enumerate(State)}


@given(REFS, OBSERVATIONS)
def test_nothing_passes_without_a_primary_pass(refs: list[tuple[str, Role]], seen: list[Observation]) -> None:
    """Nor with a primary failure, an unknown of what decides, or a heavy operating failure."""
    if status(control(*refs), *seen).state is not State.PASSING:
        return
    of = {role: [o for check, r in refs if r is role for o in seen if o.check == check and check in ALL] for role in Role}
    assert sum(o.outcomes["pass"] for o in of[P]) > 0
    assert not any(o.outcomes["fail"] for o in of[P])
    assert not any(o.outcomes["unknown"] for o in (*of[P], *of[OP]))
    assert not any(o.failing.get("high") or o.failing.get("critical") for o in of[OP])
    assert all(datetime.fromisoformat(o.finished) >= NOW - timedelta(days=2) for o in (*of[P], *of[OP]))


@given(REFS, OBSERVATIONS, st.randoms())
def test_the_order_of_observations_is_irrelevant(refs: list[tuple[str, Role]], seen: list[Observation], random: Any) -> None:
    """State, reasons and all."""
    other = list(seen)
    random.shuffle(other)
    assert status(control(*refs), *seen) == status(control(*refs), *other)


@given(REFS, OBSERVATIONS, st.integers(0, 999))
def test_a_primary_failure_is_failing_whatever_else_is_seen(refs: list[tuple[str, Role]], seen: list[Observation], hours: int) -> None:
    """However old it is."""
    worse = saw("p.s.new", hours=hours, low=1)
    assert status(control(*refs, ("p.s.new", P)), *seen, worse, installed=ALL | {"p.s.new"}).state is State.FAILING


@given(REFS, OBSERVATIONS, observation(["p.s.sup"]))
def test_a_supporting_check_changes_nothing(refs: list[tuple[str, Role]], seen: list[Observation], context: Observation) -> None:
    """It is context."""
    seen = [o for o in seen if o.check != "p.s.sup"]
    with_it, without = status(control(*refs, ("p.s.sup", SUP)), *seen, context), status(control(*refs), *seen)
    assert (with_it.state, with_it.reasons, with_it.last_seen) == (without.state, without.reasons, without.last_seen)


@given(OBSERVATIONS, observation(["p.s.one"]))
def test_seeing_something_bad_makes_nothing_better(seen: list[Observation], worse: Observation) -> None:
    """One more scope of the same check, in which something fails or is unknown, never improves a control."""
    subject = control(("p.s.one", P), ("p.s.op", OP))
    bad = Observation("p.s.one", "aws:3", worse.finished, {**worse.outcomes, "unknown": 1}, worse.failing)
    assert RANK[status(subject, *seen, bad).state] <= RANK[status(subject, *seen).state]


@given(REFS, OBSERVATIONS)
def test_there_is_always_a_reason(refs: list[tuple[str, Role]], seen: list[Observation]) -> None:
    """And the counts of checks fit."""
    found = status(control(*refs), *seen)
    assert all(found.reasons)
    assert found.reasons
    assert 0 <= found.tested <= found.named <= len(refs)


def test_what_is_not_due_yet_waits() -> None:
    """A control whose first document is not due has nothing that passes, and is not unknown for that; other failures are still worse."""
    due = Observation("p.s.one", "aws:1", saw("p.s.one").finished, {"pass": 3, "not_applicable": 1}, {}, waiting=1)
    assert status(ONE, due).state is State.WAITING
    assert "waits in aws:1 for 1" in status(ONE, due).reasons[0]
    assert status(ONE, due, saw("p.s.one", scope="aws:2", low=1)).state is State.FAILING


def test_what_is_excepted_is_told_as_that() -> None:
    """It neither fails nor passes: it shows until it ends, and whatever else is worse comes first."""
    excepted = Observation("p.s.one", "aws:1", saw("p.s.one").finished, {"pass": 3, "excepted": 2}, {}, exceptions=("EX-1",))
    assert (status(ONE, excepted).state, status(ONE, excepted).reasons) == (State.EXCEPTED, ("p.s.one: 2 excepted in aws:1 (EX-1)",))
    assert status(ONE, excepted, saw("p.s.one", scope="aws:2", unknown=1)).state is State.UNKNOWN
    assert status(ONE, excepted, saw("p.s.one", scope="aws:2", low=1)).state is State.FAILING

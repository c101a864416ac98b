"""Nothing is told twice, nothing is told as mended that was not seen to be, and everything is told at last."""

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from controlmon.core.outcome import Severity
from controlmon.engine.news import Interest, Look, Noted, Snapshot, known_after, news

NAMES = ("a", "b", "c")
STATES = ("failing", "unknown", "excepted", "passing", "waiting")
STEP = st.fixed_dictionaries({
    "findings": st.fixed_dictionaries({name: st.sampled_from(("fail", "pass", "unknown", "gone", "unlisted", "excepted")) for name in NAMES}),
    "controls": st.dictionaries(st.sampled_from(("k", "l")), st.sampled_from(STATES)),
    "delivered": st.booleans(),
    "restarts": st.booleans(),
})  # fmt: skip


def noted(name: str, severity: str = "high", check: str = "x.y.z", controls: tuple[str, ...] = ("k",)) -> Noted:
    return Noted(check, "aws:1", name, severity, controls, "x.y", name)


def looked(step: dict[str, Any]) -> Look:
    by = {
        what: frozenset(noted(name).key for name, is_ in step["findings"].items() if is_ in what.split())
        for what in ("pass gone", "excepted")
    }
    found = [noted(name) for name, is_ in step["findings"].items() if is_ == "fail"]
    return Look(Snapshot(step["controls"], {one.key: one for one in found}), by["pass gone"], by["excepted"])


@given(st.lists(STEP, min_size=1, max_size=12))
def test_whatever_happens(steps: list[dict[str, Any]]) -> None:
    """Over any sequence of looks, failed deliveries and restarts: new and mended alternate, and what is known at the end is what is."""
    before: Snapshot | None = None
    failing: dict[str, bool] = {}  # what a reader of all messages believes
    states: dict[str, str] = {}
    for step in [*steps, {**steps[-1], "delivered": True}]:
        now = looked(step)
        said = news(before, now)
        if said and not step["delivered"]:
            continue
        for one in said.new:
            assert not failing.get(one.name)
            failing[one.name] = True
        for one in said.mended:
            assert failing.get(one.name)
            assert step["findings"][one.name] in ("pass", "gone")
            failing[one.name] = False
        for change in said.changes:
            assert change.before == states.get(change.id, change.before)
            assert change.after != states.get(change.id)
            states[change.id] = change.after
        before = known_after(before, now)
        failing = {name: is_ and step["findings"][name] != "excepted" for name, is_ in failing.items()}
        if step["restarts"]:
            before = msgspec.json.decode(msgspec.json.encode(before), type=Snapshot)
        assert not news(before, now)
    for name, is_ in steps[-1]["findings"].items():
        assert failing.get(name, False) is (is_ == "fail") or is_ in ("unknown", "unlisted")
    for name, state in steps[-1]["controls"].items():
        assert states.get(name, "passing") == state or (name not in states and state == "waiting")


def test_what_cannot_be_seen_is_not_mended() -> None:
    """A finding that failed and is unknown now is told neither as mended nor, once it fails again, as new."""
    one = noted("a")
    before = Snapshot({}, {one.key: one})
    blind = Look(Snapshot())
    assert not news(before, blind)
    again = known_after(before, blind)
    assert not news(again, Look(before))
    assert [m.name for m in news(again, Look(Snapshot(), frozenset([one.key]))).mended] == ["a"]


def test_what_a_channel_is_interested_in() -> None:
    """Owner routing: by control, by check, and from a severity on."""
    found = [noted("a"), noted("b", "low"), noted("c", check="v.w.x", controls=()), noted("d", controls=("l",))]
    whole = Snapshot({"k": "failing", "l": "passing"}, {one.key: one for one in found})
    told = {
        interest: sorted(one.name for one in interest.of(whole).findings.values())
        for interest in (Interest(), Interest(controls=("k",)), Interest(checks=("v.*",)), Interest(severity=Severity.HIGH))
    }
    assert list(told.values()) == [["a", "b", "c", "d"], ["a", "b"], ["c"], ["a", "c", "d"]]
    assert Interest(controls=("k*",)).of(whole).controls == {"k": "failing"}
